"""The rules of the contract suite: what is a finding, and what the vendor's pages leave open."""

import pytest

from autoshares_cancel.contract.server.checks import Unspecified, about_reply, about_status
from autoshares_cancel.contract.server.limits import retry_after
from autoshares_cancel.contract.server.raw import RawReply


@pytest.mark.parametrize(
    ("status", "right", "telling", "kinds"),
    [
        (403, [403], (), []),
        (401, [403], (), [Unspecified]),
        (404, [422], (), [Unspecified]),
        (500, [422], (), [Unspecified]),
        (204, [403], (), [str]),
        (200, [422], (), [str]),
        (409, [403], (409,), [str]),
        (401, [200, 204], (), [str]),
        (400, [422, 200], (), [Unspecified]),
        (200, [422, 200], (), []),
    ],
)
def test_which_refusal_comes_is_left_open(
    status: int, right: list[int], telling: tuple[int, ...], kinds: list[type[str]]
) -> None:
    """A success in place of a refusal is wrong, and so are its reverse and a refusal that reveals too much."""
    assert [type(complaint) for complaint in about_status(status, right, telling=telling)] == kinds


@pytest.mark.parametrize(
    ("status", "headers", "body", "kinds"),
    [
        (204, (("Content-Type", "application/json"),), b"", [Unspecified]),
        (204, (), b"{}", [str]),
        (401, (), b"no", [Unspecified]),
        (401, (("X-Token", "a-secret"),), b"", [str]),
    ],
)
def test_an_error_s_body_is_left_open(
    status: int, headers: tuple[tuple[str, str], ...], body: bytes, kinds: list[type[str]]
) -> None:
    """A body of a 204 is wrong, and so is a credential in any reply."""
    reply = RawReply(status=status, headers=headers, body=body)
    assert [type(complaint) for complaint in about_reply(reply, "cancelOrder", {"TOKEN": "a-secret"})] == kinds


@pytest.mark.parametrize(
    ("body", "headers", "complaints"),
    [
        ('{"State": "Succeeded", "Token": "a-secret"}', (), []),
        ('{"State": "Succeeded", "Token": "a-secret-2"}', (), []),
        ('{"State": "Succeeded", "Token": "new", "Old": "a-secret"}', (), ["the reply gives back TOKEN"]),
        ('{"State": "Succeeded", "Token": "a-secret"}', (("X", "a-secret"),), ["the reply gives back TOKEN"]),
    ],
)
def test_a_log_in_may_grant_the_token_again(
    body: str, headers: tuple[tuple[str, str], ...], complaints: list[str]
) -> None:
    """Law 5: a log-in may return the earlier token as its Token, and nowhere else."""
    reply = RawReply(status=200, headers=(("Content-Type", "application/json"), *headers), body=body.encode())
    assert list(about_reply(reply, "getToken", {"TOKEN": "a-secret"})) == complaints


@pytest.mark.parametrize(("value", "seconds"), [("3", 3.0), ("100000", 60.0), ("Thu, 01 Jan 2026", 1.0), (None, 1.0)])
def test_a_429_is_waited_for(value: str | None, seconds: float) -> None:
    """The wait is that of Retry-After, at most a minute; without a number of seconds it is one second."""
    headers = (("Retry-After", value),) if value else ()
    assert retry_after(RawReply(status=429, headers=headers, body=b"")) == seconds
