"""The headers that are kept of a reply: what they are, and how an attempt shows them."""

import copy
import pickle

import pytest

from autoshares_cancel import Attempt
from autoshares_cancel._values.evidence import NoResponse, Reply, reply_of
from autoshares_cancel._values.headers import KEPT, NAMES, Headers
from autoshares_cancel._values.redaction import has_secret
from autoshares_cancel._values.secret import MASK, Secret
from autoshares_cancel._values.text import HEADER_LIMIT, shown_headers, with_shown_headers

SECRETS = (Secret("s3cr3t-token"), Secret("PIN"))
ATTEMPT = Attempt(status_code=204, evidence="reply 204", seconds=0.1, headers={"CF-Ray": "1", "Server": "x"})


def test_headers_are_found_in_any_case() -> None:
    """Header names have no case; iteration gives the usual spelling."""
    assert (ATTEMPT.headers["cf-ray"], ATTEMPT.headers.get("CF-RAY"), "server" in ATTEMPT.headers) == ("1", "1", True)
    assert ATTEMPT.headers.get("Date") is None
    assert [*ATTEMPT.headers] == ["CF-Ray", "Server"]
    assert len(ATTEMPT.headers) == 2


def test_an_attempt_is_a_value() -> None:
    """An attempt can be copied, pickled, compared and hashed with its headers in any order; they never change."""
    same = Attempt(status_code=204, evidence="reply 204", seconds=0.1, headers={"Server": "x", "CF-Ray": "1"})
    pickled = [pickle.loads(pickle.dumps(ATTEMPT, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for other in (*pickled, copy.copy(ATTEMPT), copy.deepcopy(ATTEMPT), same):
        assert (other, hash(other), repr(other.headers)[0]) == (ATTEMPT, hash(ATTEMPT), "{")
    assert ATTEMPT.headers == {"CF-Ray": "1", "Server": "x"} != Headers()
    assert not hasattr(ATTEMPT.headers, "__setitem__")
    assert Attempt(status_code=204, evidence="reply 204", seconds=0.1) != ATTEMPT


def test_what_a_caller_passes_is_copied() -> None:
    """A later change of the caller's dict changes no attempt."""
    given = {"CF-Ray": "1"}
    attempt = Attempt(status_code=None, evidence="", seconds=0.0, headers=given)
    given["CF-Ray"] = "2"
    assert attempt.headers == {"CF-Ray": "1"}


def test_no_header_that_carries_credentials_is_kept() -> None:
    """Law 5: neither a cookie nor an authorization nor a location is in the list, which has each name once."""
    words = ("cookie", "auth", "location", "token", "key")
    assert not [name for name in KEPT if any(word in name.lower() for word in words)]
    assert len(NAMES) == len(KEPT)
    others = [(b"Set-Cookie", b"a"), (b"WWW-Authenticate", b"b"), (b"Location", b"c"), (b"X", b"d")]
    assert reply_of(204, others, b"").headers == {}


@pytest.mark.parametrize("name", KEPT)
def test_each_kept_header_has_its_usual_name(name: str) -> None:
    """A header is kept under its usual name, whatever its case; repeated values are joined in their order."""
    raw = [(name.lower().encode(), b"a"), (name.upper().encode(), b"\xe4")]
    assert reply_of(204, raw, b"").headers == {name: "a, \xe4"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("8b0c-11", "8b0c-11"),
        ("of s3cr3t-token!", f"of {MASK}!"),
        ("a PIN, a PINE", f"a {MASK}, a PINE"),
        ("a\tb\x1b[0m  c\r\n", "a b [0m c"),
        ("s3cr3t-\x00token", "s3cr3t- token"),
        ("x" * 201, "x" * 199 + "…"),
        ("x" * 195 + "s3cr3t-token", "x" * 195 + "****…"),
    ],
)
def test_a_shown_header_is_one_bounded_line_without_secrets(value: str, shown: str) -> None:
    """Law 5: a header is masked before it is cut off; otherwise the beginning of a secret would remain."""
    assert shown_headers({"Server": value}, SECRETS) == {"Server": shown}
    assert len(shown) <= HEADER_LIMIT == 200


@pytest.mark.parametrize("value", ["", " ", "\t"])
def test_an_empty_header_is_not_shown(value: str) -> None:
    """A header without visible characters is left out."""
    assert shown_headers({"CF-Ray": value}, ()) == {}


def test_evidence_is_shown_with_masked_headers() -> None:
    """Law 5: the headers of a reply are masked for spans; evidence without a reply is unchanged."""
    given = reply_of(204, [(b"Server", b"s3cr3t-token")], b"body")
    shown = with_shown_headers(given, SECRETS)
    assert isinstance(shown, Reply)
    assert (shown.headers, shown.status_code, shown.body) == ({"Server": MASK}, 204, b"body")
    silence = NoResponse(reason="reset")
    assert with_shown_headers(silence, SECRETS) is silence


@pytest.mark.parametrize(
    ("text", "expected"), [("a hunter2-hunter2 b", True), ("xhunter2-hunter2x", True), ("hunter2", False)]
)
def test_a_header_without_a_secret_takes_the_short_way(text: str, *, expected: bool) -> None:
    """A secret is found anywhere in a text, also inside a word; a text without one needs no masking."""
    assert has_secret(text, (Secret("another-secret"), Secret("hunter2-hunter2"))) is expected
    assert not has_secret(text, ())
