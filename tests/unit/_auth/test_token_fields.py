"""Law 5: a token that comes in a reply of /token is in no exception, whatever the reply is."""

import json
from urllib.parse import quote

import pytest
from conftest import MakeCaller
from support.fake_backend import ACCOUNT, SETTINGS, FakeBackend
from support.scripted_log_ins import WANTS_CODE, Server, credentials, log_in, reply

from autoshares_cancel import AuthenticationError, InvalidCredentials, PasswordCredentials, SecondFactorRequired
from autoshares_cancel._auth.token_fields import MOST, tokens_in
from autoshares_cancel._values.evidence import Evidence, NoResponse, Reply

TOKEN = "eyJh.bGci-OiJI"
CODED = "".join(f"\\u{ord(character):04x}" for character in TOKEN)
USER = PasswordCredentials(app_key="key", username="user", password="hunter2", second_factor=lambda: "123456")

BODIES = {
    "as documented": f'{{"State": "Failed", "Token": "{TOKEN}"}}',
    "any case": f'{{"TOKEN": "{TOKEN}"}}',
    "another name": f'{{"access_token": "{TOKEN}", "token_type": "bearer"}}',
    "a message beside it": f'{{"Token": "{TOKEN}", "Reason": "{TOKEN} is not for you", "Message": "Use {TOKEN}"}}',
    "deep": f'{{"a": [{{"b": {{"Token": "{TOKEN}"}}}}]}}',
    "a list": f'{{"Tokens": ["first", "{TOKEN}"], "error": "{TOKEN}"}}',
    "an object": f'{{"Token": {{"Value": "{TOKEN}"}}, "error": "{TOKEN}"}}',
    "in JSON in JSON": json.dumps({"Message": json.dumps({"Token": TOKEN})}),
    "in JSON in JSON in JSON": json.dumps({"Message": json.dumps({"Message": json.dumps({"Token": TOKEN})})}),
    "a name in codes": f'{{"\\u0054oken": "{TOKEN}"}}',
    "a value in codes": f'{{"Token": "{CODED}", "Message": "no {TOKEN}"}}',
    "cut off": f'{{"State": "Failed", "Token": "{TOKEN}',
    "cut off, a name in codes": f'{{"\\u0054oken": "{TOKEN}',
    "cut off behind it": f'{{"Token": "{TOKEN}", "Reason": "{TOKEN} is n',
    "no JSON": f'Error: "Token":"{TOKEN}" was refused',
    "quoted otherwise": f"{{'Token': '{TOKEN}'}}",
    "a form": f"token={TOKEN}&state=failed",
    "a form, quoted": quote(f"token={TOKEN}&state=failed", safe=""),
    "a text": f"the Token: {TOKEN}, was refused",
    "with Bearer": f'{{"Token": "Bearer {TOKEN}", "Message": "{TOKEN}"}}',
    "XML": f"<Reply><Token>{TOKEN}</Token><Reason>{TOKEN}</Reason></Reply>",
    "UTF-16": f'{{"Token": "{TOKEN}", "Message": "{TOKEN}"}}',
    "a mark at its beginning": f'\ufeff{{"Token": "{TOKEN}"}}',
}
STATUSES = (200, 202, 401, 400, 404, 429, 500, 503)


@pytest.mark.parametrize("status_code", STATUSES)
@pytest.mark.parametrize("name", BODIES)
def test_a_token_that_just_came_is_masked(name: str, status_code: int) -> None:
    """Law 5: a token in a reply is masked for every status and State, also if the reply is no JSON."""
    encoding = "utf-16" if name == "UTF-16" else "utf-8"
    evidence = Reply(status_code=status_code, body=BODIES[name].encode(encoding))
    with pytest.raises(AuthenticationError) as caught:
        log_in(USER, Server([evidence]))
    assert TOKEN not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert TOKEN[:8] not in str(caught.value).replace(" ", "")


