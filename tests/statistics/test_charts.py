"""Charts: the four states never look alike, whatever stands beside them, and a hatched field tells nothing."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from mapapp.core import svg
from mapapp.statistics.charts import drawing
from mapapp.statistics.charts.drawing import Part
from mapapp.statistics.states import NOT_ENTERED, WITHHELD, Shown, shown
from tests.maps import png

STATES = {"value": shown(40), "zero": shown(0), "not entered": NOT_ENTERED, "withheld": WITHHELD}


def _shapes(drawn: str) -> list[str]:
    """What is drawn, without numbers: kinds of elements, how they are filled and dashed."""
    kept = ("fill", "stroke", "stroke-dasharray")
    root = ElementTree.fromstring(drawn)
    return [
        f"{one.tag.rpartition('}')[2]} {[one.get(name) for name in kept]}" for one in root.iter() if one is not root
    ]


@pytest.mark.parametrize(("first", "second"), [*combinations(STATES, 2)])
def test_no_two_states_are_drawn_with_the_same_shapes(first: str, second: str) -> None:
    one, other = STATES[first], STATES[second]
    assert _shapes(drawing.bar(one, 100)) != _shapes(drawing.bar(other, 100))
    assert _shapes(drawing.sparkline([one])) != _shapes(drawing.sparkline([other]))
    whole = [_shapes(drawing.stacked([Part("none", state)] * 3)) for state in (one, other)]
    assert whole[0] != whole[1]


@pytest.mark.parametrize("gap", [NOT_ENTERED, WITHHELD])
def test_no_line_runs_over_a_day_without_a_figure(gap: Shown) -> None:
    drawn = drawing.sparkline([shown(5), shown(6), gap, shown(7), shown(0)])
    lines = re.findall(r'<path d="(M[^"]*)" fill="none" stroke="#1b5a9e"', drawn)
    assert len(lines) == 1
    assert lines[0].count("M") == 2  # two runs, each of two days
    assert lines[0].count("L") == 2


def test_withheld_fields_tell_nothing_about_what_is_in_them() -> None:
    told = [Part("more", shown(500)), Part("none", shown(300))]
    one = drawing.stacked([*told, Part("one", WITHHELD)])
    widths = [float(width) for width in re.findall(r'width="([0-9.]+)" height="16.0" fill="#', one)]
    hidden = re.findall(r'width="([0-9.]+)" height="16.0" fill="#fff"', one)
    assert hidden == ["12.0"]  # the same however large the others are
    assert (
        re.findall(r'width="([0-9.]+)" height="16.0" fill="#fff"', drawing.stacked([told[0], Part("one", WITHHELD)]))
        == hidden
    )
    assert sum(widths) == pytest.approx(240, abs=0.2)
    assert widths[0] / widths[1] == pytest.approx(5 / 3, abs=0.01)


def test_a_chart_without_a_label_is_left_to_the_numbers_beside_it() -> None:
    assert 'aria-hidden="true"' in drawing.bar(shown(1), 2)
    told = drawing.sparkline([shown(1)], label='27 Nov: 1 "<b>')
    assert 'role="img" aria-label="27 Nov: 1 &quot;&lt;b&gt;"' in told
    assert "aria-hidden" not in told


@pytest.mark.parametrize("points", [[], [NOT_ENTERED] * 6, [WITHHELD], [shown(0)] * 6, [shown(1e12)], [shown(3)] * 60])
def test_any_row_of_days_is_a_drawing(points: list[Shown]) -> None:
    drawn = drawing.sparkline(points)
    assert "nan" not in drawn
    assert "inf" not in drawn
    picture = png.read(svg.png(drawn))
    assert (picture.width, picture.height) == (132, 34)


def test_colours_of_parts_differ_in_lightness_too() -> None:
    def light(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)

    done = [light(drawing.COLOURS[name]) for name in ("more", "two", "one")]
    assert done == sorted(done)
    # Neighbours in a bar: as far apart as graphics have to be (WCAG 1.4.11), or divided by a white line.
    assert (light(drawing.COLOURS["one"]) + 0.05) / (light(drawing.COLOURS["none"]) + 0.05) >= 3
