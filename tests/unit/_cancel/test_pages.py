"""A page of a listing is read whole or not at all, whatever the server sends."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.scripted_calls import SILENCE, prepare

from autoshares_cancel._cancel.replies import order_of, page_of
from autoshares_cancel._engine.run import run
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_cancel._values.order import OPEN_FILTER, OrderPage
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.status import NUMBERS, STATES, State

ONE = {"Id": 73552, "AccountId": 6303, "Status": "New"}
SECRET = "correct-horse-battery"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["Id", "AccountId"]), inner),
    max_leaves=12,
)
ITEMS = st.dictionaries(st.sampled_from([*ONE, "Quantity", "Date", "Else"]), JSON)

LISTS = st.lists(ITEMS | JSON)


def read(document: object, status_code: int = 200) -> OrderPage | None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return page_of(Reply(status_code=status_code, body=body), account_id=6303)


def listed(*items: object, **fields: Any) -> OrderPage | None:
    return read({"Result": [*items], "NextPageLink": "", "TotalCount": len(items), **fields})


def test_a_page_is_what_was_listed() -> None:
    """A page has each order as a read of it alone would have it, and the data about the other pages."""
    page = listed(ONE, {**ONE, "Id": 73553, "Status": "Filled", "Else": 1}, NextPageLink="next", TotalCount=7)
    assert page
    assert (page.next_link, page.total) == ("next", 7)
    alone = [Reply(status_code=200, body=json.dumps(item).encode()) for item in (ONE, {**ONE, "Id": 73553})]
    assert page.orders[0] == order_of(alone[0], account_id=6303, order_id=73552)
    assert [(order.order_id, order.account_id, order.status) for order in page.orders] == [
        (73552, 6303, "New"),
        (73553, 6303, "Filled"),
    ]
    assert page.orders[1].extra == {"Else": 1}


@pytest.mark.parametrize("status_code", [201, 202, 204, 206, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503, 999])
def test_only_a_200_has_a_page_or_an_order(status_code: int) -> None:
    """A reply with another status, documented or not, has neither a page nor an order, whatever its body is."""
    assert read({"Result": [ONE]}, status_code) is None
    reply = Reply(status_code=status_code, body=json.dumps(ONE).encode())
    assert order_of(reply, account_id=6303, order_id=73552) is None


@pytest.mark.parametrize(("link", "total"), [(None, None), (7, None), ([], None), ({}, None), (True, None)])
def test_a_missing_link_or_count_is_none(link: object, total: object) -> None:
    """A link that is missing or no text is None; the orders are kept."""
    page = listed(ONE, NextPageLink=link, TotalCount=total)
    assert page == OrderPage(orders=page.orders if page else (), next_link=None, total=None)
    assert page == read({"Result": [ONE]})


@pytest.mark.parametrize(("total", "read_as"), [(7, 7), ("7", 7), (7.0, 7)], ids=repr)
def test_a_count_may_be_text(total: object, read_as: int) -> None:
    """The server may send a count as an int, a float or text."""
    page = listed(ONE, TotalCount=total)
    assert page
    assert page.total == read_as


def test_a_page_is_asked_for_again_where_that_may_help() -> None:
    """A listing is one request, repeated where that may help; the result has the last evidence."""
    script, call = prepare([SILENCE, Reply(status_code=200, body=b'{"Result": []}')])
    evidence, page = run(call.read_page(partial(page_of, account_id=6303)))
    assert script.steps == ["token", "list old", "0.5 s", "list old"]
    assert (evidence, page) == (script.sent[-1][1], OrderPage(orders=(), next_link=None, total=None))


NUMBERS_AS_TEXT = {"Id": "73552", "AccountId": "6303", "Status": "New"}


def test_a_number_may_be_text() -> None:
    """An order whose numbers come as text is the same order."""
    page = listed(NUMBERS_AS_TEXT)
    assert page
    assert [(order.order_id, order.state) for order in page.orders] == [(73552, State.WORKING)]


def test_an_order_id_may_be_zero() -> None:
    """An id of 0 is accepted: a page refuses only ids below 0."""
    page = listed({**ONE, "Id": 0})
    assert page
    assert [order.order_id for order in page.orders] == [0]


def test_an_order_till_a_date_is_known_in_a_listing_and_as_a_leg() -> None:
    """Law 1: the server's clock decides whether a good-till-date order is open, in a page as in a read."""
    until = {**ONE, "Status": "DoneForDay", "TimeInForce": "GoodTillDate", "ExpireDate": "2026-01-03T00:00:00Z"}
    body = json.dumps({"Result": [{**until, "Legs": [{**until, "Id": 2}]}]}).encode()
    reply = Reply(status_code=200, body=body, headers={"Date": "Fri, 02 Jan 2026 15:00:00 GMT"})
    page = page_of(reply, account_id=6303)
    assert page
    assert (page.orders[0].state, page.orders[0].legs[0].state) == (State.WORKING, State.WORKING)


def test_an_order_without_an_account_is_of_the_one_that_was_asked_for() -> None:
    """An order without an account belongs to the account that was requested."""
    page = listed({"Id": 1, "Status": "Filled"}, {"Id": 2, "AccountId": None}, {"Id": 3, "AccountId": 6303})
    assert page
    assert [order.account_id for order in page.orders] == [6303, 6303, 6303]


