"""Members in columns: found by text, and counted by parent, as a plain walk finds and counts them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as some

from flis.query.cubes.member_table import MemberTable, TextIndex

TEXTS = some.lists(some.text("aAbBåÅßs ", max_size=3), max_size=30)


@given(TEXTS, some.text("aAbBåÅßs ", max_size=3))
def test_index_finds_every_place_of_a_text(texts: list[str], wanted: str) -> None:
    found = TextIndex(pa.array(texts, pa.string())).find(wanted)
    assert found == [i for i, t in enumerate(texts) if t.casefold() == wanted.casefold()]


@given(some.lists(some.integers(0, 10), max_size=20), some.integers(0, 3))
def test_children_are_counted(steps: list[int], behind: int) -> None:
    parents = [-1, *(max(i - step, -1) for i, step in enumerate(steps))]
    names = pa.array([str(i) for i in range(len(parents))])
    size = len(parents)
    table = MemberTable(
        np.array(parents, dtype=np.int32), np.zeros(size, np.int32), np.arange(size, dtype=np.int32), names, names
    )
    asked = np.array([-1, *range(size + behind)], dtype=np.int32)
    expected = [0, *(parents.count(m) for m in range(size)), *[0] * behind]
    assert table.child_counts(asked).tolist() == expected
    assert [len(table.children(m)) for m in range(size)] == expected[1 : size + 1]
