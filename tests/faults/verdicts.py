"""The report of mutants: a line for each, and a total for each kind."""

from collections.abc import Iterable, Iterator, Sequence

from faults.results import Result

LIMIT = 110
"""The most characters of a verdict, because some tools print whole sentences."""
WIDTH = 80
"""The largest width of the column with the mutants; longer descriptions go beyond it."""


def verdict(result: Result) -> str:
    """The verdict on a mutant."""
    if result.problem is not None:
        return _short(f"not judged: {result.problem}")
    if result.killed_by is not None:
        return _short(result.killed_by)
    return f"equivalent: {result.reason}" if result.reason else "SURVIVED"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LIMIT else line[: LIMIT - 1] + "…"


def progress(kind: str, what: str, results: Sequence[Result], seconds: float) -> Iterator[str]:
    """One line for a finished trial; for a module of many mutants also one for each survivor."""
    if [result.what for result in results] == [what]:
        yield f"{kind:13} {seconds:5.1f} s  {what}: {verdict(results[0])}"
        return
    yield f"{kind:13} {seconds:5.1f} s  {what}: {counted(results) if results else 'passes'}"
    yield from (f"{'':24}{each.what}: {verdict(each)}" for each in results if not each.is_settled)


def duration(seconds: float) -> str:
    """A duration in words, as in "90 s" or "5 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def table(results: Sequence[Result]) -> Iterator[str]:
    """The lines of the table: mutant, seconds and verdict, by kind, and then the totals."""
    kinds = {kind: [result for result in results if result.kind == kind] for kind in (each.kind for each in results)}
    for kind, of_kind in kinds.items():
        yield f"\n{kind} mutants"
        width = min(WIDTH, max(len(result.what) for result in of_kind))
        for result in of_kind:
            yield f"  {result.what:{width}}  {result.seconds:5.1f} s  {verdict(result)}"
    yield ""
    for kind, of_kind in kinds.items():
        yield total(kind, of_kind)
    yield total("all", results)


def total(kind: str, results: Iterable[Result]) -> str:
    """One line with the kind and its counts."""
    return f"{kind:13} {counted(results)}"


def counted(results: Iterable[Result]) -> str:
    """The counts: noticed, equivalent, survived, and not judged."""
    those = list(results)
    killed = sum(result.killed_by is not None for result in those)
    survived = sum(result.is_unexplained for result in those)
    unjudged = sum(result.problem is not None for result in those)
    equivalent = len(those) - killed - survived - unjudged
    line = f"{killed:4} of {len(those):4} noticed, {equivalent} equivalent, {survived} survived"
    return f"{line}, {unjudged} not judged" if unjudged else line
