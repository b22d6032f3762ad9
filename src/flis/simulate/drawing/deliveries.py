"""The files of an area month by month: its tables are made, cut by sender, and written as the contracts say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flis.catalog.sender_file import expected
from flis.errors import UsageError
from flis.simulate.drawing.mutations import DrawnDelivery
from flis.simulate.drawing.plan_file import drawing, months_on
from flis.simulate.drawing.striking import strikes
from flis.simulate.drawing.tables import DrawnTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from flis.catalog.contract import Contract
    from flis.simulate.drawing.plan_file import Drawing, DrawnFault, DrawnFile
    from flis.simulate.drawing.striking import Strike

__all__ = ["drawn_files", "months"]

HELD_BACK = "held-back"


def months(start: date, end: date) -> list[date]:
    """The first days of the months from that of `start` through that of `end`."""
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    return [months_on(start, number) for number in range(count)]


def drawn_files(
    area: str,
    out: Path,
    start: date,
    end: date,
    *,
    scale: float,
    seed: int,
    faults: Sequence[str] = (),
    progress: Callable[[date], None] | None = None,
) -> Iterator[Path]:
    """Write the files of all senders for each month, giving each as soon as it is there.

    `scale` is how much of a full delivery is made. Where a fault spoils a file, the right one lies in `held-back/`.

    Raises:
        UsageError: there is no such fault, or it cannot strike.
        CatalogError: the area's `simulate.yaml`, contracts or SQL are wrong; names the file.
    """
    plan, wanted = drawing(area), months(start, end)
    struck = strikes(plan, faults, wanted)
    return _files(_Making(plan, DrawnTables(plan, scale, seed), struck), out, wanted, progress)


@dataclass(frozen=True, slots=True)
class _Making:
    drawing: Drawing
    tables: DrawnTables
    strikes: Sequence[Strike]

    def month(self, month: date) -> None:
        """Make the tables of a month, as the area's own faults make them."""
        self.tables.month(month, self.own(month))

    def own(self, month: date) -> list[DrawnFault]:
        return [fault for one in self.strikes if (fault := one.strikes_rows(month))]

    def senders(self, contract: Contract, month: date) -> list[str]:
        """Who delivers a month through an interface: as listed, but for those that a fault moves."""
        moved = {f.sender: f.interface for f in self.own(month) if f.interface}
        listed = expected(contract, f"{month:%Y-%m}")
        here = {sender for sender, interface in moved.items() if interface in (contract.id, contract.interface)}
        return sorted(listed - set(moved) | here)

    def deliveries(self, file: DrawnFile, month: date) -> Iterator[DrawnDelivery]:
        """The deliveries of an interface for the month whose tables are made, by sender."""
        contract = self.drawing.contract(file)
        senders = self.senders(contract, month)
        of_tables = [self.tables.rows(table, file.rows[table.name], senders) for table in contract.tables]
        names = [table.name for table in contract.tables]
        for sender, *parts in zip(senders, *of_tables, strict=True):
            rows = {name: found for name, (_, found) in zip(names, parts, strict=True)}
            others = [other for other in senders if other != sender] or [sender]
            yield DrawnDelivery(
                contract,
                rows,
                self.told(month, sender),
                of_another=partial(self.rows, file, others[0]),
                of_last_month=partial(self.rows_of, file, sender, month),
            )

    def rows(self, file: DrawnFile, sender: str) -> dict[str, Any]:
        """The rows of one sender in the month whose tables are made."""
        tables = self.drawing.contract(file).tables
        return {t.name: next(self.tables.rows(t, file.rows[t.name], [sender]))[1] for t in tables}

    def rows_of(self, file: DrawnFile, sender: str, month: date) -> dict[str, Any]:
        """The rows of one sender in the month before one, whose tables are made again afterwards."""
        self.month(months_on(month, -1))
        found = self.rows(file, sender)
        self.month(month)
        return found

    def told(self, month: date, sender: str) -> dict[str, str]:
        """What the names of files tell."""
        produced = self.drawing.made_on(month)
        return {
            "kommune": sender,
            "maaned": f"{month:%Y%m}",
            "aar": f"{month:%Y}",
            "udtraek": f"{produced:%Y-%m-%d}",
            "sekvens": "1",
        }


def _files(
    making: _Making, out: Path, wanted: Sequence[date], progress: Callable[[date], None] | None
) -> Iterator[Path]:
    out.mkdir(parents=True, exist_ok=True)
    unstruck = {one.name for one in making.strikes if one.mutation}
    for month in wanted:
        making.month(month)
        for file in making.drawing.files:
            first = ""
            for delivery in making.deliveries(file, month):
                sender = delivery.told["kommune"]
                first = first or sender
                struck = [one for one in making.strikes if one.strikes_file(month, sender, first)]
                hit = [one for one in struck if one.mutation and one.mutation.can(delivery.contract)]
                unstruck -= {one.name for one in hit}
                yield from _written(delivery, out, hit)
        if progress:
            progress(month)
    if unstruck:
        raise UsageError(f"No file was made that {', '.join(sorted(unstruck))} could strike.")


def _written(delivery: DrawnDelivery, out: Path, hit: Sequence[Strike]) -> Iterator[Path]:
    """Write the files of a delivery, and the right ones aside where a fault spoils them: the last one asked for."""
    files = delivery.files()
    if hit:
        aside = out / HELD_BACK
        aside.mkdir(exist_ok=True)
        for name, content in files.items():
            (aside / name).write_bytes(content)
        mutation = hit[-1].mutation
        files = mutation.make(delivery) if mutation else files
    for name, content in files.items():
        (out / name).write_bytes(content)
        yield out / name
