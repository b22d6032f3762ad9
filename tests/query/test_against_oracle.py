"""Random statements on tiny cubes: the engine and a brute-force evaluator must give the same tuples and cells."""

from __future__ import annotations

import math
from functools import cache
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Database, Databases, Options, execute
from flis.query.result import CellSet
from tests.oracle import tiny
from tests.oracle.mdx import World
from tests.oracle.statements import Writer

if TYPE_CHECKING:
    from tests.oracle.mdx import Answer

SEEDS = [1, 2, 3]


@cache
def world(seed: int) -> World:
    return World(tiny.cube(), tiny.rows(seed))


@cache
def database(seed: int) -> Database:
    from pathlib import Path

    folder = tiny.write(Path(mkdtemp()), tiny.rows(seed))
    return Databases().of_folder(open_scope(), folder, load(tiny.CATALOG))


def asked(base: Database, text: str) -> tuple[list[list[tuple[str, ...]]], list[Any]]:
    cells = execute(open_scope(), base, text, Options(lcid=1033))
    assert isinstance(cells, CellSet)
    axes = []
    for axis in cells.axes:
        columns = [axis.captions(n, "en") for n in range(len(axis.hierarchies))]
        axes.append([tuple(one) for one in zip(*columns, strict=True)])
    assert not cells.cells.errors, cells.cells.errors
    return axes, [cells.cells.value(n) for n in range(len(cells))]


def same(mine: Any, theirs: Any) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)


def difference(text: str, seed: int) -> str:
    wanted: Answer = world(seed).run(text)
    axes, cells = asked(database(seed), text)
    if axes != wanted.axes:
        return f"axes {axes} for {wanted.axes}"
    wrong = [
        f"cell {n}: {mine} for {theirs}"
        for n, (mine, theirs) in enumerate(zip(cells, wanted.cells, strict=True))
        if not same(mine, theirs)
    ]
    return "; ".join(wrong[:5])


WRITER = Writer(world(1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WRITER.statement(), st.sampled_from(SEEDS))
def test_the_engine_agrees_with_the_oracle(text: str, seed: int) -> None:
    assert difference(text, seed) == "", text
