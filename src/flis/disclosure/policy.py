"""The disclosure policy of an area, from `areas/<id>/policy.yaml`: what may be shown of its tables, and how.

Every complaint names file and line and says what was meant. Nothing is released by a policy that cannot be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from babel.dates import get_day_names

from flis.catalog.forms import WHOLE, WORD, Record, lines, listing, named, placed, word
from flis.catalog.yaml import YamlEntry, read
from flis.disclosure.model import Division
from flis.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from flis.catalog.cube import WrittenPlace

__all__ = ["POLICY", "CountedBy", "Flows", "LevelPolicy", "Policy", "Rules", "read_policy"]

LEAST_BASE = 3
STANDARD = {"base": 5, "shown_from": 20, "refresh_from": 5}
"""Numbers that may be lowered by a decision only: who decided, when and why."""
WEEKDAYS = tuple(name.lower() for _, name in sorted(get_day_names("wide", locale="en").items()))
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
class CountedBy:
    """The steps of the area, by name, that count what is protected; `flows` by level. Columns go by their order."""

    totals: str
    flows: Mapping[str, str]
    months: str
    breakdown: str
    stays: str
    former_stays: str
    changes: str
    recount: str
    place: WrittenPlace


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole file; `values` says which values fall into a group: dimension -> group -> values."""

    rules: Rules
    counted_by: CountedBy
    levels: Mapping[str, LevelPolicy]
    dimensions: tuple[Division, ...]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    sha256: str = field(default="")


