"""Judge figures before they are published: by rules of form, against the truth, and by what an outsider works out.

It shares no code with the protector, and takes nothing from it on trust: changes are counted from the truth again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from flis.disclosure.outsider import chains, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from flis.disclosure.model import Division, Shown, Truth
    from flis.disclosure.policy import Rules

    Cells: TypeAlias = NDArray[np.bool_] | tuple[str, NDArray[np.bool_]]

__all__ = ["BrokenRule", "audit"]

EPOCH = date(1970, 1, 1)
MANY_CELLS = 20
"""From so many cells on it is no accident that one number explains all offsets."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that figures break: where (place, dimension, group where it is one, day), and never a value."""

    rule: str
    level: str
    dimension: str
    place: str
    day: date
    group: str = ""

    def __str__(self) -> str:
        """The fault in one line."""
        cell = f"{self.dimension} {self.group}".strip()
        return f"{self.level} {self.place} {self.day}, {cell}: {self.rule}"


def audit(truth: Truth, dimension: Division, past: Shown, new: Shown, rules: Rules) -> list[BrokenRule]:
    """What is wrong with publishing `new` beside `past`; nothing: it may be published."""
    found = list(_frozen(truth, dimension, past, new))
    if found or not len(new.place):
        return found
    found += _form(truth, dimension, new, rules)
    found += _true(truth, dimension, new, rules)
    found += _batches(truth, dimension, past, new, rules)
    return found or list(_told(truth, dimension, past, new, rules))


def _frozen(truth: Truth, dimension: Division, past: Shown, new: Shown) -> Iterator[BrokenRule]:
    """Nothing of a day that was shown, nor of one before it: what was shown stays as it is."""
    newest = dict(zip(past.place.tolist(), past.day.tolist(), strict=True))
    again = np.array([newest.get(p, -1) >= d for p, d in zip(new.place.tolist(), new.day.tolist(), strict=True)], bool)
    yield from _at("a figure that was shown stays as it is", truth, dimension, new, again)
    twice = np.zeros(len(new.place), bool)
    twice[1:] = (np.diff(new.place) == 0) & (np.diff(new.day) <= 0)
    yield from _at("one figure of a day", truth, dimension, new, twice)


def _form(truth: Truth, dimension: Division, new: Shown, rules: Rules) -> Iterator[BrokenRule]:
    """Rounded groups are multiples of the base, the balance group is not small, the place is not either."""
    others = [g for g in range(len(dimension.groups)) if g != dimension.rest]
    unrounded = (new.counts[:, others] % rules.base != 0) | (new.counts[:, others] < 0)
    yield from _at("groups are rounded to multiples of the base", truth, dimension, new, unrounded.any(1))
    small = new.counts[:, dimension.rest] < rules.base
    yield from _at("the balance group is at least the base", truth, dimension, new, small)
    few = new.counts.sum(1) < rules.shown_from
    yield from _at("shown from so many persons on", truth, dimension, new, few)


def _true(truth: Truth, dimension: Division, new: Shown, rules: Rules) -> Iterator[BrokenRule]:
    """The groups add up to the total, and one offset per cell, not the same everywhere, explains all figures."""
    day = np.array([(m.day - EPOCH).days for m in truth.moments[truth.fresh :]])
    counts = truth.counts[dimension.name][np.searchsorted(day, new.day), new.place]
    uneven = counts.sum(1) != new.counts.sum(1)
    yield from _at("the groups add up to the exact total", truth, dimension, new, uneven)
    others = [g for g in range(len(dimension.groups)) if g != dimension.rest]
    missing = (new.counts - counts)[:, others, None]
    offset = np.arange(rules.base)
    explains = (missing <= offset) & (missing > offset - rules.base)
    places, at = np.unique(new.place, return_inverse=True)
    left = np.ones((len(places), len(others), rules.base), bool)
    np.logical_and.at(left, at, explains)
    drifts: NDArray[np.bool_] = ~np.any(left, axis=(2,))
    for n, g in enumerate(others):
        wrong = drifts[at, n]
        yield from _at("the offset of a cell stays", truth, dimension, new, (dimension.groups[g], wrong))
    if left[..., 0].size >= MANY_CELLS and left.all((0, 1)).any():
        yield from _at("offsets are secret: no number is that of all cells", truth, dimension, new, at == 0)


def _batches(truth: Truth, dimension: Division, past: Shown, new: Shown, rules: Rules) -> Iterator[BrokenRule]:
    """A refresh comes after so many changes, which are noted with it as they are counted here."""
    moments = {((m.day - EPOCH).days, (m.known - EPOCH).days): n for n, m in enumerate(truth.moments)}
    alike = past.joined(new)
    first = np.append(True, np.diff(alike.place) != 0)
    fresh = np.isin(alike.day, [(m.day - EPOCH).days for m in truth.moments[truth.fresh :]])
    fresh &= np.isin(alike.place * 10**6 + alike.day, new.place * 10**6 + new.day)
    rows = np.flatnonzero(fresh & ~first)
    at = [moments[d, k] for d, k in zip(alike.day[rows].tolist(), alike.known[rows].tolist(), strict=True)]
    before = [moments[d, k] for d, k in zip(alike.day[rows - 1].tolist(), alike.known[rows - 1].tolist(), strict=True)]
    came, went = truth.came[alike.place[rows], before, at], truth.went[alike.place[rows], before, at]
    few = np.zeros(len(alike.place), bool)
    few[rows] = came + went < rules.refresh_from
    yield from _at("a figure is refreshed after so many changes", truth, dimension, alike, few)
    wrong = np.zeros(len(alike.place), bool)
    wrong[rows] = (came != alike.came[rows]) | (went != alike.went[rows])
    yield from _at("changes are noted as they are", truth, dimension, alike, wrong)


def _told(truth: Truth, dimension: Division, past: Shown, new: Shown, rules: Rules) -> Iterator[BrokenRule]:
    """No cell and no change of one has fewer possible values than an outsider may know."""
    alike = past.chosen(np.isin(past.place, new.place)).joined(new)
    works_out = told(chains(alike, rules.base, dimension.rest))
    row_place = np.searchsorted(works_out.place, alike.place)
    number = np.arange(len(alike.place)) - np.searchsorted(alike.place, alike.place)
    for g, group in enumerate(dimension.groups):
        for rule, cells in (("a cell is told", works_out.cells), ("a change is told", works_out.steps)):
            yield from _at(rule, truth, dimension, alike, (group, cells[number, row_place, g]))
    is_new = np.isin(alike.place * 10**6 + alike.day, new.place * 10**6 + new.day)
    torn = works_out.torn[number, row_place] & is_new
    yield from _at("a change of groups is told", truth, dimension, alike, torn)
    yield from _at("what is told could not be worked out", truth, dimension, alike, works_out.open[row_place])


def _at(rule: str, truth: Truth, dimension: Division, of: Shown, cells: Cells) -> Iterator[BrokenRule]:
    """A fault for each of the cells: of a group, or of the whole figure."""
    group, where = cells if isinstance(cells, tuple) else ("", cells)
    for row in np.flatnonzero(where):
        day = EPOCH + timedelta(int(of.day[row]))
        yield BrokenRule(rule, truth.level.name, dimension.name, truth.level.places[of.place[row]], day, group)
