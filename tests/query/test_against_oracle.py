"""Random statements on tiny cubes: the engine and a brute-force evaluator must give the same tuples and cells."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.access import open_scope
from flis.query import select
from flis.query.cubes import level_columns
from flis.query.database import Database, Databases, Options, execute
from flis.query.evaluation import exists, nonempty, segments
from flis.query.result import CellSet
from tests.oracle import tiny
from tests.oracle.mdx import World
from tests.oracle.statements import Writer

if TYPE_CHECKING:
    from tests.oracle.mdx import Answer

SEEDS = [1, 2, 3, 4]
JOINED = {3, 4}  # their facts carry no levels, as if there were very many


@cache
def world(seed: int) -> World:
    return World(tiny.catalogue(seed).cubes[0], tiny.rows(seed))


@cache
def database(seed: int) -> Database:
    folder = tiny.write(Path(mkdtemp()), tiny.rows(seed))
    made = Databases().of_folder(open_scope(), folder, tiny.catalogue(seed))
    with pytest.MonkeyPatch.context() as change:
        if seed in JOINED:
            change.setattr(level_columns, "ROOM", 0)
            change.setattr(level_columns, "LEAST", 0)
        made.warm()
    return made


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


STATEMENTS = st.sampled_from(SEEDS).flatmap(lambda seed: st.tuples(Writer(world(seed)).statement(), st.just(seed)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATEMENTS, st.booleans(), st.booleans())
def test_the_engine_agrees_with_the_oracle(asked_of: tuple[str, int], joined: bool, large: bool) -> None:
    text, seed = asked_of
    with pytest.MonkeyPatch.context() as patched:
        if joined:  # hierarchies of one dimension: joined by its rows, not looked at tuple by tuple
            patched.setattr(exists, "SMALL", -1)
        if large:  # as of many facts: members that are the same for all cells are filters; tuples come from the facts
            as_large(patched)
        assert difference(text, seed) == "", text


def as_large(patched: pytest.MonkeyPatch) -> None:
    """As if every axis were large and the facts many."""
    patched.setattr(nonempty, "LARGE", -1)
    patched.setattr(select, "LARGE", -1)
    patched.setattr(segments, "FEW_FACTS", -1)


ONCE_WRONG = {
    "a calculated member stays where subselect and slicer leave no row of its dimension": (
        "WITH MEMBER [Time].[Month].[calc] AS [Time].[Month].[All] - [Time].[Month].[All], SOLVE_ORDER = 5"
        " SELECT {[Time].[Month].[Month].Members, [Time].[Month].[calc]} ON 0 FROM"
        " (SELECT {[Time].[Calendar].[Day].[2021-02-02]} ON 0 FROM [Tiny])"
        " WHERE ([Measures].[Goal], [Time].[Calendar].[Day].[2022-01-15])"
    ),
    "hierarchies of one dimension are crossed as they exist together": (
        "SELECT {[Measures].[Amount]} ON 0, [Place].[Kind].[Kind].Members * [Place].[Geography].[Country].Members ON 1"
        " FROM [Tiny]"
    ),
    "a tuple with a member that is none has no value, be the measure linked to the dimension or not": (
        "WITH MEMBER [Measures].[calc] AS ([Staff].[Staff].CurrentMember.Parent, [Measures].[Goal])"
        " SELECT {[Measures].[calc]} ON 0, {[Staff].[Staff].[All]} ON 1 FROM [Tiny]"
    ),
    "a set in the slicer empties the cells of a measure that is to have none below a dimension it is not linked to": (
        "SELECT {[Measures].[Target]} ON 0, [Time].[Calendar].[Year].Members ON 1 FROM [Tiny]"
        " WHERE {[Colour].[Colour].[Colour].[blue], [Colour].[Colour].[Colour].[green]}"
    ),
    "a total over members of a dimension that does not matter to the measure has its value once": (
        "WITH MEMBER [Colour].[Colour].[calc] AS Aggregate({[Colour].[Colour].[blue], [Colour].[Colour].[green]})"
        " SELECT {[Measures].[Goal], [Measures].[Target]} ON 0, [Colour].[Colour].[calc] ON 1 FROM [Tiny]"
    ),
    "so it has where the members are crossed with some of a dimension that does": (
        "WITH MEMBER [Colour].[Colour].[calc] AS Aggregate({[Colour].[Colour].[blue], [Colour].[Colour].[green]}"
        " * [Time].[Calendar].[Year].Members) SELECT {[Measures].[Goal], [Measures].[Amount]} ON 0,"
        " [Colour].[Colour].[calc] ON 1 FROM [Tiny]"
    ),
}


ONCE_WRONG_IF_LARGE = {
    "tuples that have a value of another measure than the first one stay": (
        "SELECT {[Measures].[Mean], [Measures].[Buyers], [Measures].[Daily]} ON 0, NON EMPTY"
        " [Place].[Geography].[Shop].Members * [Colour].[Colour].[Colour].Members ON 1 FROM [Tiny]"
    ),
    "a measure of the last loaded day stays where the asked days have it and the last one of all has not": (
        "SELECT [Time].[Calendar].[Day].Members ON 0, NON EMPTY [Place].[Geography].[Shop].Members *"
        " [Colour].[Colour].[Colour].Members ON 1 FROM [Tiny] WHERE ([Measures].[Final])"
    ),
}


@pytest.mark.parametrize("what", ONCE_WRONG_IF_LARGE)
def test_was_wrong_once_for_large_axes(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_large(monkeypatch)
    assert difference(ONCE_WRONG_IF_LARGE[what], 1) == ""


@pytest.mark.parametrize("what", ONCE_WRONG)
def test_was_wrong_once(what: str) -> None:
    assert difference(ONCE_WRONG[what], 1) == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_carry_levels_or_join_them(seed: int) -> None:
    carrying = [bool(group.facts.levels) for cube in database(seed).cubes for group in cube.groups.values()]
    assert carrying
    assert set(carrying) == {seed not in JOINED}
