"""Parts: what a delivery replaces as a whole, with two clocks for each part.

A contract says by which columns the rows of an area fall into parts (`part: [kommune, maaned]`). A delivery tells some
parts whole. Nothing is ever changed or taken away. For each part a *version* notes since when it is known, its rank
among the versions of the part, by which load it came, and the digest of its rows; rows lie once for each part and
digest. As known on a day is the version of the highest rank among those known then. So any order of arrival leaves the
same history, a part without rows is a version like any other, and a delivery that repeats what is known (a window of
months, a snapshot) writes no row again. A correction (the same interface, sender and period, a higher sequence) takes
the place of what it corrects as a whole: a part of that one that it does not tell is without rows from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.errors import StateError
from flis.warehouse.database import create, define
from flis.warehouse.given import PART_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from flis.warehouse.database import Connection
    from flis.warehouse.step import Columns

__all__ = [
    "PartedTable",
    "Telling",
    "changed_by",
    "differing",
    "effect",
    "first_known",
    "hashing",
    "known_days",
    "known_now",
    "prepare",
    "replace",
    "tell",
    "told_before",
    "view",
]

NOTHING = "nothing"
"""The digest of a part without rows."""
_MOMENT = "%Y-%m-%dT%H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class PartedTable:
    """A kept table of an area: its columns, and those by which its rows fall into parts (none: one part).

    `clock` is the column that says of each row since when it is known, where the delivery does not: of two versions of
    a part the later one counts. A part that is a `resource` has one row of the delivery for each of its versions, so
    that one delivery may tell several; of any other part all rows of a delivery are one version. Where deliveries are
    `windowed` one tells all of its days, whatever other columns divide them.
    """

    area: str
    name: str
    columns: Columns
    part: tuple[str, ...] = ()
    clock: str = ""
    resource: bool = False
    windowed: bool = False

    @property
    def rows(self) -> str:
        """The table that holds the rows of all versions, and by which load they came."""
        return f"{self.area}.{self.name}_rows"

    @property
    def versions(self) -> str:
        """The table that notes which rows a part had, since when, by which load."""
        return f"{self.area}.{self.name}_versions"

    @property
    def spans(self) -> str:
        """The table that notes from when until when a delivery told of days, where parts are days."""
        return f"{self.area}.{self.name}_spans"

    @property
    def keys(self) -> Columns:
        """The columns of a part's key."""
        return {name: self.columns[name] for name in self.part}

    @property
    def keys_and_clock(self) -> Columns:
        """The columns that say of which version of which part a row is."""
        return {name: kind for name, kind in self.columns.items() if name in self.part or name == self.clock}

    @property
    def days(self) -> tuple[str, ...]:
        """The columns of a part's key that are days."""
        return tuple(name for name, kind in self.keys.items() if kind == "DATE")

    @property
    def is_of_periods(self) -> bool:
        """Whether parts are places and times, and no things that files tell of one by one."""
        return not self.resource and set(self.places) <= PART_COLUMNS.keys()

    @property
    def places(self) -> tuple[str, ...]:
        """The columns of a part's key of each value of which a delivery tells days of their own."""
        return tuple(name for name in self.groups if name in PART_COLUMNS or not self.windowed)

    @property
    def groups(self) -> tuple[str, ...]:
        """The other columns of a part's key."""
        return tuple(name for name in self.part if name not in self.days)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a delivery is to the parts that it tells: the number of its load, since when it is known, and its rank.

    Of two versions of a part the one of the higher rank counts, whichever came first. `fixed` are the columns of the
    part that the delivery has one value of: its municipality, its month. `window` are the first and the last of the
    days that it tells whole, where its contract says so; else its rows say it. `others` are the deliveries that it
    corrects, and its corrections.
    """

    load: int
    known: date
    rank: str
    fixed: Mapping[str, object] = field(default_factory=dict)
    others: tuple[Telling, ...] = ()
    window: tuple[date, date] | None = None


def prepare(connection: Connection, table: PartedTable) -> None:
    """Make what keeps a table where it is missing."""
    define(connection, f"CREATE SCHEMA IF NOT EXISTS {table.area}")
    create(connection, table.rows, {"load": "INTEGER"} | table.columns)
    noted = {"known_from": "DATE", "rank": "VARCHAR", "load": "INTEGER", "digest": "VARCHAR", "rows_of": "INTEGER"}
    create(connection, table.versions, table.keys | noted)
    spans = {f"{end}_{day}": "DATE" for day in table.days for end in ("first", "last")}
    places = {name: table.keys[name] for name in table.places}
    create(connection, table.spans, places | spans | {"known_from": "DATE", "rank": "VARCHAR", "load": "INTEGER"})


def tell(
    connection: Connection,
    table: PartedTable,
    source: str,
    name: str,
    *,
    fixed: Mapping[str, object] | None = None,
    named: str = "",
) -> None:
    """Make the temporary table `name` of the parts that a delivery tells with its rows, those of the table `source`.

    It tells the parts that its rows are of, and those in the table `named` (the columns of a part, and `clock`): a part
    of which the steps left no row is one without rows. Where all columns of a part are fixed it tells that one, with or
    without rows. Nothing is asked of what is kept.

    Raises:
        StateError: a row lies in a part that the delivery does not tell.
    """
    mine = {column: value for column, value in (fixed or {}).items() if column in table.part}
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS {_told(table, source, named, whole=set(mine) == set(table.part))}",
        mine if set(mine) == set(table.part) else {},
    )
    for column, value in mine.items():
        ((is_another,),) = connection.execute(
            f"SELECT bool_or({column} IS DISTINCT FROM CAST($value AS {table.columns[column]})) FROM {name} "
            f"WHERE digest <> '{NOTHING}'",
            {"value": value},
        ).fetchall()
        if is_another:
            raise StateError(
                f"The delivery has rows of {table.name} with another {column} than its own.",
                hint="See `part` in the area's contract.",
            )


def hashing(connection: Connection) -> str:
    """How the engine hashes rows, told by one: other releases of it may hash otherwise, and compare with no digest."""
    cells = ("'å'", "2", "DATE '2025-08-31'", "CAST(1.25 AS DECIMAL(18, 2))", "1e3", "TIMESTAMP '2025-08-31 12:00'")
    ((found,),) = connection.execute(f"SELECT CAST({_hashed((*cells, 'true', 'NULL'))} AS VARCHAR)").fetchall()
    return str(found)


def replace(connection: Connection, table: PartedTable, source: str, told: str, telling: Telling) -> None:
    """Take the rows of the table `source` for those of the parts that the delivery tells, which `tell` made `told` of.

    Of a part's column that is a day it tells all from its first through its last, so that a month in the middle of a
    window that has no row any more is a part without rows, too.
    """
    rank, own = _rank(connection, table, told, telling), "" if table.resource else f"/{telling.rank}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE part_version AS SELECT {_listed(table.part, 't.', ', ')}t.clock, "
        "coalesce(CAST(t.clock AS DATE), CAST($known AS DATE)) AS known_from, "
        f"coalesce(strftime(t.clock, '{_MOMENT}') || $own, $rank) AS rank, t.digest, min(v.rows_of) AS held "
        f"FROM {told} t LEFT JOIN {table.versions} v ON v.digest = t.digest AND {_same('v', 't', table)} GROUP BY ALL",
        {"known": telling.known, "rank": rank, "own": own},
    )
    at = f" AND {_clock(table, 's')} IS NOT DISTINCT FROM p.clock" if table.resource else ""
    connection.execute(
        f"INSERT INTO {table.rows} SELECT $load, {_listed(table.columns, 's.')} FROM {source} s "
        f"JOIN part_version p ON p.held IS NULL AND {_same('s', 'p', table)}{at}",
        {"load": telling.load},
    )
    connection.execute(
        f"INSERT INTO {table.versions} SELECT {_listed(table.part, after=', ')}known_from, rank, $load, digest, "
        "coalesce(held, $load) FROM part_version",
        {"load": telling.load},
    )
    if table.days and not set(table.days) & set(telling.fixed):
        _tell_spans(connection, table, told, telling, rank)
    if table.is_of_periods:
        for other in telling.others:
            earlier, later = sorted((telling, other), key=lambda one: one.rank)
            _correct(connection, table, earlier, later, telling.load)


def effect(connection: Connection, table: PartedTable, load: int) -> tuple[int, int, int]:
    """What a load did to the parts: how many it told with rows, how many of those stay as another delivery tells them,
    and how many that had rows have none any more.
    """
    mine = f"SELECT v.* FROM {table.versions} v SEMI JOIN (FROM {table.versions} WHERE load = $load) l ON "
    mine += _same("v", "l", table)  # no other part is ranked: a load costs what it tells
    newest = "arg_max({'load': load, 'digest': digest}, {'rank': rank, 'known_from': known_from, 'load': load})"
    by = f"GROUP BY {_listed(table.part)}" if table.part else ""
    parts = (
        f"SELECT list(digest) FILTER (load = $load AND digest <> '{NOTHING}') AS told, {newest} AS latest, "
        f"{newest} FILTER (load < $load) AS earlier FROM ({mine}) {by}"
    )
    ((told, outranked, removed),) = connection.execute(
        "SELECT coalesce(sum(len(told)), 0), "
        "coalesce(sum(len(list_filter(told, lambda one: one <> latest.digest))) FILTER (latest.load <> $load), 0), "
        f"count(*) FILTER (latest.load = $load AND latest.digest = '{NOTHING}' AND earlier.digest <> '{NOTHING}') "
        f"FROM ({parts})",
        {"load": load},
    ).fetchall()
    return told, outranked, removed


def first_known(connection: Connection, tables: Iterable[PartedTable], since: int) -> date | None:
    """The first day since which anything is known that a load after `since` told; None where none told anything."""
    days = [day for table in tables for day in _known_days(connection, table, f"load > {int(since)}")]
    return min(days, default=None)


def known_days(connection: Connection, tables: Iterable[PartedTable], first: date) -> set[date]:
    """The days from `first` on since which anything is known."""
    later = f"known_from >= DATE '{first.isoformat()}'"
    return {day for table in tables for day in _known_days(connection, table, later)}


def known_now(table: PartedTable) -> str:
    """The SELECT of the rows as known now."""
    return _rows(table, _newest(table, []))


def view(connection: Connection, table: PartedTable, day: date | None = None, *, through: int | None = None) -> None:
    """Let the view `<name>` show the rows as known at the end of `day`; None: as known now.

    `through` is the last load that counts; None: all count.
    """
    where = [f"known_from <= DATE '{day.isoformat()}'"] if day else []
    where += [f"load <= {int(through)}"] if through is not None else []
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {table.name} AS {_rows(table, _newest(table, where))}")


def differing(connection: Connection, table: PartedTable, since: int | None) -> None:
    """Let the view `<name>` show the rows that were so after load `since` or are so now, but not both; None: all.

    Parts are compared by their digests first, so that only the rows of changed parts are read.
    """
    if since is None:
        view(connection, table)
        return
    kept = [_newest(table, [f"load <= {int(since)}"]), _newest(table, [])]
    then, now = (
        _rows(
            table,
            f"SELECT a.* FROM ({one}) a ANTI JOIN ({other}) b ON b.rows_of = a.rows_of AND {_same('b', 'a', table)}",
        )
        for one, other in (kept, reversed(kept))
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {table.name} AS "
        f"(({then}) EXCEPT ALL ({now})) UNION ALL (({now}) EXCEPT ALL ({then}))"
    )


def changed_by(connection: Connection, table: PartedTable, load: int, *, through: int, name: str) -> None:
    """Let the view `name` show the parts that a load told, as known after load `through`."""
    told = f"SELECT {_listed(table.part) or 'load'} FROM {table.versions} WHERE load = {int(load)}"
    newest = _newest(table, [f"load <= {int(through)}"])
    kept = f"SELECT n.* FROM ({newest}) n SEMI JOIN ({told}) t ON {_same('t', 'n', table)}"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {_rows(table, kept)}")


def told_before(
    connection: Connection, table: PartedTable, telling: Telling, name: str, *, first: bool = False
) -> None:
    """Let the view `name` show the rows of the places of a delivery as those of lower rank told them.

    Of each part the highest of these versions counts, whatever came first; `first`: the highest of the earliest period.
    """
    where = [f"rank < {_text(telling.rank)}", f"digest <> '{NOTHING}'"]
    places = telling.fixed.keys() & set(table.part)
    where += [f"{place} = CAST({_text(telling.fixed[place])} AS {table.columns[place]})" for place in sorted(places)]
    newest = _newest(table, where, order="split_part(rank, '/', 1), rank DESC" if first else "rank DESC")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {_rows(table, newest)}")


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _told(table: PartedTable, source: str, named: str, *, whole: bool) -> str:
    """The parts that a delivery tells, each with its `clock` and the digest of its rows.

    They are those of the tables `source` and `named`; the `whole` one of the parameters has all that `named` says.
    """
    keys = _listed(table.part, after=", ")
    digest = f"concat_ws('-', count(*), sum({_hashed(table.columns)}))"
    clock = f"{_clock(table)} AS clock" if table.resource else f"max({_clock(table)}) AS clock"
    every = "GROUP BY ALL" if table.part else "HAVING count(*) > 0"
    found = f"SELECT {keys}{clock}, {digest} AS digest FROM {source} {every}"
    own = "".join(f"CAST(${name} AS {kind}) AS {name}, " for name, kind in table.keys.items()) if whole else keys
    if named:
        found += f" UNION ALL SELECT {own}clock, NULL FROM {named}"
    if whole or not table.part:
        found += f" UNION ALL SELECT {own}CAST(NULL AS TIMESTAMP), NULL"
    clock = "clock" if table.resource else "max(clock) AS clock"
    return f"SELECT {keys}{clock}, coalesce(max(digest), '{NOTHING}') AS digest FROM ({found}) GROUP BY ALL"


def _rank(connection: Connection, table: PartedTable, told: str, telling: Telling) -> str:
    """The rank of a delivery's parts without rows: where rows tell since when they are known, that of the newest."""
    if not table.clock:
        return telling.rank
    query = f"SELECT strftime(coalesce(max(clock), CAST($known AS DATE)), '{_MOMENT}') FROM {told}"
    ((moment,),) = connection.execute(query, {"known": telling.known}).fetchall()
    return moment if table.resource else f"{moment}/{telling.rank}"


