"""The tools of this folder: a reply is late only if the mock withholds it, and only waits move the clock."""

from typing import Any

import pytest
from conftest import MakeCaller, Tell
from faults.own_time import OwnTime
from faults.silence import LOOK_SECONDS, PATIENT, heard

from autoshares_cancel import Cancelled, NoReply, PasswordCredentials
from autoshares_cancel.mock import MockServer


@pytest.fixture
def own_time() -> OwnTime:
    return OwnTime()


@pytest.fixture
def caller(
    make_caller: MakeCaller, client_kind: str, mock_server: MockServer, trader: PasswordCredentials, own_time: OwnTime
) -> Any:
    options: dict[str, Any] = {"timeouts": PATIENT, **own_time.settings(client_kind)}
    return make_caller(base_url=mock_server.base_url, credentials=trader, **options)


def test_an_honest_reply_is_never_late(caller: Any, mock_server: MockServer, tell: Tell, own_time: OwnTime) -> None:
    """A reply that the mock will send is never a time-out, and no time passes on the test's clock."""
    tell("settings", venue_delay=20 * LOOK_SECONDS)
    with heard(mock_server, own_time=own_time):
        assert type(caller.cancel(6303, 73552, venue=True)) is Cancelled
    assert own_time.now == 0.0


@pytest.mark.parametrize("fault", ["stall", "stall-in-head", "drip"])
def test_silence_is_a_time_out(caller: Any, mock_server: MockServer, tell: Tell, own_time: OwnTime, fault: str) -> None:
    """A withheld reply is a time-out that takes the full read time-out on the test's clock."""
    tell("settings", fault_pause=60)
    tell("faults", faults=[{"fault": fault}])
    with heard(mock_server, own_time=own_time):
        assert type(caller.cancel(6303, 73552)) is NoReply
    assert own_time.now == PATIENT.read


def test_waits_overlap() -> None:
    """Two waits that begin at the same time end at the same time, and no clock goes back."""
    own_time = OwnTime()
    began = own_time()
    own_time.until(began + 1.0)
    own_time.until(began + 1.0)
    own_time.until(began + 0.5)
    assert own_time() == 1.0
