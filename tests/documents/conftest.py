"""A mock, and environment variables with its trader's credentials."""

from pathlib import Path

import pytest

from autoshares_cancel.mock import MockServer


@pytest.fixture
def exchange(mock_server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MockServer:
    """A new mock that the environment variables name; the working folder is empty."""
    variables = {
        "BASE_URL": mock_server.base_url,
        "APP_KEY": "demo-app-key",
        "USERNAME": "trader",
        "PASSWORD": "correct-horse",
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"AUTOSHARES_{name}", value)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return mock_server
