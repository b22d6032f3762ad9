"""Large answers are written in blocks: the same bytes, however large a block is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from flis.access import open_scope
from flis.query.database import Options, execute
from flis.query.result import CellSet
from flis.serve.xmla.dataset import Layout, axes, cells, dataset
from flis.serve.xmla.escaping import escaped, text
from flis.serve.xmla.rowsets.writer import SentContent
from tests.query.tiny import database

if TYPE_CHECKING:
    from pathlib import Path

MDX = (
    "SELECT {[Measures].Members} ON 0, [Place].[Place].Members * Descendants([Day].[Calendar].[All days]) "
    "DIMENSION PROPERTIES MEMBER_KEY, PARENT_UNIQUE_NAME ON 1 FROM [Tiny]"
)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_block_size_does_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    opened = database(tmp_path)
    mdx = MDX.replace("[Tiny]", f"[{opened.cubes[0].name}]")
    found = execute(open_scope(), opened, mdx, Options(lcid=1033))
    assert isinstance(found, CellSet)
    whole = "".join(dataset(found, SentContent(), Layout()))
    monkeypatch.setattr(axes, "BLOCK", size)
    monkeypatch.setattr(cells, "BLOCK", size)
    assert "".join(dataset(found, SentContent(), Layout())) == whole
    assert whole.count("<Tuple>") == len(found.axes[0]) + len(found.axes[1]) + 1


@given(some.lists(some.text("ab\n&<\"'>\r\x01æ", max_size=6)))
def test_many_texts_are_escaped_as_one_by_one(values: list[str]) -> None:
    assert escaped(values) == [text(v) for v in values]