def read_policy(
    file: Traversable,
    name: str,
    values: Mapping[str, Sequence[str]],
    defined: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> Policy:
    """The policy in a file that errors call `name`; `values` are those that the rows of each dimension can have.

    Of a dimension that is `defined`, the groups are those of the area's definition, with the values that it gives them.

    Raises:
        CatalogError: the file is not as it should be; names the line and what was meant.
    """
    rules, counted_by, levels, breakdowns = POLICY.read(read(file, name))
    for dimension, (place, breakdown) in breakdowns.items():
        if dimension not in values:
            hint = suggest(dimension, values) or f"There are: {', '.join(values)}."
            raise place.error(f"the released tables have no dimension {dimension} to break down by.", hint)
        _check_defined(breakdown, (defined or {}).get(dimension))
        _check_values(breakdown, values[dimension])
    return Policy(
        rules=rules,
        counted_by=counted_by,
        levels=levels,
        dimensions=tuple(Division(n, tuple(one.groups), one.balance) for n, (_, one) in breakdowns.items()),
        values={name: one.values for name, (_, one) in breakdowns.items()},
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class Grouping:
    """How a dimension is shown: its groups with the values of each and their places, and the group that balances."""

    balance: str
    groups: Mapping[str, list[tuple[YamlEntry, str]]]
    places: Mapping[str, YamlEntry]
    place: YamlEntry

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each group."""
        return {group: tuple(value for _, value in found) for group, found in self.groups.items()}


def _rules(entry: YamlEntry, decision: object = None, **numbers: int) -> Rules:
    found = entry.fields()
    if numbers["base"] < LEAST_BASE:
        raise found["base"].error(
            f"a base of {numbers['base']} protects nobody.", f"The least is {LEAST_BASE}; {STANDARD['base']} is usual."
        )
    if numbers["held_one_in"] < 2:  # one in one: nothing would ever be shown
        raise found["held_one_in"].error("one refresh in how many is held: 2 or more.", "10 is usual.")
    for name, usual in STANDARD.items():
        if numbers[name] < usual and not decision:
            raise found[name].error(
                f"{name} lies under {usual}.", "Lowering it takes a `decision:` that says who, when and why."
            )
    return Rules(**numbers)


def _decided(entry: YamlEntry, **told: str) -> bool:
    for name, text in told.items():
        if not text.strip():
            raise entry.fields()[name].error(f"the decision does not say {name}.")
    return True


def _shown(_: YamlEntry, every: str, before_first_release: str = "") -> tuple[int | None, int | None]:
    return _weekday(every), _weekday(before_first_release or every)


def _flows(_: YamlEntry, small: int = 0, month_from: int = 0, **periods: tuple[str, ...]) -> Flows:
    return Flows({period: periods[period] for period in PERIODS if period in periods}, small, month_from)


def _level(_: YamlEntry, breakdown: tuple[int | None, int | None], flows: Flows) -> LevelPolicy:
    return LevelPolicy(*breakdown, flows)


def _weekday(word: str) -> int | None:
    return WEEKDAYS.index(word) + 1 if word in WEEKDAYS else None


def _breakdown(entry: YamlEntry, balance: str, groups: dict[str, tuple[tuple[YamlEntry, str], ...]]) -> Grouping:
    fields = entry.fields()
    if len(groups) < 2:
        raise fields["groups"].error("a breakdown has at least two groups.")
    if balance not in groups:
        hint = suggest(balance, groups) or f"One of: {', '.join(groups)}."
        raise fields["balance"].error(f"{balance} is not known here.", hint)
    found = {group: [(item, value) for item, _ in listed for value in _range(item)] for group, listed in groups.items()}
    return Grouping(balance, found, fields["groups"].keys(), fields["groups"])


def _policy(
    entry: YamlEntry,
    protection: Rules,
    counted_by: CountedBy,
    levels: dict[str, LevelPolicy],
    groups: dict[str, Grouping],
) -> tuple[Rules, CountedBy, dict[str, LevelPolicy], dict[str, tuple[YamlEntry, Grouping]]]:
    places = entry.fields()["groups"].keys()
    return protection, counted_by, levels, {name: (places[name], one) for name, one in groups.items()}


def _check_defined(breakdown: Grouping, defined: Mapping[str, Sequence[str]] | None) -> None:
    if defined is None:
        return
    for group, found in breakdown.groups.items():
        if group not in defined:
            hint = suggest(group, defined) or f"It has: {', '.join(defined)}."
            raise breakdown.places[group].error(f"the area's definition has no group {group}.", hint)
        for item, value in found:
            owner = next((other for other, values in defined.items() if value in values), group)
            if owner != group:
                raise item.error(f"{value} stands in {group}, and in the area's definition in {owner}.")
    if missing := [group for group in defined if group not in breakdown.groups]:
        raise breakdown.place.error(f"the group {missing[0]} of the area's definition is missing.")


def _check_values(breakdown: Grouping, known: Sequence[str]) -> None:
    """Each value that there is stands in one group."""
    taken: dict[str, str] = {}
    for group, found in breakdown.groups.items():
        for item, value in found:
            if value not in known:
                raise item.error(f"there is no value {value}.", suggest(value, known))
            if value in taken:
                raise item.error(f"{value} stands in {taken[value]} and in {group}.", "Each value stands in one.")
            taken[value] = group
    if missing := [value for value in known if value not in taken]:
        shown = ", ".join(missing[:5])
        raise breakdown.place.error(
            f"the groups do not add up: no group has {shown}.", "Each value stands in one group."
        )


def _range(item: YamlEntry) -> list[str]:
    """The values that an item stands for: `7-16` is the numbers from 7 through 16."""
    first, dash, last = item.text().partition("-")
    if not dash:
        return [item.text()]
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise item.error(f"{item.text()} is no range of numbers.", "Write it as 7-16.")
    return [str(n) for n in range(int(first), int(last) + 1)]


DECISION: Record[bool] = Record(
    "decision",
    bool,
    {"who": (WORD, "Who decided."), "when": (WORD, "When."), "why": (WORD, "Why.")},
    _decided,
    required=("who", "when", "why"),
)
PROTECTION: Record[Rules] = Record(
    "protection",
    Rules,
    {
        "base": "Groups are rounded down to multiples of this, after adding a secret number that stays.",
        "shown_from": "Persons that a place must have for its breakdowns to be shown.",
        "refresh_from": "Persons who must have come or left since the figure that stands.",
        "held_one_in": "So many refreshes, one is held by lot.",
        "decision": (DECISION.form, "Who lowered a number below the usual one, when and why."),
    },
    _rules,
    required=(*STANDARD, "held_one_in"),
)
COUNTED_BY: Record[CountedBy] = Record(
    "list of steps",
    CountedBy,
    {
        "totals": (WORD, "The figure with known time of persons by day and municipality ('0000': the country)."),
        "flows": (
            named(WORD),
            "Of each level, the figure with known time of those who came and left, by its first key.",
        ),
        "months": (WORD, "The fact of whole months, with the flows that are counted together where they are rare."),
        "breakdown": (WORD, "The fact of day, municipality, dimension, group, persons."),
        "stays": (WORD, "The fact of municipality, person, first day, day after the last; no store has it."),
        "former_stays": (
            WORD,
            "The same, made of what a delivery tells: as known on earlier days.",
        ),
        "changes": (WORD, "The fact of day, municipality, changes that no record explains."),
        "recount": (WORD, "The fact of day, municipality, persons, counted from the history alone."),
    },
    placed(CountedBy),
    required=("totals", "flows", "months", "breakdown", "stays", "former_stays", "changes", "recount"),
)
SHOWN: Record[tuple[int | None, int | None]] = Record(
    "breakdown of a level",
    LevelPolicy,
    {
        "every": (word(*EVERY), "Of which days breakdowns are shown."),
        "before_first_release": (word(*EVERY), "The same for the time before the first figure; default as `every`."),
    },
    _shown,
    required=("every",),
)
FLOWS: Record[Flows] = Record(
    "list of flows",
    Flows,
    {
        **{period: (listing(WORD), f"The flows shown by {period}.") for period in PERIODS},
        "small": (WHOLE, "The greatest count that is shown as a range."),
        "month_from": (WHOLE, "Months are shown together until they have so many of the first flow."),
    },
    _flows,
)
LEVEL: Record[LevelPolicy] = Record(
    "level",
    LevelPolicy,
    {"breakdown": (SHOWN.form, "When breakdowns are shown."), "flows": (FLOWS.form, "Which flows are shown.")},
    _level,
    required=("breakdown", "flows"),
)
GROUPING: Record[Grouping] = Record(
    "breakdown",
    Grouping,
    {
        "balance": (WORD, "The group that takes what rounding the others leaves over: a large one."),
        "groups": (named(lines(WORD)), "The values of each group; `7-16` is the numbers from 7 through 16."),
    },
    _breakdown,
    required=("balance", "groups"),
)
POLICY: Record[tuple[Rules, CountedBy, dict[str, LevelPolicy], dict[str, tuple[YamlEntry, Grouping]]]] = Record(
    "policy",
    Policy,
    {
        "protection": (PROTECTION.form, "How figures are protected."),
        "counted_by": (COUNTED_BY.form, "The steps of the area that count what is protected."),
        "levels": (named(LEVEL.form), "What is shown of each level."),
        "groups": (named(GROUPING.form), "The breakdowns: dimension, groups, and the values of each group."),
    },
    _policy,
    required=("protection", "counted_by", "levels", "groups"),
)
