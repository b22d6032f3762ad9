"""Every measure of the cube says under every filter what plain Python counts from the delivered rows."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.areas.okonomi.asked import Cube
from tests.areas.okonomi.august import GROWING, OWNER, living, rows_of, take_register, world
from tests.areas.okonomi.expected import PERIODS, Cell, Ledger, day
from tests.areas.okonomi.files import CASH, EQUITY, FORMS, PLAN
from tests.made_up.walk import run_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FUNCTIONS = sorted({account[:5] for account in (*PLAN, CASH, EQUITY)})
KINDS = sorted({account[-2:] for account in PLAN})
NAMES = list(Ledger([]).values(Cell()))
MEASURES = f"{{{', '.join(f'[Measures].[{name}]' for name in NAMES)}}}"
CUBE = "[Økonomi Statistik]"


def same(found: list[object], cell: Cell, ledger: Ledger) -> None:
    for (name, expected), told in zip(ledger.values(cell).items(), found, strict=True):
        if expected is None:
            assert told is None, (name, cell)
        else:
            assert told == pytest.approx(float(expected), abs=0.005, rel=1e-12), (name, cell)


def members(cell: Cell) -> dict[str, str]:
    """The members that name a cell, by the hierarchy; none of a dimension of which it is everything."""
    named = {
        "[Regnskabsår].[Regnskabsår]": sorted(day(*period) for period in cell.periods),
        "[Kommune].[Kommune]": sorted(cell.places or ()),
        "[Kontoplan].[Kontoplan].[Funktion]": sorted(cell.functions or ()),
        "[Art].[Art].[Art]": sorted(cell.kinds or ()),
        "[Omkostningssted].[Omkostningssted]": sorted(cell.centres or ()),
    }
    return {level: f"{{{', '.join(f'{level}.&[{key}]' for key in keys)}}}" for level, keys in named.items() if keys}


def ways(cell: Cell) -> Iterator[str]:
    """The ways to ask for one cell: a slicer, subselects, members that aggregate, a total of what is shown."""
    sets = members(cell)
    yield f"SELECT {MEASURES} ON 0 FROM {CUBE} WHERE {' * '.join(sets.values())}"
    inner = CUBE
    for chosen in sets.values():
        inner = f"(SELECT {chosen} ON 0 FROM {inner})"
    yield f"SELECT {MEASURES} ON 0 FROM {inner}"
    hierarchies = [".".join(level.split(".")[:2]) for level in sets]
    made = " ".join(f"MEMBER {h}.[x] AS Aggregate({s})" for h, s in zip(hierarchies, sets.values(), strict=True))
    yield f"WITH {made} SELECT {MEASURES} ON 0 FROM {CUBE} WHERE ({', '.join(f'{h}.[x]' for h in hierarchies)})"
    time, *others = sets.values()
    where = f" WHERE {' * '.join(others)}" if others else ""
    yield f"SELECT {MEASURES} ON 0, {{[Dranst].[Dranst].[All]}} ON 1 FROM (SELECT {time} ON 0 FROM {CUBE}){where}"
    if cell.places:
        rest = {level: s for level, s in sets.items() if level != "[Kommune].[Kommune]"}
        shown = f"VisualTotals({{[Kommune].[Kommune].[All], {sets['[Kommune].[Kommune]']}}})"
        yield f"SELECT {MEASURES} ON 0, Head({shown}, 1) ON 1 FROM {CUBE} WHERE {' * '.join(rest.values())}"


def cells(chance: random.Random, places: list[str], centres: list[str]) -> Iterator[Cell]:
    for _ in range(12):
        months = frozenset((2025, period) for period in chance.sample(range(17), chance.randint(1, 4)))
        periods = chance.choice(
            [
                months,
                months | {(2024, period) for _, period in months},
                frozenset(chance.sample(PERIODS, chance.randint(1, 9))),
                frozenset(p for p in PERIODS if p[0] == chance.choice([2024, 2025])) or months,
            ]
        )
        yield Cell(
            frozenset(chance.sample(places, chance.randint(1, len(places)))) if chance.random() < 0.6 else None,
            periods,
            frozenset(chance.sample(FUNCTIONS, chance.randint(1, 6))) if chance.random() < 0.5 else None,
            frozenset(chance.sample(KINDS, chance.randint(1, 5))) if chance.random() < 0.4 else None,
            frozenset(chance.sample(centres, chance.randint(1, 2))) if centres and chance.random() < 0.6 else None,
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_country_under_every_filter(inhabited: Path, seed: int) -> None:
    cube, ledger = Cube(inhabited), Ledger(rows_of(inhabited), living(inhabited))
    for cell in cells(random.Random(seed), sorted(FORMS), []):
        for text in ways(cell):
            same(cube.row(text, len(NAMES)), cell, ledger)


@pytest.mark.parametrize("own", [(OWNER,), (OWNER, "0740")], ids=["one municipality", "two of them"])
def test_own_municipalities_under_every_filter(inhabited: Path, own: tuple[str, ...]) -> None:
    """Cost centres among the filters: a number is that of its municipality."""
    cube, ledger = Cube(inhabited, *own), Ledger([r for r in rows_of(inhabited) if r.kommune in own], living(inhabited))
    centres = [f"{kommune}-{n:04}" for kommune in own for n in range(5)]
    for cell in cells(random.Random(len(own)), list(own), centres):
        for text in ways(cell):
            same(cube.row(text, len(NAMES)), cell, ledger)


def test_inhabitants_are_of_years_and_of_whoever_has_both(inhabited: Path) -> None:
    """0147 has no inhabitants, 0740 none before 2024: neither counts there, and several years add up."""
    ledger = Ledger(rows_of(inhabited), living(inhabited))
    assert ("0740", 2025) in ledger.living
    assert not {("0740", 2024), ("0147", 2024), ("0147", 2025)} & ledger.living.keys()
    years = {y: frozenset(p for p in PERIODS if p[0] == y) for y in (2024, 2025)}
    rows = "{[Regnskabsår].[Regnskabsår].Members} * {[Kommune].[Kommune].Members}"
    found = Cube(inhabited).ask(f"SELECT {{[Measures].[Kr. pr. indbygger]}} ON 0, NON EMPTY {rows} ON 1 FROM {CUBE}")
    keys = list(zip(*(found.axes[1].unique_names(h) for h in (0, 1)), strict=True))
    values = {key: found.cells.value(n) for n, key in enumerate(keys)}
    expected = {}
    for when, periods in [
        ("[Regnskabsår].[Regnskabsår].[All]", frozenset(PERIODS)),
        *((f"[Regnskabsår].[Regnskabsår].[År].&[{y}]", of) for y, of in years.items()),
        *((f"[Regnskabsår].[Regnskabsår].[Periode].&[{day(*p)}]", frozenset({p})) for p in PERIODS),
    ]:
        for where, places in [
            ("[Kommune].[Kommune].[All]", None),
            *((f"[Kommune].[Kommune].&[{k}]", frozenset({k})) for k in FORMS),
        ]:
            if (value := ledger.per_inhabitant(Cell(places, periods))) is not None:
                expected[when, where] = float(value)
    assert values == pytest.approx(expected, rel=1e-12)


def test_a_year_that_the_register_does_not_reach_has_no_figure(later: Path) -> None:
    ledger = Ledger(rows_of(later), {of: n for of, n in living(later).items() if of[1] == 2025})
    assert {of[1] for of in living(later)} == {2024, 2025}  # the files tell it, and nobody knew it then
    cube = Cube(later)
    for periods in ({(2024, 3)}, {(2024, 3), (2025, 3)}, {(2025, 3)}, set(PERIODS)):
        cell = Cell(periods=frozenset(periods))
        for text in ways(cell):
            same(cube.row(text, len(NAMES)), cell, ledger)


def test_a_year_that_a_filter_leaves_out(inhabited: Path) -> None:
    years = "[Regnskabsår].[Regnskabsår].[År].Members"
    may = f"[Regnskabsår].[Regnskabsår].&[{day(2024, 5)}]"
    text = f"SELECT {{[Measures].[Kr. pr. indbygger]}} ON 0, {years} ON 1 FROM (SELECT {{{may}}} ON 0 FROM {CUBE})"
    assert len(Cube(inhabited).ask(text).axes[1]) == 1
    where = f"SELECT {{[Measures].[Kr. pr. indbygger]}} ON 0, {years} ON 1 FROM {CUBE} WHERE {{{may}}}"
    found = Cube(inhabited).ask(where.replace(may, f"([Kommune].[Kommune].&[{OWNER}])"))
    assert [found.cells.value(n) is None for n in range(2)] == [False, False]
    both = "([Regnskabsår].[Regnskabsår].[År].&[2025], [Measures].[Kr. pr. indbygger])"
    text = (
        f"WITH MEMBER [Measures].[x] AS {both} SELECT {{[Measures].[x]}} ON 0 FROM (SELECT {{{may}}} ON 0 FROM {CUBE})"
    )
    assert Cube(inhabited).row(text, 1) == Cube(inhabited).row(f"SELECT FROM {CUBE} WHERE {both}", 1)


@pytest.mark.slow
def test_figures_come_when_the_register_does(tmp_path: Path) -> None:
    """A release of Økonomi follows what Borger has loaded, without a delivery of its own."""
    folder = world(tmp_path)
    text = f"SELECT {{[Measures].[Kr. pr. indbygger]}} ON 0 FROM {CUBE}"
    assert Cube(folder).row(text, 1) == [None]
    take_register(folder, dict.fromkeys(GROWING, date(2025, 9, 13)))
    assert run_month(folder / "state", date(2025, 9, 14), areas=folder) == 0
    expected = Ledger(rows_of(folder), living(folder)).per_inhabitant(Cell())
    assert Cube(folder).row(text, 1) == pytest.approx([float(expected or 0)])


def test_without_a_register_there_is_no_figure_per_inhabitant(accounts: Path) -> None:
    text = f"SELECT {{[Measures].[Kr. pr. indbygger], [Measures].[Regnskab]}} ON 0 FROM {CUBE}"
    empty, actual = Cube(accounts.parent).row(text, 2)
    assert empty is None
    assert actual
