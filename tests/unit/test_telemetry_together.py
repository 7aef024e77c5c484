"""The spans of concurrent calls, with every kind of client."""

from concurrent.futures import ThreadPoolExecutor

from conftest import MakeCaller
from support.recorded import Recorded, attributes_of, id_of

from autoshares_cancel import Cancelled, PasswordCredentials
from autoshares_cancel.mock import MockServer

ORDERS = range(73552, 73562)


def test_each_request_belongs_to_its_own_call(
    make_caller: MakeCaller, mock_server: MockServer, trader: PasswordCredentials
) -> None:
    """Law 6: the one log-in is a child of the call that made it; every cancel is a child of its own call."""
    recorded = Recorded()
    caller = make_caller(base_url=mock_server.base_url, credentials=trader, telemetry=recorded.telemetry)
    with ThreadPoolExecutor(len(ORDERS)) as pool:
        outcomes = pool.map(lambda order_id: caller.cancel(6303, order_id), ORDERS)
        assert [type(outcome) for outcome in outcomes] == [Cancelled] * len(ORDERS)
    calls = {id_of(span): attributes_of(span) for span in recorded.spans if span.name == "cancel_order"}
    parents = [(calls[span.parent.span_id], attributes_of(span)) for span in recorded.spans if span.parent]
    cancels = [(call, sent) for call, sent in parents if sent["http.request.method"] == "DELETE"]
    assert {call["autoshares.order_id"] for call, _ in cancels} == {*ORDERS}
    assert all(str(sent["url.full"]).endswith(f"/{call['autoshares.order_id']}") for call, sent in cancels)
    assert sorted(str(sent["http.request.method"]) for _, sent in parents) == ["DELETE"] * len(ORDERS) + ["POST"]
