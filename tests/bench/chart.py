"""The chart of ratios as SVG, without a library and without external files.

1. One row for each ratio: its label, and below it a bar on a logarithmic scale. Bars begin at 1: to the right is better
   than the peer, to the left is worse. A tick marks the target.
2. A missed target is visible without colours: its bar is hatched, and its text is "missed".
3. Text has the colour of the page around it, light or dark; outside of a page, it has the system's colour.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import chain
from typing import Any

from attrs import frozen
from bench.bars import Bar

WIDTH, ROW, BAR, TOP, RIGHT = 720, 44, 14, 20, 180
"""Pixels. The verdicts are at the right of the bars."""
TICKS = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
WORDS = {True: "met", False: "missed", None: "no target"}
# The variables are those of the site's theme.
STYLE = """<style>
.bench-chart { color-scheme: light dark; font: 12px system-ui, sans-serif; max-width: 100%; height: auto }
.bench-chart text { fill: var(--color-foreground-primary, CanvasText) }
.bench-chart text.missed { font-weight: bold }
.bench-chart rect { fill: #5c6bc0 }
.bench-chart rect.met { fill: #2e9e4a }
.bench-chart rect.missed { fill: url(#bench-missed) }
.bench-chart line { stroke: var(--color-foreground-primary, CanvasText); stroke-width: 1 }
.bench-chart line.grid { opacity: 0.25 }
.bench-chart line.target { stroke-width: 3 }
</style>"""
HATCHED = """
<defs><pattern id="bench-missed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<path d="M0 0h6v6h-6z" fill="#e0433a"/><path d="M0 0v6" stroke="#fff" stroke-width="2"/>
</pattern></defs>"""


def chart(bars: Sequence[Bar], machine: Mapping[str, Any]) -> str:
    """The chart of these ratios on this machine, without empty lines, so that it can be embedded in Markdown."""
    height = TOP + ROW * len(bars)
    rows = (_row(bar, TOP + ROW * number, _scale(bars)) for number, bar in enumerate(bars))
    return "\n".join([*_head(bars, machine, height), *_ticks(_scale(bars)), *chain.from_iterable(rows), "</svg>"])


def _head(bars: Sequence[Bar], machine: Mapping[str, Any], height: int) -> Iterator[str]:
    title = f"Times as good as the peer, logarithmic; {machine['cores']} cores, Python {machine['python']}"
    yield '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="bench-title bench-text"'
    yield f'class="bench-chart" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
    yield f'<title id="bench-title">{escape(title)}</title>'
    yield f'<desc id="bench-text">{escape("; ".join(map(in_words, bars)))}</desc>'
    yield f"{STYLE}{HATCHED}"


def in_words(bar: Bar) -> str:
    """A bar in words, for screen readers."""
    return f"{bar['label']}: {_verdict(bar)}"


def _verdict(bar: Bar) -> str:
    target = "" if bar["target"] is None else f", target {bar['target']:.2f}"
    return f"{bar['value']:.2f} {WORDS[bar['is_met']]}{target}"


@frozen
class Scale:
    """The lowest and the highest number of the chart."""

    lowest: float
    highest: float

    def x(self, number: float) -> float:
        """The horizontal position of a number, in pixels."""
        share = math.log(number / self.lowest) / math.log(self.highest / self.lowest)
        return round(share * (WIDTH - RIGHT), 1)

    def ticks(self) -> Iterator[tuple[float, float]]:
        """The marked numbers and their positions."""
        return ((tick, self.x(tick)) for tick in TICKS if self.lowest <= tick <= self.highest)


def _scale(bars: Sequence[Bar]) -> Scale:
    numbers = [1.0, *(number for bar in bars for number in (bar["value"], bar["target"]) if number)]
    return Scale(min(numbers) / 1.1, max(numbers) * 1.1)


def _ticks(scale: Scale) -> Iterator[str]:
    return (f'<text x="{x}" y="14" text-anchor="middle">{tick:g}</text>' for tick, x in scale.ticks())


def _row(bar: Bar, y: int, scale: Scale) -> Iterator[str]:
    start, end = sorted((scale.x(1), scale.x(bar["value"])))
    top, kind = y + 22, WORDS[bar["is_met"]].replace(" ", "-")
    yield f'<text x="0" y="{y + 14}">{escape(bar["label"])}</text>'
    for tick, x in scale.ticks():
        yield _upright("axis" if tick == 1 else "grid", x, top)
    yield f'<rect class="{kind}" x="{start}" y="{top}" width="{max(end - start, 1):.1f}" height="{BAR}"/>'
    if bar["target"]:
        yield _upright("target", scale.x(bar["target"]), top)
    yield f'<text class="{kind}" x="{WIDTH - RIGHT + 12}" y="{top + 11}">{escape(_verdict(bar))}</text>'


def _upright(kind: str, x: float, top: int) -> str:
    return f'<line class="{kind}" x1="{x}" y1="{top - 3}" x2="{x}" y2="{top + BAR + 3}"/>'
