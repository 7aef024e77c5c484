"""Scripted replies where there is no wire: the plan is carried out on a response of the application."""

from __future__ import annotations

from starlette.responses import Response

from autoshares_cancel.mock._waiting import sleep
from autoshares_cancel.mock.faults.armed import Chosen
from autoshares_cancel.mock.faults.plans import IntactReply, Wait, parse_reply


async def distorted(response: Response, chosen: Chosen, target: str, redirect_to: str) -> Response:
    """Give what is sent in place of the response; the fault must be one that needs no wire."""
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
                pass  # the end of a connection that is not there
    sent = parse_reply(data, target=target, redirect_to=redirect_to)
    given = Response(sent.body, sent.status)
    given.raw_headers = list(sent.headers)
    return given
