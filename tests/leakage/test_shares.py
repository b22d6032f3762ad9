"""Shares and changes of Ukraine Statistik against SQL over the stores, for the country and for one municipality.

A municipality's own store holds none of the others: its share is of the published total, and where none is published
the cell says so. Whatever filters municipalities, never are own persons divided by own persons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from flis.access import scope
from flis.catalog.cubes import own_catalogue
from flis.query.database import Database, Databases, Options, execute
from flis.query.result import CellSet
from flis.release import current
from tests.leakage.asking import principal
from tests.leakage.requests import CUBE, GEOGRAPHY, OWN
from tests.leakage.worlds import FIRST, LAST, MANY, THIRD, UNPUBLISHED, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

DAY = "[Dato].[Dag].&[{:%Y-%m-%d}]"
SHARES = "{[Measures].[Andel af landet], [Measures].[Andel af området over]}"
CHANGES = "{[Measures].[Ændring på 7 dage], [Measures].[Ændring på 30 dage]}"
PERIODS = (
    ((), LAST),
    (("2022-08-01", "2022-08-10"), "2022-08-10"),
    (("2022-07-20", "2022-08-09", "2022-07-31"), "2022-08-09"),
    (("2022-08-15",), "2022-08-15"),
)
"""Asked days, and the last of them."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return world(tmp_path_factory.mktemp("shares") / "state", MANY)


@pytest.fixture(scope="module")
def opened(state: State) -> Iterator[dict[str, Database]]:
    """The database of the country, of København and of two municipalities."""
    release = current(state)
    assert release is not None
    databases = Databases()
    who = {"": principal(""), "0101": principal("0101"), "0101 and 0851": principal("0101", THIRD)}
    yield {
        name: databases.of_release(scope(someone, release.number), release, own_catalogue())
        for name, someone in who.items()
    }
    databases.close()


@pytest.fixture(scope="module")
def count(state: State) -> Any:
    """SQL over the stores: `stock` of the country, `total` and `kommune` as published."""
    connection = duckdb.connect()
    for store, table in (("national", "stock"), ("public", "total"), ("public", "kommune")):
        files = f"{state.releases}/stores/{store}/ukraine.{table}/*.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{files}')")
    return lambda query: connection.execute(query).fetchall()[0][0]


def ask(database: Database, text: str) -> list[Any]:
    """The values of a statement; errors as text."""
    found = execute(database.scope, database, text, Options())
    assert isinstance(found, CellSet)
    return [found.cells.errors.get(i) or found.cells.value(i) for i in range(len(found))]


def written(way: str, columns: str, hierarchy: str, members: list[str]) -> str:
    """A statement that filters a hierarchy by members in one of three ways."""
    listed = f"{{{', '.join(members)}}}"
    if not members:
        return f"SELECT {columns} ON 0 FROM {CUBE}"
    if way == "subselect":
        return f"SELECT {columns} ON 0 FROM (SELECT {listed} ON 0 FROM {CUBE})"
    if way == "set":
        return f"SELECT {columns} ON 0 FROM {CUBE} WHERE {listed}"
    made = f"{hierarchy}.[Chosen]"
    return f"WITH MEMBER {made} AS Aggregate({listed}) SELECT {columns} ON 0 FROM {CUBE} WHERE {made}"


@pytest.mark.parametrize("way", ["set", "subselect", "aggregate"])
@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("who", ["", "0101"])
def test_changes_count_from_the_last_day(
    opened: dict[str, Database], count: Any, who: str, period: tuple[tuple[str, ...], Any], way: str
) -> None:
    days, last = period
    members = [f"[Dato].[Dag].&[{day}]" for day in days]
    own = f"AND kommune = '{who}'" if who else ""
    stock = f"SELECT coalesce(sum(antal), 0) FROM stock WHERE true {own} AND dato = DATE '{last}'"
    first = f"DATE '{FIRST}'"
    for value, back in zip(ask(opened[who], written(way, CHANGES, "[Dato].[Dag]", members)), (7, 30), strict=True):
        covered = count(f"SELECT DATE '{last}' - {back} >= {first}")
        assert value == (count(stock) - count(f"{stock} - {back}") if covered else None)


