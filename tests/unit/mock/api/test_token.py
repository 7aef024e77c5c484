"""POST of /token over a real socket."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.http_caller import APP_KEY, TRADER, HttpCaller

from autoshares_cancel.mock.api import token as endpoint

FORBIDDEN = {"error": "Application key is not defined or does not exist"}
FAILED = {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Invalid credentials"}
CORRUPTED = {"State": "Failed", "Step": "BaseAuthentication", "Reason": "Corrupted ticket"}


def follow_up(caller: HttpCaller, username: str, token: str, **proofs: str) -> Any:
    headers = APP_KEY | {"Username": username, "Password": "correct-horse", "Authorization": f"Bearer {token}"}
    reply = caller.ask_token(headers | proofs)
    return reply.status_code, reply.json()


def interim(caller: HttpCaller, username: str = "two-factor") -> str:
    reply = caller.ask_token(APP_KEY | {"Username": username, "Password": "correct-horse"})
    assert reply.status_code == 202
    token: str = reply.json()["Token"]
    return token


def test_name_and_password_give_a_token(caller: HttpCaller) -> None:
    """A log-in gets 200 with State and Token, and nothing else; the token cancels an order."""
    reply = caller.ask_token(APP_KEY | TRADER)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json")
    assert (sorted(reply.json()), reply.json()["State"]) == (["State", "Token"], "Succeeded")
    headers = APP_KEY | {"Authorization": f"Bearer {reply.json()['Token']}"}
    assert caller.cancel(73552, headers).status_code == 204


@pytest.mark.parametrize(
    "key", [[], [("Et-App-Key", "wrong")], [("Et-App-Key", "demo-app-key")] * 2], ids=["missing", "wrong", "twice"]
)
@pytest.mark.parametrize("extra", [{}, TRADER, {"Prefer": "code=500"}])
def test_a_bad_app_key_is_forbidden_first(
    caller: HttpCaller, key: list[tuple[str, str]], extra: dict[str, str]
) -> None:
    """A bad application key gets 403 with the guide's body, whatever else is sent."""
    reply = caller.ask_token([*key, *extra.items()])
    assert (reply.status_code, reply.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Username", "trader")],
        [("Password", "correct-horse")],
        [("Username", "trader"), ("Password", "wrong")],
        [("Username", "nobody"), ("Password", "correct-horse")],
        [("Username", "trader"), ("Username", "trader"), ("Password", "correct-horse")],
        [("Username", "trader"), ("Password", "correct-horse"), ("Password", "correct-horse")],
    ],
)
def test_bad_credentials_fail(caller: HttpCaller, headers: list[tuple[str, str]]) -> None:
    """Bad credentials get 401 with the guide's body; a repeated header is ignored."""
    reply = caller.ask_token([*APP_KEY.items(), *headers])
    assert (reply.status_code, reply.json()) == (401, FAILED)


@pytest.mark.parametrize(
    ("username", "step"), [("two-factor", "VerificationCode"), ("pin", "SecutityPin"), ("both", "VerificationCode")]
)
def test_a_second_factor_is_asked_for(caller: HttpCaller, username: str, step: str) -> None:
    """The reply is 202 with the step in the vendor's spelling, a reason and an interim token."""
    reply = caller.ask_token(APP_KEY | {"Username": username, "Password": "correct-horse"})
    assert reply.status_code == 202
    assert sorted(reply.json()) == ["Reason", "State", "Step", "Token"]
    assert (reply.json()["State"], reply.json()["Step"]) == ("Expecting", step)


@pytest.mark.parametrize(
    ("username", "proofs", "account", "order"),
    [("two-factor", {"VerificationCode": "123456"}, 6500, 73650), ("pin", {"PinCode": "4711"}, 6600, 73660)],
)
def test_a_right_answer_gives_a_token(
    caller: HttpCaller, username: str, proofs: dict[str, str], account: int, order: int
) -> None:
    """A right code or PIN gets 200, and the token cancels an order."""
    status, document = follow_up(caller, username, interim(caller, username), **proofs)
    assert (status, document["State"]) == (200, "Succeeded")
    headers = APP_KEY | {"Authorization": f"Bearer {document['Token']}"}
    assert caller.cancel(order, headers, account=account).status_code == 204


