"""The settings of a mock. Their classes raise ValueError with the reason for an invalid value."""

from __future__ import annotations

import re
from typing import Any, Literal, TypedDict, cast, get_args

from attrs import Attribute, field, frozen
from attrs.validators import optional

from autoshares_cancel.mock._checks import INT32_MAX, number, one_of, seconds
from autoshares_cancel.mock._replies import STATUSES, Bodies, is_bodiless

StatusForm = Literal["word", "number", "both", "spaced", "lower"]

LONGEST_TOKEN_DELAY_SECONDS = 30
LONGEST_VENUE_DELAY_SECONDS = 30
LONGEST_FAULT_PAUSE_SECONDS = 60

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_FRAMING = {"connection", "content-length", "transfer-encoding"}


def _encodable(_answer: object, _attribute: object, value: object) -> None:
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("body must be text")  # the message omits the value, which may hold a token


def _headers(_answer: object, _attribute: object, value: object) -> None:
    if not isinstance(value, dict):
        raise ValueError("headers must be an object")  # noqa: TRY004 - every check raises ValueError
    for name, text in cast("dict[str, object]", value).items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _FRAMING:
            raise ValueError(f"headers can't have {name!r}")
        if not isinstance(text, str) or not _HEADER_VALUE.fullmatch(text):
            raise ValueError(f"the value of header {name!r} must be one line of Latin-1 text")


def _flag(_settings: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{attribute.name} must be true or false, not {value!r}")  # noqa: TRY004 - every check raises ValueError


def _origin(_settings: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _ORIGIN.fullmatch(value):
        raise ValueError(f"{attribute.name} must be scheme and host, as in https://other.example, not {value!r}")


@frozen(kw_only=True)
class Answer:
    """A reply that is sent word for word."""

    status: int = field(validator=number(STATUSES[0], STATUSES[-1]))
    body: str = field(default="", validator=_encodable, repr=False)
    headers: dict[str, str] = field(factory=dict[str, str], validator=_headers, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.body and is_bodiless(self.status):
            raise ValueError(f"body must be empty, since a {self.status} has none")


@frozen(kw_only=True)
class TokenAnswer(Answer):
    """A reply of `/token`, sent word for word."""


@frozen(kw_only=True)
class Settings:
    """The behaviour of a mock; delays and pauses are in seconds.

    A quick cancel is pending for `cancel_delay` on the exchange's clock. A cancel at the venue is answered after
    `venue_delay`. `redirect_to` is the origin of redirects to another host.

    `rate_limit` is the number of requests about orders that are answered in any second on the exchange's clock; others
    get 429 and are not carried out. `retry_after` is the Retry-After of a 429 in seconds; None leaves it out. With
    `single_session`, a log-in ends the earlier tokens of its user. `status_form` is how readings and listings spell the
    status of an order: as `PendingCancel`, `6`, `6 - PendingCancel`, `Pending Cancel` or `pendingcancel`.
    """

    bodies: Bodies = field(default="guide", validator=one_of("guide", "none"))
    cancel_delay: float = field(default=0, validator=seconds())
    fault_pause: float = field(default=1, validator=seconds(LONGEST_FAULT_PAUSE_SECONDS))
    rate_limit: int | None = field(default=None, validator=optional(number(1, INT32_MAX)))
    redirect_to: str = field(default="https://other.example", validator=_origin)
    retry_after: int | None = field(default=None, validator=optional(number(0, INT32_MAX)))
    single_session: bool = field(default=False, validator=_flag)
    status_form: StatusForm = field(default="word", validator=one_of(*get_args(StatusForm)))
    token_answer: TokenAnswer | None = None
    token_delay: float = field(default=0, validator=seconds(LONGEST_TOKEN_DELAY_SECONDS))
    venue_delay: float = field(default=0, validator=seconds(LONGEST_VENUE_DELAY_SECONDS))


class SettingsOptions(TypedDict, total=False):
    """The settings as named arguments of a server."""

    bodies: Bodies
    cancel_delay: float
    fault_pause: float
    rate_limit: int | None
    redirect_to: str
    retry_after: int | None
    single_session: bool
    status_form: StatusForm
    token_answer: TokenAnswer | None
    token_delay: float
    venue_delay: float
