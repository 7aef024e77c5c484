"""Law 1: which 200 proves that the order was cancelled, and which does not."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel._cancel.success import doubt_about
from autoshares_cancel._values.evidence import Reply

HONEST = [
    b"",
    b" \r\n",
    b"{}",
    b'{"Id": 2, "AccountId": 1}',
    b'{"Id": "2", "Status": "Canceled"}',
    b'{"Id": 2.0, "Status": "4 - Canceled"}',
    b'{"orderId": 2, "account_id": "1", "status": "pending cancel"}',
    b'{"Status": null, "Error": null, "Id": null}',
    b'{"error": "", "errors": [], "ErrorCode": 0, "success": true}',
    b'{"error": " None ", "exception": "FALSE", "fault": null}',
    b'{"Result": [[{"Id": 2, "AccountId": 1}]]}',
    b'{"Message": "The order was cancelled."}',
    b'{"Result": {"Id": 2, "Status": "Canceled", "ExecutionStatus": "Rejected"}}',
    b'{"Id": 2, "Status": "Canceled", "ParentId": -1, "Legs": [{"Id": 3, "Status": "Filled"}]}',
]
DOUBTED = {
    b"<html>Maintenance</html>": "is not a JSON object",
    b"<?xml version='1.0'?><ok/>": "is not a JSON object",
    b"OK": "is not a JSON object",
    b"[]": "is not a JSON object",
    b"null": "is not a JSON object",
    b"true": "is not a JSON object",
    b'"Canceled"': "is not a JSON object",
    b'{"Status": "Canceled"': "is not a JSON object",
    b'{"Status": "Filled", "Status": "Canceled"}': "is not a JSON object",
    b"\xff": "is not a JSON object",
    b"[" * 100_000: "is not a JSON object",
    b'{"a": ' * 100_000: "is not a JSON object",
    b'{"Id": 3}': "names another order",
    b'{"ID": "3"}': "names another order",
    b'{"order_id": "x"}': "names another order",
    b'{"Id": true}': "names another order",
    b'{"AccountId": 2}': "names another account",
    b'{"Result": {"Order": [{"Id": 3}]}}': "names another order",
    b'{"Result": [[{"Id": 3}]]}': "names another order",
    b'{"Result": {"AccountId": 2}}': "names another account",
    b'{"Result": [[{"AccountId": 2}]]}': "names another account",
    b'{"Status": "Filled"}': "gives the status Filled",
    b'{"status": 2}': "gives the status Filled",
    b'{"OrderStatus": "Rejected"}': "gives the status Rejected",
    b'{"Status": "Frozen"}': "gives the status of something else",
    b'{"Status": ["Canceled"]}': "gives the status of something else",
    b'{"error": "no such order"}': "reports an error",
    b'{"Errors": [{"code": 7}]}': "reports an error",
    b'{"ModelState": {"id": ["wrong"]}}': "reports an error",
    b'{"success": false}': "denies the success",
    b'{"IsSuccess": "False"}': "denies the success",
    b'{"cancelled": 0}': "denies the success",
}


@pytest.mark.parametrize("body", HONEST)
def test_what_does_not_contradict_is_a_success(body: bytes) -> None:
    """A body that does not contradict the cancel is a success, empty or not."""
    assert doubt_about(Reply(status_code=200, body=body), 1, 2) is None


@pytest.mark.parametrize(("body", "words"), DOUBTED.items(), ids=[str(body[:40]) for body in DOUBTED])
def test_what_contradicts_is_evidence_of_something_else(body: bytes, words: str) -> None:
    """A 200 whose body contradicts the cancel does not prove it; the doubt has the reason."""
    doubt = doubt_about(Reply(status_code=200, body=body), 1, 2)
    assert doubt == f"the body of the 200 {words}"


@pytest.mark.parametrize("body", HONEST)
def test_a_body_that_was_cut_off_proves_nothing(body: bytes) -> None:
    """A body that was cut off proves nothing, even if the part that came is whole JSON."""
    assert doubt_about(Reply(status_code=200, body=body, is_whole=False), 1, 2) == "the body of the 200 was cut off"


def test_a_204_has_no_body_to_doubt() -> None:
    """Only the body of a 200 can contradict the cancel."""
    assert doubt_about(Reply(status_code=204, is_whole=False), 1, 2) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Id", "status", "Error", "ok", "x"]), inner),
)


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
@example(b'{"Id": 1e999999999999}')
@example(b'{"Id": NaN, "Status": Infinity}')
def test_no_body_is_an_exception(body: bytes) -> None:
    """Law 3: any body gives a doubt or None, and the doubt is in this package's own words."""
    doubt = doubt_about(Reply(status_code=200, body=body), 1, 2)
    assert doubt is None or doubt.startswith("the body of the 200 ")
