"""PasswordCredentials and TokenCredentials."""

from pathlib import Path
from typing import Any

import pytest

from autoshares_cancel import ConfigurationError, PasswordCredentials, TokenCredentials, TokenFolder
from autoshares_cancel._values.secret import Secret


def revealed(secrets: tuple[Secret, ...]) -> list[str]:
    return [secret.reveal() for secret in secrets]


def test_every_value_is_kept_where_it_belongs() -> None:
    """Law 5: every secret is wrapped, so no field holds one in clear text."""
    given = TokenCredentials(app_key="key", token="token")
    assert revealed((given.app_key, given.token)) == ["key", "token"]
    full = PasswordCredentials(app_key="key", username="user", password="pass", second_factor=str, pin_code="4711")
    assert revealed((full.app_key, full.username, full.password)) == ["key", "user", "pass"]
    assert full.second_factor is str
    assert full.pin_code == Secret("4711")


def test_all_that_is_secret_is_among_the_secrets() -> None:
    """Law 5: `secrets` has every secret of the credentials, so that each is masked in a reply."""
    assert revealed(TokenCredentials(app_key="key", token="token").secrets) == ["key", "token"]
    without = PasswordCredentials(app_key="key", username="user", password="pass")
    assert revealed(without.secrets) == ["key", "user", "pass", "dXNlcjpwYXNz"]
    full = PasswordCredentials(app_key="key", username="user", password="pass", pin_code="4711")
    assert revealed(full.secrets) == ["key", "user", "pass", "4711", "dXNlcjpwYXNz"]


def test_a_secret_is_taken_as_it_is() -> None:
    """A value that is a Secret already is accepted."""
    secret = Secret("token")
    assert TokenCredentials(app_key="key", token=secret).token is secret


def test_what_was_not_given_is_none() -> None:
    """Second factor, PIN and token store are optional, and None by default."""
    plain = PasswordCredentials(app_key="key", username="user", password="pass")
    assert plain.second_factor is None
    assert plain.pin_code is None
    assert plain.token_store is None


@pytest.mark.parametrize("store", ["tokens", Path("tokens"), TokenFolder, {}])
def test_a_token_store_has_its_methods(store: Any) -> None:
    """A path or a class is refused as a token store."""
    with pytest.raises(ConfigurationError, match=r"^PasswordCredentials: token_store must have the methods load, save"):
        PasswordCredentials(app_key="key", username="user", password="pass", token_store=store)


@pytest.mark.parametrize("name", ["app_key", "username", "password", "pin_code"])
def test_every_value_of_a_log_in_is_checked(name: str) -> None:
    """Law 9: a value that a header can't carry is refused at once; the message names the field."""
    values: dict[str, Any] = {
        "app_key": "key",
        "username": "user",
        "password": "pass",
        "pin_code": "4711",
        name: "line\nend",
    }
    with pytest.raises(ConfigurationError, match=f"{name} must be visible ASCII"):
        PasswordCredentials(**values)


@pytest.mark.parametrize("name", ["app_key", "token"])
def test_every_value_that_goes_with_a_token_is_checked(name: str) -> None:
    """Law 9: a value beside a token that a header can't carry is refused at once; the message names the field."""
    with pytest.raises(ConfigurationError, match=f"{name} must be visible ASCII"):
        TokenCredentials(**{"app_key": "key", "token": "token", name: "line\nend"})


@pytest.mark.parametrize("token", ["Bearer abc", "bearer abc", "BEARER  abc", "Authorization: Bearer abc"])
def test_a_token_is_given_without_bearer(token: str) -> None:
    """A token with Bearer before it is refused, because the client adds Bearer itself."""
    with pytest.raises(ConfigurationError) as caught:
        TokenCredentials(app_key="key", token=token)
    assert str(caught.value) == ('TokenCredentials: token must be the token alone: give it without "Bearer" before it')


@pytest.mark.parametrize("token", ["Bearer", "bearer-of-bad-news", "a Bearer b"])
def test_a_token_may_have_the_word(token: str) -> None:
    """The word Bearer is refused only before a token, not as a part of it."""
    assert TokenCredentials(app_key="key", token=token).token.reveal() == token


def test_what_basic_authentication_sends_is_secret_without_its_padding() -> None:
    """Law 5: the Base64 of user name and password is a secret without its padding, in both alphabets if they differ."""
    padded = PasswordCredentials(app_key="key", username="ab", password="c")
    assert revealed(padded.secrets[3:]) == ["YWI6Yw"]
    whole = PasswordCredentials(app_key="key", username="a", password="W")
    assert revealed(whole.secrets[3:]) == ["YTpX"]
    both = PasswordCredentials(app_key="key", username="a~", password="?>")
    assert revealed(both.secrets[3:]) == ["YX46Pz4"]
    signs = PasswordCredentials(app_key="key", username="~~~", password="~?>~")
    assert revealed(signs.secrets[3:]) == ["fn5+On4/Pn4", "fn5-On4_Pn4"]
