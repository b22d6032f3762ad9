"""The formulas of a catalogue, bound once when it is opened, so that what is wrong is told with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.query.binding.bind import Binder
from flis.query.cubes.calculations import told
from flis.query.evaluation.share_wholes import named_whole
from flis.query.languages.mdx import parse_expression
from flis.query.session import SessionNames

if TYPE_CHECKING:
    from flis.query.cubes.cube import BoundCube

__all__ = ["check"]

PARTS = ("value", "goal", "status", "trend", "weight", "current_time_member")


def check(cube: BoundCube) -> None:
    """Bind the calculated members, named sets and key performance indicators of a cube.

    Raises:
        CatalogError: one of them is not MDX, or names what is not there.
    """
    names, sets = SessionNames().names(cube, ())
    binder = Binder(cube, names, sets=sets)
    calculations = {(h.index, c.name): c for h in cube.hierarchies for c in h.calculations}
    for derived in cube.definition.derived_measures:
        if derived.member:
            with told(derived.place, "member"):
                named_whole(cube, derived)
    for member in cube.definition.calculated_members:
        with told(member.place, "parent"):
            hierarchy, _ = names.parent(parse_expression(member.parent), member.name)
        calculation = calculations[hierarchy.index, member.name]
        with told(member.place, "expression"):
            if (failure := binder.formula(calculation).failure) is not None:
                raise failure
        with told(member.place, "properties"):
            for name in calculation.properties:
                binder.property(calculation, name)
    for named in cube.named_sets:
        with told(named.place, "expression"):
            binder.bound_set(sets[named.name].expression)
    for kpi in cube.kpis:
        for part in PARTS:
            if text := getattr(kpi, part):
                with told(kpi.place, part):
                    binder.kpi_member(kpi, part, parse_expression(text))
