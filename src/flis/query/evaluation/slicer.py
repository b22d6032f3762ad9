"""Filters that are a coordinate: a set in WHERE, and a member that aggregates a set.

A set in WHERE stands for all its members at once. It is the context of what reads the context without naming a member,
as EXISTING does; a current member it has not. A calculated member `Aggregate({…})` is a current member of its own;
where it is asked what exists with it, it stands for the members that it aggregates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flis.errors import StatementError
from flis.query.cubes.calculations import Calculation
from flis.query.cubes.structure import MEASURES
from flis.query.evaluation.aggregate import TupleTotals, filter_of
from flis.query.evaluation.cell_values import cells
from flis.query.evaluation.exists import existing
from flis.query.evaluation.setwork import distinct, narrowed
from flis.query.evaluation.values import UNGROUPED, Context, TupleSet, Values
from flis.query.languages.mdx import syntax as s

if TYPE_CHECKING:
    from flis.query.binding.nodes import Evaluation, Node
    from flis.query.evaluation.segments import Filters

__all__ = ["Compound", "Several", "no_current_member", "opened", "slice_by", "stands_for"]

LAST = -1e9  # the solve order of a set in WHERE: every formula is replaced before its members are counted


class Several:
    """The members of a set in WHERE as one coordinate of each of its hierarchies."""

    def __init__(self, found: TupleSet) -> None:
        self.found = found


class Compound(Several):
    """A set of stored members: a filter on what is aggregated."""

    def __init__(self, ev: Evaluation, found: TupleSet) -> None:
        super().__init__(found)
        self.filters: Filters = (filter_of(ev, found),)

    def total(self, ev: Evaluation, context: Context) -> Values:
        """Cells over the members of the set; parts of it that a formula replaced count as replaced."""
        wide, wanted = self.opened(ev, context)
        with ev.filtered(wanted):
            return cells(ev, wide)

    def opened(self, ev: Evaluation, context: Context) -> tuple[Context, Filters]:
        """The context with the set's hierarchies open where the set is still the coordinate, and the filter instead."""
        here = tuple(
            h
            for h in self.found.hierarchies
            if isinstance(at := context.coordinates[h], int) and at >= ev.sizes[h] and ev.rule(h, at) is self
        )
        return context.put(dict.fromkeys(here, UNGROUPED)), (filter_of(ev, self.cut(here)),)

    def cut(self, hierarchies: tuple[int, ...]) -> TupleSet:
        """The tuples cut to some of their hierarchies, once each."""
        at = [self.found.hierarchies.index(h) for h in hierarchies]
        return distinct(narrowed(self.found, at))


class Listed(Several, TupleTotals):
    """A set with calculated members or measures in it: the total of its tuples."""

    def total(self, ev: Evaluation, context: Context) -> Values:
        """The total of the tuples, of the measure that a formula names where they have several.

        Raises:
            StatementError: no formula names one: several measures have no total.
        """
        if MEASURES not in self.found.hierarchies:
            return super().total(ev, context)
        measures = np.unique(context.column(MEASURES)).tolist()
        if any(m >= ev.sizes[MEASURES] and ev.rule(MEASURES, m) is self for m in measures):
            raise StatementError(
                "[Measures] has several members in WHERE, and several measures have no total.",
                hint="Choose one measure in WHERE, or put the measures on an axis.",
            )
        rest = [i for i, h in enumerate(self.found.hierarchies) if h != MEASURES]
        return TupleTotals(distinct(narrowed(self.found, rest))).total(ev, context)


def opened(ev: Evaluation, context: Context) -> tuple[Context, Filters]:
    """A context with a set of stored members in WHERE as a filter instead of a coordinate."""
    for h in ev.several:
        at = context.coordinates[h]
        if isinstance(at, int) and at >= ev.sizes[h] and isinstance(rule := ev.rule(h, at), Compound):
            return rule.opened(ev, context)
    return context, ()


def no_current_member(ev: Evaluation, hierarchy: int) -> StatementError:
    """The error of a cell whose formula asks for the current member of a hierarchy that has a set in WHERE."""
    name = ev.cube.hierarchies[hierarchy].unique_name
    return StatementError(
        f"{name} has several members in WHERE, so it has no current member.",
        hint="Choose the members in a subselect, FROM (SELECT {…} ON 0 FROM …), or on an axis, or ask for EXISTING.",
    )


def slice_by(ev: Evaluation, node: Node) -> TupleSet:
    """Put the slicer into the base context: a tuple as it is, a set as one coordinate that aggregates it.

    What subselects leave out is no part of the slicer.
    """
    written = distinct(ev.tuples(node, ev.base))
    found = existing(ev, written)
    if len(written):
        ev.restrict(written)
    if not len(found):
        ev.base = ev.base.put(dict.fromkeys(node.hierarchies, -1))
        return found
    single = {h: int(c[0]) for h, c in zip(found.hierarchies, found.columns, strict=True) if (c == c[0]).all()}
    several = tuple(h for h in found.hierarchies if h not in single)
    changes = dict(single)
    if several:
        rest = TupleSet(several, tuple(found.columns[found.hierarchies.index(h)] for h in several))
        stored = all((c < ev.sizes[h]).all() for h, c in zip(found.hierarchies, found.columns, strict=True))
        rule = Compound(ev, rest) if stored and MEASURES not in several else Listed(rest)
        for h in several:
            made = Calculation("Slicer", h, -1, 0, s.Null(), solve_order=LAST, rule=rule, visible=False)
            changes[h] = ev.add(made)
        ev.several |= frozenset(several)
    ev.base = ev.base.put(changes)
    return found


def stands_for(ev: Evaluation, calculation: Calculation) -> TupleSet | None:
    """The stored tuples that a set in WHERE, or a member `Aggregate({…})`, stands for; None for any other member."""
    if isinstance(calculation.rule, Several):
        found = calculation.rule.found
    else:
        node = ev.binder.aggregated_set(calculation) if calculation.rule is None else None
        if node is None:
            return None
        here = ev.base.put({calculation.hierarchy: ev.default(ev.cube.hierarchies[calculation.hierarchy])})
        with ev.nested():
            found = ev.tuples(node, here)
        if node.depends:  # the cell's own members decide over the rest, and only those of the base are known here
            found = _of_its_dimension(ev, found, calculation.hierarchy)
    for at, h in enumerate(found.hierarchies):
        if (found.columns[at] >= ev.sizes[h]).any():
            return _written_out(ev, found, at)
    return found


def _of_its_dimension(ev: Evaluation, found: TupleSet, hierarchy: int) -> TupleSet:
    dimension = ev.cube.hierarchies[hierarchy].dimension
    at = [i for i, h in enumerate(found.hierarchies) if ev.cube.hierarchies[h].dimension is dimension]
    return distinct(narrowed(found, at))


def _written_out(ev: Evaluation, found: TupleSet, at: int) -> TupleSet | None:
    """The same with what aggregates a set in the set's place; None where another calculated member is in it."""
    h = found.hierarchies[at]
    parts = []
    for row, ordinal in enumerate(found.columns[at].tolist()):
        alone = TupleSet((h,), (found.columns[at][row : row + 1],))
        inner = ev.stands_for(h, ordinal) if ordinal >= ev.sizes[h] else alone
        if inner is None or inner.hierarchies != (h,):
            return None
        parts.append(inner.columns[0])
    rows = np.repeat(np.arange(len(found)), [len(p) for p in parts])
    columns = [c[rows] for c in found.columns]
    columns[at] = np.concatenate(parts).astype(np.int32)
    return TupleSet(found.hierarchies, tuple(columns))
