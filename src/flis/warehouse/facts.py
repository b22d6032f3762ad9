"""What a release is made of: facts as they are known now, in whole months, as Arrow tables."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.warehouse.coverage import Coverage
from flis.warehouse.database import opened, run
from flis.warehouse.definition import definition
from flis.warehouse.dimensions import NO_MUNICIPALITY
from flis.warehouse.given import choose_days, set_days
from flis.warehouse.graph import source_of
from flis.warehouse.loading import prepare
from flis.warehouse.stays import stays
from flis.warehouse.step import step_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from flis.config import State
    from flis.warehouse.database import Connection

__all__ = ["MONTHLY", "Facts", "Problem", "Revision", "facts", "set_policy"]

AREA = "ukraine"
MONTHLY = ("stock", "flow", "crossing")
"""The facts that a release holds in whole months."""
_ORDER = {"total": "kommune, dato", "flow_day": "dato", "flow_week": "kommune, uge"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule of `imbalance.sql` that does not hold, on a day in a municipality ('0000': the country)."""

    rule: str
    day: date
    kommune: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A day's total that was known otherwise before."""

    day: date
    kommune: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of area `ukraine` in an open warehouse."""

    connection: Connection
    coverage: Coverage

    def touched(self, since: date | None) -> dict[str, set[str]]:
        """The months that deliveries after `since` changed (None: all), oldest first, with the municipalities."""
        rows = self.connection.execute(
            "SELECT month, kommune FROM touched WHERE produced > CAST($since AS DATE) GROUP BY month, kommune "
            "ORDER BY month",
            {"since": since or date.min},
        ).fetchall()
        found: dict[str, set[str]] = {}
        for month, kommune in rows:
            all_of_them = {m.code for m in municipalities()}
            found.setdefault(month, set()).update(all_of_them if kommune == "0000" else {kommune})
        return found

    def month(self, month: str) -> dict[str, pa.Table]:
        """The `MONTHLY` of a month, sorted by municipality, day and cell; they also lie in temporary tables then."""
        first = date.fromisoformat(f"{month}-01")
        after = (first + timedelta(32)).replace(day=1)
        set_days(
            self.connection,
            max(first, self.coverage.first),
            min(after - timedelta(1), self.coverage.last),
        )
        for name in MONTHLY:
            run(self.connection, step_named(AREA, name))
        return {name: self._table(f"SELECT * FROM {name}") for name in MONTHLY}

    def check(self) -> list[Problem]:
        """What does not add up in the month that was made last."""
        run(self.connection, step_named(AREA, "imbalance"))
        rows = self.connection.execute(
            "SELECT rule, dato, kommune FROM imbalance ORDER BY rule, dato, kommune"
        ).fetchall()
        return [Problem(*row) for row in rows]

    def breakdown(self, days: Sequence[date]) -> pa.Table:
        """Each municipality's exact counts of some days by the groups of each dimension: not for the public."""
        choose_days(self.connection, days)
        for name in ("stock", "breakdown"):
            run(self.connection, step_named(AREA, name))
        return self._table("SELECT * FROM breakdown")

    def stays(self, known: Iterable[date]) -> pa.Table:
        """Who was where, as known now and on some days: for counting changes, never to be shown."""
        return stays(self.connection, AREA, known)

    def totals(self, moments: Iterable[tuple[date, date]]) -> pa.Table:
        """The totals of days as known on days: number of the moment, municipality, persons."""
        listed = list(moments)
        return self._table(
            "SELECT m.n, t.kommune, t.antal FROM (SELECT unnest(range(len(CAST($day AS DATE[])))) AS n, "
            "unnest(CAST($day AS DATE[])) AS dato, unnest(CAST($known AS DATE[])) AS known) m "
            "JOIN total t ON t.dato = m.dato AND t.known_from <= m.known "
            "AND coalesce(t.known_to, DATE '9999-12-31') > m.known",
            {"day": [day for day, _ in listed], "known": [known for _, known in listed]},
        )

    def flows(self, table: str) -> pa.Table:
        """The exact flows known now: of the country by day (`flow_day`), of municipalities by week (`flow_week`)."""
        return self._table(f"SELECT * EXCLUDE (known_from, known_to) FROM {table} WHERE known_to IS NULL")

    def months(self, after: date | None) -> pa.Table:
        """The country's rare flows of the whole months after the one that begins on `after` (None: all)."""
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE month AS "
            "SELECT CAST(range AS DATE) AS maaned, CAST(range + INTERVAL 1 MONTH AS DATE) AS after "
            "FROM range(date_trunc('month', CAST($first AS TIMESTAMP)), "
            "date_trunc('month', CAST($last AS TIMESTAMP) + INTERVAL 1 DAY), INTERVAL 1 MONTH) "
            "WHERE CAST(range AS DATE) > CAST($after AS DATE)",
            {"first": self.coverage.first, "last": self.coverage.last, "after": after or date.min},
        )
        run(self.connection, step_named(AREA, "flow_month"))
        return self._table("SELECT * FROM flow_month ORDER BY maaned")

    def figures(self, table: str, since: date | None) -> dict[str, pa.Table]:
        """A figure with known time as the public sees it, in the months that a delivery after `since` changed."""
        day = "uge" if table == "flow_week" else "dato"
        known = {"since": since or date.min}
        rows = self.connection.execute(
            f"SELECT DISTINCT strftime({day}, '%Y-%m') FROM {table} "
            "WHERE known_from > CAST($since AS DATE) OR known_to > CAST($since AS DATE) ORDER BY 1",
            known,
        ).fetchall()
        run(self.connection, step_named(AREA, f"shown_{table}"))
        return {
            month: self._table(
                f"SELECT * FROM shown_{table} WHERE strftime({day}, '%Y-%m') = $month "
                f"ORDER BY {_ORDER[table]}, known_from",
                {"month": month},
            )
            for (month,) in rows
        }

    def deliveries(self) -> pa.Table:
        """Production date and id of every delivery, oldest first."""
        return self._table("SELECT produced, id FROM delivery ORDER BY produced")

    def revisions(self, since: date, through: date) -> list[Revision]:
        """Totals of days up to `through` that are known otherwise than on `since`."""
        rows = self.connection.execute(
            "SELECT n.dato, n.kommune, b.antal, n.antal FROM total n JOIN total b ON b.dato = n.dato "
            "AND b.kommune = n.kommune WHERE n.known_to IS NULL AND n.known_from > $since AND n.dato <= $through "
            "AND b.known_from <= $since AND b.known_to > $since AND b.antal <> n.antal ORDER BY 1, 2",
            {"since": since, "through": through},
        ).fetchall()
        return [Revision(*row) for row in rows]

    def moved(self, after: date | None) -> list[str]:
        """The municipalities with any flow after a day (None: ever)."""
        rows = self.connection.execute(
            "SELECT DISTINCT kommune FROM event WHERE dato > CAST($after AS DATE) AND dato <= $last ORDER BY 1",
            {"after": after or date.min, "last": self.coverage.last},
        ).fetchall()
        return [row[0] for row in rows]

    def strays(self) -> bool:
        """Whether anybody counts in the country's figures and in no municipality's."""
        query = "SELECT count(*) FROM presence WHERE kommune = $none AND fra <= $last"
        ((count,),) = self.connection.execute(query, {"none": NO_MUNICIPALITY, "last": self.coverage.last}).fetchall()
        return bool(count)

    def unexplained(self, months: list[str]) -> int:
        """How many persons' changes in `months` no record explains (`oevrige`)."""
        ((count,),) = self.connection.execute(
            "SELECT count(*) FROM event WHERE oevrige <> 0 AND dato <= $last "
            "AND list_contains(CAST($months AS VARCHAR[]), strftime(dato, '%Y-%m'))",
            {"months": months, "last": self.coverage.last},
        ).fetchall()
        return int(count)

    def recount(self, days: list[date], known: date) -> dict[tuple[date, str], int]:
        """The totals of some days as known on a day, counted from the history alone."""
        rules = definition(AREA)
        rows = self.connection.execute(
            "SELECT d.dato, r.kommune, count(DISTINCT r.person) "
            "FROM (SELECT unnest(CAST($days AS DATE[])) AS dato) d "
            "JOIN history.residence r ON r.valid_from <= d.dato AND r.valid_to > d.dato "
            "JOIN history.version v ON v.person = r.person AND v.known_from = r.known_from "
            "JOIN history.citizenship c ON c.person = r.person AND c.known_from = r.known_from "
            "AND c.valid_from <= d.dato AND c.valid_to > d.dato AND c.country = $citizenship "
            "WHERE v.known_from <= $known AND v.known_to > $known AND EXISTS (SELECT 1 FROM history.abroad a "
            "WHERE a.person = r.person AND a.known_from = r.known_from "
            "AND a.entered >= $entered_from AND a.entered <= d.dato) GROUP BY 1, 2",
            {
                "days": days,
                "known": known,
                "citizenship": rules.citizenship,
                "entered_from": rules.entered_from,
            },
        ).fetchall()
        return {(row[0], row[1]): row[2] for row in rows}

    def _table(self, query: str, values: Mapping[str, object] | None = None) -> pa.Table:
        return self.connection.sql(query, params=values).to_arrow_table()


