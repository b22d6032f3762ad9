"""Each kind of measure says under every filter what plain Python counts from the rows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.errors import CatalogError, StatementError
from flis.query.cubes.source import FolderSource
from flis.query.database import Database, Options, execute
from flis.query.result import CellSet, Rowset
from tests.query.kinds import FOLDER, GROUPS, MONTHS, NOT_COUNTED, REGIONS, Cell, Country, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

OWN = ("102",)
NEIGHBOURS = ("101", "201")


class PartSource(FolderSource):
    """A folder that holds the rows of some municipalities."""

    @property
    def partial(self) -> frozenset[str]:
        return frozenset({"kommune"})


def served(folder: Path, country: Country) -> Database:
    country.write(folder)
    source = FolderSource(folder) if set(country.own) == set(REGIONS) else PartSource(folder)
    return Database.over(load(FOLDER), source, open_scope(), source.last_update)


def ask(base: Database, text: str, lcid: int = 1030) -> CellSet:
    found = execute(open_scope(), base, text, Options(lcid=lcid))
    assert isinstance(found, CellSet)
    return found


def values(found: CellSet, first: int, names: list[str]) -> dict[str, Any]:
    out = {}
    for n, name in enumerate(names, start=first):
        out[name] = f"error: {found.cells.errors[n]}" if n in found.cells.errors else found.cells.value(n)
    return out


def same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        told = found[name]
        if isinstance(value, float | int):
            assert told == pytest.approx(value, rel=1e-12), name
        else:
            assert told == value, name


def some(chance: random.Random, of: list[str], groups: Mapping[str, str]) -> frozenset[str]:
    """All, one, those of a group, or any."""
    match chance.randrange(4):
        case 0:
            return frozenset(of)
        case 1:
            return frozenset({chance.choice(of)})
        case 2:
            group = groups[chance.choice(of)]
            return frozenset(one for one in of if groups[one] == group)
        case _:
            return frozenset(chance.sample(of, chance.randint(1, len(of))))


def cells(chance: random.Random) -> Iterator[Cell]:
    years = {month: month[:4] for month in MONTHS}
    for _ in range(10):
        yield Cell(
            some(chance, MONTHS, years), some(chance, list(REGIONS), REGIONS), some(chance, list(GROUPS), GROUPS)
        )


def statements(cell: Cell, measures: str) -> Iterator[str]:
    """The ways to ask for one cell: a slicer, subselects, members that aggregate, and totals of what is shown."""
    months, places, benefits = (", ".join(names) for names in members(cell))
    yield f"SELECT {measures} ON 0 FROM [Kinds] WHERE {{{months}}} * {{{places}}} * {{{benefits}}}"
    inner = f"SELECT {{{places}}} ON 0 FROM (SELECT {{{benefits}}} ON 0 FROM [Kinds])"
    yield f"SELECT {measures} ON 0 FROM (SELECT {{{months}}} ON 0 FROM ({inner}))"
    yield (
        f"WITH MEMBER [Dato].[Kalender].[x] AS Aggregate({{{months}}})"
        f" MEMBER [Kommune].[Kommune].[x] AS Aggregate({{{places}}})"
        f" MEMBER [Ydelse].[Ydelser].[x] AS Aggregate({{{benefits}}})"
        f" SELECT {measures} ON 0 FROM [Kinds]"
        " WHERE ([Dato].[Kalender].[x], [Kommune].[Kommune].[x], [Ydelse].[Ydelser].[x])"
    )
    yield (
        f"WITH SET [shown] AS VisualTotals({{[Kommune].[Kommune].[All], {places}}})"
        f" SELECT {measures} ON 0, Head([shown], 1) ON 1"
        f" FROM (SELECT {{{months}}} ON 0 FROM [Kinds]) WHERE {{{benefits}}}"
    )


@pytest.mark.parametrize(
    ("seed", "own"),
    [(1, tuple(REGIONS)), (2, tuple(REGIONS)), (3, OWN), (4, NEIGHBOURS)],
    ids=["country", "another country", "municipality", "two of them"],
)
def test_cells_under_every_filter(tmp_path: Path, seed: int, own: tuple[str, ...]) -> None:
    country = Country(seed, own)
    base = served(tmp_path, country)
    for cell in cells(random.Random(seed)):
        mine = Cell(cell.months, cell.places & set(own) or frozenset(own), cell.benefits)
        expected = country.values(mine)
        names = list(expected)
        measures = f"{{{', '.join(f'[Measures].[{name}]' for name in names)}}}"
        for text in statements(mine, measures):
            same(values(ask(base, text), 0, names), expected)


@pytest.mark.parametrize("seed", [5, 6])
def test_months_by_regions_and_municipalities_with_all_totals(tmp_path: Path, seed: int) -> None:
    country = Country(seed)
    base = served(tmp_path, country)
    months = {"All": frozenset(MONTHS), **{m: frozenset({m}) for m in MONTHS}}
    months |= {year: frozenset(m for m in MONTHS if m.startswith(year)) for year in ("2024", "2025")}
    places = {"All": frozenset(REGIONS), **{p: frozenset({p}) for p in REGIONS}}
    places |= {region: frozenset(p for p in REGIONS if REGIONS[p] == region) for region in "ABC"}
    names = list(country.values(Cell()))
    measures = f"{{{', '.join(f'[Measures].[{name}]' for name in names)}}}"
    rows = "Except([Dato].[Kalender].Members, [Dato].[Kalender].[Dag].Members) * [Kommune].[Geografi].Members"
    found = ask(base, f"SELECT {measures} ON 0, {rows} ON 1 FROM [Kinds]")
    said = list(zip(*(found.axes[1].captions(h, "da") for h in (0, 1)), strict=True))
    assert len(said) == 7 * 10
    for n, (month, place) in enumerate(said):
        same(values(found, n * len(names), names), country.values(Cell(months[month], places[place])))
    shown = ask(base, f"SELECT {measures} ON 0, NON EMPTY {rows} ON 1 FROM [Kinds]")
    assert list(zip(*(shown.axes[1].captions(h, "da") for h in (0, 1)), strict=True)) == said


def test_whoever_sees_one_municipality_has_its_counts_where_none_is_named(tmp_path: Path) -> None:
    """There is a row of unknown municipalities beside their own; nothing is counted under it."""
    country = Country(3, OWN)
    base = served(tmp_path, country)
    found = ask(base, "SELECT {[Measures].[Modtagere]} ON 0, [Dato].[Kalender].[Måned].Members ON 1 FROM [Kinds]")
    expected = [country.values(Cell(frozenset({month}), frozenset(OWN)))["Modtagere"] for month in MONTHS]
    assert [found.cells.value(n) for n in range(len(MONTHS))] == expected
    assert NOT_COUNTED not in expected


def test_whoever_reads_one_municipality_has_its_counts_under_all(tmp_path: Path) -> None:
    whole, country = Country(3), Country(3, ("101",))
    country.counts = [row for row in whole.counts if row["kommune"] == "101"]  # as a store holds them
    assert {row["snit"] for row in country.counts} == {"region", "kommune", "gruppe", "kommune_aar"}
    base = served(tmp_path, country)
    rows = "Except([Dato].[Kalender].Members, [Dato].[Kalender].[Dag].Members)"
    names = ["Modtagere", "Dage pr. modtager", "Modtagere pr. dag"]
    measures = ", ".join(f"[Measures].[{name}]" for name in names)
    periods = {m: frozenset({m}) for m in MONTHS}
    periods |= {"All": frozenset(MONTHS)} | {y: frozenset(m for m in MONTHS if m[:4] == y) for y in ("2024", "2025")}
    for where in ("", " WHERE [Kommune].[Geografi].[Region].&[A]", " WHERE [Kommune].[Kommune].&[101]"):
        found = ask(base, f"SELECT {{{measures}}} ON 0, {rows} ON 1 FROM [Kinds]{where}")
        said = found.axes[1].captions(0, "da")
        assert set(said) == set(periods)
        for n, period in enumerate(said):
            expected = country.values(Cell(periods[period]))
            same(values(found, n * len(names), names), {name: expected[name] for name in names})


def test_rows_of_grouping_sets_that_lack_keys_are_no_cause_of_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    base = served(tmp_path, Country(1))
    base.warm()
    ask(base, "SELECT {[Measures].[Modtagere]} ON 0, [Dato].[Kalender].[Måned].Members ON 1 FROM [Kinds]")
    assert not caplog.records


def test_the_statement_s_language_says_what_is_not_counted(tmp_path: Path) -> None:
    base = served(tmp_path, Country(1))
    text = "SELECT {[Measures].[Modtagere]} ON 0 FROM [Kinds]"
    danish, english = ask(base, text), ask(base, text, 1033)
    assert (danish.cells.value(0), danish.cells.texts[0]) == (NOT_COUNTED, NOT_COUNTED)
    assert english.cells.value(0) == "not calculated for this cut"
    assert not danish.cells.errors


def test_what_calculates_with_a_count_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    base = served(tmp_path, Country(1))
    text = "WITH MEMBER [Measures].[x] AS [Measures].[Modtagere] * 2 SELECT {[Measures].[x]} ON 0 FROM [Kinds]"
    found = ask(base, text)
    assert found.cells.errors == {0: NOT_COUNTED}
    assert found.cells.texts[0] == "#Error"


def test_two_rows_of_one_cut_are_never_added_up(tmp_path: Path) -> None:
    country = Country(1)
    twice = next(row for row in country.counts if row["snit"] == "kommune")
    country.counts.append(twice)
    base = served(tmp_path, country)
    place = f"([Dato].[Kalender].[Måned].&[{twice['dato']:%Y-%m}], [Kommune].[Kommune].&[{twice['kommune']}])"
    found = ask(base, f"SELECT {{[Measures].[Modtagere]}} ON 0 FROM [Kinds] WHERE {place}")
    assert found.cells.errors == {0: "Modtagere has several rows of one grouping set for this cell."}


def test_a_cube_whose_facts_do_not_say_their_set_is_told_by_name(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog" / "cubes"
    catalog.mkdir(parents=True)
    text = (FOLDER / "cubes" / "kinds.yaml").read_text("utf-8").replace("set_column: snit", "set_column: udsnit")
    (catalog / "kinds.yaml").write_text(text, "utf-8")
    (catalog.parent / "catalogue.yaml").write_text("catalogue: Kinds", "utf-8")
    Country(1).write(tmp_path)
    source = FolderSource(tmp_path)
    base = Database.over(load(catalog.parent), source, open_scope(), source.last_update)
    assert base.cubes == ()
    with pytest.raises(CatalogError, match="the table modtagere has no column udsnit"):
        base.cube("Kinds")


def test_a_day_is_not_counted_where_months_are(tmp_path: Path) -> None:
    base = served(tmp_path, Country(1))
    where = "([Dato].[Kalender].[Dag].&[2024-11-14], [Kommune].[Kommune].&[101])"
    found = ask(base, f"SELECT {{[Measures].[Modtagere]}} ON 0 FROM [Kinds] WHERE {where}")
    assert found.cells.value(0) == NOT_COUNTED


def test_members_that_share_no_day_have_no_figure(tmp_path: Path) -> None:
    base = served(tmp_path, Country(15))
    measures = "{[Measures].[Dage pr. indbygger], [Measures].[Fraværsprocent], [Measures].[Fraværsdage]}"
    crossed = (
        f"SELECT {measures} ON 0 FROM [Kinds] WHERE ([Dato].[Kalender].[Måned].&[2024-11], [Dato].[Årstal].&[2025])"
    )
    assert [ask(base, crossed).cells.value(n) for n in range(3)] == [None] * 3


def test_the_year_to_date_of_a_ratio(tmp_path: Path) -> None:
    country = Country(2)
    base = served(tmp_path, country)
    where = "([Dato].[Kalender].[Måned].&[2024-12], [Kommune].[Geografi].[Region].&[A])"
    found = ask(base, f"SELECT {{[Measures].[Fravær i alt]}} ON 0 FROM [Kinds] WHERE {where}")
    months, places = frozenset({"2024-11", "2024-12"}), frozenset({"101", "102", "103"})
    assert found.cells.value(0) == pytest.approx(country.ratio(Cell(months, places), paired=True))


def test_the_rows_behind_an_average_are_those_of_its_day(tmp_path: Path) -> None:
    country = Country(1)
    base = served(tmp_path, country)
    cell = "SELECT {[Measures].[Alder sidst]} ON 0 FROM [Kinds] WHERE [Kommune].[Kommune].&[101]"
    text = f"DRILLTHROUGH {cell} RETURN [Measures].[Alder sidst], [Measures].[Sidste]"
    found = execute(open_scope(), base, text)
    assert isinstance(found, Rowset)
    last = max(row["dato"] for row in country.tables["ansat"])
    mine = [r for r in country.tables["ansat"] if r["dato"] == last and r["kommune"] == "101"]
    expected = sorted((str(r["alder"]), str(r["antal"])) for r in mine)
    assert sorted((str(a), str(n)) for a, n in zip(*(map(_whole, c) for c in found.data), strict=True)) == expected


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) else value


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        ("Fraværsprocent", "Drill through from Fraværsdage or Aktive dage."),
        ("Modtagere", "stored as counts, and the cube has no rows"),
    ],
)
def test_what_has_no_rows_of_its_own_says_which_has(tmp_path: Path, measure: str, told: str) -> None:
    base = served(tmp_path, Country(1))
    text = f"DRILLTHROUGH SELECT {{[Measures].[{measure}]}} ON 0 FROM [Kinds]"
    with pytest.raises(StatementError) as caught:
        execute(open_scope(), base, text)
    assert told in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("measure", ["Sidste", "Første", "Alder sidst"])
def test_a_stock_by_month_under_a_filter_reads_the_facts_alone(tmp_path: Path, measure: str) -> None:
    country = Country(7)
    base = served(tmp_path, country)
    sent: list[str] = []
    base.sections[0].segments.observe = lambda _, sql: sent.append(sql.text)
    months = "{[Dato].[Kalender].[Måned].&[2024-11], [Dato].[Kalender].[Måned].&[2025-01]}"
    benefits = "{[Ydelse].[Ydelser].[Ydelse].&[pension], [Ydelse].[Ydelser].[Ydelse].&[dagpenge]}"
    rows = "[Dato].[Kalender].[Måned].Members * [Kommune].[Kommune].[Kommune].Members"
    inner = f"SELECT {months} ON 0 FROM [Kinds]"
    found = ask(base, f"SELECT {{[Measures].[{measure}]}} ON 0, {rows} ON 1 FROM ({inner}) WHERE {benefits}")
    names = list(zip(*(found.axes[1].captions(h, "da") for h in (0, 1)), strict=True))
    some_benefits = frozenset({"pension", "dagpenge"})
    assert len(names) == 2 * len(REGIONS)
    for n, (month, place) in enumerate(names):
        cell = Cell(frozenset({month}), frozenset({place}), some_benefits)
        same({measure: found.cells.value(n)}, {measure: country.values(cell)[measure]})
    assert len(sent) == 1
    assert "JOIN" not in sent[0]
