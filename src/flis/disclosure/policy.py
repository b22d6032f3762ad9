"""The disclosure policy of an area, from `areas/<id>/policy.yaml`: what may be shown of its tables, and how.

Every complaint names file and line and says what was meant. Nothing is released by a policy that cannot be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.catalog.yaml import read
from flis.disclosure.model import Dimension
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from flis.catalog.yaml import Entry

__all__ = ["Flows", "LevelPolicy", "Policy", "Rules", "read_policy"]

LEAST_BASE = 3
STANDARD = {"base": 5, "shown_from": 20, "refresh_from": 5}
"""Numbers that may be lowered by a decision only: who decided, when and why."""
DECISION = ("who", "when", "why")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = ("day", *WEEKDAYS)
PERIODS = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Rules:
    """How a figure is protected: rounded to `base`, shown from so many persons, refreshed from so many changes on.

    One refresh in `held_one_in` is held by lot.
    """

    base: int = 5
    shown_from: int = 20
    refresh_from: int = 5
    held_one_in: int = 10


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows shown of a level by period ('day', 'week', 'month'), and the greatest count shown as a range.

    Months are shown together that have, by the first of their flows, fewer than `month_from`.
    """

    periods: Mapping[str, tuple[str, ...]]
    small: int = 0
    month_from: int = 0


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """What is shown of one level: its breakdowns of every day or of a weekday, and its flows.

    `before` is the weekday of which breakdowns are shown for the time before the first figure of a state. Weekdays are
    numbers, Monday 1; None is every day.
    """

    every: int | None
    before: int | None
    flows: Flows


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole file; `values` says which values fall into a group: dimension -> group -> values."""

    rules: Rules
    levels: Mapping[str, LevelPolicy]
    dimensions: tuple[Dimension, ...]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    sha256: str = field(default="")


def read_policy(file: Traversable, name: str, values: Mapping[str, Sequence[str]]) -> Policy:
    """The policy in a file that errors call `name`; `values` are those that the rows of each dimension can have.

    Raises:
        CatalogError: the file is not as it should be; names the line and what was meant.
    """
    top = read(file, name)
    fields = _all(top, "policy", ("protection", "levels", "groups"))
    groups = fields["groups"].known_fields("list of breakdowns", values)
    return Policy(
        rules=_rules(fields["protection"]),
        levels={level: _level(entry) for level, entry in fields["levels"].fields().items()},
        dimensions=tuple(_dimension(dimension, entry) for dimension, entry in groups.items()),
        values={dimension: _values(entry, values[dimension]) for dimension, entry in groups.items()},
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


def _all(entry: Entry, what: str, names: tuple[str, ...], further: tuple[str, ...] = ()) -> dict[str, Entry]:
    found = entry.known_fields(what, (*names, *further))
    for name in names:
        if name not in found:
            raise entry.error(f"this {what} has no {name}.")
    return found


def _rules(entry: Entry) -> Rules:
    found = _all(entry, "protection", (*STANDARD, "held_one_in"), ("decision",))
    numbers = {name: found[name].whole_number() for name in (*STANDARD, "held_one_in")}
    if numbers["base"] < LEAST_BASE:
        raise found["base"].error(
            f"a base of {numbers['base']} protects nobody.", f"The least is {LEAST_BASE}; {STANDARD['base']} is usual."
        )
    if numbers["held_one_in"] < 2:  # one in one: nothing would ever be shown
        raise found["held_one_in"].error("one refresh in how many is held: 2 or more.", "10 is usual.")
    decided = "decision" in found and _decided(found["decision"])
    for name, usual in STANDARD.items():
        if numbers[name] < usual and not decided:
            raise found[name].error(
                f"{name} lies under {usual}.", "Lowering it takes a `decision:` that says who, when and why."
            )
    return Rules(**numbers)


def _decided(entry: Entry) -> bool:
    for name, told in _all(entry, "decision", DECISION).items():
        if not told.text().strip():
            raise told.error(f"the decision does not say {name}.")
    return True


def _level(entry: Entry) -> LevelPolicy:
    found = _all(entry, "level", ("breakdown", "flows"))
    shown = _all(found["breakdown"], "breakdown", ("every",), ("before_first_release",))
    every = _word(shown["every"], EVERY)
    before = _word(shown["before_first_release"], EVERY) if "before_first_release" in shown else every
    return LevelPolicy(_weekday(every), _weekday(before), _flows(found["flows"]))


def _flows(entry: Entry) -> Flows:
    found = entry.known_fields("a list of flows", (*PERIODS, "small", "month_from"))
    periods = {p: tuple(item.text() for item in found[p].items()) for p in PERIODS if p in found}
    small, least = (found[n].whole_number() if n in found else 0 for n in ("small", "month_from"))
    return Flows(periods, small, least)


def _word(entry: Entry, known: tuple[str, ...]) -> str:
    if entry.text() not in known:
        hint = suggest(entry.text(), known) or f"One of: {', '.join(known)}."
        raise entry.error(f"{entry.text()} is not known here.", hint)
    return entry.text()


def _weekday(word: str) -> int | None:
    return WEEKDAYS.index(word) + 1 if word in WEEKDAYS else None


def _dimension(name: str, entry: Entry) -> Dimension:
    found = _all(entry, "breakdown", ("balance", "groups"))
    groups = tuple(found["groups"].fields())
    if len(groups) < 2:
        raise found["groups"].error("a breakdown has at least two groups.")
    return Dimension(name, groups, _word(found["balance"], groups))


def _values(entry: Entry, known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values of each group; each value that there is stands in one. `7-16` is the numbers from 7 through 16."""
    taken: dict[str, str] = {}
    made: dict[str, tuple[str, ...]] = {}
    groups = entry.fields()["groups"]
    for group, listed in groups.fields().items():
        made[group] = tuple(value for item in listed.items() for value in _range(item))
        for item in listed.items():
            for value in _range(item):
                if value not in known:
                    raise item.error(f"there is no value {value}.", suggest(value, known))
                if value in taken:
                    raise item.error(f"{value} stands in {taken[value]} and in {group}.", "Each value stands in one.")
                taken[value] = group
    if missing := [value for value in known if value not in taken]:
        shown = ", ".join(missing[:5])
        raise groups.error(f"the groups do not add up: no group has {shown}.", "Each value stands in one group.")
    return made


def _range(item: Entry) -> list[str]:
    first, dash, last = item.text().partition("-")
    if not dash:
        return [item.text()]
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise item.error(f"{item.text()} is no range of numbers.", "Write it as 7-16.")
    return [str(n) for n in range(int(first), int(last) + 1)]
