"""Law 5: a secret is masked however a server, a proxy or a gateway spells it."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares_cancel import PasswordCredentials
from autoshares_cancel._values.redaction import redacted
from autoshares_cancel._values.secret import MASK, Secret
from autoshares_cancel._values.spellings import unescaped

SECRETS = ("p@ss/w0rd+ok", 'quo"te\\back', "two  words", "100%sure", "plain", "%4142", "\\u0041bc")


def percent(text: str) -> str:
    """Every character percent-encoded."""
    return "".join(f"%{ord(character):02X}" for character in text)


def slashed(text: str) -> str:
    """The text as some servers write it in JSON, with escaped slashes."""
    return json.dumps(text)[1:-1].replace("/", "\\/")


def coded(text: str) -> str:
    """Every character as JSON may escape it."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


SPELLINGS = {
    "reserved characters quoted": lambda text: quote(text, safe=""),
    "the same in lower case": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
    "slashes kept": quote,
    "as in forms": quote_plus,
    "all quoted": percent,
    "all quoted, lower case": lambda text: percent(text).lower(),
    "quoted twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with slashes escaped": slashed,
    "JSON in codes": coded,
    "JSON in codes, upper case": lambda text: coded(text).upper().replace("\\U", "\\u"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "quoted, in JSON": lambda text: slashed(quote(text)),
    "Python": lambda text: repr(text)[1:-1],
    "Python in codes": lambda text: "".join(f"\\x{ord(character):02x}" for character in text),
    "half of it quoted": lambda text: percent(text[:4]) + text[4:],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_every_spelling_is_masked(secret: str, spell: object) -> None:
    """Law 5: the mask takes the place of the whole spelling, and of nothing else."""
    assert callable(spell)
    assert redacted(f"<{spell(secret)}>", (Secret(secret),)) == f"<{MASK}>"


VISIBLE = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="%\\")


@given(st.text(VISIBLE, min_size=4, max_size=12), st.data())
def test_a_secret_of_which_some_characters_are_escaped_is_masked(secret: str, data: st.DataObject) -> None:
    """Law 5: a server may escape any characters, each in its own way."""
    ways = st.lists(st.sampled_from([percent, coded]), min_size=len(secret), max_size=len(secret))
    escaped = "".join(way(character) for way, character in zip(data.draw(ways), secret, strict=True))
    assert redacted(f"({escaped})", (Secret(secret),)) == f"({MASK})"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user=%69%64&x", f"user={MASK}&x"),
        ("user=%20id%20", f"user=%20{MASK}%20"),
        ("%49%64 or%69%64 %69%64le %69%64%5F", "%49%64 or%69%64 %69%64le %69%64%5F"),
        (r"\u0069\u0064, r\u0061\u0069\u0064", rf"{MASK}, r\u0061\u0069\u0064"),
    ],
)
def test_a_short_escaped_secret_is_masked_as_a_whole_word(text: str, shown: str) -> None:
    """Law 5: the characters beside a short secret are judged unescaped, not as the signs that escape them."""
    assert redacted(text, (Secret("id"),)) == shown


@pytest.mark.parametrize("text", ["100 %", "%zz %4", "a \\ b", "\\q", "%", "\\u00", "50%25"])
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    """Only the spelling of a secret is replaced: all other escapes stay, also broken ones."""
    assert redacted(text, (Secret("hunter2"),)) == text


def test_a_position_is_found_in_the_escaped_text() -> None:
    """Each unescaped character has its position in the escaped text, so a mask covers whole escapes."""
    (plain,) = unescaped("a%41%42b%4")
    assert plain.text == "aABb%4"
    assert [plain.origin(position) for position in range(7)] == [0, 1, 4, 7, 8, 9, 10]


def test_spellings_are_computed_once() -> None:
    """The spellings of a secret are computed once, because every reply is searched for all of them."""
    secret = Secret("hunter2")
    assert secret.spellings() is secret.spellings()


@pytest.mark.parametrize(("username", "password"), [("user", "pa>?>?~~"), ("ab", "cd"), ("trader", "correct-horse")])
def test_basic_authentication_is_masked(username: str, password: str) -> None:
    """Law 5: user name and password are masked as Basic authentication encodes them, in both alphabets."""
    secrets = PasswordCredentials(app_key="key", username=username, password=password).secrets
    for encode in (b64encode, urlsafe_b64encode):
        basic = encode(f"{username}:{password}".encode()).decode()
        for text in (f"Basic {basic}", f"Basic {basic.rstrip('=')}", f"Basic {quote(basic, safe='')}"):
            assert redacted(text, secrets).replace("=", "").replace("%3D", "") == f"Basic {MASK}"
