"""Verify a release: its files are what its trees say, its public store is what the register of what was shown says, and
a sample of its figures is what the history says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.errors import NotFoundError
from flis.release.opening import opened
from flis.release.planning import chosen
from flis.release.public_store import shown_otherwise
from flis.release.reader import current, release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from flis.config import State
    from flis.release.reader import Released

__all__ = ["Verified", "verify"]


@dataclass(frozen=True, slots=True)
class Verified:
    """How much of a release was looked at, and what is wrong with it; no problems: it is as it was published."""

    number: int
    files: int
    days: list[date]
    figures: int
    problems: list[str]


def verify(state: State, number: int | None = None, areas: Iterable[str] = ()) -> Verified:
    """Read every file of a release (default: the serving one), and count some days of it anew from the history.

    What its public store shows is compared with the register of what was shown.

    Of the `areas` (default: all that it holds).

    Raises:
        NotFoundError: there is no such release, none at all, or it holds nothing of an area.
        DamagedError: its root or the tree of an area is lost or was changed.
    """
    found = release(state, number) if number is not None else current(state)
    if found is None:
        raise NotFoundError("There is no release yet.", hint="`flis release apply` makes the first.")
    looked = [found.area(area) for area in chosen(named)] if (named := tuple(areas)) else list(found.released)
    files, problems = 0, []
    for name, path, sha256 in (file for one in looked for file in _files(one)):
        files += 1
        if not path.exists():
            problems.append(f"{name}: the file {sha256[:12]} is missing.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            problems.append(f"{name}: the file {sha256[:12]} was changed.")
    if problems:
        return Verified(found.number, files, [], 0, problems)
    problems = [problem for one in looked for problem in shown_otherwise(state, one, found.root.shown)]
    days: set[date] = set()
    figures = 0
    for one in looked:
        sample, counted, wrong = _recount(state, one)
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


def _recount(state: State, found: Released) -> tuple[list[date], int, list[str]]:
    with opened(state, found.area) as source:
        if source is None:
            return [], 0, ["The warehouse does not hold the deliveries that the release counts."]
        return source.recounted(found)
