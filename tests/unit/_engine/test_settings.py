"""A wrong option is refused when the client is made; the message says what it must be."""

from typing import Any

import pytest

from autoshares_cancel import AsyncClient, Client, ConfigurationError, RetryPolicy, Timeouts, TokenCredentials
from autoshares_cancel.telemetry import Telemetry

WRONG: dict[str, tuple[object, str]] = {
    "credentials": ({}, "credentials must be PasswordCredentials(...) or TokenCredentials(...), not dict"),
    "deadline": (0, "deadline must be a number of seconds above 0 and up to 86400, not 0"),
    "token_margin": (-1, "token_margin must be a number of seconds from 0 to below 86400, not -1"),
    "timeouts": (Timeouts, "timeouts must be Timeouts(...), not the class Timeouts"),
    "retry": (3, "retry must be RetryPolicy(...), not int"),
    "resolve": ("no", "resolve must be True or False, not str"),
    "clock": (0.0, "clock must be a callable that returns seconds, like time.monotonic"),
    "sleep": (1.0, "sleep must be a callable that waits for that many seconds, or None"),
    "random": (None, "random must be a callable that returns a number from 0 to below 1, like random.random"),
    "on_attempt": ("log", "on_attempt must be a callable that takes an AttemptEvent, or None"),
    "on_outcome": ("log", "on_outcome must be a callable that takes an OutcomeEvent, or None"),
    "telemetry": (Telemetry, "telemetry must be Telemetry(...), from autoshares_cancel.telemetry"),
    "app_name": ("desk (1)", "app_name must be products as in \"my-desk/2.1\", at most 64 characters, not 'desk (1)'"),
}


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_option_is_named(kind: Any, name: str, token: TokenCredentials) -> None:
    """Law 9: the message names the argument and what it must be. No credential is shown."""
    value, message = WRONG[name]
    options: dict[str, Any] = {"base_url": "http://127.0.0.1:1", "credentials": token, name: value}
    with pytest.raises(ConfigurationError) as wrong:
        kind(**options)
    assert str(wrong.value) == message


def test_options_that_may_be_none(token: TokenCredentials) -> None:
    """Observers, telemetry, sleep and app_name may be None."""
    options: dict[str, Any] = dict.fromkeys(("sleep", "on_attempt", "on_outcome", "telemetry", "app_name"))
    with Client(base_url="http://127.0.0.1:1", credentials=token, retry=RetryPolicy(attempts=1), **options) as client:
        assert client._engine.settings.sleep is None