def test_what_is_around_a_token_stays() -> None:
    """Only the token is masked, and the rest of the detail is shown."""
    body = {"Message": f"The token {TOKEN} has ended", "Token": TOKEN, "State": "Failed"}
    with pytest.raises(AuthenticationError) as caught:
        log_in(USER, Server([reply(500, body)]))
    assert getattr(caught.value, "detail", None) == "status 500: The token ********** has ended"


def test_a_token_that_a_reason_quotes_is_masked() -> None:
    """Law 5: a token is masked in a reason that quotes bytes that are no HTTP."""
    evidence = NoResponse(reason=f"illegal status line: {f'Token={TOKEN}'.encode()!r}")
    with pytest.raises(AuthenticationError) as caught:
        log_in(USER, Server([evidence]))
    assert TOKEN not in str(caught.value)


def test_an_interim_token_of_an_earlier_step_is_masked() -> None:
    """Law 5: the interim tokens of all earlier steps are masked."""
    user = credentials(second_factor=lambda: "123456", pin_code="4711")
    pin = {**WANTS_CODE, "Step": "SecutityPin", "Token": "interim-2"}
    last = reply(401, {"State": "Failed", "Reason": "interim-1, interim-2"})
    with pytest.raises(InvalidCredentials) as caught:
        log_in(user, Server([reply(202, WANTS_CODE), reply(202, pin), last]))
    assert caught.value.detail == "**********, **********"


@pytest.mark.parametrize(
    "first",
    [
        reply(200, {"State": "Failed", "Token": TOKEN}),
        reply(202, {"State": "Succeeded", "Step": "VerificationCode", "Token": TOKEN}),
        reply(200, {"State": "Succeeded", "Token": TOKEN}),
    ],
    ids=["wrong state", "wrong status", "the token in use"],
)
def test_a_token_is_masked_in_later_log_ins(make_caller: MakeCaller, first: Reply) -> None:
    """Law 5: a token of an earlier log-in is masked in a later one, whether it was used or not."""
    log_ins: list[Evidence] = [first, reply(401, {"State": "Failed", "Reason": f"not {TOKEN}"})]
    caller = make_caller(**SETTINGS | {"credentials": USER})
    FakeBackend(caller.client, lambda request: log_ins.pop(0) if request.method == "POST" else Reply(status_code=401))
    ends = [caller.cancel(ACCOUNT, 1), caller.cancel(ACCOUNT, 1), caller.cancel(ACCOUNT, 1)]
    refused = next(end for end in ends if isinstance(end, InvalidCredentials))
    assert refused.detail == "not **********"
    assert TOKEN not in repr(ends)


@pytest.mark.parametrize("text", ["", "no", '{"Token": null}', '{"Token": true}', '{"Token": ""}', "the token", "{"])
def test_no_value_is_no_token(text: str) -> None:
    """A field without a value masks nothing."""
    assert tokens_in(text) == ()


@pytest.mark.parametrize("status_code", [200, 401, 500])
@pytest.mark.parametrize(
    "body",
    [
        " ".join(f'token: "{number}"' for number in range(MOST + 1)),
        json.dumps({"Tokens": [*range(MOST + 1)], "Message": "nothing", "Reason": "nothing"}),
        'token:\\"' * 16_000,
    ],
    ids=["a text", "a list", "quotes that never end"],
)
def test_a_reply_full_of_tokens_is_not_shown(body: str, status_code: int) -> None:
    """Laws 5 and 7: a reply with too many tokens to mask in time is not shown, but its status still counts."""
    with pytest.raises(AuthenticationError) as caught:
        log_in(USER, Server([Reply(status_code=status_code, body=body.encode())]))
    assert type(caught.value) is InvalidCredentials or status_code != 401
    assert getattr(caught.value, "detail", None) in {
        "the 200 carries no usable token",
        "no reason given",
        "status 500: a status that is not documented",
    }


def test_a_step_is_answered_whatever_its_token_is() -> None:
    """Law 5: masking changes only what is shown, so a token that equals another word does not break the log-in."""
    for token in ("VerificationCode", "Expecting", "123456", "a"):
        first = reply(202, {**WANTS_CODE, "Token": token})
        with pytest.raises(SecondFactorRequired, match="was not accepted"):
            log_in(USER, Server([first, first]))
