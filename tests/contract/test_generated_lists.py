"""The generated code for a list: HTTP clients send its query unchanged, and any page is read or unreadable."""

import inspect
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_openapi import UNSET, Request, UnreadableBody
from autoshares_openapi.api.orders import cancel_order, get_order, list_orders
from autoshares_openapi.client import with_query
from autoshares_openapi.models import OrderPageReply, OrderReply

LIST = "/v1/accounts/6303/orders"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["Id", "Status"]), inner),
    max_leaves=20,
)


def page(**arguments: Any) -> Request:
    """The request for the first page."""
    return list_orders.request(account_id=6303, page_number=0, page_size=100, **arguments)


def read(status_code: Any, content: bytes) -> OrderPageReply | UnreadableBody | None:
    """The result of parse; an UnreadableBody is a value here, and every other exception is raised."""
    try:
        return list_orders.parse(status_code=status_code, content=content)
    except UnreadableBody as unreadable:
        return unreadable


def test_optional_parameters_are_not_sent() -> None:
    """Optional parameters are not sent, so that the server's defaults apply; only the version has a default."""
    assert page() == Request(method="GET", path=f"{LIST}?pageNumber=0&pageSize=100")
    parameters = inspect.signature(list_orders.request).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    required = inspect.Parameter.empty
    assert defaults == {
        "version": "1",
        **dict.fromkeys(("account_id", "page_number", "page_size"), required),
        **dict.fromkeys(("filter_", "sort_field", "desc"), UNSET),
    }


@pytest.mark.parametrize(("desc", "text"), [(True, "true"), (False, "false")])
def test_a_query_is_sent_as_json_would_write_it(desc: bool, text: str) -> None:  # noqa: FBT001 - a case
    """Booleans are true and false, and characters with a meaning in a URL are encoded."""
    path = page(filter_="Status in (0,1,6)", sort_field="Id", desc=desc).path
    query = f"pageNumber=0&pageSize=100&filter=Status%20in%20%280%2C1%2C6%29&sortField=Id&desc={text}"
    assert path == f"{LIST}?{query}"


@given(filter_=TEXTS, sort_field=TEXTS)
@example(filter_="a=b&c#d/../?%20+;é", sort_field="")
def test_any_text_arrives_as_it_was_given(filter_: str, sort_field: str) -> None:
    """Law 9: no text in a query changes the path or another parameter."""
    path = page(filter_=filter_, sort_field=sort_field).path
    sent = urlsplit(path)
    assert (sent.path, sent.fragment) == (LIST, "")
    pairs = [("pageNumber", "0"), ("pageSize", "100"), ("filter", filter_), ("sortField", sort_field)]
    assert parse_qsl(sent.query, keep_blank_values=True, strict_parsing=True) == pairs
    assert httpx.Request("GET", f"https://broker.example{path}").url.raw_path == path.encode("ascii")


def test_an_operation_without_a_query_has_no_question_mark() -> None:
    """The path of an operation without a query has no question mark."""
    for operation in (cancel_order, get_order):
        assert operation.request(account_id=6303, order_id=73552).path == f"{LIST}/73552"
    assert with_query({}) == ""


@given(
    status_code=st.sampled_from(list_orders.STATUSES),
    content=st.binary() | JSON.map(lambda it: json.dumps(it).encode()),
)
@example(status_code=200, content=b"[]")
@example(status_code=200, content=b"[" * 100_000)
@example(status_code=200, content=b'{"Result": [' + b"[" * 100_000)
@example(status_code=200, content=b'{"Result": [{"Quantity": 1e9999999999999999999}]}')
def test_any_body_of_a_list_is_read_or_unreadable(status_code: Any, content: bytes) -> None:
    """Law 3: a body gives a page, nothing, or UnreadableBody with its status; never another exception."""
    reply = read(status_code, content)
    if status_code != 200:
        assert reply is None
    elif isinstance(reply, UnreadableBody):
        assert reply.status_code == 200
    else:
        assert type(reply) is OrderPageReply


@given(result=JSON | st.lists(JSON | st.dictionaries(st.sampled_from(["Id", "Status"]), JSON), max_size=5))
@example(result=None)
@example(result={"Id": 1})
@example(result=[{"Id": 1}, None, {"Id": "2"}, [], 3])
def test_list_items_that_are_no_orders_are_kept_aside(result: Any) -> None:
    """Every object in Result is an order, in the same sequence; other values are kept in additional_properties."""
    source = {"Result": result, "TotalCount": "13", "NextPageLink": None, "Else": 1}
    reply = list_orders.parse(status_code=200, content=json.dumps(source).encode())
    assert reply is not None
    others: dict[str, Any] = {"TotalCount": "13", "NextPageLink": None, "Else": 1}
    if isinstance(result, list):
        assert reply.result == tuple(OrderReply.from_dict(item) for item in result if isinstance(item, dict))
        left = [item for item in result if not isinstance(item, dict)]
        others |= {"Result": left} if left else {}
    else:
        assert reply.result is UNSET
        others |= {"Result": result}
    assert reply.additional_properties == others
    assert (reply.total_count, reply.next_page_link, reply.previous_page_link) == (UNSET, UNSET, UNSET)


def test_a_page_is_read_in_full() -> None:
    """A page has every documented field; its orders are read as single ones are, with exact numbers."""
    order = {"Id": 73552, "Status": "New", "AveragePrice": 10.1, "ExecInst": 0}
    source = {"Result": [order], "NextPageLink": "next", "PreviousPageLink": "", "TotalCount": 2}
    reply = list_orders.parse(status_code=200, content=json.dumps(source).encode())
    read = OrderReply(id=73552, status="New", average_price=Decimal("10.1"), additional_properties={"ExecInst": 0})
    assert reply == OrderPageReply(result=(read,), next_page_link="next", previous_page_link="", total_count=2)