@contextmanager
def facts(state: State, groups: Mapping[str, Mapping[str, Sequence[str]]], small: int = 0) -> Iterator[Facts | None]:
    """The facts in the warehouse of `state`; None while it covers no day.

    `groups` are the breakdowns (dimension -> group -> values), `small` the greatest count of a municipality's flow that
    is shown as a range.
    """
    start = definition(AREA).entered_from
    source = source_of(AREA)
    with opened(state, source, reading=True) as connection:
        prepare(connection, source)
        rows = connection.execute(
            "SELECT produced, id, (SELECT count(*) FROM delivery) FROM delivery ORDER BY produced DESC LIMIT 1"
        ).fetchall()
        if not rows or rows[0][0] < start:
            yield None
            return
        set_policy(connection, groups, small)
        yield Facts(connection, Coverage(start, *rows[0]))


def set_policy(connection: Connection, groups: Mapping[str, Mapping[str, Sequence[str]]], small: int) -> None:
    """Make the tables `grouping` and `small` of the policy, which steps read."""
    listed = [(d, g, v) for d, of in groups.items() for g, values in of.items() for v in values]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE grouping AS SELECT unnest(CAST($dimension AS VARCHAR[])) AS dimension, "
        "unnest(CAST($group AS VARCHAR[])) AS gruppe, unnest(CAST($value AS VARCHAR[])) AS value",
        {name: [row[n] for row in listed] for n, name in enumerate(("dimension", "group", "value"))},
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE small AS SELECT CAST($most AS INTEGER) AS most", {"most": small})
