"""Draw the ratios with a target over all releases: `python -m bench.peers.draw_trend bench.json trend.svg`."""

import json
import sys
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

STYLE = Style(background="white", plot_background="white", legend_font_size=11)
TITLE = "Ratios by their targets, logarithmic: from 1 on a target is met"


def draw(releases: list[dict[str, Any]]) -> bytes:
    """The chart as SVG without external files: a line for each ratio, a point for each release."""
    chart = pygal.Line(style=STYLE, title=TITLE, logarithmic=True, js=[], width=1400, height=900, truncate_legend=-1)
    chart.x_labels = [f"{release['name']}, {release['date']}" for release in releases]
    by_label = [{bar["label"]: bar["value"] / bar["target"] for bar in release["bars"]} for release in releases]
    for label in dict.fromkeys(label for of_release in by_label for label in of_release):
        chart.add(label, [of_release.get(label) for of_release in by_label])
    drawn: bytes = chart.render()
    return drawn


report, picture = map(Path, sys.argv[1:3])
picture.write_bytes(draw(json.loads(report.read_text(encoding="utf-8"))["history"]))
