"""Arms cancels: with true or false replies, with faults, and with the behaviour of real brokers."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Self, Unpack

from attrs import define

from autoshares_cancel.mock.exchange.fates import Fate
from autoshares_cancel.mock.faults.armed import Chosen
from autoshares_cancel.mock.faults.of_scripts import unchanged
from autoshares_cancel.mock.script.arming import SUCCESSES, Arming, ReplyOptions
from autoshares_cancel.mock.script.operations import REFUSALS
from autoshares_cancel.mock.script.step import shown

STAYS_OPEN = Fate(becomes="open")


class CancelReplyOptions(ReplyOptions, total=False):
    """The options of a reply to a cancel, and whether the order is really cancelled.

    `takes_effect` is True by default for a success, and False for any other status.
    """

    takes_effect: bool


@define(kw_only=True)
class CancelArming(Arming):
    """Arms replies, faults and brokers' behaviour for cancels, both quick and at the venue."""

    known_options: ClassVar[Collection[str]] = CancelReplyOptions.__annotations__

    def respond(self, status: int, **options: Unpack[CancelReplyOptions]) -> Self:
        """Answer the next cancel with this status, from 100 to 599; no I/O.

        With `takes_effect` the order is cancelled whatever the status: after `respond(500, takes_effect=True)` the
        order reads Canceled. Without it the order is unchanged: `respond(204, takes_effect=False)` is a false success.
        If the exchange refuses the cancel, no success is sent.

        Raises ValueError for a reply that can't be sent, for an undocumented status without `undocumented`, and for a
        refusal (401, 403, 409, 422, 429) with `takes_effect`: clients rely on a refusal to have changed nothing.
        """
        return self._answer("respond", status, options)

    def then(self, status: int, **options: Unpack[CancelReplyOptions]) -> Self:
        """Answer the cancels that follow those armed already; works like `respond`."""
        return self._answer("then", status, options)

    def stays_open(self, *, times: int | None = 1, optional: bool = False) -> Self:
        """Accept the cancel with 204, and leave the order open, as if the venue never got the cancel."""
        return self._preset("stays_open", STAYS_OPEN, times, optional=optional)

    def stays_pending(self, *, times: int | None = 1, optional: bool = False) -> Self:
        """Accept the cancel with 204, and leave the order PendingCancel for ever."""
        return self._preset("stays_pending", Fate(becomes="pending"), times, optional=optional)

    def filled_while_pending(self, *, readings: int = 0, times: int | None = 1, optional: bool = False) -> Self:
        """Accept the cancel with 204, and fill the order while it is PendingCancel.

        `readings` of the order still show PendingCancel, and the next one shows Filled.
        """
        fate = Fate(becomes="pending", filled_after=readings)
        return self._preset("filled_while_pending", fate, times, optional=optional, readings=readings)

    def filled_after_cancelled(self, *, readings: int = 1, times: int | None = 1, optional: bool = False) -> Self:
        """Accept the cancel with 204, and fill the order although it was reported Canceled.

        `readings` of the order show Canceled, and the next one shows Filled.
        """
        fate = Fate(becomes="cancelled", filled_after=readings)
        return self._preset("filled_after_cancelled", fate, times, optional=optional, readings=readings)

    def _answer(self, method: str, status: int, options: CancelReplyOptions) -> Self:
        is_success = status in SUCCESSES
        takes_effect = options.get("takes_effect", is_success)
        if takes_effect and status in REFUSALS:
            raise ValueError(f"a client believes that {status} changed nothing, so it can't take effect")
        fate = STAYS_OPEN if is_success and not takes_effect else None
        return self._respond(method, status, "after" if takes_effect or is_success else "before", options, fate)

    def _preset(self, name: str, fate: Fate, times: int | None, *, optional: bool, **written: object) -> Self:
        fault = unchanged(name.replace("_", "-"), "the reply as it is")
        chosen = Chosen(fault=fault, when="after", fate=fate)
        return self._arm(chosen, shown(name, **written), times, optional=optional)
