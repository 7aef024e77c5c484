"""Fixtures of the whole suite."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, Phase, settings
from support import control
from support.clients import BACKENDS, CLIENT_KINDS, Caller, open_caller

from autoshares_cancel import PasswordCredentials, TokenCredentials
from autoshares_cancel.mock import MockServer

# The suite is deterministic, so that every run finds the same; `make fuzz` explores. Machines may be slow: no deadline.
# There is no phase to explain a find, because it takes long; `make fuzz` shrinks a find in a separate run.
SLOW: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None}
FIND = (Phase.explicit, Phase.generate)
settings.register_profile("suite", **SLOW, derandomize=True, phases=(*FIND, Phase.shrink))
settings.register_profile("explore", **SLOW, derandomize=False, print_blob=True, phases=FIND)
settings.register_profile("shorten", settings.get_profile("explore"), phases=(*FIND, Phase.shrink))

pytest_plugins = ["autoshares_cancel.contract.report.plugin", "support.sweep_database"]

USUAL_HANDLERS: dict[str, Any] = {
    "SIGINT": signal.default_int_handler,
    "SIGTERM": signal.SIG_DFL,
    "SIGHUP": signal.SIG_DFL,
}

USUAL_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")

MakeCaller = Callable[..., Caller]
Tell = Callable[..., None]


def pytest_configure(config: pytest.Config) -> None:
    """Load the suite's profile, unless an option names another, and restore default signal handlers."""
    # Not at import, because a test imports this module a second time under another name.
    if config.getoption("--hypothesis-profile") is None:
        settings.load_profile("suite")
    # A shell starts background jobs with SIGINT ignored, and nohup a command with SIGHUP ignored. The processes that
    # tests interrupt would inherit this.
    for name, handler in USUAL_HANDLERS.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection, which would scan them again and again."""
    gc.freeze()


@pytest.fixture(params=CLIENT_KINDS)
def client_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of client in turn."""
    name: str = request.param
    return name


@pytest.fixture(params=BACKENDS)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Each event loop in turn, for tests that are asynchronous themselves."""
    return BACKENDS[request.param]


@pytest.fixture
def make_caller(client_kind: str) -> Iterator[MakeCaller]:
    """Make a client of the kind under test; it is closed at the end of the test."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Caller:
            return stack.enter_context(open_caller(client_kind, **settings))

        yield make


@pytest.fixture
def tell(mock_server: MockServer) -> Tell:
    """A function that posts a document to a control path of the mock."""
    return partial(control.tell, mock_server)


@pytest.fixture
def trader() -> PasswordCredentials:
    """The user that the mock knows at start."""
    return PasswordCredentials(app_key="demo-app-key", username="trader", password="correct-horse")


@pytest.fixture
def token() -> TokenCredentials:
    """A token for servers that accept any token."""
    return TokenCredentials(app_key="an-app-key", token="an-access-token")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for replies, time-outs and other processes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.fixture(autouse=True)
def _handler_of_sigint() -> Iterator[None]:
    """Check that the test restores the handler of SIGINT, so that Ctrl-C works in other tests."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture(scope="session")
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the certificate of one CA, because reading all usual CAs takes longer than most tests."""
    path = tmp_path_factory.mktemp("certificates") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, one_certificate: str) -> None:
    """Remove settings and proxies from the environment, and trust one CA that has issued no certificate."""
    for name in os.environ:
        if name.startswith("AUTOSHARES_") or name.upper() in USUAL_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_FILE", one_certificate)
