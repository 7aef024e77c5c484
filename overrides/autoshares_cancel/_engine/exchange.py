"""One request becomes evidence: here ends what the network raises, and what a fault of ours raises (law 3).

An OSError (TimeoutError and ssl's errors are some) is evidence, with its words but without its exception, whose frames
hold headers in clear. Anything else is a fault, of this package or of the caller's transport: what is said of the order
stays true, and the fault is logged with its traceback.
"""

import traceback

from autoshares_cancel._engine.events import LOG
from autoshares_cancel._http.request import HttpRequest
from autoshares_cancel._http.streams import Connections
from autoshares_cancel._http.transmission import Transmission
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten
from autoshares_cancel._values.secret import Secret, redacted


async def evidence_of(
    connections: Connections, request: HttpRequest, transmission: Transmission, secrets: tuple[Secret, ...]
) -> Evidence:
    """Send a request once. Raises only what stops the program or the task."""
    try:
        return await connections.send(request, transmission)
    except Exception as error:  # noqa: BLE001  # law 3: whatever it is, it becomes evidence
        if not isinstance(error, OSError):
            trace = redacted("".join(traceback.format_exception(error)), secrets)
            LOG.error("a fault of autoshares-cancel, or of the transport: %s", trace)  # frames hold headers
        reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return NoResponse(reason=reason) if transmission.may_have_left else NotWritten(reason=reason)
