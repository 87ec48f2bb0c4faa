"""Seats for bodies are shared: who has most gives way, and nobody is put out for somebody who has more."""

from __future__ import annotations

from collections.abc import Iterable

from mapapp.web.body_slots import SETTLED_S, Seats


class Body:
    def __init__(self, rate: float = 100.0, seconds: float = 2 * SETTLED_S) -> None:
        self._rate, self._seconds, self.is_wanted = rate, seconds, True

    def seconds(self) -> float:
        return self._seconds

    def rate(self) -> float:
        return self._rate

    def give_up(self) -> None:
        self.is_wanted = False


def sit(seats: Seats, sender: str, bodies: Iterable[Body]) -> list[Body]:
    made = list(bodies)
    assert all(seats.take(sender, one) for one in made)
    return made


def test_whoever_has_most_gives_up_their_slowest_for_others_and_for_themselves() -> None:
    seats = Seats(4)
    theirs = sit(seats, "a", [Body(50), Body(10), Body(90), Body(70)])
    assert seats.take("b", Body())
    assert [one.is_wanted for one in theirs] == [True, False, True, True]
    assert seats.take("a", Body(500))
    assert [one.is_wanted for one in theirs] == [False, False, True, True]


def test_nobody_is_put_out_for_somebody_who_has_as_many() -> None:
    seats = Seats(4)
    first = sit(seats, "a", [Body(50), Body(60)])
    second = sit(seats, "b", [Body(10), Body(20)])
    assert seats.take("a", Body())
    assert [one.is_wanted for one in first + second] == [False, True, True, True]
    alone = Seats(2)
    lone = sit(alone, "a", [Body()]) + sit(alone, "b", [Body()])
    assert not alone.take("c", Body())
    assert all(one.is_wanted for one in lone)


def test_what_has_just_begun_is_spared_for_what_has_been_coming() -> None:
    seats = Seats(3)
    fresh, old, quick = sit(seats, "a", [Body(0, 0.1), Body(20), Body(40)])
    assert seats.take("b", Body())
    assert (fresh.is_wanted, old.is_wanted, quick.is_wanted) == (True, False, True)
    new = Seats(2)
    oldest, newest = sit(new, "a", [Body(9_000, 1.0), Body(0, 0.1)])
    assert new.take("b", Body())
    assert (oldest.is_wanted, newest.is_wanted) == (False, True)


def test_files_of_one_address_do_not_end_for_its_next() -> None:
    seats = Seats(3, for_one_s_own=False)
    theirs = sit(seats, "a", [Body(), Body(), Body()])
    assert not seats.take("a", Body())
    assert all(one.is_wanted for one in theirs)
    assert seats.take("b", Body())


def test_a_seat_is_given_back_once() -> None:
    seats = Seats(2)
    one, two = sit(seats, "a", [Body(1), Body(2)])
    assert seats.take("b", Body())
    assert not one.is_wanted
    seats.leave("a", one)  # it had lost its seat
    seats.leave("a", two)
    seats.leave("a", two)
    assert seats.take("c", Body())
    assert not seats.take("d", Body()), "two seats, both taken"
