"""The cost of a journal: `PYTHONPATH=tests .venv/bin/python -m bench.journal`.

It writes the two lines of each order, opens the journal again as the next run does, and reads every outcome; without
and with --sync. It prints bytes and microseconds for each order, and the peak memory of the process after each part.
No request is sent. With --sync, the figures depend on the disk of --folder, and there are fewer orders.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from autoshares_cancel import Attempt, Cancelled
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._cli.run.journal import Journal
from autoshares_cancel._cli.run.seen_orders import SeenOrders

BASE_URL: Final = "https://broker.example/api"
ACCOUNT_ID, FIRST_ORDER_ID = 6303, 73_552
ATTEMPTS: Final = (Attempt(status_code=204, evidence="204", seconds=0.1),)
SHARE_WITH_SYNC: Final = 100
"""With --sync, the number of orders is divided by this."""
TABLE: Final = "{:8} {:>8} {:>13} {:>10} {:>10} {:>12} {:>8}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a journal without and with --sync, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=200_000, help="how many orders; with --sync a hundredth")
    parser.add_argument("--folder", type=Path, help="where the journal is; the folder for temporary files if not given")
    options = parser.parse_args(arguments)
    print(TABLE.format("", "orders", "bytes/order", "write us", "open us", "read back us", "peak MB"))
    for syncs in (False, True):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            orders = max(options.orders // SHARE_WITH_SYNC, 1) if syncs else options.orders
            print(_row(Path(folder) / "journal", orders, syncs=syncs), flush=True)
    return 0


def _row(path: Path, orders: int, *, syncs: bool) -> str:
    first, second = SeenOrders(), SeenOrders()
    journal = Journal.open(path, BASE_URL, first, syncs=syncs)
    writing = _microseconds(lambda: _write(journal, orders), orders)
    journal.close()
    opened = list[Journal]()
    opening = _microseconds(lambda: opened.append(Journal.open(path, BASE_URL, second)), orders)
    reading = _microseconds(lambda: _read(opened[0], second, orders), orders)
    opened[0].close()
    first.close()
    second.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
    figures = (f"{path.stat().st_size / orders:.1f}", f"{writing:.1f}", f"{opening:.1f}", f"{reading:.1f}")
    return TABLE.format("--sync" if syncs else "no sync", orders, *figures, f"{peak:.1f}")


def _write(journal: Journal, orders: int) -> None:
    sample = Cancelled(account_id=ACCOUNT_ID, order_id=FIRST_ORDER_ID, status_code=204, attempts=ATTEMPTS)
    values = as_object(ACCOUNT_ID, FIRST_ORDER_ID, sample)
    for order_id in range(FIRST_ORDER_ID, FIRST_ORDER_ID + orders):
        journal.begins((ACCOUNT_ID, order_id))
        journal.ends(values | {"order_id": order_id})


def _read(journal: Journal, seen_orders: SeenOrders, orders: int) -> None:
    for order_id in range(FIRST_ORDER_ID, FIRST_ORDER_ID + orders):
        order = (ACCOUNT_ID, order_id)
        journal.outcome_at(order, seen_orders.of(order).place)


def _microseconds(measured: Callable[[], object], orders: int) -> float:
    began = time.perf_counter()
    measured()
    return (time.perf_counter() - began) * 1e6 / orders


if __name__ == "__main__":
    sys.exit(main())
