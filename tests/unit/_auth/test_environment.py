"""Client.from_env."""

from pathlib import Path

import pytest

from autoshares_cancel import Client, ConfigurationError, PasswordCredentials, TokenCredentials

PASSWORD = {
    "AUTOSHARES_BASE_URL": "https://broker.example/api",
    "AUTOSHARES_APP_KEY": "key",
    "AUTOSHARES_USERNAME": "user",
    "AUTOSHARES_PASSWORD": "pass",
}


def set_env(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in {**PASSWORD, **changes}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


def test_user_name_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four variables are enough."""
    set_env(monkeypatch, AUTOSHARES_PIN_CODE="4711", AUTOSHARES_API_VERSION="1.0")
    with Client.from_env(deadline=7) as client:
        settings = client._engine.settings
    assert isinstance(settings.credentials, PasswordCredentials)
    revealed = [secret.reveal() for secret in settings.credentials.secrets[:4]]
    assert revealed == ["key", "user", "pass", "4711"]
    assert (settings.base_url, settings.api_version, settings.deadline) == (PASSWORD["AUTOSHARES_BASE_URL"], "1.0", 7)


def test_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token takes the place of user name and password."""
    set_env(monkeypatch, AUTOSHARES_USERNAME=None, AUTOSHARES_PASSWORD="", AUTOSHARES_TOKEN="token")
    with Client.from_env() as client:
        assert isinstance(client._engine.settings.credentials, TokenCredentials)
        assert client._engine.settings.credentials.token.reveal() == "token"
        assert client._engine.settings.api_version == "1"


def test_each_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The line end that editors add is not part of the secret."""
    for name in ("APP_KEY", "USERNAME", "PASSWORD", "PIN_CODE"):
        (tmp_path / name).write_text(f"from-{name}\n", encoding="utf-8")
        monkeypatch.setenv(f"AUTOSHARES_{name}_FILE", str(tmp_path / name))
    monkeypatch.setenv("AUTOSHARES_BASE_URL", "https://broker.example/api")
    with Client.from_env() as client:
        revealed = [secret.reveal() for secret in client._engine.settings.credentials.secrets[:4]]
    assert revealed == ["from-APP_KEY", "from-USERNAME", "from-PASSWORD", "from-PIN_CODE"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"AUTOSHARES_BASE_URL": None}, "AUTOSHARES_BASE_URL is not set"),
        ({"AUTOSHARES_APP_KEY": ""}, "AUTOSHARES_APP_KEY is not set"),
        ({"AUTOSHARES_PASSWORD": None}, "AUTOSHARES_PASSWORD is not set"),
        ({"AUTOSHARES_USERNAME": None}, "AUTOSHARES_USERNAME is not set"),
        ({"AUTOSHARES_USERNAME": None, "AUTOSHARES_PASSWORD": None}, "nor is AUTOSHARES_TOKEN"),
        ({"AUTOSHARES_TOKEN": "token"}, "set one or the other"),
        ({"AUTOSHARES_PASSWORD_FILE": "somewhere"}, "AUTOSHARES_PASSWORD_FILE are both set"),
        (
            {"AUTOSHARES_PASSWORD": None, "AUTOSHARES_PASSWORD_FILE": "no-such-file"},
            "AUTOSHARES_PASSWORD_FILE names a file",
        ),
        ({"AUTOSHARES_PASSWORD": "hunter2\n"}, "password must be visible ASCII"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    changes: dict[str, str | None], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable; neither it nor a frame shows the value."""
    set_env(monkeypatch, **changes)
    with pytest.raises(ConfigurationError, match=named) as caught:
        Client.from_env()
    assert "hunter2" not in str(caught.value)
    assert not any("hunter2" in repr(frame.locals) for frame in caught.traceback[1:])


def test_a_file_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key file instead of a password is an error."""
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x00")
    set_env(monkeypatch, AUTOSHARES_PASSWORD=None, AUTOSHARES_PASSWORD_FILE=str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError, match="it is no text"):
        Client.from_env()
