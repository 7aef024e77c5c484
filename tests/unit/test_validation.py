"""Laws 9 and 10: every argument of a caller is checked before any I/O."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel import (
    AsyncClient,
    Client,
    ConfigurationError,
    PasswordCredentials,
    RetryPolicy,
    Timeouts,
    TokenCredentials,
)
from autoshares_cancel._auth.checks import check_secret
from autoshares_cancel._validation import (
    check_base_url,
    check_id,
    check_margin,
    check_seconds,
    check_version,
    parse_id,
)
from autoshares_cancel._values.secret import Secret

TOKEN = TokenCredentials(app_key="key", token="token")


class Number(IntEnum):
    SEVEN = 7


@pytest.mark.parametrize("good", [-(2**31), -1, 0, 1, 2**31 - 1])
def test_id_takes_every_int32(good: int) -> None:
    """Law 9: the lowest and the highest int32 are accepted."""
    assert check_id("order_id", good) == good


@pytest.mark.parametrize("bad", [2**31, -(2**31) - 1, True, False, "73552", 73552.0, None, b"1", Number.SEVEN])
def test_id_refuses_everything_else(bad: object) -> None:
    """Law 9: an id is an int of 32 bits, and no other type."""
    with pytest.raises(ConfigurationError, match="order_id must be an int"):
        check_id("order_id", bad)


@given(st.integers())
@example(2**31)
@example(2**31 - 1)
@example(-(2**31))
@example(-(2**31) - 1)
def test_id_is_accepted_exactly_in_range(value: int) -> None:
    """Law 9: an int is accepted exactly when it is an int32."""
    if -(2**31) <= value < 2**31:
        assert check_id("x", value) == value
    else:
        with pytest.raises(ConfigurationError):
            check_id("x", value)


@pytest.mark.parametrize("good", ["1", "1.0", "12.34.5"])
def test_version_takes_digits_and_dots(good: str) -> None:
    """Law 9: both spellings of the vendor are accepted."""
    assert check_version(good) == good


@pytest.mark.parametrize(
    "bad", ["", ".", "..", "1.", ".1", "1..0", "v1", "1/..", "1 ", "1\n", "\uff11", "1%2e", 1, 1.0, None]
)
def test_version_refuses_everything_else(bad: object) -> None:
    """Law 9: a version that could change the path is refused."""
    with pytest.raises(ConfigurationError, match="api_version must be digits and dots"):
        check_version(bad)


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://broker.example/api", "https://broker.example/api"),
        ("https://broker.example/api/", "https://broker.example/api"),
        ("https://broker.example", "https://broker.example"),
        ("https://broker.example:8443/a/b-c_d~e.f", "https://broker.example:8443/a/b-c_d~e.f"),
        ("https://broker.example/X/", "https://broker.example/X"),
        ("http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api"),
        ("http://127.8.9.1/api", "http://127.8.9.1/api"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api"),
    ],
)
def test_base_url_takes_https_and_loopback(given_url: str, kept: str) -> None:
    """Law 10: https is accepted for every host, http for this machine only."""
    assert check_base_url(given_url) == kept


@pytest.mark.parametrize(
    "bad",
    [
        "http://broker.example/api",
        "http://127.0.0.1.evil.example/api",
        "http://localhost.evil.example",
        "http://evil-localhost",
        "http://0.0.0.0:80",
        "http://2130706433",
        "http://[::2]",
        "ftp://127.0.0.1",
        "broker.example/api",
        "https://",
        "https:///api",
        "https://user:hunter2@broker.example/api",
        "https://hunter2@broker.example",
        "https://broker.example/api?hunter2",
        "https://broker.example/api#hunter2",
        "https://broker.example/api?",
        "https://broker.example/a/../b",
        "https://broker.example/./b",
        "https://broker.example/%2e%2e/b",
        "https://broker.example//api",
        "https://broker.example/api//X",
        "https://broker.example/a{b}",
        "https://broker.example:0/api",
        "https://broker.example:/api",
        "https://broker.example:99999/api",
        "https://broker.example:port/api",
        "https://bro ker.example",
        "https://bro%6ber.example",
        "https://broker.example/\tapi",
        "https://broker.example\\@evil.example",
        "https://bröker.example",
        "https://[::1",
        "",
        None,
        b"https://broker.example",
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_base_url_refuses_everything_else(kind: Any, bad: object) -> None:
    """Law 10: the message names the problem, and never shows the URL, which may contain a password."""
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        kind(base_url=bad, credentials=TOKEN)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "bad"),
    [
        ("deadline", 0),
        ("deadline", -1),
        ("deadline", float("inf")),
        ("deadline", 86401),
        ("deadline", float("nan")),
        ("deadline", True),
        ("deadline", "30"),
        ("token_margin", -1),
        ("token_margin", 86400),
        ("token_margin", "300"),
        ("timeouts", 5),
        ("verify", False),
        ("verify", 7),
        ("verify", "no-such-file.pem"),
        ("clock", 7),
        ("clock", None),
        ("sleep", 7),
        ("random", 0.5),
        ("random", None),
        ("retry", 3),
        ("retry", None),
        ("resolve", 1),
        ("resolve", None),
        ("resolve", "no"),
        ("credentials", "token"),
        ("credentials", None),
        ("api_version", "v1"),
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_wrong_settings_are_refused(kind: Any, option: str, bad: object) -> None:
    """Law 9: the client refuses a wrong setting when it is made."""
    settings: dict[str, Any] = {"base_url": "https://broker.example", "credentials": TOKEN, option: bad}
    with pytest.raises(ConfigurationError):
        kind(**settings)


@pytest.mark.parametrize("good", [0.001, 1, 86400])
def test_seconds_take_every_wait_up_to_a_day(good: float) -> None:
    """A deadline may be shorter than a second, and as long as a day."""
    assert check_seconds("deadline", good) == good


@pytest.mark.parametrize("good", [0, 0.5, 99.5])
def test_a_margin_takes_none_and_less_than_the_whole(good: float) -> None:
    """A margin may be 0, and almost the whole lifetime of a token."""
    assert check_margin("token_margin", good, below=100.0) == good


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (lambda: check_id("order_id", "7"), "order_id must be an int, not str"),
        (lambda: check_id("order_id", 2**31), "an int32, from -2147483648 to 2147483647, not 2147483648"),
        (lambda: parse_id("order_id", "2147483648"), "order_id must be an int32, .* not 2147483648"),
        (lambda: parse_id("order_id", "x" * 41), f"order_id must be plain digits, not '{'x' * 40}…'"),
        (lambda: check_margin("token_margin", 100, below=100.0), "token_margin .* to below 100, not 100"),
        (lambda: check_base_url(7), "base_url must be a str, not int"),
        (lambda: check_base_url("https://bro ker.example"), "without spaces"),
        (lambda: check_base_url("https://broker.example\\@evil.example"), "plain ASCII"),
        (lambda: check_secret("token", Secret(7)), "token must be a str, not int"),  # type: ignore[arg-type]  # the mistake
    ],
)
def test_a_mistake_is_named(check: Callable[[], object], expected: str) -> None:
    """The message says what is expected, and what was given instead."""
    with pytest.raises(ConfigurationError, match=f"{expected}$|{expected};? "):
        check()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TokenCredentials(app_key="key", token=""), "TokenCredentials: token must not be empty"),
        (
            lambda: PasswordCredentials(app_key="key", username="user", password="pass\n"),
            "PasswordCredentials: password must be visible ASCII, but has a line end in it: give it as one line",
        ),
        (
            lambda: PasswordCredentials(app_key="k", username="u", password="p", second_factor="123456"),  # type: ignore[arg-type]  # the mistake
            "PasswordCredentials: second_factor must be a callable without arguments that returns the code",
        ),
        (lambda: RetryPolicy(attempts=0), "RetryPolicy: attempts must be a whole number from 1 to 100, not 0"),
        (
            lambda: RetryPolicy(cap=0),
            "RetryPolicy: cap must be a number of seconds above 0 and up to 86400, not 0",
        ),
    ],
)
def test_a_wrong_argument_names_the_public_class(make: Callable[[], object], message: str) -> None:
    """The message names the class and the argument, and says what is expected."""
    with pytest.raises(ConfigurationError) as wrong:
        make()
    assert str(wrong.value) == message


@pytest.mark.parametrize(("written", "value"), [("73552", 73552), ("-1", -1), ("007", 7), ("2147483647", 2**31 - 1)])
def test_an_id_as_text_is_its_digits(written: str, value: int) -> None:
    """Law 9: plain digits are an id, also with a minus sign."""
    assert parse_id("order_id", written) == value


@pytest.mark.parametrize("written", ["", "7.0", "7_3", "+7", " 7", "7 ", "7\n", "\u0667", "--7", "x" * 40, "9" * 21])
def test_any_other_text_is_no_id(written: str) -> None:
    """Law 9: the message names the argument and quotes the text."""
    with pytest.raises(ConfigurationError) as wrong:
        parse_id("order_id", written)
    assert str(wrong.value) == f"order_id must be plain digits, not {written!r}"


@pytest.mark.parametrize("step", ["connect", "read", "write", "pool"])
@pytest.mark.parametrize("bad", [0, -1, None, True, float("inf")])
def test_timeouts_are_finite(step: str, bad: Any) -> None:
    """Law 3: no step waits for ever."""
    with pytest.raises(ConfigurationError, match=step):
        Timeouts(**{step: bad})


def test_bad_certificates_of_the_environment_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 3: the message names the variable; httpx would raise FileNotFoundError."""
    monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        Client(base_url="https://broker.example", credentials=TOKEN)


@pytest.mark.parametrize("proxy", ["hunter2://proxy:1", "socks5://hunter2@proxy:1"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_bad_proxies_of_the_environment_are_named(kind: Any, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Laws 3 and 5: the message names the variable; httpx would raise its own error, with the proxy's password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        kind(base_url="https://broker.example", credentials=TOKEN)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