@pytest.mark.parametrize("way", ["set", "subselect", "aggregate"])
@pytest.mark.parametrize("codes", [("0101",), ("0101", "0461"), ("0461", "0851", "0751")])
def test_shares_are_of_everybody_whoever_is_filtered(
    opened: dict[str, Database], count: Any, codes: tuple[str, ...], way: str
) -> None:
    members = [f"[Kommune].[Kommune].&[{code}]" for code in codes]
    whole = f"SELECT sum(antal) FROM stock WHERE dato = DATE '{LAST}'"
    value, _ = ask(opened[""], written(way, SHARES, "[Kommune].[Kommune]", members))
    assert value == pytest.approx(count(f"{whole} AND kommune IN {(*codes, '')}") / count(whole))


@pytest.mark.parametrize("way", ["set", "subselect", "aggregate"])
def test_a_municipality_has_its_share_of_what_is_published(opened: dict[str, Database], count: Any, way: str) -> None:
    members = [f"{GEOGRAPHY}.[Kommune].&[0101]"]
    own = count(f"SELECT sum(antal) FROM stock WHERE kommune = '0101' AND dato = DATE '{LAST}'")
    total = f"SELECT sum(antal) FROM total WHERE known_to IS NULL AND dato = DATE '{LAST}'"
    country = count(f"{total} AND kommune = '0000'")
    province = "SELECT landsdel FROM kommune WHERE kommune = '0101'"
    above = count(f"{total} AND kommune IN (SELECT kommune FROM kommune WHERE landsdel = ({province}))")
    found = ask(opened["0101"], written(way, SHARES, GEOGRAPHY, members))
    assert found == pytest.approx([own / country, own / above])


def test_two_municipalities_are_not_their_provinces(opened: dict[str, Database], count: Any) -> None:
    """Of the province, region or country of each, by the publication; of both together, of the country."""
    base = opened["0101 and 0851"]
    text = f"SELECT {SHARES} ON 0, {{{GEOGRAPHY}.[Kommune].&[0101], {GEOGRAPHY}.[Kommune].&[0851]}} ON 1 FROM {CUBE}"
    found = ask(base, text)
    total = f"SELECT sum(antal) FROM total WHERE known_to IS NULL AND dato = DATE '{LAST}'"
    right = []
    for code in ("0101", THIRD):
        own = count(f"SELECT sum(antal) FROM stock WHERE kommune = '{code}' AND dato = DATE '{LAST}'")
        province = f"SELECT landsdel FROM kommune WHERE kommune = '{code}'"
        above = count(f"{total} AND kommune IN (SELECT kommune FROM kommune WHERE landsdel = ({province}))")
        right += [own / count(f"{total} AND kommune = '0000'"), own / above]
    assert found == pytest.approx(right)
    together = count(f"SELECT sum(antal) FROM stock WHERE kommune IN ('0101', '{THIRD}') AND dato = DATE '{LAST}'")
    assert ask(base, f"SELECT {SHARES} ON 0 FROM {CUBE}")[0] == pytest.approx(
        together / count(f"{total} AND kommune = '0000'")
    )


@pytest.mark.parametrize(
    "where",
    [
        DAY.format(UNPUBLISHED),
        "[Køn].[Køn].&[K]",
        "{[Køn].[Køn].&[K], [Køn].[Køn].&[M]}",
        "[Alder].[Aldersgrupper].[Aldersgruppe].&[20-66]",
    ],
)
def test_what_is_not_published_is_said_and_not_made_up(opened: dict[str, Database], where: str) -> None:
    for value in ask(opened["0101"], f"SELECT {SHARES} ON 0 FROM {CUBE} WHERE {where}"):
        assert isinstance(value, str)
        assert "no total is published for this cell" in value
    for value in ask(opened[""], f"SELECT {SHARES} ON 0 FROM {CUBE} WHERE {where}"):
        assert value == 1


def test_who_is_not_there_has_no_share(opened: dict[str, Database]) -> None:
    text = f"SELECT {SHARES} ON 0 FROM (SELECT {{{OWN}}} ON 0 FROM {CUBE}) WHERE [Civilstand].[Civilstand].&[P]"
    assert ask(opened["0101"], text) == [None, None]


def test_a_public_store_that_is_withheld_is_not_read(tmp_path: Path) -> None:
    """Releases made before public figures were protected as they are now are nobody's to read."""
    release = current(world(tmp_path / "state", MANY, shown=""))
    assert release is not None
    databases = Databases()
    base = databases.of_release(scope(principal("0101"), release.number), release, own_catalogue())
    for value in ask(base, f"SELECT {SHARES} ON 0 FROM {CUBE}"):
        assert "no total is published for this cell" in value
    databases.close()
