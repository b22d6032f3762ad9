"""What judging is made of: rules, what they found, and the report of a delivery."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.model import Counts, DeliveryState
from flis.validation.profile import Examined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flis.catalog.contract import Contract
    from flis.delivery.chain import ChainPosition
    from flis.delivery.model import Fault, Manifest
    from flis.validation.history import Period
    from flis.validation.profile import Profile

__all__ = ["DeliveryReport", "Facts", "Finding", "Load", "Past", "Rule", "RuleLevel", "Severity", "Spot", "Status"]


FEW = 5
"""Counts of persons below this are told to the public as "fewer than"."""
Text = tuple[str, str]


class Severity(StrEnum):
    """What a finding does to its delivery: the first two send it to quarantine, the last lets it go on."""

    FATAL = "fatal"  # the file is not what it should be
    ERROR = "error"  # a sound file that cannot be accepted here
    WARNING = "warning"

    @property
    def refuses(self) -> bool:
        """Whether a delivery with such a finding is refused."""
        return self is not Severity.WARNING


class RuleLevel(StrEnum):
    """What a rule looks at."""

    FILE = "file"
    ROW = "row"
    REFERENCE = "reference"
    SUM = "sum"
    HISTORY = "history"
    CROSS_AREA = "cross-area"


class Status(StrEnum):
    """What a warning says in the operations overview."""

    AS_PLANNED = "as-planned"
    FAULTY = "faulty-delivery"
    PART_MISSING = "part-missing"


@dataclass(frozen=True, slots=True)
class Load:
    """What loading a delivery did: per municipality the persons whom *Ukraine Statistik* counts and all inhabitants,
    before and after; how many of its persons it changed for days long past; and how many persons would be counted
    but for something that cannot be read, by what that is.
    """

    before: Mapping[str, int]
    after: Mapping[str, int]
    corrected: int = 0
    inhabitants_before: Mapping[str, int] = dataclasses.field(default_factory=dict)
    inhabitants_after: Mapping[str, int] = dataclasses.field(default_factory=dict)
    unread: Mapping[str, int] = dataclasses.field(default_factory=dict)
    rows: int = 0
    """The rows of the delivery that name a person,"""
    strangers: int | None = None
    """and how many of those name one whom the register of persons does not have; None where no register is loaded."""
    told: int = 0
    """The parts that the delivery told with rows,"""
    outranked: int = 0
    """how many of those stay as another delivery tells them,"""
    removed: int = 0
    """and how many parts that had rows have none any more since."""
    steps: Mapping[str, Sequence[Mapping[str, object]]] = dataclasses.field(default_factory=dict)
    """By the name of each of the area's steps of kind `rule` the rows that it put out: each is a finding, with the
    columns `da` and `en` (its message) and, where there are any, `kommune` and `status`."""


@dataclass(frozen=True, slots=True)
class Past:
    """An accepted delivery of an earlier period: of each period the newest one."""

    manifest: Manifest
    period: Period
    profile: Profile


@dataclass(frozen=True, slots=True)
class Facts:
    """All that rules may look at; `place` and `load` are None where that is not known yet.

    Of a delivery that is no link of a chain (`general`): its contract and period, what is accepted of the same sender
    and period, the accepted ones of earlier periods in their order, and what looking through its rows showed.
    """

    manifest: Manifest
    faults: tuple[Fault, ...] = ()
    place: ChainPosition | None = None
    load: Load | None = None
    contract: Contract | None = None
    period: Period | None = None
    accepted: tuple[Manifest, ...] = ()
    history: tuple[Past, ...] = ()
    examined: Examined = dataclasses.field(default_factory=Examined)
    same_bytes: tuple[Manifest, ...] = ()
    """Deliveries of the interface with the same bytes, but of another sender or period."""
    repeats: tuple[str, float] | None = None
    """The period whose rows are most like these, and the share of these that it has too."""
    corrected: float = 0.0
    """Of a new version of a period after which another is accepted already: the share of its rows that differ."""
    new_codes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """In deliveries of how many senders of the period a code stands that no list has."""

    @property
    def general(self) -> bool:
        """Whether the delivery is no link of a chain."""
        return self.contract is not None

    @property
    def before(self) -> Past | None:
        """The newest accepted one of an earlier period."""
        return self.history[-1] if self.history else None

    def total(self, kind: str) -> int:
        """How many faults of a kind the reader and the examination found."""
        return self.manifest.faults.get(kind, 0) + self.examined.totals.get(kind, 0)

    def faults_of(self, kind: str) -> Iterable[Fault]:
        """The first faults of a kind."""
        return (f for f in (*self.faults, *self.examined.faults) if f.kind == kind)


@dataclass(frozen=True, slots=True)
class Spot:
    """One hit of a rule: where in the file, or in which municipality, and the words of its message (never a value)."""

    record: int | None = None
    line: int | None = None
    field: str | None = None
    municipality: str | None = None
    persons: int | None = None  # how many persons it is about, where the rule counts them: {persons} in its message
    words: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: how severe, its message in both languages, and the check, a function of the facts alone.

    The warnings of a rule with a `status` show in the operations overview too, as that; where it `stands`, each
    delivery says anew how it is, and only the newest one's warnings show.
    """

    id: str
    severity: Severity
    da: str
    en: str
    check: Callable[[Facts], Iterable[Spot]]
    level: RuleLevel = RuleLevel.FILE
    status: Status | None = None
    stands: bool = False
    waits: bool = False
    """Does the delivery wait for another one where the rule hits?"""
    taken: bool = False
    """Does the rule refuse a delivery because another one has its place?"""
    kind: str = ""
    """The kind of faults that the rule is about; those are counted also where they are not listed."""

    @property
    def reaches_status(self) -> bool:
        """Whether its warnings show in the operations overview."""
        return self.status is not None

    def count(self, facts: Facts) -> int:
        """How many hits there are, also those that reports do not list."""
        return facts.total(self.kind) if self.kind else sum(1 for _ in self.check(facts))

    def findings(self, facts: Facts) -> list[Finding]:
        """All hits of this rule, put into words."""
        return [self._finding(facts.manifest.file, spot) for spot in self.check(facts)]

    def message(self, words: Mapping[str, object], persons: int | None = None, *, public: bool = False) -> Text:
        """Its message in Danish and English; where `public`, one to four persons are fewer than five."""
        few = public and persons is not None and 0 < persons < FEW
        da = "Færre end fem personer" if few else f"{persons} person{'' if persons == 1 else 'er'}"
        en = "Fewer than five persons" if few else f"{persons} person{'' if persons == 1 else 's'}"
        return self.da.format(**words, persons=da), self.en.format(**words, persons=en)

    def _finding(self, file: str, spot: Spot) -> Finding:
        da, en = self.message(spot.words, spot.persons)
        return Finding(
            rule=self.id,
            severity=self.severity,
            file=file,
            record=spot.record,
            line=spot.line,
            field=spot.field,
            municipality=spot.municipality,
            persons=spot.persons,
            message=da,
            message_en=en,
        )


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A hit of a rule, as it stands in reports; `message` is Danish, `municipality` the code of one."""

    rule: str
    severity: Severity
    file: str
    record: int | None = None
    line: int | None = None
    field: str | None = None
    municipality: str | None = None
    persons: int | None = None
    message: str
    message_en: str
    status: Status | None = None
    """What it says in the operations overview, where no rule of the platform's own says it."""


class DeliveryReport(msgspec.Struct, frozen=True, kw_only=True):
    """What judging found in a delivery, and what follows.

    `missing` is the production date that has to come first, where the delivery waits; `counts` count all hits,
    `findings` list the first ones of each rule.
    """

    id: str
    area: str
    file: str
    state: DeliveryState
    sequence: str
    produced: date | None
    previous: date | None
    missing: date | None
    records: int
    persons: int
    error_records: int
    receipts: int
    counts: Counts
    findings: tuple[Finding, ...]
    interface: str = ""
    sender: str = ""
    period: str = ""
    number: int = 1
    held: int = 0
    """How many rows are held back,"""
    held_share: float = 0.0
    """and what share of the delivery's rows that is."""
