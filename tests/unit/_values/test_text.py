"""The text of a server, shown as one line."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoshares_cancel._values.secret import MASK, Secret
from autoshares_cancel._values.text import DETAIL_LIMIT, detail_of, printable, readable


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"error": "Application key is not defined or does not exist"},
            "Application key is not defined or does not exist",
        ),
        ({"Message": "Authorization has been denied."}, "Authorization has been denied."),
        (
            {"Message": "Validation error", "ModelState": {"resource.Symbol": ["is required", "is short"], "x": 1}},
            "Validation error; resource.Symbol: is required, is short; x: 1",
        ),
        ({"message": "An error", "error": "Unexpected"}, "An error; Unexpected"),
        ({"Reason": "Invalid credentials"}, "Invalid credentials"),
        ({"Id": 7, "Status": "Canceled"}, '{"Id": 7, "Status": "Canceled"}'),
        ({"Message": "", "message": None}, '{"Message": "", "message": null}'),
        ({"Message": {"deep": [1]}}, "{'deep': [1]}"),
        ({}, None),
        ([], "[]"),
        ([1], "[1]"),
        ("text", "text"),
        ("", None),
        (None, None),
        (True, "true"),
    ],
    ids=str,
)
def test_detail_of_json(body: object, detail: str | None) -> None:
    """The message is found under each spelling of the vendor's; a body without one is shown whole."""
    assert detail_of(json.dumps(body).encode(), ()) == detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", None),
        (b" \r\n\t", None),
        (b"<html>\n  <h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b'{"Message": "cut o', '{"Message": "cut o'),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        (b"a\x1b[31mb\x00\xe2\x80\xaec", "a [31mb c"),
        (b"[" * 100_000, "[" * (DETAIL_LIMIT - 1) + "…"),
        (b"x" * DETAIL_LIMIT, "x" * DETAIL_LIMIT),
        (b"x" * (DETAIL_LIMIT + 1), "x" * (DETAIL_LIMIT - 1) + "…"),
        (b"1" * 5000, "1" * (DETAIL_LIMIT - 1) + "…"),
    ],
    ids=[
        "nothing",
        "space",
        "html",
        "cut",
        "not utf-8",
        "controls",
        "deep",
        "just fits",
        "just does not",
        "huge number",
    ],
)
def test_detail_of_what_is_no_json(body: bytes, detail: str | None) -> None:
    """A broken body gives its readable text, on one printable line, bounded."""
    assert detail_of(body, ()) == detail


@given(st.text(max_size=20), st.sampled_from(['s3cr3t"token', "s3cr3t token", "s3cr3t\\token"]), st.text(max_size=600))
@example('"', "s3cr3t\\token", '"')
@example("", "s3cr3t  token", "")
@example("x" * (DETAIL_LIMIT - 8), "s3cr3t-token", "")
def test_no_secret_in_a_detail(before: str, secret: str, after: str) -> None:
    """Law 5: a secret that the server sends back is not in the detail, not even a part of it where the line is cut."""
    secrets = (Secret(secret),)
    echoes = [before + secret + after, json.dumps({"Message": before + secret + after}), json.dumps([secret + after])]
    for echo in echoes:
        detail = detail_of(echo.encode("utf-8", "replace"), secrets) or ""
        assert "s3cr3t" not in detail
    assert "s3cr3t" not in (readable(before + secret + after, secrets) or "")


@pytest.mark.parametrize("secret", ["Message", "ModelState", "Mode", '":', "true", "null", "Id", "a"])
def test_a_message_is_found_whatever_the_secrets_are(secret: str) -> None:
    """Law 5: the client reads a body unmasked, and masks the message that it found."""
    body = {"Message": "Wrong", "ModelState": {"resource.Symbol": ["It is required"]}, "Id": 7}
    assert detail_of(json.dumps(body).encode(), (Secret(secret),)) == "Wrong; resource.Symbol: It is required"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("celed", {"Description": "Can********** late"}),
        ("Canceled", {"Description": "********** late"}),
        ("7355", {"Other": "**********2", "Note": "**********2"}),
        ("100", {"Text": ["**********"]}),
        ("Buyer", {"Side": "**********s"}),
        ("Status", {}),
        ("true", {}),
    ],
)
def test_what_is_documented_stays_in_an_object_without_a_message(secret: str, shown: dict[str, object]) -> None:
    """Law 5: documented words, numbers that decide and field names are shown; any other text or number is masked."""
    body: dict[str, object] = {"Id": 73552, "Status": "Canceled", "Quantity": 100, "Legs": [{"Status": "Canceled"}]}
    body |= {"Side": "Buyers", "Description": "Canceled late", "Other": 73552, "Note": "73552", "Text": ["100"]}
    body |= {"Flag": True}
    detail = detail_of(json.dumps(body).encode(), (Secret(secret),))
    assert detail == json.dumps(body | shown)


@pytest.mark.parametrize(
    ("secret", "body"),
    [
        ("n3ws", rb'{"Message": "not DOMAIN\n3ws"}'),
        ("n3w-pass", rb'{"Message": "not DOMAIN\n3w-pass"}'),
        ("hunter2\\", rb'{"Message": "not hunter2\next"}'),
        ('hunter2", "', b'{"Message": "not hunter2", "": "x"}'),
        ("hunter2\\q", rb'{"Message": "not hunter2\q"}'),
    ],
)
def test_a_secret_that_json_would_change_is_masked_as_it_came(secret: str, body: bytes) -> None:
    """Law 5: JSON would change an unescaped secret, and masking would miss it; so the raw body is masked."""
    assert detail_of(body, (Secret(secret),)) == body.decode().replace(secret, "**********")


def test_what_json_would_not_change_is_read() -> None:
    """Law 5: a secret that JSON spells correctly is masked in the message."""
    for secret in ("n3w-pass", "hunter2\\", 'hunter2", "'):
        body = json.dumps({"Message": f"not \\{secret}"}).encode()
        assert detail_of(body, (Secret(secret),)) == "not \\**********"


def test_a_secret_that_folding_joins_is_masked() -> None:
    """Law 5: a secret is masked if it appears only when blanks and signs between two words become one blank."""
    secrets = (Secret("hunter two"),)
    assert readable("it is hunter \u3164 \n two!", secrets) == f"it is {MASK}!"
    assert printable("a\u3164b\x1bc") == "a b c"
