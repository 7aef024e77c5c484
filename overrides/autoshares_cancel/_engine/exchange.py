"""Turns one request into evidence. No exception of the network, and no bug of this package, gets further (law 3).

An OSError, such as TimeoutError or ssl.SSLError, becomes evidence with its reason. The exception itself is dropped,
because its frames hold headers in clear text. Any other exception is a bug of this package or of the caller's
transport. It becomes evidence, too, and is logged with its traceback.
"""

import traceback

from autoshares_cancel._engine.events import LOG
from autoshares_cancel._http.reasons import reason_of
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.streams import Connections
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten
from autoshares_cancel._values.redaction import redacted
from autoshares_cancel._values.secret import Secret
from autoshares_cancel._values.text import printable


async def evidence_of(
    connections: Connections, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
) -> Evidence:
    """Send a request once and return its evidence. Raises only Ctrl-C, exit and cancellation."""
    try:
        return await connections.send(request, transmission)
    except OSError as error:
        reason = reason_of(error)
    except Exception as error:  # noqa: BLE001  # law 3: every exception becomes evidence
        trace = redacted(_lines(traceback.format_exception(error)), secrets)
        LOG.error("a fault of autoshares-cancel, or of the transport: %s", trace)  # redacted: it may quote headers
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return NoResponse(reason=reason) if transmission.may_have_left else NotWritten(reason=reason)


def _lines(trace: list[str]) -> str:
    """A traceback, whose lines may quote a server."""
    return "\n".join(map(printable, "".join(trace).split("\n")))