def test_who_has_both_is_asked_twice(caller: HttpCaller) -> None:
    """A user with both factors gets 202 for the code, 202 for the PIN with another token, then 200."""
    first = interim(caller, "both")
    status, document = follow_up(caller, "both", first, VerificationCode="123456")
    assert (status, document["State"], document["Step"]) == (202, "Expecting", "SecutityPin")
    assert document["Token"] != first
    status, document = follow_up(caller, "both", document["Token"], PinCode="4711")
    assert (status, document["State"]) == (200, "Succeeded")


def test_a_wrong_code_fails_at_its_step(caller: HttpCaller) -> None:
    """A wrong code gets 401 with the step and a reason."""
    assert follow_up(caller, "two-factor", interim(caller), VerificationCode="000000") == (
        401,
        {"State": "Failed", "Step": "VerificationCode", "Reason": "Invalid verification code"},
    )


def test_a_wrong_pin_fails_at_its_step(caller: HttpCaller) -> None:
    """A wrong PIN gets 401 with the vendor's spelling of the step, and a reason."""
    assert follow_up(caller, "pin", interim(caller, "pin"), PinCode="0000") == (
        401,
        {"State": "Failed", "Step": "SecutityPin", "Reason": "Invalid security pin"},
    )


def test_a_code_that_comes_twice_is_wrong(caller: HttpCaller) -> None:
    """A repeated VerificationCode header is ignored, so there is no code."""
    credentials = {"Username": "two-factor", "Password": "correct-horse", "Authorization": f"Bearer {interim(caller)}"}
    reply = caller.ask_token([*(APP_KEY | credentials).items(), *[("VerificationCode", "123456")] * 2])
    assert (reply.status_code, reply.json()["Step"]) == (401, "VerificationCode")


@pytest.mark.parametrize("authorization", [None, "Bearer unknown", "Bearer", "interim {0}", "Bearer  {0}"])
def test_a_follow_up_without_its_interim_token_is_refused(caller: HttpCaller, authorization: str | None) -> None:
    """A follow-up without its interim token gets 401, Corrupted ticket."""
    token = interim(caller)
    headers = {"Username": "two-factor", "Password": "correct-horse", "VerificationCode": "123456"}
    if authorization is not None:
        headers["Authorization"] = authorization.format(token)
    reply = caller.ask_token(APP_KEY | headers)
    assert (reply.status_code, reply.json()) == (401, CORRUPTED)


@pytest.mark.parametrize("authorization", ["Bearer", "Basic dHJhZGVy", ""])
def test_any_authorization_header_makes_a_follow_up(caller: HttpCaller, authorization: str) -> None:
    """An Authorization header alone makes the request a follow-up, which gets 401 and no new 202."""
    credentials = {"Username": "two-factor", "Password": "correct-horse", "Authorization": authorization}
    reply = caller.ask_token(APP_KEY | credentials)
    assert (reply.status_code, reply.json()) == (401, CORRUPTED)


def test_an_expired_interim_token_is_refused(caller: HttpCaller) -> None:
    """An expired interim token gets 401, Corrupted ticket."""
    token = interim(caller)
    caller.control("clock", {"advance": 600})
    assert follow_up(caller, "two-factor", token, VerificationCode="123456") == (401, CORRUPTED)


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, {"State": "Succeeded", "Token": "an-access-token"}),
        (
            202,
            {
                "State": "Expecting",
                "Step": "VerificationCode",
                "Reason": "Enter the verification code",
                "Token": "an-interim-token",
            },
        ),
        (401, FAILED),
        (403, FORBIDDEN),
        (
            500,
            {"message": "An error occurred while processing your request", "error": "Unexpected server error"},
        ),
    ],
)
@pytest.mark.parametrize("bodies", ["guide", "none"])
def test_a_preferred_status_carries_its_json(
    caller: HttpCaller, status: int, document: dict[str, str], bodies: str
) -> None:
    """Prefer: code=NNN gets the specification's examples, whatever the setting of bodies."""
    caller.control("settings", {"bodies": bodies})
    reply = caller.ask_token(APP_KEY | {"Prefer": f"code={status}"})
    assert (reply.status_code, reply.json()) == (status, document)


@pytest.mark.parametrize("status", [204, 303, 409, 429, 599])
def test_a_preferred_status_that_is_undocumented_has_no_body(caller: HttpCaller, status: int) -> None:
    """An undocumented status on request has no body."""
    reply = caller.ask_token(APP_KEY | {"Prefer": f"code={status}"})
    assert (reply.status_code, reply.content) == (status, b"")


