"""The steps of an area that its policy names: what is counted of that which is protected, and what the public sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flis.catalog.area_paths import remembered
from flis.errors import suggest
from flis.release.policies import policy
from flis.release.shapes import facts_of
from flis.warehouse.step import StepKind, area_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.disclosure.policy import CountedBy
    from flis.warehouse.step import Step

__all__ = ["CountingSteps", "counting_steps"]

SHAPES = {
    "totals": (StepKind.REVISED, ("DATE", "VARCHAR", "INTEGER")),
    "flows": (StepKind.REVISED, ("DATE",)),
    "months": (StepKind.FACT, ("DATE",)),
    "breakdown": (StepKind.FACT, ("DATE", "VARCHAR", "VARCHAR", "VARCHAR", "INTEGER")),
    "stays": (StepKind.FACT, ("VARCHAR", "BLOB", "DATE", "DATE")),
    "former_stays": (StepKind.FACT, ("VARCHAR", "BLOB", "DATE", "DATE")),
    "changes": (StepKind.FACT, ("DATE", "VARCHAR", "INTEGER")),
    "recount": (StepKind.FACT, ("DATE", "VARCHAR", "INTEGER")),
}
"""The kind of each step, and the types with which its columns begin."""


@dataclass(frozen=True, slots=True)
class CountingSteps:
    """The steps by what the policy calls them; `flows` by level."""

    totals: Step
    flows: Mapping[str, Step]
    months: Step
    breakdown: Step
    stays: Step
    former_stays: Step
    changes: Step
    recount: Step

    @property
    def cells(self) -> Step:
        """The released fact that is broken down."""
        facts = facts_of(self.breakdown.area)
        return next(facts[name] for name in self.breakdown.inputs if name in facts)

    @property
    def shown_totals(self) -> Step:
        """The fact by which the public sees the totals."""
        return next(
            step
            for step in facts_of(self.totals.area).values()
            if "public" in step.stores and self.totals.name in step.inputs
        )


@remembered
def counting_steps(area: str) -> CountingSteps:
    """The steps that the policy of an area names.

    Raises:
        CatalogError: there is no such step, or it is of another kind or has other columns; names the policy's line.
    """
    named = policy(area).counted_by
    steps = {step.name: step for step in area_steps(area)}
    single = (what for what in SHAPES if what != "flows")
    return CountingSteps(
        **{what: _step(named, what, getattr(named, what), steps) for what in single},
        flows={level: _step(named, "flows", name, steps) for level, name in named.flows.items()},
    )


def _step(named: CountedBy, what: str, name: str, steps: Mapping[str, Step]) -> Step:
    kind, types = SHAPES[what]
    step = steps.get(name)
    if step is None:
        raise named.place.error(what, f"the area has no step {name}.", suggest(name, steps))
    if step.kind is not kind or tuple(step.output.values())[: len(types)] != types:
        raise named.place.error(
            what, f"the step {name} does not count {what}.", f"It is a {kind} whose columns begin {', '.join(types)}."
        )
    return step
