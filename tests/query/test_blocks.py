"""Many rows are evaluated some after the others: the same cells, however many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.access import open_scope
from flis.errors import CancelledError
from flis.query import texts
from flis.query.database import Options, execute
from flis.query.evaluation import cell_values, evaluate
from flis.query.limits import CancelToken
from flis.query.result import CellSet
from tests.query.tiny import database

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.database import Database
    from flis.query.evaluation.values import Context, Values

DAYS = "[Day].[Calendar].Members"
BARE = f"SELECT [Measures].Members ON 0, {DAYS} * [Place].[Place].Members ON 1 FROM [CUBE]"
MIXED = (
    "WITH MEMBER [Measures].[X] AS IIf([Measures].[Amount] > 6, 'much', [Measures].[Amount]) "
    f"MEMBER [Measures].[Y] AS Sum({DAYS}, [Measures].[Amount] * 2) + 1 "
    f"SELECT {{[Measures].[X], [Measures].[Y], [Measures].[Amount]}} ON 0, NON EMPTY {DAYS} ON 1 FROM [CUBE]"
)
SORTED = (
    f"SELECT [Measures].[Amount] ON 0, Order(Filter({DAYS}, [Measures].[Amount] > 4), "
    "[Day].[Calendar].CurrentMember.Name, BDESC) ON 1 FROM [CUBE]"
)
FAILING = (
    "WITH MEMBER [Measures].[T] AS IIf([Measures].[Amount] > 6, 'much', [Measures].[Amount]) "
    "MEMBER [Measures].[X] AS [Measures].[T] * 2 "
    f"SELECT {{[Measures].[X], [Measures].[Amount]}} ON 0, {DAYS} ON 1 FROM [CUBE]"
)


@pytest.fixture
def tiny(tmp_path: Path) -> Database:
    """The small catalogue."""
    return database(tmp_path)


def asked(tiny: Database, mdx: str, token: CancelToken | None = None) -> CellSet:
    """The cells of a statement, no segment held."""
    tiny.forget()
    found = execute(open_scope(), tiny, mdx.replace("CUBE", tiny.cubes[0].name), Options(lcid=1033, token=token))
    assert isinstance(found, CellSet)
    return found


@pytest.mark.parametrize("mdx", [BARE, MIXED, SORTED, FAILING])
@pytest.mark.parametrize("size", [1, 3])
def test_block_size_does_not_show(tiny: Database, monkeypatch: pytest.MonkeyPatch, mdx: str, size: int) -> None:
    whole = asked(tiny, mdx)
    for module in (evaluate, texts):
        monkeypatch.setattr(module, "BLOCK", size)
    again = asked(tiny, mdx)
    assert [c.tolist() for a in again.axes for c in a.columns] == [c.tolist() for a in whole.axes for c in a.columns]
    assert [again.cells.value(i) for i in range(len(again))] == [whole.cells.value(i) for i in range(len(whole))]
    assert list(again.cells.texts) == list(whole.cells.texts)
    assert again.cells.errors == whole.cells.errors
    assert bool(whole.cells.errors) is (mdx == FAILING)


def test_nothing_is_evaluated_for_no_rows(tiny: Database) -> None:
    inner = f"Sum(Filter({DAYS}, [Measures].[Amount] > 4 OR [Day].[Calendar].CurrentMember.Name = 'x'), 1)"
    mdx = f"WITH MEMBER [Measures].[X] AS Sum(Filter({DAYS}, 1 = 2), {inner}) SELECT [Measures].[X] ON 0 FROM [CUBE]"
    assert asked(tiny, mdx).cells.empty.all()


def test_a_statement_is_stopped_between_blocks(tiny: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    token = CancelToken()
    found = cell_values.cells
    blocks: list[int] = []

    def counted(ev: evaluate.Evaluator, context: Context) -> Values:
        blocks.append(1)
        if len(blocks) == 2:
            token.cancel()
        return found(ev, context)

    monkeypatch.setattr(evaluate, "BLOCK", 2)
    monkeypatch.setattr(evaluate, "cells", counted)
    with pytest.raises(CancelledError):
        asked(tiny, BARE, token)
    assert len(blocks) == 2
