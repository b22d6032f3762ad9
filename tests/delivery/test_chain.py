"""Where a delivery stands in its chain."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flis.delivery.chain import ChainPosition, Link, Position, place


def day(n: int) -> date:
    return date(2022, 1, n)


def link(produced: int, previous: int | None) -> Link:
    return Link(day(produced), day(previous) if previous else None)


ACCEPTED = [link(3, None), link(4, 3), link(5, 4)]


@pytest.mark.parametrize(
    ("produced", "previous", "position"),
    [
        (6, 5, Position.NEXT),
        (10, 5, Position.NEXT),
        (5, 4, Position.TAKEN),
        (4, 3, Position.TAKEN),
        (2, 1, Position.LATE),
        (6, 4, Position.FORK),
        (6, None, Position.RESTART),
        (8, 6, Position.GAP),
    ],
)
def test_positions(produced: int, previous: int | None, position: Position) -> None:
    assert place(link(produced, previous), ACCEPTED).position is position


@pytest.mark.parametrize("previous", [None, 1, 5])
def test_the_first_one_starts_the_chain_whatever_came_before(previous: int | None) -> None:
    assert place(link(6, previous), []) == ChainPosition(Position.FIRST)


def test_a_gap_names_the_date_that_nobody_delivered() -> None:
    waiting = [link(8, 7), link(9, 8), link(12, 11)]
    assert place(link(10, 9), ACCEPTED, waiting) == ChainPosition(Position.GAP, day(5), day(7))


@given(st.data())
def test_every_order_of_arrival_ends_with_the_whole_chain(data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    days = [date(2022, 1, 1)]
    for gap in gaps:
        days.append(days[-1] + timedelta(gap))
    chain = [Link(d, p) for p, d in pairwise(days)]
    accepted, waiting = [Link(days[0], None)], set[Link]()
    for arrived in data.draw(st.permutations(chain)):
        waiting.add(arrived)
        while ready := [w for w in waiting if place(w, accepted, waiting).position is Position.NEXT]:
            accepted += ready
            waiting -= set(ready)
        for w in waiting:
            found = place(w, accepted, waiting)
            assert found.position is Position.GAP
            assert found.missing not in {link.produced for link in (*accepted, *waiting)}
    assert accepted == [Link(days[0], None), *chain]
    assert not waiting
