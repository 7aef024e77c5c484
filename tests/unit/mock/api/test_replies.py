"""Bodies and their media type."""

from __future__ import annotations

import pytest
from support.http_caller import APP_KEY, TRADER, HttpCaller

from autoshares_cancel.mock._accept import media_type

JSON = "application/json"
TEXT = "text/json"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        ([JSON], JSON),
        ([TEXT], TEXT),
        (["TEXT/JSON"], TEXT),
        (["text/*"], TEXT),
        (["application/*"], JSON),
        (["text/json, application/json"], JSON),
        (["text/json, */*"], JSON),
        (["text/json, */*;q=0.1"], TEXT),
        (["text/json; q=0.8, application/json; q=0.9"], JSON),
        (["text/json;q=0.9,application/json;q=0.8"], TEXT),
        (["text/json;q=0.9", "application/json;q=0.8"], TEXT),
        (["application/json;q=0, */*"], TEXT),
        (["application/json;q=0, text/json;q=0.001"], TEXT),
        (["application/json;q=0"], JSON),
        (["text/json;q=0"], JSON),
        (["text/json;q=0, */*"], JSON),
        (["text/*;q=0.9, text/json;q=0.1, application/json;q=0.5"], JSON),
        (["*/*;q=0.1, application/*;q=0.2, text/*;q=0.3"], TEXT),
        (["text/json;Q=0.4, application/json;q=0.3"], TEXT),
        (["text/json ; charset=utf-8 ; q=0.4, application/json;q=0.3"], TEXT),
        (["text/json;q=1.000, application/json;q=0.999"], TEXT),
        (["text/json;q=2"], JSON),
        (["text/json;q=0.1234"], JSON),
        (["text/json;q=nan"], JSON),
        (["text/json;q=abc, application/json;q=0.1"], JSON),
        (["text/json;q="], JSON),
        (["text/html, application/xml"], JSON),
        (["text/jsonp"], JSON),
        (["xtext/json"], JSON),
        (["json"], JSON),
        ([", ,text/json,"], TEXT),
        (['application/json;x="a,text/json";q=0.5, text/json;q=0.6'], TEXT),
        (['application/json;x="a,text/json;q=1"'], JSON),
        (['"' * 7], JSON),
        ([";q=1"], JSON),
        (["/"], JSON),
    ],
)
def test_text_json_is_chosen_when_it_is_preferred(accept: list[str], chosen: str) -> None:
    """The higher weight wins, the most specific range decides, and application/json wins a tie."""
    assert media_type(accept) == chosen


CANCEL_BODIES = {
    400: {"Message": "The request is invalid."},
    401: {"Message": "Authorization has been denied for this request."},
    403: {"error": "Application key is not defined or does not exist"},
    422: {
        "Message": "Validation error occured while processing entity",
        "ModelState": {"resource.Symbol": ["Symbol is required"]},
    },
    500: {"message": "An error occurred while processing your request", "error": "Unexpected server error"},
}


@pytest.mark.parametrize("accept", [JSON, TEXT])
@pytest.mark.parametrize("status", [*CANCEL_BODIES, 200])
def test_a_cancel_is_answered_as_the_guides_show(caller: HttpCaller, status: int, accept: str) -> None:
    """A status has the guide's body, and 200 an empty object, in the media type of the Accept header."""
    reply = caller.cancel(9000000 + status, caller.log_in() | {"Accept": accept})
    assert reply.json() == (CANCEL_BODIES | {200: {}})[status]
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, accept)


@pytest.mark.parametrize("status", [205, 299, 302, 409, 418, 429, 503])
def test_a_status_that_no_guide_shows_has_no_body(caller: HttpCaller, status: int) -> None:
    """A status without a body in the guides, such as 409, has no Content-Type, either."""
    reply = caller.cancel(9000000 + status, caller.log_in())
    assert (reply.status_code, reply.content, reply.headers.get("Content-Type")) == (status, b"", None)


def test_a_405_on_request_says_what_is_allowed(caller: HttpCaller) -> None:
    """HTTP requires an Allow header with a 405."""
    headers = caller.log_in()
    assert caller.cancel(9000405, headers).headers["Allow"] == "DELETE, GET"
    assert caller.read(9000405, headers).headers["Allow"] == "DELETE, GET"
    assert caller.cancel_at_venue(9000405, headers).headers["Allow"] == "DELETE"
    assert caller.ask_token(APP_KEY | {"Prefer": "code=405"}).headers["Allow"] == "POST"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422, 500, 503])
def test_a_cancel_is_answered_as_the_table_says(bodiless_caller: HttpCaller, status: int) -> None:
    """With bodies="none" a status on request has neither a body nor a Content-Type."""
    reply = bodiless_caller.cancel(9000000 + status, bodiless_caller.log_in())
    assert (reply.status_code, reply.content, reply.headers.get("Content-Type")) == (status, b"", None)


def test_a_200_carries_an_object_in_either(bodiless_caller: HttpCaller) -> None:
    """A 200 has an object also with bodies="none", because the vendor's table documents one."""
    reply = bodiless_caller.cancel(9000200, bodiless_caller.log_in())
    assert (reply.status_code, reply.json(), reply.headers["Content-Type"]) == (200, {}, JSON)


@pytest.mark.parametrize(
    ("order", "headers", "status"), [(1, {}, 409), ("abc", {}, 422), (73552, {"Et-App-Key": "x"}, 403)]
)
def test_real_refusals_have_no_body_either(
    bodiless_caller: HttpCaller, order: object, headers: dict[str, str], status: int
) -> None:
    """With bodies="none" a real refusal has no body, just as a status on request."""
    reply = bodiless_caller.cancel(order, bodiless_caller.log_in() | headers)
    assert (reply.status_code, reply.content, reply.headers.get("Content-Type")) == (status, b"", None)


@pytest.mark.parametrize("accept", [JSON, TEXT])
@pytest.mark.parametrize(("username", "status"), [("trader", 200), ("pin", 202), ("nobody", 401)])
def test_a_token_reply_always_carries_json(
    bodiless_caller: HttpCaller, username: str, status: int, accept: str
) -> None:
    """A reply of /token is JSON, in the media type of the Accept header, also with bodies="none"."""
    reply = bodiless_caller.ask_token(APP_KEY | TRADER | {"Username": username, "Accept": accept})
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, accept)
    assert "State" in reply.json()
