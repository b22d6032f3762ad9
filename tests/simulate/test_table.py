from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flis.simulate.society.register import FormerRecord, PopulationRegister
from flis.simulate.society.table import ColumnTable, Number, Row, walk


class Small(ColumnTable):
    value: Number
    ref: Row


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 5), max_size=8))
def test_histories_are_found_oldest_first(pushed: list[int], asked: list[int]) -> None:
    register = PopulationRegister()
    register.people.extend(6)
    expected: dict[int, list[int]] = {n: [] for n in range(6)}
    for time, person in enumerate(pushed):
        register.remember(np.array([person]), FormerRecord.ADDRESS, start=time)
        expected[person].append(time)
    rows = np.array(asked, np.int64)
    at, found = walk(register.people.history[rows], register.history.before)
    for position, person in enumerate(asked):
        assert register.history.start[found[at == position]].tolist() == expected[person]
    newest = register.newest(rows, FormerRecord.ADDRESS)
    assert [register.history.start[n] if n >= 0 else None for n in newest] == [
        expected[person][-1] if expected[person] else None for person in asked
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(4, 9)), max_size=30))
def test_children_are_found_by_parent(links: list[tuple[int, int]]) -> None:
    register = PopulationRegister()
    register.people.extend(10)
    parents, children = (np.array([pair[n] for pair in links], np.int64) for n in (0, 1))
    register.link(parents, children)
    at, found = register.children_of(np.arange(4))
    assert sorted(zip(at.tolist(), found.tolist(), strict=True)) == sorted(links)


@given(st.lists(st.integers(0, 50), max_size=20))
def test_tables_grow_and_keep_what_they_hold(counts: list[int]) -> None:
    table = Small(4)
    for number, count in enumerate(counts):
        assert len(table.extend(count, value=number)) == count
    assert table.size == sum(counts)
    assert table.value[: table.size].tolist() == [n for n, count in enumerate(counts) for _ in range(count)]
    assert (table.ref[: table.size] == -1).all()
    copies = table.copy(np.arange(table.size))
    assert np.array_equal(table.value[copies], table.value[: len(copies)])
