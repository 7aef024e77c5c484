"""Client.from_env."""

import sys
from pathlib import Path

import pytest

from autoshares_cancel import Client, ConfigurationError, PasswordCredentials, TokenCredentials, TokenFolder

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
    """from_env reads user name and password, and the optional PIN and API version."""
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


def test_the_path_of_a_token_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AUTOSHARES_TOKEN_STORE sets a TokenFolder for a client that logs in, and nothing for a given token."""
    set_env(monkeypatch, AUTOSHARES_TOKEN_STORE=str(tmp_path / "tokens"))
    with Client.from_env() as client:
        credentials = client._engine.settings.credentials
        assert isinstance(credentials, PasswordCredentials)
        assert credentials.token_store == TokenFolder(tmp_path / "tokens")
    set_env(monkeypatch, AUTOSHARES_TOKEN_STORE="")
    with Client.from_env() as client:
        assert client._engine.tokens.shared is None
    set_env(
        monkeypatch, AUTOSHARES_TOKEN_STORE="x", AUTOSHARES_TOKEN="t", AUTOSHARES_USERNAME="", AUTOSHARES_PASSWORD=""
    )
    with Client.from_env() as client:
        assert client._engine.tokens.shared is None


def test_a_token_store_without_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable, and what to install."""
    set_env(monkeypatch, AUTOSHARES_TOKEN_STORE="tokens")
    monkeypatch.setitem(sys.modules, "filelock", None)
    with pytest.raises(ConfigurationError, match=r"^AUTOSHARES_TOKEN_STORE: .*autoshares-cancel\[store\]"):
        Client.from_env()


def test_each_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each secret may be in a file; the line end that editors add is not part of it."""
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
        ({"AUTOSHARES_PASSWORD": "hunter2\n"}, "^AUTOSHARES_PASSWORD must be visible ASCII, but has a line end in it"),
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
    """A secret file that is no text is refused."""
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x00")
    set_env(monkeypatch, AUTOSHARES_PASSWORD=None, AUTOSHARES_PASSWORD_FILE=str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError, match="it is no text"):
        Client.from_env()


SECRETS = ("APP_KEY", "USERNAME", "PASSWORD", "PIN_CODE", "TOKEN")
WRONG = {
    "a line end in it": ("hunter2\nhunter3", "but has a line end in it: give it as one line"),
    "a carriage return": ("hunter2\rhunter3", "but has a line end in it: give it as one line"),
    "a byte order mark": ("\ufeffhunter2", "but begins with a byte order mark: save it as UTF-8 without BOM"),
    "such a mark, read wrongly": ("\u00ef\u00bb\u00bfhunter2", "but begins with a byte order mark: save it as UTF-8"),
    "a blank before it": (" hunter2", "but has blanks around it: remove them"),
    "a blank behind it": ("hunter2 ", "but has blanks around it: remove them"),
    "a tab": ("hunter2\thunter3", "but has a control character in it: remove it"),
    "an escape": ("hunter2\x1b[0m", "but has a control character in it: remove it"),
    "a control character of C1": ("hunter2\x9b", "but has a control character in it: remove it"),
    "a letter that is not ASCII": ("hunter2\u00e9", "but has a character that is not ASCII: a header can't carry it"),
    "a zero width space": ("hunter2\u200b", "but has a character that is not ASCII: a header can't carry it"),
}
OF_FILES = {
    "two line ends": (b"hunter2\n\n", "but has a line end in it"),
    "an empty line first": (b"\nhunter2\n", "but has a line end in it"),
    "nothing": (b"", "must not be empty"),
    "only a line end": (b"\n", "must not be empty"),
    "UTF-16 without a mark": (
        "hunter2".encode("utf-16-le"),
        "but has a NUL character, as UTF-16 has: save it as UTF-8",
    ),
}


def refused(caught: pytest.ExceptionInfo[ConfigurationError]) -> str:
    """The message, after a check that neither it nor a frame shows the value."""
    assert "hunter" not in str(caught.value)
    assert caught.value.__context__ is None
    assert not any("hunter" in repr(frame.locals) for frame in caught.traceback[1:])
    return str(caught.value)


def only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Set every variable except this secret and those that can't be set beside it."""
    others = ("USERNAME", "PASSWORD") if name == "TOKEN" else ()
    set_env(monkeypatch, **{f"AUTOSHARES_{other}": None for other in (name, *others)})


@pytest.mark.parametrize(("value", "problem"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("name", SECRETS)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str) -> None:
    """Law 9: the message names the variable and says what to do."""
    only(monkeypatch, name)
    monkeypatch.setenv(f"AUTOSHARES_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env()
    assert refused(caught).startswith(f"AUTOSHARES_{name} must be visible ASCII, {problem}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [*((value.encode() + b"\n", problem) for value, problem in WRONG.values()), *OF_FILES.values()],
    ids=[*WRONG, *OF_FILES],
)
@pytest.mark.parametrize("name", SECRETS)
def test_a_wrong_file_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    """Law 9: the message names the variable of the file, and says what to do."""
    only(monkeypatch, name)
    (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv(f"AUTOSHARES_{name}_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env()
    message = refused(caught)
    assert message.startswith(f"AUTOSHARES_{name}_FILE: the secret in its file must ")
    assert problem in message


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n", "\r"])
def test_one_line_end_of_a_file_is_no_part_of_the_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line_end: str
) -> None:
    """One line end is dropped, because `echo` and container secrets write one."""
    only(monkeypatch, "TOKEN")
    (tmp_path / "secret").write_bytes(f"a-token{line_end}".encode())
    monkeypatch.setenv("AUTOSHARES_TOKEN_FILE", str(tmp_path / "secret"))
    with Client.from_env() as client:
        credentials = client._engine.settings.credentials
    assert isinstance(credentials, TokenCredentials)
    assert credentials.token.reveal() == "a-token"


def test_a_file_in_utf_16_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file in UTF-16, as PowerShell writes it, is refused; the message names the variable."""
    only(monkeypatch, "TOKEN")
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-16")
    monkeypatch.setenv("AUTOSHARES_TOKEN_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env()
    assert refused(caught) == (
        "AUTOSHARES_TOKEN_FILE names a file that can't be read: it is no text in UTF-8; save it as UTF-8"
    )


@pytest.mark.parametrize("before", ["Bearer ", "bearer ", "BEARER\t", " Bearer ", "Authorization: Bearer "])
@pytest.mark.parametrize("variable", ["AUTOSHARES_TOKEN", "AUTOSHARES_TOKEN_FILE"])
def test_a_token_with_bearer_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, before: str
) -> None:
    """A token with Bearer before it is refused, because the client adds Bearer; the message names the variable."""
    only(monkeypatch, "TOKEN")
    (tmp_path / "secret").write_text(f"{before}hunter2\n", encoding="utf-8")
    monkeypatch.setenv(variable, str(tmp_path / "secret") if variable.endswith("FILE") else f"{before}hunter2")
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env()
    message = refused(caught)
    assert message.startswith(variable)
    assert message.endswith('must be the token alone: give it without "Bearer" before it')
