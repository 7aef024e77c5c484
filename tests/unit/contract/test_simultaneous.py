"""The rules for simultaneous cancels of one order."""

import pytest

from autoshares_cancel.contract.server import simultaneous
from autoshares_cancel.contract.server.aim import Aim
from autoshares_cancel.contract.server.raw import RawReply, RawRequest
from autoshares_cancel.contract.server.scenario_table import UNKNOWN
from autoshares_cancel.contract.server.simultaneous import about_simultaneous, statuses_together

REQUEST = RawRequest(method="DELETE", target="/v1/accounts/1/orders/1")


@pytest.mark.parametrize(
    ("statuses", "control", "complaints"),
    [
        ([204, 409, 409, 409], (204, 409), 0),
        ([409, 409, 200, 409], (200, 409), 0),
        ([404, 204], (204, 404), 0),
        ([204, 204, 409, 409], (204, 409), 1),
        ([409, 409, 409, 409], (204, 409), 1),
        ([200, 409, 409, 409], (204, 409), 1),
        ([204, 409, 409, 500], (204, 409), 1),
        ([204, 204, 204, 204], (204, 204), 1),
        ([409, 409, 409, 409], (409, 409), 1),
    ],
)
def test_one_succeeds_and_the_others_are_refused(
    statuses: list[int], control: tuple[int, int], complaints: int
) -> None:
    """Law 1: the replies may come in any order; their statuses must be those of two cancels in a row."""
    assert len(list(about_simultaneous(statuses, control))) == complaints


def limited(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> tuple[Aim, list[float]]:
    """An Aim whose simultaneous requests get these statuses, and the list of its waits."""
    replies = [
        RawReply(status=status, headers=(("Retry-After", str(nth)),) if status == 429 else (), body=b"")
        for nth, status in enumerate(statuses)
    ]
    monkeypatch.setattr(simultaneous, "send_together", lambda *_: replies)
    waited: list[float] = []
    return Aim("https://broker.example/api", UNKNOWN, {}, controlled=False, sleep=waited.append), waited


def test_what_is_limited_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 changes nothing, so the other replies are judged; the longest Retry-After is waited for once."""
    aim, waited = limited(monkeypatch, 204, 429, 409, 429)
    assert (statuses_together(aim, REQUEST), waited) == ([204, 409], [3.0])


def test_one_reply_alone_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If all other requests are limited, the check is skipped."""
    aim, waited = limited(monkeypatch, 429, 429, 204, 429)
    with pytest.raises(pytest.skip.Exception, match="429"):
        statuses_together(aim, REQUEST)
    assert waited == [3.0]
