"""Law 5: no secret is ever printed."""

import copy
import pickle
from collections.abc import Callable

import attrs
import pytest

from autoshares_cancel import Client, ConfigurationError, PasswordCredentials, TokenCredentials
from autoshares_cancel._values.redaction import redacted
from autoshares_cancel._values.secret import MASK, Secret

SECRET = "hunter2-hunter2"


def credentials() -> PasswordCredentials:
    return PasswordCredentials(app_key=SECRET, username=SECRET, password=SECRET, pin_code=SECRET)


SHOWS: dict[str, Callable[[object], str]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": "{}".format,
    "percent": "%s".__mod__,
}


@pytest.mark.parametrize("show", SHOWS.values(), ids=SHOWS)
def test_is_never_shown(show: Callable[[object], str]) -> None:
    """Law 5: repr, str and every format show a mask."""
    for thing in (Secret(SECRET), credentials(), TokenCredentials(app_key=SECRET, token=SECRET)):
        assert SECRET not in show(thing)
        assert MASK in show(thing)


def test_is_not_in_the_fields_of_credentials() -> None:
    """Law 5: the fields of credentials are secrets that still mask themselves."""
    assert SECRET not in repr(attrs.asdict(credentials()))
    assert SECRET not in repr(attrs.astuple(credentials()))


@pytest.mark.parametrize("thing", [Secret(SECRET), credentials(), TokenCredentials(app_key="key", token=SECRET)])
def test_is_not_pickled(thing: object) -> None:
    """Law 5: a secret can't be pickled; the error says what to do."""
    with pytest.raises(TypeError, match="build the credentials again"):
        pickle.dumps(thing)


def test_client_is_not_pickled() -> None:
    """Law 5: a client can't be pickled, either."""
    with Client(base_url="http://127.0.0.1:1", credentials=credentials()) as client:
        engine = client._engine
        assert SECRET not in repr(client)
        assert SECRET not in repr([vars(part) for part in (client, engine, engine.tokens, engine.backend)])
        with pytest.raises(TypeError, match="make a new one"):
            pickle.dumps(client)


def test_copies_are_the_same() -> None:
    """Settings that contain secrets can be copied."""
    secret = Secret(SECRET)
    assert copy.deepcopy(secret) is secret
    assert copy.copy(secret) is secret
    assert secret == Secret(SECRET)
    assert secret != Secret("another")
    assert secret != SECRET


def test_is_not_hashed() -> None:
    """Law 5: a secret has no hash, with which guesses could be looked up."""
    with pytest.raises(TypeError):
        hash(Secret(SECRET))


def test_redacted_masks_bare_and_in_json() -> None:
    """Law 5: a secret is masked unescaped and as JSON spells it."""
    secrets = (Secret('pa"ss'), Secret("token"), Secret("token-long"))
    assert redacted('pa"ss pa\\"ss token-long token', secrets) == f"{MASK} {MASK} {MASK} {MASK}"


def test_redacted_masks_the_longest_first() -> None:
    """Law 5: a short secret inside a long one leaves no part of the long one."""
    assert redacted("a-token-of-mine", (Secret("token"), Secret("a-token-of-mine"))) == MASK


def test_a_mask_takes_its_place_in_a_table() -> None:
    """Law 5: formatted to a width, a secret is still a mask."""
    assert f"{Secret(SECRET):>12}" == f"  {MASK}"


@pytest.mark.parametrize("bad", ["", " lead", "trail ", "line\nend", "smörgås", "nul\0", 7, None])
def test_bad_credentials_are_refused_without_being_shown(bad: object) -> None:
    """Law 5: the message names the field, and no frame of ours holds the value."""
    with pytest.raises(ConfigurationError, match="password must") as caught:
        PasswordCredentials(app_key="key", username="user", password=bad)  # type: ignore[arg-type]  # the mistake
    frames = caught.traceback[1:]
    assert frames
    for frame in frames:
        assert not any(value is bad for value in frame.locals.values() if bad)


def test_a_second_factor_must_be_callable() -> None:
    """A code in place of a callable is refused at once, and the message names the argument."""
    with pytest.raises(ConfigurationError, match="second_factor must be a callable"):
        PasswordCredentials(app_key="k", username="u", password="p", second_factor="1")  # type: ignore[arg-type]  # the mistake


def test_a_secret_is_masked_as_python_quotes_bytes() -> None:
    """Law 5: messages of Python quote received bytes with escapes; secrets are masked there, too."""
    secret = Secret("\x7fpass\\word")
    assert redacted(f"illegal line: {secret.reveal().encode()!r}", (secret,)) == f"illegal line: b'{MASK}'"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("id", "id, (id) 'id'\nid", f"{MASK}, ({MASK}) '{MASK}'\n{MASK}"),
        ("id", "idle raid Id id_ _id id1 1id", "idle raid Id id_ _id id1 1id"),
        ("id", "\u00e9id-id\u00e9", f"\u00e9{MASK}-{MASK}\u00e9"),
        ("1", "order 1 of 21 in 1.5 s", f"order {MASK} of 21 in {MASK}.5 s"),
        ("abc", "abcd abc abc", f"abcd {MASK} {MASK}"),
        ("abcd", "abcde xabcd", f"{MASK}e x{MASK}"),
        ("#1!", "#1! a#1! #1!b (#1!)", f"{MASK} a#1! #1!b ({MASK})"),
        ('"', '{"Id": "x"} \\" ', f'{{"Id": "x"}} {MASK} '),
        ("\\n", "a \\n b", f"a {MASK} b"),
    ],
)
def test_a_short_secret_is_masked_as_a_whole_word(secret: str, text: str, shown: str) -> None:
    """Law 5: a secret below 4 characters is masked only as a whole word, a longer one everywhere."""
    assert redacted(text, (Secret(secret),)) == shown


@pytest.mark.parametrize(
    ("secrets", "text"),
    [
        (("ab-cd-ef", "ef-gh"), "ab-cd-ef-gh"),
        (("ef-gh", "cd-ef", "ab-cd"), "ab-cd-ef-gh"),
        (("token",), "tokentoken"),
        (("aaaa",), "aaaaa"),
    ],
)
def test_secrets_that_overlap_are_masked_together(secrets: tuple[str, ...], text: str) -> None:
    """Law 5: no part of one secret stays beside the mask of another."""
    assert redacted(f"<{text}>", (*map(Secret, secrets),)) == f"<{MASK}>"


@pytest.mark.parametrize("secret", ["*", "**", "***", "*****", MASK])
def test_a_mask_is_not_masked_again(secret: str) -> None:
    """An earlier mask stays as it is, even if a secret has the characters of a mask."""
    secrets = (Secret(secret), Secret("token"))
    once = redacted("the token", secrets)
    assert once == f"the {MASK}"
    assert redacted(once, secrets) == once


def test_a_secret_is_masked_as_json_reads_it() -> None:
    """Law 5: a secret is also masked as JSON reads it, for example with a tab for a backslash and a t."""
    assert redacted("a hunter\two", (Secret("hunter\\two"),)) == f"a {MASK}"
    assert redacted("a hunter2\\", (Secret("hunter2\\"),)) == f"a {MASK}"