def test_the_token_of_a_preferred_200_opens_nothing(caller: HttpCaller) -> None:
    """The token of a 200 on request is an example, and gets 401."""
    token = caller.ask_token(APP_KEY | {"Prefer": "code=200"}).json()["Token"]
    assert caller.cancel(73552, APP_KEY | {"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_set_up_answer_is_given_word_for_word(caller: HttpCaller) -> None:
    """token_answer replaces the dialog: its status, body and headers are sent as they are."""
    answer = {"status": 503, "body": "<b>née</b>", "headers": {"Content-Type": "text/html", "Retry-After": "7"}}
    assert caller.control("settings", {"token_answer": answer}).status_code == 200
    reply = caller.ask_token(APP_KEY | TRADER)
    assert (reply.status_code, reply.content) == (503, "<b>née</b>".encode())
    assert (reply.headers["Content-Type"], reply.headers["Retry-After"]) == ("text/html", "7")


def test_a_set_up_answer_has_no_content_type_of_its_own(caller: HttpCaller) -> None:
    """The reply has only the headers of token_answer."""
    caller.control("settings", {"token_answer": {"status": 200, "body": "{"}})
    reply = caller.ask_token(APP_KEY | TRADER)
    assert (reply.status_code, reply.text, reply.headers.get("Content-Type")) == (200, "{", None)


def test_a_set_up_answer_comes_after_the_key_and_after_a_preference(caller: HttpCaller) -> None:
    """A bad key still gets 403, a preference overrides token_answer, and null restores the dialog."""
    caller.control("settings", {"token_answer": {"status": 500}})
    assert caller.ask_token(TRADER).status_code == 403
    assert caller.ask_token(APP_KEY | {"Prefer": "code=418"}).status_code == 418
    assert caller.ask_token(APP_KEY | TRADER).status_code == 500
    caller.control("settings", {"token_answer": None})
    assert caller.ask_token(APP_KEY | TRADER).status_code == 200


def test_a_log_in_leaves_earlier_tokens_alone(caller: HttpCaller) -> None:
    """After a second log-in both tokens are accepted."""
    first, second = caller.log_in(), caller.log_in()
    assert [caller.read(73552, headers).status_code for headers in (first, second)] == [200, 200]


def test_a_log_in_can_end_the_earlier_tokens_of_its_user(caller: HttpCaller) -> None:
    """With single_session a log-in ends its user's earlier tokens, but no other user's and no interim token."""
    foreign, started = caller.log_in("other", "battery-staple"), interim(caller)
    caller.control("settings", {"single_session": True})
    first, second = caller.log_in(), caller.log_in()
    assert caller.ask_token(APP_KEY | TRADER | {"Password": "wrong"}).status_code == 401
    assert [caller.read(73552, headers).status_code for headers in (first, second)] == [401, 200]
    assert caller.read(73600, foreign, account=6400).status_code == 200
    assert follow_up(caller, "two-factor", started, VerificationCode="123456")[0] == 200


def test_a_log_in_that_is_not_complete_ends_no_token(caller: HttpCaller) -> None:
    """With single_session a 202 ends no token; the last step of the log-in does."""
    caller.control("settings", {"single_session": True})
    _, document = follow_up(caller, "two-factor", interim(caller), VerificationCode="123456")
    headers = APP_KEY | {"Authorization": f"Bearer {document['Token']}"}
    started = interim(caller)
    assert caller.read(73650, headers, account=6500).status_code == 200
    follow_up(caller, "two-factor", started, VerificationCode="123456")
    assert caller.read(73650, headers, account=6500).status_code == 401


def test_a_delayed_answer_shows_how_many_wait(caller: HttpCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests at once are counted as three in flight, and each waits for the delay of the settings."""
    caller.control("settings", {"token_delay": 30})
    waits, are_here = list[float](), asyncio.Event()

    async def until_all_are_here(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            are_here.set()
        await are_here.wait()

    monkeypatch.setattr(endpoint, "sleep", until_all_are_here)
    with ThreadPoolExecutor(3) as threads:
        replies = list(threads.map(caller.ask_token, [APP_KEY | TRADER] * 3))
    assert waits == [30] * 3
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    counters = caller.state()["counters"]
    assert (counters["token_requests"], counters["token_requests_in_flight_at_most"]) == (3, 3)


def test_requests_one_after_the_other_are_one_in_flight(caller: HttpCaller) -> None:
    """The counter has the highest number at once, not the sum."""
    for _ in range(3):
        caller.ask_token(APP_KEY)
    counters = caller.state()["counters"]
    assert (counters["token_requests"], counters["token_requests_in_flight_at_most"]) == (3, 1)
