"""The two physical forms of what is kept, for who makes facts of it: parts, and persons of a linked chain."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from flis.catalog.area_file import area as area_named
from flis.catalog.contract import Every
from flis.warehouse import coverage as covering
from flis.warehouse import keeping, ledger, parts
from flis.warehouse.coverage import Coverage
from flis.warehouse.database import KEPT
from flis.warehouse.definitions import definition
from flis.warehouse.given import set_days, set_months, set_weeks
from flis.warehouse.graph import linked, ordered, source_of
from flis.warehouse.ledger import LEDGER
from flis.warehouse.periods import between, days_of
from flis.warehouse.step import StepKind, all_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flis.config import State
    from flis.warehouse.coverage import Covered, MissingPeriod
    from flis.warehouse.database import Connection
    from flis.warehouse.step import Step

__all__ = ["GIVEN_DAYS", "KeptForm", "form_of", "give_days", "periods_of"]

Places = list[tuple[str, str | None]]
"""Periods with municipalities (None: all)."""
CUT = {"month": 7, "year": 4}
GIVEN_DAYS = frozenset({"day", "week", "month"})
"""The tables of the days covered that steps read."""
COUNTRY = "0000"
"""Under this municipality a figure is the country's."""


class KeptForm(Protocol):
    """What the facts of an area ask of what is kept."""

    def open(self, connection: Connection) -> None:
        """Let the kept tables lie under their names, as known now."""

    def coverage(self, connection: Connection) -> Coverage | None:
        """The days covered; None: none yet."""

    def covered(
        self, state: State, connection: Connection, coverage: Coverage
    ) -> tuple[Covered, tuple[MissingPeriod, ...]]:
        """The days covered by product and municipality, and the gaps."""

    def new_days(self, connection: Connection, since: int) -> list[tuple[date, date]]:
        """The days that are covered now and were not after load `since`, from the first through the last of each run.

        Facts that are made for the days covered have rows of them, whether or not anything that is kept changed.
        """

    def told_places(self, connection: Connection, step: Step, since: int | None) -> Places | None:
        """The places of a fact that loads after `since` changed, where steps have noted them; None: they have not."""

    def differing(self, connection: Connection, facts: Sequence[Step], since: int) -> Iterator[None]:
        """One after the other, let each kept table that facts are made of show the rows that differ since a load alone.

        Tables without such rows are passed over. Beside the rows of one table the others show what is known now, then
        what was known after that load: a row that is gone may have been joined with one that is gone too.
        """

    def then_and_now(self, connection: Connection, since: int) -> Iterator[None]:
        """Let the kept tables show what was known after a load, then what is known now."""


def form_of(area: str) -> KeptForm:
    """The form in which what the area is made of is kept."""
    return _Persons(area) if linked(source_of(area)) else _Parts(area)


class _Parts:
    def __init__(self, area: str) -> None:
        self.area = area
        self.source = source_of(area)
        self.tables = {table.name: table for table in keeping.parted_tables(self.source)}
        self.figures = {step.name for step in all_of_kind(ordered(area), StepKind.REVISED)}

    def open(self, connection: Connection) -> None:
        keeping.show(connection, self.source)

    def coverage(self, connection: Connection) -> Coverage | None:
        return covering.coverage_of(connection, self.area)

    def covered(
        self, state: State, connection: Connection, coverage: Coverage
    ) -> tuple[Covered, tuple[MissingPeriod, ...]]:
        return covering.by_periods(state, connection, self.area, coverage)

    def new_days(self, connection: Connection, since: int) -> list[tuple[date, date]]:
        now, then = self.coverage(connection), covering.coverage_of(connection, self.area, since)
        if now is None or then is None:
            return [(now.first, now.last)] if now else []
        runs = ((now.first, then.first - timedelta(1)), (then.last + timedelta(1), now.last))
        return [(first, last) for first, last in runs if first <= last]

    def told_places(self, connection: Connection, step: Step, since: int | None) -> Places | None:
        touching = all_of_kind(ordered(self.area), StepKind.TOUCHED)
        if since is None or not touching or step.place is None:
            return None
        day, cut = step.place.columns[-1], step.place.cut
        found: set[tuple[str, str | None]] = set()
        for one in touching:
            kommune = "kommune" if "kommune" in one.output else "NULL"
            spans = ("fra", "til") if {"fra", "til"} <= one.output.keys() else (day, f"{day} + 1")
            if spans[0] not in one.output or not cut:
                return None
            rows = connection.execute(
                f"SELECT DISTINCT {kommune}, {spans[0]}, {spans[1]} FROM touched_{one.name} WHERE load > $since",
                {"since": since},
            ).fetchall()
            bounds = self.coverage(connection)
            for place, first, after in rows:
                last = min(after - timedelta(1), bounds.last) if bounds else first
                found |= {(period, place) for period in periods_of(first, max(last, first), cut)}
        return sorted(found, key=str)

    def differing(self, connection: Connection, facts: Sequence[Step], since: int) -> Iterator[None]:
        read = {name.removeprefix(f"{self.source}.") for step in facts for name in step.inputs}
        tables = [table for name, table in self.tables.items() if name in read]
        for table in tables:
            for _ in self.then_and_now(connection, since) if len(tables) > 1 else range(1):
                parts.differing(connection, table, since)
                yield from _unless_empty(connection, table.name)
                parts.view(connection, table)
        known = parts.first_known(connection, self.tables.values(), since)
        if known is None:
            return
        for name in sorted(self.figures & read):
            among = f"DATE '{known.isoformat()}' <= greatest(known_from, known_to)"
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {KEPT}.{name} WHERE {among}")
            yield from _unless_empty(connection, name)
            connection.execute(f"DROP VIEW temp.{name}")

    def then_and_now(self, connection: Connection, since: int) -> Iterator[None]:
        for through in (since, None):
            for table in self.tables.values():
                parts.view(connection, table, through=through)
            yield