def _correct(connection: Connection, table: PartedTable, earlier: Telling, later: Telling, load: int) -> None:
    """Give each part of the delivery `earlier` that its correction does not tell a version without rows."""
    newest = f"SELECT max(rank) FROM {table.versions} WHERE load = $later AND digest <> '{NOTHING}'"
    otherwise = f"strftime(CAST($known AS DATE), '{_MOMENT}') || '/' || $rank" if table.clock else "$rank"
    connection.execute(
        f"INSERT INTO {table.versions} SELECT {_listed(table.part, 'v.', ', ')}"
        f"greatest(v.known_from, CAST($known AS DATE)), coalesce(({newest}), {otherwise}), $load, '{NOTHING}', $later "
        f"FROM {table.versions} v ANTI JOIN {table.versions} o ON o.load = $later AND {_same('o', 'v', table)} "
        "AND o.known_from <= greatest(v.known_from, CAST($known AS DATE)) WHERE v.load = $earlier",
        {"earlier": earlier.load, "later": later.load, "known": later.known, "rank": later.rank, "load": load},
    )


def _clock(table: PartedTable, of: str = "") -> str:
    """Since when a row is known, in SQL: the moment in Copenhagen; NULL where the delivery says it."""
    prefix = f"{of}." if of else ""
    return f"CAST({prefix}{table.clock} AS TIMESTAMP)" if table.clock else "CAST(NULL AS TIMESTAMP)"


