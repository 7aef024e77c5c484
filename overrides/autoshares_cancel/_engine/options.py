"""The options of a client as types, for annotations. Imported on first use, because ssl is slow to load."""

import os
import ssl
from collections.abc import Callable
from typing import Any, TypedDict

from autoshares_cancel._engine.events import OnAttempt, OnOutcome
from autoshares_cancel._engine.tracing import Tracks
from autoshares_cancel._http.tls import Timeouts
from autoshares_cancel._retry.policy import RetryPolicy
from autoshares_cancel._values.deadline import Clock

Verify = bool | str | os.PathLike[str] | ssl.SSLContext
"""True for certifi's bundle, or for SSL_CERT_FILE and SSL_CERT_DIR if they are set; the path of a CA file or folder; or
an ssl.SSLContext. False is refused, because any server could then get the credentials."""


class ClientOptions(TypedDict, total=False):
    """The options of Client and AsyncClient besides base_url, credentials and api_version."""

    deadline: float
    token_margin: float
    login_pause: float
    timeouts: Timeouts
    verify: Verify
    retry: RetryPolicy
    resolve: bool
    clock: Clock
    sleep: Callable[[float], Any] | None
    random: Callable[[], float]
    on_attempt: OnAttempt | None
    on_outcome: OnOutcome | None
    telemetry: Tracks | None
    app_name: str | None
    transport: Any
    """Transport for Client, AsyncTransport for AsyncClient."""