class _Persons:
    """Of a linked chain: the steps note which months they touched, and figures keep known time themselves."""

    def __init__(self, area: str) -> None:
        self.area = area

    def open(self, connection: Connection) -> None:
        """The kept tables lie under their names already."""

    def coverage(self, connection: Connection) -> Coverage | None:
        newest, start = ledger.newest(connection), definition(self.area).entered_from
        if newest is None or newest.produced < start:
            return None
        return Coverage(start, newest.produced, newest.id, newest.load, newest.load, newest.produced)

    def covered(
        self, state: State, connection: Connection, coverage: Coverage
    ) -> tuple[Covered, tuple[MissingPeriod, ...]]:
        del state, connection
        days = {"": (coverage.first, coverage.last)}
        return dict.fromkeys(map(str, area_named(self.area).products), days), ()

    def new_days(self, connection: Connection, since: int) -> list[tuple[date, date]]:
        del connection, since
        return []  # `touched` has them

    def told_places(self, connection: Connection, step: Step, since: int | None) -> Places | None:
        known = connection.execute(f"SELECT produced FROM {LEDGER} WHERE load = $load", {"load": since or 0}).fetchall()
        after = known[0][0] if known else date.min
        cut = CUT[step.place.cut] if step.place and step.place.cut else 0
        figures = [s.name for s in all_of_kind(ordered(self.area), StepKind.REVISED) if s.name in step.inputs]
        if step.stores == ("public",) and figures:
            day = step.place.columns[-1] if step.place else ""
            query = " UNION ".join(
                f"SELECT substr(CAST({day} AS VARCHAR), 1, {cut}) AS period, NULL AS kommune FROM {figure} "
                "WHERE known_from > $after OR known_to > $after"
                for figure in figures
            )
        else:
            query = (
                f"SELECT DISTINCT substr(month, 1, {cut}) AS period, nullif(kommune, '{COUNTRY}') AS kommune "
                "FROM touched WHERE produced > $after"
            )
        return connection.execute(f"FROM ({query}) ORDER BY ALL", {"after": after}).fetchall()

    def differing(self, connection: Connection, facts: Sequence[Step], since: int) -> Iterator[None]:
        del connection, facts, since
        return iter(())  # `told_places` knows them all

    def then_and_now(self, connection: Connection, since: int) -> Iterator[None]:
        del connection, since
        yield


def give_days(connection: Connection, coverage: Coverage, period: str | None) -> None:
    """Make the tables `day`, `month` and `week` that steps read: the days covered of a period (None, '': all)."""
    first, last = coverage.first, coverage.last
    if period:
        begin, after = days_of(period)
        first, last = max(first, begin), min(last, after - timedelta(1))
    for make in (set_days, set_weeks, set_months):
        make(connection, first, last)


def periods_of(first: date, last: date, cut: str) -> list[str]:
    """The months or years, as a fact is `cut`, that hold any of the days from `first` through `last`."""
    size = CUT[cut]
    return list(between(str(first)[:size], str(last)[:size], Every.MONTH if cut == "month" else Every.YEAR))


def _unless_empty(connection: Connection, table: str) -> Iterator[None]:
    if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
        yield
