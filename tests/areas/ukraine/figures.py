"""What the platform publishes, in the oracle's shape, so that both can be laid side by side."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.release import NATIONAL, apply, current
from flis.warehouse import area_facts, load
from flis.warehouse.fact_tables import FactsByHeads
from tests.oracle.ukraine import FLOWS, Facts, Register, facts
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from flis.config import State
    from flis.release import Release
    from tests.warehouse.lives import Life

__all__ = ["CODES", "counted", "expected", "flows_of", "identity_holds", "published", "rows", "run", "warehoused"]

CELL = ("dato", "kommune", "alder", "koen", "civilstand", "indrejseland")
TABLES = ("stock", "flow", "crossing")
CODES = [m.code for m in municipalities()]


def run(folder: Path, days: Sequence[date], lives: Sequence[Life]) -> tuple[State, list[Path]]:
    """Deliver, load and release the lives; the state, and the delivery files."""
    files = write_chain(folder / "files", days, lives)
    state = new_state(folder / "state")
    accept(state, files)
    load(state)
    apply(state)
    return state, files


def published(state: State) -> Facts:
    """The figures of the national store of the release that serves."""
    release = current(state)
    assert release is not None
    return counted(release, NATIONAL)


def counted(release: Release, store: str) -> Facts:
    """The figures of one store."""
    return _counted({name: rows(release, store, name) for name in TABLES})


def _counted(tables: dict[str, list[dict[str, Any]]]) -> Facts:
    stock, flow, crossing = (tables[name] for name in TABLES)
    found = Facts()
    for row in stock:
        cell: Any = tuple(row[name] for name in CELL)
        found.stock[cell] += row["antal"]
        found.born[cell] += row["foedt_i_danmark"]
    for row in flow:
        cell = tuple(row[name] for name in CELL)
        for name in found.flows:
            found.flows[name][cell] += row[name]
    running: Counter[tuple[Any, ...]] = Counter()
    for row in sorted(crossing, key=lambda row: row["dato"]):
        cell = tuple(row[name] for name in CELL)
        found.entries[cell] += row["registrerede_indrejser"]
        found.exits[cell] += row["registrerede_udrejser"]
        running[cell[1:]] += row["registrerede_indrejser"] - row["registrerede_udrejser"]
        assert row["indrejste_minus_udrejste"] == running[cell[1:]], cell
    return _plain(found)


def expected(files: Sequence[Path]) -> Facts:
    """The figures that the oracle counts from the delivery files."""
    register = Register()
    for file in files:
        register.read(file)
    return _plain(facts(register, CODES))


def flows_of(found: Facts) -> set[tuple[date, str, str, int]]:
    """All flows as (day, municipality, flow, number), whatever the cell."""
    sums: Counter[tuple[date, str, str]] = Counter()
    for name, cells in found.flows.items():
        for (day, kommune, *_), n in cells.items():
            sums[day, kommune, name] += n
    return {(*key, n) for key, n in sums.items()}


def rows(release: Release, store: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table of a store."""
    return [
        row for path in release.area("ukraine").store(store).tables[table] for row in pq.read_table(path).to_pylist()
    ]


def warehoused(state: State) -> tuple[Facts, list[dict[str, Any]]]:
    """The figures that the warehouse would release, and its totals with their known time."""
    with area_facts(state, "ukraine") as known:
        assert isinstance(known, FactsByHeads)
        months = [known.lay_out(month) for month in known.touched(None)]
        assert known.check() == []
        bitemporal = known.connection.sql("SELECT * FROM total").to_arrow_table().to_pylist()
    tables = {name: [row for month in months for row in month[name].to_pylist()] for name in TABLES}
    return _counted(tables), bitemporal


def identity_holds(found: Facts, first: date, last: date) -> bool:
    """Whether yesterday's count and the day's flows give the day's count, in every municipality."""
    change: Counter[tuple[date, str]] = Counter()
    for name, way in (FLOWS | {"oevrige": 1}).items():
        for (day, kommune, *_), n in found.flows[name].items():
            change[day, kommune] += way * n
    stock: Counter[tuple[date, str]] = Counter()
    for (day, kommune, *_), n in found.stock.items():
        stock[day, kommune] += n
    days = [first.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return all(
        stock[day, k] == stock[day.fromordinal(day.toordinal() - 1), k] + change[day, k] for day in days for k in CODES
    )


def _plain(found: Facts) -> Facts:
    """Without the cells in which there is nothing."""
    return Facts(
        +found.stock,
        +found.born,
        {n: Counter({k: v for k, v in c.items() if v}) for n, c in found.flows.items()},
        +found.entries,
        +found.exits,
    )
