"""At the end of the day, cancel the orders of a file, and say which ones a person has to look at.

    AUTOSHARES_…=… python desk_script.py orders.csv

It may be killed and started again at any moment: the journal knows how far it came. Exit code 0 means that every order
is cancelled or over, 1 that a person has to look, and 2 that nothing was sent.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TRIES = 3
RESUMABLE = {5, 6}  # unknown, or not sent: another run reads those orders first
NOTHING_SENT = {2, 7}  # wrong usage, or the log-in failed
DONE = {"Cancelled", "OrderConflict", "Repeated"}


def run(orders: Path, journal: Path) -> tuple[int, dict[int, dict[str, Any]]]:
    """Work the file off once. Returns the exit code, and what this run reports about each order."""
    command = ["autoshares-cancel", "orders", str(orders), "--journal", str(journal), "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {outcome["order_id"]: outcome for outcome in outcomes if outcome["order_id"] is not None}


def main(orders: Path) -> int:
    """Run until nothing is left that another run could settle."""
    code, known = run(orders, orders.with_suffix(".journal"))
    for _ in range(TRIES - 1):
        if code not in RESUMABLE:
            break
        code, outcomes = run(orders, orders.with_suffix(".journal"))
        known |= outcomes
    if code in NOTHING_SENT:
        return 2
    look_at = [outcome for outcome in known.values() if outcome["outcome"] not in DONE]
    for outcome in look_at:
        print(f"{outcome['order_id']}: {outcome['outcome']}: {outcome['detail']} -> {outcome['advice']}")
    return 1 if look_at or code not in {0, 4} else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
