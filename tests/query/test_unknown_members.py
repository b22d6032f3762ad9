"""Facts whose key is null or not in a dimension's table: they are under its unknown member, told, and never vanish."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flis.access import open_scope
from flis.catalog.cubes import load
from flis.query.database import Database, Databases, Options, execute
from flis.query.result import CellSet, Rowset
from tests.oracle import tiny as oracle
from tests.query import tiny

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN, HIDDEN = 1, 2  # seeds: the unknown members of Place and Staff are listed, or that of Time is


@cache
def database(seed: int) -> Database:
    folder = oracle.write(Path(mkdtemp()), oracle.rows(seed))
    return Databases().of_folder(open_scope(), folder, oracle.catalogue(seed))


def unknown(seed: int, column: str, table: str) -> list[dict[str, Any]]:
    """The sales whose key is not in a table."""
    rows = oracle.rows(seed)
    keys = {row["id"] for row in rows[table]}
    return [row for row in rows["sales"] if row[column] not in keys]


def amount(rows: Sequence[dict[str, Any]]) -> int | None:
    values = [row["amount"] for row in rows if row["amount"] is not None]
    return sum(values) if values else None


def cells(base: Database, text: str, lcid: int = 1033) -> CellSet:
    found = execute(open_scope(), base, text, Options(lcid=lcid))
    assert isinstance(found, CellSet)
    assert not found.cells.errors
    return found


def values(base: Database, text: str) -> list[Any]:
    found = cells(base, text)
    return [found.cells.value(n) for n in range(len(found))]


def names(base: Database, written: str, *, unique: bool = False) -> list[str]:
    axis = cells(base, f"SELECT {written} ON 0 FROM [Tiny]").axes[0]
    return axis.unique_names(0) if unique else axis.captions(0, "en")


def test_they_are_told_when_the_cube_is_opened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = oracle.rows(SHOWN)
    for fact in rows["sales"]:
        fact |= {"place": 1, "staff": 1, "day": 1}
    rows["sales"][0]["place"] = 99
    rows["sales"][1]["place"] = None
    rows["sales"][2]["day"] = 99
    rows["plan"] = rows["plan"][:1]
    rows["plan"][0] |= {"place": 1, "day": 1}
    base = Databases().of_folder(open_scope(), oracle.write(tmp_path, rows), oracle.catalogue(SHOWN))
    base.warm()
    assert {r.getMessage() for r in caplog.records} == {
        "Sales: 2 of 30 facts are under the unknown member of Place, which is listed.",
        "Sales: 1 of 30 facts are under the unknown member of Time, which is hidden: only All counts them.",
    }
    assert base.cube("Tiny").groups["Sales"].facts.unknown == {"Time": 1, "Place": 2}
    assert base.cube("Tiny").groups["Plan"].facts.unknown == {}


def test_listed_it_completes_the_total_on_every_level() -> None:
    base = database(SHOWN)
    missing = amount(unknown(SHOWN, "place", "place"))
    total = amount(oracle.rows(SHOWN)["sales"])
    for level in ("Country", "Shop"):
        found = values(base, f"SELECT [Place].[Geography].[{level}].Members ON 0 FROM [Tiny]")
        assert found[-1] == missing
        assert sum(v for v in found if v is not None) == total
    assert names(base, "[Place].[Geography].[All].Children")[-1] == "Unknown"
    assert names(base, "[Staff].[Staff].[All].Children")[-1] == "Somebody"
    danish = cells(base, "SELECT [Place].[Geography].[Unknown] ON 0 FROM [Tiny]", 1030)
    assert danish.axes[0].captions(0, "da") == ["Ukendt"]


def test_hidden_it_is_listed_nowhere_and_all_counts_it() -> None:
    base = database(HIDDEN)
    missing = amount(unknown(HIDDEN, "place", "place"))
    assert missing
    everything = "{[Place].[Geography].Members, [Place].[Geography].AllMembers, [Place].[Geography].[All].Children,"
    everything += " Descendants([Place].[Geography].[All])}"
    assert "Unknown" not in names(base, everything)
    top, below = values(base, "SELECT {[Place].[Geography].[All], [Place].[Geography].UnknownMember} ON 0 FROM [Tiny]")
    assert (top, below) == (amount(oracle.rows(HIDDEN)["sales"]), missing)
    listed = values(base, "SELECT [Place].[Geography].[All].Children ON 0 FROM [Tiny]")
    assert sum(v for v in listed if v is not None) == top - missing
    above = "IsAncestor([Place].[Geography].[All], [Place].[Geography].UnknownMember)"
    assert values(base, f"WITH MEMBER [Measures].[above] AS {above} SELECT [Measures].[above] ON 0 FROM [Tiny]") == [
        True
    ]


@pytest.mark.parametrize("first", ["[Place].[Geography].[Country].Members", "[Place].[Geography].[All]"])
def test_all_is_the_same_whatever_was_asked_before(tmp_path: Path, first: str) -> None:
    folder = oracle.write(tmp_path, oracle.rows(HIDDEN))
    base = Databases().of_folder(open_scope(), folder, oracle.catalogue(HIDDEN))
    values(base, f"SELECT {first} ON 0 FROM [Tiny]")
    found = values(base, "SELECT [Place].[Geography].[All] ON 0 FROM [Tiny]")
    assert found == [amount(oracle.rows(HIDDEN)["sales"])]


@pytest.mark.parametrize("seed", [SHOWN, HIDDEN])
def test_unique_names_lead_back(seed: int) -> None:
    base = database(seed)
    top = "[Place].[Geography].[All].UNKNOWNMEMBER"
    chain = "{[Place].[Geography].UnknownMember, [Place].[Geography].[All].UnknownMember.UnknownMember}"
    assert names(base, chain, unique=True) == [top, f"{top}.UNKNOWNMEMBER"]
    assert names(base, f'{{StrToMember("{top}", CONSTRAINED), {top}.Parent}}', unique=True) == [
        top,
        "[Place].[Geography].[All]",
    ]
    assert names(base, "{[Staff].[Staff].UnknownMember}", unique=True) == ["[Staff].[Staff].[All].UNKNOWNMEMBER"]
    none = "[Colour].[Colour].UnknownMember, [Colour].[Colour].[blue].UnknownMember"
    assert names(base, f"{{{none}}}") == []


def test_it_has_no_key() -> None:
    asked = 'MEMBER [Measures].[k] AS [Place].[Geography].UnknownMember.Properties("KEY")'
    asked += " MEMBER [Measures].[v] AS [Time].[Calendar].UnknownMember.MemberValue"
    assert values(database(SHOWN), f"WITH {asked} SELECT {{[Measures].[k], [Measures].[v]}} ON 0 FROM [Tiny]") == [
        None,
        None,
    ]
    linked = "LinkMember([Place].[Geography].UnknownMember, [Place].[Kind])"
    assert names(database(SHOWN), linked, unique=True) == ["[Place].[Kind].[All].UNKNOWNMEMBER"]


@pytest.mark.parametrize("seed", [SHOWN, HIDDEN])
def test_drillthrough_gives_its_facts(seed: int) -> None:
    text = "DRILLTHROUGH SELECT ([Measures].[Amount], [Place].[Kind].UnknownMember) ON 0 FROM [Tiny]"
    found = execute(open_scope(), database(seed), f"{text} RETURN [Sales].[Amount], [$Colour].[Colour]", Options())
    assert isinstance(found, Rowset)
    wanted = [(row["amount"], row["colour"]) for row in unknown(seed, "place", "place")]
    assert wanted
    assert sorted(zip(*found.data, strict=True), key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("seed", [SHOWN, HIDDEN])
def test_drillthrough_says_its_name_where_a_fact_has_no_member(seed: int) -> None:
    columns = "[$Place].[Kind], [$Staff].[Person], KEY([$Staff].[Person]), [Sales].[Amount]"
    found = execute(
        open_scope(), database(seed), f"DRILLTHROUGH SELECT [Measures].[Amount] ON 0 FROM [Tiny] RETURN {columns}"
    )
    assert isinstance(found, Rowset)
    rows = oracle.rows(seed)
    kinds = {row["id"]: row["kind"] for row in rows["place"]}
    staff = {row["id"]: (row["name"], row["id"]) for row in rows["staff"]}
    wanted = [
        (kinds.get(row["place"], "Unknown"), *staff.get(row["staff"], ("Somebody", None)), row["amount"])
        for row in rows["sales"]
    ]
    assert sorted(zip(*found.data, strict=True), key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("seed", [SHOWN, HIDDEN])
def test_drillthrough_gives_unique_names(seed: int) -> None:
    returned = "UNIQUENAME([$Place].[Kind]), UNIQUENAME([$Place].[Shop]), UNIQUENAME([$Staff].[Person])"
    text = f"DRILLTHROUGH SELECT [Measures].[Amount] ON 0 FROM [Tiny] RETURN {returned}, MEMBERVALUE([$Staff].[Person])"
    found = execute(open_scope(), database(seed), text)
    assert isinstance(found, Rowset)
    rows = oracle.rows(seed)
    kinds = {row["id"]: f"[Place].[Kind].&[{row['kind']}]" for row in rows["place"]}
    shops = {row["id"]: f"[Place].[Geography].[Shop].&[{row['id']}]" for row in rows["place"]}
    staff = {row["id"]: (f"[Staff].[Staff].[Person].&[{row['id']}]", row["id"]) for row in rows["staff"]}
    unknown = ["[Place].[Kind].[All].UNKNOWNMEMBER", "[Place].[Geography].[All]" + ".UNKNOWNMEMBER" * 3]
    stranger = ("[Staff].[Staff].[All].UNKNOWNMEMBER", None)
    wanted = [
        (
            kinds.get(row["place"], unknown[0]),
            shops.get(row["place"], unknown[1]),
            *staff.get(row["staff"], stranger),
        )
        for row in rows["sales"]
    ]
    assert sorted(zip(*found.data, strict=True), key=str) == sorted(wanted, key=str)


def test_so_do_columns_that_the_catalogue_declares(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    sale = tiny.TABLES["sale"] | {"place": ["A", "A", None, "Z", "B"]}
    pq.write_table(pa.table(sale), tmp_path / "sale.parquet")
    base = Databases().of_folder(open_scope(), tmp_path, load(tiny.FOLDER))
    found = execute(
        open_scope(), base, "DRILLTHROUGH SELECT [Measures].[Amount] ON 0 FROM [Tiny] WHERE [Place].[All places]"
    )
    assert isinstance(found, Rowset)
    assert sorted(zip(*found.data, strict=True)) == [
        ("Alpha", 10),
        ("Alpha", 20),
        ("Beta", 7),
        ("Unknown", 1),
        ("Unknown", 5),
    ]


def test_drillthrough_shows_what_a_row_without_a_key_says(tmp_path: Path) -> None:
    places = tiny.TABLES["place"] | {"place": ["A", "B", None]}
    tiny.write(tmp_path)
    pq.write_table(pa.table(places), tmp_path / "place.parquet")
    pq.write_table(pa.table(tiny.TABLES["sale"] | {"place": ["A", "A", "A", "B", None]}), tmp_path / "sale.parquet")
    base = Databases().of_folder(open_scope(), tmp_path, load(tiny.FOLDER))
    found = execute(
        open_scope(), base, "DRILLTHROUGH SELECT [Measures].[Amount] ON 0 FROM [Tiny] WHERE [Place].[All places]"
    )
    assert isinstance(found, Rowset)
    assert ("Gamma", 7) in zip(*found.data, strict=True)


def test_a_stock_of_an_unknown_day_counts_only_where_there_is_no_other(tmp_path: Path) -> None:
    rows = oracle.rows(HIDDEN)
    same = {"place": 1, "staff": 1, "colour": "red", "amount": 1, "buyer": 1}
    rows["sales"] = [
        {**same, "day": 1, "stock": 5},
        {**same, "day": None, "stock": 7},
        {**same, "day": 99, "stock": 4},
        {**same, "day": 99, "place": 2, "stock": 3},
    ]
    base = Databases().of_folder(open_scope(), oracle.write(tmp_path, rows), oracle.catalogue(HIDDEN))
    measures = "{[Measures].[Last], [Measures].[First], [Measures].[Daily]}"
    wanted = {
        "[Time].[Calendar].[All], [Place].[Geography].[All]": 5,  # the one known day that has a stock
        "[Time].[Calendar].[Unknown], [Place].[Geography].[All]": 14,
        "[Time].[Calendar].[All], [Place].[Geography].[Shop].&[2]": 3,  # known only without a day
    }
    for members, value in wanted.items():
        assert values(base, f"SELECT {measures} ON 0 FROM [Tiny] WHERE ({members})") == [value] * 3
    last = (
        "SELECT [Measures].[Final] ON 0, {[Time].[Calendar].[Day].&[1], [Time].[Calendar].[Unknown]} ON 1 FROM [Tiny]"
    )
    assert values(base, last) == [5, 14]


def test_every_role_has_its_own(tmp_path: Path) -> None:
    tiny.write(tmp_path)
    facts = {name: list(column) for name, column in tiny.TABLES["sale"].items()}
    facts["ordered"][0], facts["day"][1] = "2031-01-01", None
    pq.write_table(pa.table(facts), tmp_path / "sale.parquet")
    base = Databases().of_folder(open_scope(), tmp_path, load(tiny.FOLDER))
    roles = (
        "{[Day].[Calendar].UnknownMember} * {[Order day].[Calendar].[All days]}",
        ("{[Day].[Calendar].[All days]} * {[Order day].[Calendar].UnknownMember}"),
    )
    found = [values(base, f"SELECT {r} ON 0 FROM [Tiny] WHERE [Place].[Place].[All places]") for r in roles]
    assert found == [[20], [10]]


def test_a_row_whose_key_is_null_has_the_facts_without_key(tmp_path: Path) -> None:
    rows = oracle.rows(SHOWN)
    rows["place"].append(
        {"id": None, "country": "Nowhere", "state": "Nw", "city": "Nc", "name": "Stall", "kind": "mini"}
    )
    base = Databases().of_folder(open_scope(), oracle.write(tmp_path, rows), oracle.catalogue(SHOWN))
    nowhere = [row for row in rows["sales"] if row["place"] is None]
    strange = [row for row in rows["sales"] if row["place"] == 77]
    assert nowhere
    assert strange
    found = values(base, "SELECT {[Place].[Geography].[Nowhere], [Place].[Geography].[Unknown]} ON 0 FROM [Tiny]")
    assert found == [amount(nowhere), amount(strange)]
