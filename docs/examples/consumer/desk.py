"""Your code: it leaves a position, and so cancels what would change it."""

from enum import StrEnum

from autoshares_cancel import Client, NotSent, OrderConflict, OutcomeUnknown, RateLimited


class Next(StrEnum):
    """What the strategy does next."""

    GO_ON = "go on"
    TRY_LATER = "try later"
    ASK_A_PERSON = "ask a person"


def withdraw(client: Client, account_id: int, order_id: int) -> Next:
    """Cancel an order, and decide what to do next."""
    try:
        client.cancel_order(account_id=account_id, order_id=order_id)
    except OrderConflict:
        return Next.GO_ON  # it is over
    except (RateLimited, NotSent):
        return Next.TRY_LATER  # it is as it was
    except OutcomeUnknown:
        return Next.ASK_A_PERSON
    return Next.GO_ON
