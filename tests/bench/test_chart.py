"""The chart of ratios, with given figures."""

from xml.etree import ElementTree as ET

import pytest
from bench.bars import Bar
from bench.chart import chart

SVG = "{http://www.w3.org/2000/svg}"
BARS = [
    Bar(label="fast: ours : <peer>", value=2.0, target=1.0, is_met=True),
    Bar(label="slow: ours : peer", value=0.5, target=0.8, is_met=False),
    Bar(label="any: ours : peer", value=0.25, target=None, is_met=None),
]


@pytest.fixture
def picture() -> ET.Element:
    """The chart, parsed as XML; parsing fails for a label that is not escaped."""
    return ET.fromstring(chart(BARS, {"cores": 2, "python": "3.11.7"}))


def text_of(picture: ET.Element, name: str) -> str:
    """The text of an element that occurs once."""
    [found] = picture.iter(f"{SVG}{name}")
    return found.text or ""


def test_every_ratio_is_in_words_for_those_that_do_not_see_it(picture: ET.Element) -> None:
    """The title has the machine; the description has each label, ratio, verdict and target."""
    assert picture.attrib["role"] == "img"
    assert "2 cores, Python 3.11.7" in text_of(picture, "title")
    assert text_of(picture, "desc").split("; ") == [
        "fast: ours : <peer>: 2.00 met, target 1.00",
        "slow: ours : peer: 0.50 missed, target 0.80",
        "any: ours : peer: 0.25 no target",
    ]


def test_a_missed_target_is_seen_without_colours(picture: ET.Element) -> None:
    """A missed target has the text "missed" and a hatched bar; other bars are not hatched."""
    assert [bar.attrib["class"] for bar in picture.iter(f"{SVG}rect")] == ["met", "missed", "no-target"]
    assert [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "missed"] == [
        "0.50 missed, target 0.80"
    ]
    assert "rect.missed { fill: url(#bench-missed) }" in text_of(picture, "style")


def test_bars_begin_at_one_and_better_is_to_the_right(picture: ET.Element) -> None:
    """The scale is logarithmic: bars of 2 and 1/2 are equally long, and a target is a tick on the same scale."""
    better, worse, worst = ((float(bar.attrib["x"]), float(bar.attrib["width"])) for bar in picture.iter(f"{SVG}rect"))
    one = better[0]
    assert worse[0] + worse[1] == pytest.approx(one, abs=0.2)
    assert worse[1] == pytest.approx(better[1], abs=0.2)
    assert worst[1] == pytest.approx(2 * better[1], abs=0.2)
    targets = [float(tick.attrib["x1"]) for tick in picture.iter(f"{SVG}line") if tick.attrib["class"] == "target"]
    assert targets[0] == one
    assert worse[0] < targets[1] < one


def test_the_chart_fits_into_a_page(picture: ET.Element) -> None:
    """The chart has no empty line, where Markdown would end HTML, loads nothing, and uses the page's text colour."""
    drawn = chart(BARS, {"cores": 2, "python": "3.11.7"})
    assert "" not in drawn.splitlines()
    assert {"href", "src"}.isdisjoint(name for element in picture.iter() for name in element.attrib)
    assert "fill: var(--color-foreground-primary, CanvasText)" in text_of(picture, "style")


def test_a_chart_without_bars_is_a_chart() -> None:
    """A run without ratios gives a valid chart without bars."""
    assert ET.fromstring(chart([], {"cores": 2, "python": "3.11.7"})).tag == f"{SVG}svg"
