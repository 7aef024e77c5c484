"""Faults of the connection: it is reset or closed, falls silent, or has more bytes than the reply."""

from __future__ import annotations

from collections.abc import Iterator

from autoshares_cancel.mock.faults.fault import BEFORE, EITHER, Fault
from autoshares_cancel.mock.faults.plans import END, Act, IntactReply, Plan, measured, second_reply, with_body


def _cut_head(reply: IntactReply) -> bytes:
    return reply.head.removesuffix(END)[:-1]


def _half_body(reply: IntactReply) -> bytes:
    whole = measured(with_body(reply))
    return whole.head + whole.body[: len(whole.body) // 2]


def _dripped(data: bytes) -> Iterator[bytes | Act]:
    for byte in data:
        yield Act.PAUSE
        yield bytes([byte])


def _drip_body(reply: IntactReply) -> Plan:
    whole = measured(with_body(reply))
    return (whole.head, *_dripped(whole.body))


def _reset(_: IntactReply) -> Plan:
    return (Act.RESET,)


CONNECTION_FAULTS = (
    Fault(1, "reset-on-accept", "a reset as soon as the connection is made", _reset, BEFORE, "accept"),
    Fault(2, "reset-during-request", "a reset while the head of the request is read", _reset, BEFORE, "head"),
    Fault(3, "reset-after-request", "a reset in place of the reply", _reset, EITHER),
    Fault(4, "reset-in-head", "a reset before the head is complete", lambda it: (_cut_head(it), Act.RESET), EITHER),
    Fault(5, "reset-in-body", "a reset before the body is complete", lambda it: (_half_body(it), Act.RESET)),
    Fault(6, "close-without-reply", "the end in place of the reply", lambda _: (Act.CLOSE,), EITHER),
    Fault(
        7, "close-in-status-line", "the end within the status line", lambda it: (it.status_line[:-3], Act.CLOSE), EITHER
    ),
    Fault(8, "close-in-head", "the end before the head is complete", lambda it: (_cut_head(it), Act.CLOSE), EITHER),
    Fault(9, "close-after-reply", "the reply, then the end without notice", lambda it: (it.data, Act.CLOSE)),
    Fault(
        10,
        "close-on-reuse",
        "the reply, and the end as soon as the next request arrives on the connection",
        lambda it: (it.data, Act.CLOSE_ON_REUSE),
    ),
    Fault(11, "stall", "silence in place of the reply", lambda _: (Act.STALL,), EITHER),
    Fault(12, "stall-in-head", "silence before the head is complete", lambda it: (_cut_head(it), Act.STALL), EITHER),
    Fault(13, "stall-in-body", "silence before the body is complete", lambda it: (_half_body(it), Act.STALL)),
    Fault(14, "drip", "the reply byte by byte, with a pause before each", lambda it: tuple(_dripped(it.data))),
    Fault(15, "drip-body", "the head at once, the body byte by byte", _drip_body),
    Fault(16, "two-replies", "the reply, and another one right behind it", lambda it: (it.data + second_reply(),)),
    Fault(
        17, "late-reply", "the reply, and another one after a pause", lambda it: (it.data, Act.PAUSE, second_reply())
    ),
)
