"""Work that is done for several things at once."""

from __future__ import annotations

import threading

import pytest

from flis.threads import side_by_side


def test_results_come_in_the_order_of_the_things_whoever_is_done_first() -> None:
    second_done = threading.Event()

    def do(thing: int) -> int:
        if thing == 1:
            second_done.wait(5)
        if thing == 2:
            second_done.set()
        return thing * 10

    assert [(thing, done.result()) for thing, done in side_by_side(do, [1, 2, 3, 4, 5, 6])] == [
        (n, n * 10) for n in range(1, 7)
    ]


def test_what_fails_for_one_thing_is_told_in_its_turn_and_the_others_are_done() -> None:
    def do(thing: int) -> int:
        return 6 // thing

    found = list(side_by_side(do, [3, 0, 1]))
    assert [thing for thing, _ in found] == [3, 0, 1]
    assert [found[0][1].result(), found[2][1].result()] == [2, 6]
    with pytest.raises(ZeroDivisionError):
        found[1][1].result()


def test_whoever_stops_asking_waits_for_nothing_that_was_not_begun() -> None:
    begun: list[int] = []
    found = side_by_side(begun.append, range(1000))
    next(found)
    found.close()
    assert len(begun) < 20
