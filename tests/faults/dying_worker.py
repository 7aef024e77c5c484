"""A worker of a sweep, which kills itself at a given moment: `python -m faults.dying_worker WHEN COUNT worker …`.

WHEN is `before`, `within` or `after` transaction number COUNT of this process. With any other word it lives.
"""

import sys
from typing import Any

from faults.dying import die

from autoshares_cancel.__main__ import main
from autoshares_cancel._batch.database.database import Database


def doom(when: str, count: int) -> None:
    """Patch the database so that this process dies at its moment."""
    run, calls = Database.run, list[int]()

    async def run_and_die(self: Database, work: Any) -> Any:
        calls.append(1)
        is_time = len(calls) == count

        async def work_and_die(*arguments: Any) -> Any:
            result = await work(*arguments)
            if is_time and when == "within":
                die()
            return result

        if is_time and when == "before":
            die()
        result = await run(self, work_and_die)
        if is_time and when == "after":
            die()
        return result

    Database.run = run_and_die  # type: ignore[method-assign]  # in this process alone


if __name__ == "__main__":
    _, when_, count_, *rest = sys.argv
    doom(when_, int(count_))
    sys.argv[1:] = rest
    main()