def _known_days(connection: Connection, table: PartedTable, where: str) -> list[date]:
    rows = connection.execute(f"SELECT DISTINCT known_from FROM {table.versions} WHERE {where}").fetchall()
    return [day for (day,) in rows]


def _tell_spans(connection: Connection, table: PartedTable, told: str, telling: Telling, rank: str) -> None:
    """Note from when until when the delivery tells, and give each part in a span that its delivery has no row of one
    version without rows: of this delivery's span and the parts known, and of the earlier spans and this one's parts.
    """
    if telling.window:
        first, last = (f"DATE '{day.isoformat()}'" for day in telling.window)
        bounds = ", ".join(f"{first} AS first_{day}, {last} AS last_{day}" for day in table.days)
    else:
        bounds = ", ".join(f"min({day}) AS first_{day}, max({day}) AS last_{day}" for day in table.days)
    connection.execute(
        f"INSERT INTO {table.spans} SELECT {_listed(table.places, after=', ')}{bounds}, CAST($known AS DATE), $rank, "
        f"$load FROM {_grouped(table, told, telling)} GROUP BY ALL",
        {"known": telling.known, "rank": rank, "load": telling.load},
    )
    within = [f"v.{name} IS NOT DISTINCT FROM s.{name}" for name in table.places]
    within += [f"v.{day} BETWEEN s.first_{day} AND s.last_{day}" for day in table.days]
    connection.execute(
        f"INSERT INTO {table.versions} SELECT DISTINCT {_listed(table.part, 'v.')}, s.known_from, s.rank, s.load, "
        f"'{NOTHING}', s.load FROM {table.versions} v JOIN {table.spans} s ON {' AND '.join(within)} "
        f"ANTI JOIN {table.versions} o ON o.load = s.load AND {_same('o', 'v', table)} "
        "WHERE v.load = $load OR s.load = $load",
        {"load": telling.load},
    )


