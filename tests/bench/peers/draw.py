"""Draws the chart of ratios: `python -m bench.peers.draw bench.json bench.svg`."""

import json
import sys
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

MET, MISSED, NO_TARGET, TARGET = "#2e7d32", "#c62828", "#5c6bc0", "#bdbdbd"
CLIENT_KINDS = {True: MET, False: MISSED, None: NO_TARGET}
TICKS = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
BAR_HEIGHT, MARGIN = 34, 160
LEGEND = "bars begin at 1; green: target met, red: missed, blue: no target; grey: the target"


def draw(report: dict[str, Any]) -> bytes:
    """The chart of a run as SVG without external files."""
    bars = list(reversed(report["bars"]))  # pygal draws from the bottom
    labels = [bar["label"] for bar in bars]
    values = [bar["value"] for bar in bars] + [bar["target"] for bar in bars if bar["target"]]
    machine = report["machine"]
    lowest, highest = min(values, default=1) / 1.5, max(values, default=1) * 1.5
    chart = pygal.HorizontalBar(
        style=Style(background="white", plot_background="white", colors=(NO_TARGET, TARGET), label_font_size=11),
        title=f"Times as good as the peer, logarithmic; {machine['cores']} cores, Python {machine['python']}\n{LEGEND}",
        logarithmic=True,
        zero=1,  # bars start here: better to the right, worse to the left
        range=(lowest, highest),
        y_labels=[tick for tick in TICKS if lowest <= tick <= highest],
        show_legend=False,
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: f"{value:.3g}",
        js=[],
        width=1400,
        height=MARGIN + BAR_HEIGHT * len(bars),
        x_labels=labels,
    )
    chart.add("target", [bar["target"] and {"value": bar["target"], "color": TARGET} for bar in bars])
    chart.add("measured", [{"value": bar["value"], "color": CLIENT_KINDS[bar["is_met"]]} for bar in bars])
    drawn: bytes = chart.render()
    return drawn


report, picture = map(Path, sys.argv[1:3])
picture.write_bytes(draw(json.loads(report.read_text(encoding="utf-8"))))
