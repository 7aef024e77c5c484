"""The tables of the documents, as Markdown, made from the code that they describe.

docs/conf.py puts them into the pages of the site; a test holds the README against them.
"""

import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bench.chart import chart
from bench.history import Release, recorded

import autoshares_cancel
from autoshares_cancel import (
    AutosharesError,
    Cancelled,
    ConfigurationError,
    InvalidCredentials,
    Outcome,
    SecondFactorRequired,
    TokenUnavailable,
)
from autoshares_cancel._cancel.outcomes import outcome_of
from autoshares_cancel._cancel.terms import Conclusion
from autoshares_cancel._cli.exit_codes import as_markdown
from autoshares_cancel._cli.report import as_object
from autoshares_cancel._values.evidence import Evidence, NoResponse, NotWritten, Reply
from autoshares_openapi.api.orders import cancel_order

ROOT: Final = Path(__file__).parents[1]
ACCOUNT, ORDER = 6303, 73552
TOO_MANY, UNDOCUMENTED = 429, 418
HEADS: Final = ("what came back", "outcome", "what it means", "what to do", "exit code")
BODIES: Final = {200: ", with no body or one that does not contradict"}
LOG_INS: Final = (
    ("the log-in was refused", InvalidCredentials(detail="")),
    ("the log-in asks for a code or a PIN", SecondFactorRequired(detail="")),
    ("the log-in failed", TokenUnavailable(detail="")),
)


def outcomes() -> str:
    """What every end of a cancel becomes: each documented status, and everything else that can happen."""
    return table(HEADS, (_row(what, outcome) for what, outcome in _ends()))


def _row(what: str, outcome: Outcome) -> tuple[str, ...]:
    advice, code = (str(as_object(ACCOUNT, ORDER, outcome)[key]) for key in ("advice", "exit_code"))
    return (what, f"`{type(outcome).__name__}`", outcome.meaning, _with_code(advice), code)


def _with_code(advice: str) -> str:
    return re.sub(r"autoshares-cancel show \d+ \d+", r"`\g<0>`", advice)


def _ends() -> Iterator[tuple[str, Outcome]]:
    for status in cancel_order.STATUSES:
        yield f"{status}{BODIES.get(status, '')}", _of(Reply(status_code=status))
    yield "200 with anything else, and reading the order did not settle it", _of(Reply(status_code=200), unknown=True)
    yield "429, until the deadline", _of(Reply(status_code=TOO_MANY))
    yield "any other status", _of(Reply(status_code=UNDOCUMENTED))
    yield "nothing usable, and the request was sent", _of(NoResponse(reason=""))
    yield "nothing, and the request was not sent", _of(NotWritten(reason=""))
    yield "200 or 204, with `confirm=True`, and not final at the deadline", _of(Reply(status_code=204), unknown=True)
    yield from LOG_INS
    yield "a wrong argument", ConfigurationError("")


def _of(evidence: Evidence, *, unknown: bool = False) -> Outcome:
    conclusion = Conclusion(evidence=evidence, attempts=(), unknown=unknown)
    return outcome_of(conclusion, account_id=ACCOUNT, order_id=ORDER, secrets=())


def exit_codes() -> str:
    """The exit codes, from light to grave."""
    return as_markdown()


def exceptions() -> str:
    """The tree of exceptions as a nested list, each with the first sentence of its docstring."""
    return "\n".join(_branch(AutosharesError, 0))


def _branch(kind: type[Exception], depth: int) -> Iterator[str]:
    first, _, _ = (inspect.getdoc(kind) or "").partition("\n\n")
    sentences = " ".join(first.split())
    yield f"{'  ' * depth}- {{py:exc}}`~autoshares_cancel.{kind.__name__}`: {sentences}"
    for below in kind.__subclasses__():
        yield from _branch(below, depth + 1)


def json_keys() -> str:
    """The keys of the object that `--json` prints for every outcome."""
    lines = (inspect.getdoc(Cancelled.as_dict) or "").splitlines()
    keys = [match.groups() for line in lines if (match := re.match(r"(\w+): (\w+); (.+)", line))]
    more = ("exit_code", "int", "the exit code of this order alone; only on the command line.")
    return table(("key", "type", "value"), ((f"`{key}`", kind, text) for key, kind, text in [*keys, more]))


def types() -> str:
    """What the public names stand for that are no classes."""
    values = {name: getattr(autoshares_cancel, name) for name in autoshares_cancel.__all__}
    rows = ((f"`{name}`", f"`{_plain(value)}`") for name, value in values.items() if not isinstance(value, type))
    return table(("name", "stands for"), rows)


def _plain(value: object) -> str:
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])|typing\.|collections\.abc\.|_ssl\.", "", str(value)).replace("|", "\\|")


def laws() -> str:
    """How many planted faults each law has."""
    text = (ROOT / "tests" / "faults" / "planted.toml").read_text(encoding="utf-8")
    planted = [entry["law"] for entry in tomllib.loads(text)["mutant"] if "law" in entry]
    return table(("law", "planted faults"), ((str(law), str(planted.count(law))) for law in sorted(set(planted))))


def bench() -> str:
    """The ratios of the newest version that was measured: more is better, and 1 is as fast as the peer."""
    measured = _newest()
    machine = measured["machine"]
    rows = (
        (bar["label"], f"{bar['value']:.2f}", f"{bar['target']:.2f}", "met" if bar["is_met"] else "missed")
        for bar in measured["bars"]
    )
    heading = f"Version {measured['name']}, {measured['date']}, {machine['cores']} cores, Python {machine['python']}."
    return f"{heading}\n\n{table(('contest', 'ratio', 'target', ''), rows)}"


def bench_chart() -> str:
    """The chart of the same ratios, as HTML."""
    measured = _newest()
    return f'<figure class="bench">\n{chart(measured["bars"], measured["machine"])}\n</figure>'


def _newest() -> Release:
    return max(recorded(), key=lambda release: tuple(map(int, re.findall(r"\d+", release["name"]))))


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


TABLES: Final = (outcomes, exit_codes, exceptions, json_keys, types, laws, bench, bench_chart)
