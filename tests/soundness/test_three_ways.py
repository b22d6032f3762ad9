"""One filter, written as a set in WHERE, as a subselect and as a member that aggregates: the same figures, SQL's.

(a) stored measures of every kind; (b) formulas that name no member of the filtered hierarchies; (c) formulas that do,
as docs/concepts/filters.md says.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.query.database import Options, execute
from flis.query.result import CellSet
from tests.oracle.statements import LINKED, Writer
from tests.query import test_against_oracle as tiny
from tests.soundness.worlds import Filtered, Hierarchy, World, foodmart_world, ukraine_world

if TYPE_CHECKING:
    from collections.abc import Callable

WORLDS: dict[str, Callable[[], World]] = {"foodmart": foodmart_world, "ukraine": ukraine_world}
MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def subset(hierarchy: Hierarchy) -> st.SearchStrategy[Filtered]:
    """Some members of a hierarchy, none below another."""

    def apart(found: list[Any]) -> Filtered:
        kept = [m for m in found if not any(m is not o and m.text.startswith(o.text[:-1]) for o in found)]
        return Filtered((hierarchy,), tuple((m,) for m in kept))

    return st.lists(st.sampled_from(hierarchy.members), min_size=1, max_size=4, unique=True).map(apart)


@st.composite
def filters(draw: st.DrawFn, world: World, *, apart: bool = False) -> Filtered:
    """Members of a hierarchy, or of two (of one dimension too unless `apart`): all their pairs, or some."""
    one = draw(subset(draw(st.sampled_from(world.hierarchies))))
    others = [h for h in world.hierarchies if h is not one.hierarchies[0]]
    others = [h for h in others if not apart or h.table != one.hierarchies[0].table]
    if draw(st.booleans()):
        return one
    other = draw(subset(draw(st.sampled_from(others))))
    pairs = [(*a, *b) for a in one.tuples for b in other.tuples]
    if draw(st.booleans()):
        pairs = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    return Filtered(one.hierarchies + other.hierarchies, tuple(pairs))


def written(found: Filtered) -> str:
    """The filter as a set."""
    return "{" + ", ".join(f"({', '.join(m.text for m in t)})" for t in found.tuples) + "}"


def crossed(found: Filtered) -> list[str] | None:
    """The sets of the hierarchies, where the filter is all their pairs."""
    columns = [list(dict.fromkeys(c)) for c in zip(*found.tuples, strict=True)]
    if math.prod(map(len, columns)) != len(found.tuples):
        return None
    return ["{" + ", ".join(m.text for m in c) + "}" for c in columns]


def ways(world: World, found: Filtered, nested: bool) -> dict[str, tuple[str, str, str]]:
    """How the filter is written: a definition, the source, and the slicer; a subselect also as one in another."""
    text, cube, sets = written(found), world.cube, crossed(found)
    source = f"(SELECT {text} ON 0 FROM {cube})"
    if sets is not None and len(sets) == 2:
        beside = f"(SELECT {sets[0]} ON 0, {sets[1]} ON 1 FROM {cube})"
        source = f"(SELECT {sets[0]} ON 0 FROM (SELECT {sets[1]} ON 0 FROM {cube}))" if nested else beside
    member = f"{found.hierarchies[0].name}.[Chosen]"
    return {
        "set": ("", cube, f"WHERE {text}"),
        "subselect": ("", source, ""),
        "aggregate": (f"MEMBER {member} AS Aggregate({text})", cube, f"WHERE {member}"),
    }


def answer(world: World, way: tuple[str, str, str], columns: list[str], formulas: dict[str, str]) -> list[Any]:
    """The values of one row of measures; `error` where a cell has one."""
    member, source, where = way
    defined = " ".join(f"MEMBER [Measures].[{name}] AS {formula}" for name, formula in formulas.items())
    head = f"WITH {defined} {member} " if defined or member else ""
    axis = ", ".join(f"[Measures].[{name}]" for name in columns)
    found = execute(
        world.database.scope, world.database, f"{head}SELECT {{{axis}}} ON 0 FROM {source} {where}", Options(lcid=1033)
    )
    assert isinstance(found, CellSet)
    return ["error" if n in found.cells.errors else found.cells.value(n) for n in range(len(found))]


def alike(mine: list[Any], theirs: list[Any]) -> bool:
    return len(mine) == len(theirs) and all(
        a == b if a in (None, "error") or b in (None, "error") else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)
        for a, b in zip(mine, theirs, strict=True)
    )


@pytest.mark.parametrize("name", WORLDS)
@MANY
@given(st.data())
def test_a_stored_measure_is_the_same(name: str, data: st.DataObject) -> None:
    world = WORLDS[name]()
    found, nested = data.draw(filters(world)), data.draw(st.booleans())
    wanted = world.figures(list(world.measures), found.condition, found.along(world.days))
    for way, how in ways(world, found, nested).items():
        mine = answer(world, how, list(world.measures), {})
        assert alike(mine, wanted), (way, how, mine, wanted)


@MANY
@given(st.data())
def test_so_is_one_of_every_kind_on_a_tiny_cube(data: st.DataObject) -> None:
    """Minimum, average, last and first day with a value …: against a loop over all facts."""
    seed = data.draw(st.sampled_from(tiny.SEEDS))
    judge = tiny.world(seed)
    flat = [h for h in Writer(judge).hierarchies if not h.parent_child]
    hierarchy = data.draw(st.sampled_from(flat))
    level = data.draw(st.sampled_from(hierarchy.members[1:]))
    chosen = "{" + ", ".join(data.draw(st.lists(st.sampled_from(level), min_size=1, unique=True))) + "}"
    select = f"SELECT {{{', '.join(f'[Measures].[{name}]' for name in LINKED)}}} ON 0 FROM"
    member = f"{hierarchy.name}.[chosen]"
    wanted = judge.run(f"{select} [Tiny] WHERE {chosen}").cells
    for text in (
        f"{select} [Tiny] WHERE {chosen}",
        f"{select} (SELECT {chosen} ON 0 FROM [Tiny])",
        f"WITH MEMBER {member} AS Aggregate({chosen}) {select} [Tiny] WHERE {member}",
    ):
        assert alike(tiny.asked(tiny.database(seed), text)[1], wanted), text


@pytest.mark.parametrize("name", WORLDS)
@MANY
@given(st.data())
def test_so_is_a_formula_that_names_no_member_of_the_filter(name: str, data: st.DataObject) -> None:
    world = WORLDS[name]()
    found = data.draw(filters(world, apart=True))
    one, other, summed = [n for n in world.measures if n != "Profit"][:3]
    sets = crossed(found)
    hierarchy = found.hierarchies[0]
    formulas = {
        "ratio": f"[Measures].[{one}] / [Measures].[{other}]",
        "empty": f"IIf(IsEmpty([Measures].[{one}]), 1, 0)",
    }
    a, b, c = world.figures([one, other, summed], found.condition, found.along(world.days))
    wanted: list[float | None] = [a / b if a is not None and b else None, 1 if a is None else 0]
    if sets is not None and len(sets) == 1:  # of pairs, the members of one hierarchy would meet all of the other
        formulas["sum"] = f"Sum(EXISTING {hierarchy.level}.Members, [Measures].[{summed}])"
        wanted.append(c)
        if hierarchy.has_all:  # else the current member is one of those that a subselect leaves
            formulas["count"] = f"Count(EXISTING {hierarchy.level}.Members)"
            members = f"SELECT DISTINCT {hierarchy.key} FROM {hierarchy.table} WHERE {found.condition}"
            wanted.append(len(world.rows(members)))
    for way, how in ways(world, found, nested=False).items():
        mine = answer(world, how, list(formulas), formulas)
        assert alike(mine, wanted), (way, how, formulas, mine, wanted)


@pytest.mark.parametrize("name", WORLDS)
@MANY
@given(st.data())
def test_a_formula_that_names_one_answers_as_documented(name: str, data: st.DataObject) -> None:
    world = WORLDS[name]()
    found = data.draw(filters(world, apart=True))
    hierarchy = found.hierarchies[0]
    member = data.draw(st.sampled_from(hierarchy.members))
    measure = next(iter(world.measures))
    formulas = {
        "current": f"({hierarchy.name}.CurrentMember, [Measures].[{measure}])",
        "named": f"({member.text}, [Measures].[{measure}])",
    }

    def figure(condition: str, days: str) -> float | None:
        return world.measures[measure](condition, days)

    def named(others: str) -> float | None:
        is_day = hierarchy.table == world.days
        return figure(f"{member.condition} AND {others}", member.condition if is_day else found.along(world.days))

    total = figure(found.condition, found.along(world.days))
    several = len({t[0] for t in found.tuples}) > 1
    inside = world.rows(f"SELECT 1 FROM {hierarchy.table} WHERE {member.condition} AND {found.along(hierarchy.table)}")
    is_day = hierarchy.table == world.days
    days = f"{member.condition} AND {found.along(world.days)}" if is_day else found.along(world.days)
    cut = figure(f"{member.condition} AND {found.condition}", days)
    alone = figure(member.condition, member.condition if is_day else "true")
    wanted: dict[str, list[Any]] = {
        "set": ["error" if several else total, named(found.beside(hierarchy))],
        "subselect": [total, cut if inside else named(found.beside(hierarchy))],
        "aggregate": [total, alone],
    }
    for way, how in ways(world, found, nested=False).items():
        mine = answer(world, how, list(formulas), formulas)
        assert alike(mine, wanted[way]), (way, how, formulas, mine, wanted[way])
