"""Verify a release: its files are what its trees say, and a sample of its figures is what the history says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.catalog.reference import municipalities
from flis.errors import NotFoundError
from flis.release.policy import policy
from flis.release.reader import NATIONAL, PUBLIC, current, municipal, release
from flis.warehouse import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flis.config import State
    from flis.release.reader import Released

__all__ = ["Verified", "verify"]

SAMPLE = 6


@dataclass(frozen=True, slots=True)
class Verified:
    """How much of a release was looked at, and what is wrong with it; no problems: it is as it was published."""

    number: int
    files: int
    days: list[date]
    figures: int
    problems: list[str]


def verify(state: State, number: int | None = None, areas: Iterable[str] = ()) -> Verified:
    """Read every file of a release (default: the serving one) and count some days of it anew from the history.

    Of the `areas` (default: all that it holds).

    Raises:
        NotFoundError: there is no such release, none at all, or it holds nothing of an area.
        DamagedError: its root or the tree of an area is lost or was changed.
    """
    found = release(state, number) if number is not None else current(state)
    if found is None:
        raise NotFoundError("There is no release yet.", hint="`flis release apply` makes the first.")
    looked = [found.area(area) for area in areas] or list(found.released)
    files, problems = 0, []
    for name, path, sha256 in (file for one in looked for file in _files(one)):
        files += 1
        if not path.exists():
            problems.append(f"{name}: the file {sha256[:12]} is missing.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            problems.append(f"{name}: the file {sha256[:12]} was changed.")
    if problems:
        return Verified(found.number, files, [], 0, problems)
    days: set[date] = set()
    figures = 0
    for one in looked:
        sample = _sample(one)
        counted, wrong = _recount(state, one, sample)
        days.update(sample)
        figures += counted
        problems += wrong
    return Verified(found.number, files, sorted(days), figures, problems)


def _files(found: Released) -> Iterator[tuple[str, Path, str]]:
    """Store and table, path and hash of every file."""
    for store, tables in found.tree.stores.items():
        for table, parts in tables.items():
            for part, path in found.partitions(store, table).items():
                yield f"{store}/{table}", path, parts[part].sha256


def _sample(found: Released) -> list[date]:
    """The newest day, and some others spread over the days covered: other ones for another release."""
    first, last = found.tree.first, found.tree.data_through
    span = (last - first).days + 1
    picked = {last - timedelta(((found.number * 7 + n) * 2654435761) % span) for n in range(SAMPLE - 1)}
    return sorted(picked | {last})


def _recount(state: State, found: Released, days: list[date]) -> tuple[int, list[str]]:
    with facts(state, policy(found.area).values) as known:
        if known is None or known.coverage.last < found.tree.data_through:
            return 0, ["The warehouse does not hold the deliveries that the release counts."]
        counted = known.recount(days, found.tree.known)
    public, national = _totals(found, PUBLIC, "total", days), _totals(found, NATIONAL, "stock", days)
    problems = []
    for day in days:
        for m in municipalities():
            right = counted.get((day, m.code), 0)
            own = _totals(found, municipal(m.code), "stock", [day]) if day == days[-1] else national
            shown = {source.get((day, m.code), 0) for source in (public, national, own)}
            if shown != {right}:
                problems.append(f"{day} {m.code}: the stores and the history count differently.")
    return len(days) * len(municipalities()), problems


def _totals(found: Released, store: str, table: str, days: list[date]) -> dict[tuple[date, str], int]:
    """Counts by day and municipality, as the files of a store give them."""
    months = {f"{day:%Y-%m}" for day in days}
    paths = [path for part, path in found.partitions(store, table).items() if part in months]
    rows = pq.read_table(paths, columns=["dato", "kommune", "antal", *(["known_to"] if table == "total" else [])])
    keep = pc.field("dato").isin(days)
    rows = rows.filter(keep & pc.field("known_to").is_null() if table == "total" else keep)
    sums = rows.group_by(["dato", "kommune"]).aggregate([("antal", "sum")]).to_pylist()
    return {(row["dato"], row["kommune"]): row["antal_sum"] for row in sums}
