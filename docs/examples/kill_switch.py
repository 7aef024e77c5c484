"""A kill switch: one request clears an account, or all accounts of the desk.

KILL_SWITCH_ACCOUNTS=6303,6400 KILL_SWITCH_KEY_FILE=… AUTOSHARES_…=… uvicorn kill_switch:app --loop uvloop
"""

import asyncio
import hmac
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from autoshares_cancel import AsyncClient, AutosharesError, Cancelled, OrderConflict, OrdersRemain

SECONDS = 20.0
CLEAR, NOT_CLEAR = 200, 503


def settings() -> tuple[list[int], str]:
    """Read the accounts of the desk, and the key of the switch."""
    accounts = [int(account) for account in os.environ["KILL_SWITCH_ACCOUNTS"].split(",")]
    return accounts, Path(os.environ["KILL_SWITCH_KEY_FILE"]).read_text(encoding="utf-8").strip()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Log in before the first request, so that a wrong password is found in the morning."""
    app.state.accounts, app.state.key = settings()
    async with AsyncClient.from_env(app_name="kill-switch/1.0") as client:
        await client.warm_up()
        app.state.client = client
        yield


def check_key(request: Request, x_kill_key: Annotated[str, Header()] = "") -> None:
    """Let only those in that have the key."""
    if not hmac.compare_digest(x_kill_key.encode(), request.app.state.key.encode()):
        raise HTTPException(401, "X-Kill-Key is wrong")


app = FastAPI(lifespan=lifespan, dependencies=[Depends(check_key)])


@app.post("/kill/{account_id}")
async def kill(account_id: int, request: Request) -> JSONResponse:
    """Clear one account."""
    if account_id not in request.app.state.accounts:
        raise HTTPException(404, "not an account of this desk")
    report = await clear(request.app.state.client, account_id)
    return JSONResponse(report, CLEAR if report["clear"] else NOT_CLEAR)


@app.post("/kill")
async def kill_all(request: Request) -> JSONResponse:
    """Clear every account of the desk, all at once: one that fails holds up no other."""
    client: AsyncClient = request.app.state.client
    reports = await asyncio.gather(*(clear(client, account_id) for account_id in request.app.state.accounts))
    return JSONResponse(reports, CLEAR if all(report["clear"] for report in reports) else NOT_CLEAR)


async def clear(client: AsyncClient, account_id: int) -> dict[str, Any]:
    """Report what became of each order. `clear` is True only if a listing showed no open order."""
    try:
        done = await client.cancel_all(account_id=account_id, deadline=SECONDS, reference="kill-switch")
    except OrdersRemain as remain:
        return report_on(account_id, remain.outcomes) | {
            "clear": False,
            "remaining": [order.order_id for order in remain.remaining],
            "detail": remain.detail,
        }
    except AutosharesError as failure:
        return {"account_id": account_id, "clear": False, "detail": f"{failure}; {failure.advice}"}
    return report_on(account_id, done.outcomes) | {"clear": True}


def report_on(account_id: int, outcomes: Any) -> dict[str, Any]:
    """Name the orders by what became of them. What is neither cancelled nor over has to be looked at."""
    return {
        "account_id": account_id,
        "cancelled": [number for number, outcome in outcomes.items() if isinstance(outcome, Cancelled)],
        "over": [number for number, outcome in outcomes.items() if isinstance(outcome, OrderConflict)],
        "look_at": {
            number: str(outcome)
            for number, outcome in outcomes.items()
            if not isinstance(outcome, Cancelled | OrderConflict)
        },
    }
