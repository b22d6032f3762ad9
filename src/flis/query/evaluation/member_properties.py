"""Member properties as formulas read them: numbers as numbers, unique names as expressions say them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import NameStatementError, StatementError, suggest
from flis.query.cubes.properties import INTRINSIC, find_property, property_values
from flis.query.evaluation.values import Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.query.binding.nodes import Node
    from flis.query.cubes.members import Members
    from flis.query.result import Ordinals

__all__ = ["property_scalars"]


def _spoken_parents(members: Members, ordinals: Ordinals) -> list[Any]:
    parents = members.parents(ordinals)
    names = members.spoken_names(parents)
    return [name if p >= 0 else None for name, p in zip(names, parents.tolist(), strict=True)]


def _spoken_levels(members: Members, ordinals: Ordinals) -> list[Any]:
    levels = members.hierarchy.levels
    return [levels[n].spoken_name for n in np.maximum(members.level_numbers(ordinals), 0).tolist()]


def _spoken_hierarchies(members: Members, ordinals: Ordinals) -> list[Any]:
    return [members.hierarchy.spoken_name] * len(ordinals)


SPOKEN: dict[str, Callable[[Members, Ordinals], list[Any]]] = {
    "MEMBER_UNIQUE_NAME": lambda m, o: m.spoken_names(o),
    "UNIQUE_NAME": lambda m, o: m.spoken_names(o),
    "PARENT_UNIQUE_NAME": _spoken_parents,
    "HIERARCHY_UNIQUE_NAME": _spoken_hierarchies,
    "LEVEL_UNIQUE_NAME": _spoken_levels,
}
"""Unique names as expressions say them: as `.UniqueName` does, which a catalogue may want as paths of names."""


def property_scalars(members: Members, name: str, ordinals: Ordinals, at: Node, language: str) -> Values:
    """What `.Properties("name")` gives, which stands at a node.

    Raises: NameStatementError: the hierarchy has no such property. StatementError: a member's level has not.
    """
    found = find_property(members.hierarchy, name)
    calculated = {p for c in members.calculated for p in c.properties}
    if found is None and name.upper() not in calculated:
        known = [p.name for lv in members.hierarchy.levels if lv.definition for p in lv.definition.properties]
        raise NameStatementError(
            f"{members.unique_name} has no property {name}.",
            line=at.line,
            column=at.column,
            hint=suggest(name, [*known, *INTRINSIC]),
        )
    if found is not None and found.level:
        _held_by_levels(members, name, ordinals, at)
    ordinals, spoken = ordinals.astype(np.int32), SPOKEN.get(name.upper())
    values: list[Any] = spoken(members, ordinals) if spoken else property_values(members, name, ordinals, language)
    data = np.empty(len(values), dtype=object)
    data[:] = [_scalar(v) for v in values]
    return Values(data, np.array([v is None for v in data], dtype=bool))


def _held_by_levels(members: Members, name: str, ordinals: Ordinals, at: Node) -> None:
    stored = ordinals[(ordinals >= 0) & (ordinals < members.size)].astype(np.int32)
    levels = [lv.name for lv in members.hierarchy.levels if find_property(members.hierarchy, name, lv.name)]
    have = np.array([lv.name in levels for lv in members.hierarchy.levels])
    without = stored[~have[members.level_numbers(stored)]]
    if len(without):
        raise StatementError(
            f"{members.unique_names(without[:1])[0]} has no property {name}.",
            line=at.line,
            column=at.column,
            hint=f"Members of these levels have it: {', '.join(levels)}.",
        )


def _scalar(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    return str(value)