def _grouped(table: PartedTable, told: str, telling: Telling) -> str:
    """The rows by which a span is told; where window and places are known, one stands for a delivery without rows."""
    if not telling.window or not set(table.places) <= set(telling.fixed):
        return told
    values = ", ".join(f"'{telling.fixed[name]}' AS {name}" for name in table.places)
    return f"(SELECT {values or '1 AS one'})"


def _hashed(cells: Iterable[str]) -> str:
    """The hash of a row, in SQL: hashed twice, so that a sum of them tells rows apart that swapped a value."""
    return f"hash(hash({_listed(cells)}))"


def _newest(table: PartedTable, where: Iterable[str], versions: str = "", order: str = "rank DESC") -> str:
    """The version of the highest rank of each part, of `versions` (none named: all) that all conditions leave."""
    over = f"PARTITION BY {_listed(table.part)} " if table.part else ""
    conditions = " AND ".join(where) or "true"
    ranked = f"row_number() OVER ({over}ORDER BY {order}, known_from DESC, load DESC) = 1"
    return f"SELECT * FROM {versions or table.versions} WHERE {conditions} QUALIFY {ranked}"


def _rows(table: PartedTable, versions: str) -> str:
    columns = _listed(table.columns, "r.")
    # a load may have told several versions of a resource
    at = f" AND {_clock(table, 'r')} IS NOT DISTINCT FROM TRY_CAST(v.rank AS TIMESTAMP)" if table.resource else ""
    joined = f"JOIN ({versions}) v ON v.rows_of = r.load AND {_same('v', 'r', table)}{at}"
    return f"SELECT {columns} FROM {table.rows} r {joined}"


def _same(one: str, other: str, table: PartedTable) -> str:
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in table.part) or "true"


def _listed(names: Iterable[str], prefix: str = "", after: str = "") -> str:
    """The names with commas between them; `after` follows where there are any."""
    found = ", ".join(prefix + name for name in names)
    return found + after if found else ""