@pytest.mark.parametrize("status", ["Frozen", "", None, 20, ["New"]])
def test_an_undocumented_status_is_open(status: object) -> None:
    """Law 1: an undocumented status gives the state unknown, which does not count as over."""
    page = listed({**ONE, "Status": status})
    assert page
    assert page.orders[0].state is State.UNKNOWN


NO_PAGE = {
    "an item without a number": {"Result": [ONE, {"Status": "New"}]},
    "an item whose number is none": {"Result": [{**ONE, "Id": None}]},
    "a leg without a number": {"Result": [{**ONE, "Legs": [{"Status": "New"}]}]},
    "a leg that is no object": {"Result": [{**ONE, "Legs": ["x"]}]},
    "a leg of another account": {"Result": [{**ONE, "Legs": [{"Id": 5, "AccountId": 6400}]}]},
    "a total that is no number": {"Result": [ONE], "TotalCount": "many"},
    "a total that is a fraction": {"Result": [ONE], "TotalCount": 1.5},
    "a total of many digits": b'{"Result": [], "TotalCount": 10000000000.0}',
    "a total that is a list": {"Result": [ONE], "TotalCount": [1]},
    "a total that is true": {"Result": [ONE], "TotalCount": True},
    "a key twice": b'{"Result": [], "Result": [{"Id": 1}]}',
    "an item whose number is a word": {"Result": [{**ONE, "Id": "x"}]},
    "an item whose number is below 0": {"Result": [{**ONE, "Id": -1}]},
    "an item whose number has a fraction": {"Result": [{**ONE, "Id": 1.5}]},
    "an item whose number is a list": {"Result": [{**ONE, "Id": [1]}]},
    "an item whose number is true": {"Result": [{**ONE, "Id": True}]},
    "an item whose number has many digits": {"Result": [{**ONE, "Id": 10**10}]},
    "an order of another account": {"Result": [ONE, {**ONE, "Id": 2, "AccountId": 6400}]},
    "an order of another account, as text": {"Result": [{**ONE, "AccountId": "6400"}]},
    "an item that is no object": {"Result": [ONE, "73553"]},
    "a result that is no list": {"Result": ONE},
    "a result that is none": {"Result": None},
    "no result": {"TotalCount": 0, "NextPageLink": ""},
    "a list": [ONE],
    "nothing": b"",
    "no JSON": b"<html>",
    "a page that was cut off": b'{"Result": [], "NextPage',
}


@pytest.mark.parametrize("document", NO_PAGE.values(), ids=NO_PAGE)
def test_orders_that_cannot_be_identified_are_no_page(document: object) -> None:
    """Law 1: a page with an unidentified order is no page: an account is clear only if every order is known."""
    assert read(document) is None


@pytest.mark.parametrize("evidence", [NotWritten(reason="refused"), NoResponse(reason="reset")])
def test_no_reply_is_no_page(evidence: Evidence) -> None:
    """A missing reply is not an empty list."""
    assert page_of(evidence, account_id=6303) is None


@given(status_code=st.integers(100, 599).filter(lambda status: status != 200))
def test_only_a_200_brings_a_page(status_code: int) -> None:
    """Law 1: a reply with another status has no page, whatever its body is."""
    assert read({"Result": [], "NextPageLink": "", "TotalCount": 0}, status_code) is None


@given(
    body=st.binary() | JSON.map(json.dumps) | st.lists(ITEMS | JSON).map(lambda items: json.dumps({"Result": items}))
)
@example(body=b"\xff\xfe")
@example(body='{"Result": [{"Id": 1e999999999999}]}')
@example(body='{"Result": [{"Id": NaN, "AccountId": Infinity}]}')
def test_no_body_is_an_exception(body: bytes | str) -> None:
    """Law 3: any body gives a page or None; each order on a page has the account and a number."""
    page = read(body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass"))
    for order in page.orders if page else ():
        assert (order.account_id, type(order.order_id)) == (6303, int)


@pytest.mark.parametrize("depth", [100, 600, 900, 100_000])
def test_a_deeply_nested_reply_raises_nothing(depth: int) -> None:
    """Law 3: a very deeply nested reply raises nothing, as a page or as an order."""
    deep = b'{"Id": 73552, "Status": "New", "Else": ' + b"[" * depth + b"]" * depth + b"}"
    page = read(b'{"Result": [' + deep + b"]}")
    alone = order_of(Reply(status_code=200, body=deep), account_id=6303, order_id=73552)
    assert (page is None) == (alone is None)
    assert page is None or page.orders == (alone,)
    assert depth > 100 or alone is not None


def test_no_secret_gets_into_a_page() -> None:
    """Law 5: a secret is masked in the orders and in the link of a page, wherever the server puts it."""
    item = {**ONE, "Status": SECRET, "Symbol": f"x{SECRET}", SECRET: {"a": [SECRET]}}
    body = json.dumps({"Result": [item], "NextPageLink": f"https://broker.example/?token={SECRET}"}).encode()
    page = page_of(Reply(status_code=200, body=body), account_id=6303, secrets=(Secret(SECRET),))
    assert page
    assert SECRET not in f"{page!r} {page.orders[0].extra}"
    assert page.next_link


def test_the_filter_has_every_open_status_that_has_a_number() -> None:
    """The filter has the number of every status that may still execute, except Held, which has none."""
    assert OPEN_FILTER == "Status in (0,1,3,6,7,9,10,11,13,14)"
    assert {*STATES} - {*NUMBERS} == {"Held"}
