"""Scripted replies without a connection: the plan is carried out on a response of the application."""

from __future__ import annotations

from starlette.responses import Response

from autoshares_cancel.mock._waiting import sleep
from autoshares_cancel.mock.faults.armed import Chosen
from autoshares_cancel.mock.faults.plans import IntactReply, Wait, parse_reply


async def distorted(response: Response, chosen: Chosen, target: str, redirect_to: str) -> Response:
    """Return the response that the fault sends in place of the intact one; the fault must not need a connection."""
    intact = IntactReply(
        status_line=f"HTTP/1.1 {response.status_code} ".encode(),
        headers=tuple(response.raw_headers),
        body=bytes(response.body),
        target=target,
        redirect_to=redirect_to,
    )
    data = b""
    for step in chosen.fault.plan(intact):
        match step:
            case bytes():
                data += step
            case Wait(seconds=seconds):
                await sleep(seconds)
            case _:
                pass  # there is no connection to end
    sent = parse_reply(data, target=target, redirect_to=redirect_to)
    given = Response(sent.body, sent.status)
    given.raw_headers = list(sent.headers)
    return given
