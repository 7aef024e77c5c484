"""The mutants as people read them: a line for each, and a total for each kind."""

from collections.abc import Iterable, Iterator, Sequence

from faults.results import Result

LIMIT = 110
"""Characters of a verdict: some are whole sentences of a tool."""
WIDTH = 80
"""Characters that all mutants of a kind get at most; longer ones take what they need."""


def verdict(result: Result) -> str:
    """What became of a mutant."""
    if result.killed_by is not None:
        said = " ".join(result.killed_by.split())
        return said if len(said) <= LIMIT else said[: LIMIT - 1] + "…"
    return f"equivalent: {result.reason}" if result.reason else "SURVIVED"


def progress(result: Result) -> str:
    """One line, as soon as the mutant has been tried."""
    return f"{result.kind:13} {result.seconds:5.1f} s  {result.what}: {verdict(result)}"


def table(results: Sequence[Result]) -> Iterator[str]:
    """Lines: mutant, what killed it, seconds; by kind, and then the totals."""
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
    """One line: how many were noticed, are equivalent, and survived."""
    all_of_kind = list(results)
    killed = sum(result.killed_by is not None for result in all_of_kind)
    survived = sum(result.is_unexplained for result in all_of_kind)
    equivalent = len(all_of_kind) - killed - survived
    return f"{kind:13} {killed:4} of {len(all_of_kind):4} noticed, {equivalent} equivalent, {survived} survived"
