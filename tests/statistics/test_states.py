"""The four states of a figure are never mixed, wherever it is written."""

from __future__ import annotations

import pytest

from mapapp.core.languages import ENGLISH, THAI
from mapapp.statistics import formatting
from mapapp.statistics.states import NOT_ENTERED, STATE_LABELS, STATE_MEANINGS, WITHHELD, Shown, State, shown


def test_four_states_have_four_different_spellings_in_every_output() -> None:
    four = (shown(12), shown(0), NOT_ENTERED, WITHHELD)
    assert [one.state for one in four] == list(State) == list(STATE_LABELS) == list(STATE_MEANINGS)
    for unit in formatting.UNITS:
        for here in (THAI, ENGLISH):
            assert len({formatting.words(one, unit, here) for one in four}) == 4
    assert len({(formatting.cell(one), formatting.flag(one)) for one in four}) == 4
    assert len({str(formatting.as_json(one)) for one in four}) == 4
    assert len({formatting.css(one) for one in four}) == 4


def test_nothing_entered_is_never_zero_and_has_an_empty_cell() -> None:
    assert [formatting.cell(one) for one in (NOT_ENTERED, WITHHELD, shown(0))] == [None, None, 0]
    assert "0" not in formatting.words(NOT_ENTERED, "share", ENGLISH)
    assert formatting.words(shown(0), "share", ENGLISH) == "0 %"
    assert [one.is_told for one in (NOT_ENTERED, WITHHELD, shown(0))] == [False, False, True]


@pytest.mark.parametrize(
    ("state", "value"),
    [(State.VALUE, None), (State.VALUE, 0), (State.ZERO, 1), (State.ZERO, None), (State.NOT_ENTERED, 0),
     (State.WITHHELD, 3)],
)  # fmt: skip
def test_a_figure_cannot_be_made_in_the_wrong_state(state: State, value: float | None) -> None:
    with pytest.raises(ValueError, match=str(state)):
        Shown(state, value)


def test_bounds_and_changes() -> None:
    assert formatting.words(shown(0.05, "below"), "share", ENGLISH) == "< 5 %"
    assert formatting.as_json(shown(0.95, "above")) == {"state": "value", "value": 0.95, "bound": "above"}
    assert formatting.flag(shown(0.95, "above")) == "above"
    assert formatting.change(shown(12), shown(10), "people", ENGLISH) == "+2"
    assert formatting.change(shown(1000), shown(3000), "people", ENGLISH) == "\u22122,000"
    assert formatting.change(shown(3), shown(3), "people", ENGLISH) == "\u00b10"
    assert formatting.change(shown(0.5), shown(0.45), "share", ENGLISH) == "+5"
    for nothing in (NOT_ENTERED, WITHHELD, shown(0.05, "below")):
        assert formatting.change(nothing, shown(1), "people", ENGLISH) == "–"
