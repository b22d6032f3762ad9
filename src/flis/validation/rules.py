"""All rules, in the order in which reports list what they found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flis.catalog.reference import municipalities
from flis.delivery.chain import Position
from flis.validation.faults import FAULT_RULES
from flis.validation.general import GENERAL_RULES
from flis.validation.model import Facts, Rule, RuleLevel, Severity, Spot, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "INTAKE_RULES",
    "LARGE_FALL",
    "LATE_LEAST",
    "LATE_SHARE",
    "LOAD_RULES",
    "RULES",
    "SMALL_MUNICIPALITY",
    "rule",
]

SMALL_MUNICIPALITY = 20
"""A municipality of fewer persons may fall as it likes."""
LARGE_FALL = 0.10
"""The share of its persons that a municipality may lose in a day without a warning."""
LATE_LEAST = 20
"""So many persons of a delivery may be corrected for days long past without a warning,"""
LATE_SHARE = 0.05
"""and so large a share of them."""
STRANGERS = 0.01
"""The share of rows whose persons the register may not know without a state in the overview."""


def _unknown_form(facts: Facts) -> Iterator[Spot]:
    if not facts.manifest.area:
        yield Spot()


def _dates_backwards(facts: Facts) -> Iterator[Spot]:
    produced, previous = facts.manifest.produced, facts.manifest.previous
    if produced and previous and produced <= previous:
        yield Spot(record=1, line=1, field="PRODDTOFORRIG")


def _position(position: Position, facts: Facts) -> Iterator[Spot]:
    place = facts.place
    if place and place.position is position:
        produced, previous = facts.manifest.produced, facts.manifest.previous
        words = {"produced": produced, "previous": previous, "newest": place.newest, "missing": place.missing}
        yield Spot(words=words)


def _counted_fall(facts: Facts, *, to_zero: bool) -> Iterator[Spot]:
    if facts.load:
        yield from _falls(facts.load.before, facts.load.after, to_zero=to_zero)


def _inhabitants_fall(facts: Facts, *, to_zero: bool) -> Iterator[Spot]:
    if facts.load:
        yield from _falls(facts.load.inhabitants_before, facts.load.inhabitants_after, to_zero=to_zero)


def _falls(known: Mapping[str, int], told: Mapping[str, int], *, to_zero: bool) -> Iterator[Spot]:
    names = {m.code: m.name for m in municipalities()}
    for code, before in sorted(known.items()):
        after = told.get(code, 0)
        if before >= SMALL_MUNICIPALITY and after < before * (1 - LARGE_FALL) and (after == 0) is to_zero:
            words = {"name": names.get(code, code), "percent": round(100 * (before - after) / before)}
            yield Spot(municipality=code, words=words)


def _late_corrections(facts: Facts) -> Iterator[Spot]:
    corrected = facts.load.corrected if facts.load else 0
    if corrected > LATE_LEAST and corrected > LATE_SHARE * facts.manifest.persons:
        yield Spot(words={"corrected": corrected})


def _strangers(facts: Facts, *, many: bool) -> Iterator[Spot]:
    load = facts.load
    if load and load.strangers:
        share = load.strangers / max(load.rows, 1)
        if (share > STRANGERS) is many:
            yield Spot(words={"count": load.strangers, "percent": round(100 * share, 1)})


def _no_register(facts: Facts) -> Iterator[Spot]:
    if facts.load and facts.load.rows and facts.load.strangers is None:
        yield Spot()


def _outranked(facts: Facts) -> Iterator[Spot]:
    if facts.load and facts.load.outranked:
        yield Spot(words={"count": facts.load.outranked, "among": facts.load.told})


def _removed(facts: Facts) -> Iterator[Spot]:
    if facts.load and facts.load.removed:
        yield Spot(words={"count": facts.load.removed})


def _unread(reason: str, facts: Facts) -> Iterator[Spot]:
    count = facts.load.unread.get(reason, 0) if facts.load else 0
    if count:
        yield Spot(persons=count)


def _imprecise(facts: Facts) -> Iterator[Spot]:
    for name, count in sorted(facts.manifest.imprecise.items()):
        record_type, field = name.split()
        yield Spot(field=field, words={"type": record_type, "name": field, "count": count})


INTAKE_RULES: tuple[Rule, ...] = (
    Rule(
        id="file-form",
        severity=Severity.FATAL,
        da="Filens form er ukendt: hverken navn eller begyndelse er som i en kontrakt. Filen ligger krypteret i "
        "karantæne; bed afsenderen om den rigtige fil.",
        en="The file's form is unknown: neither its name nor its beginning is that of a contract. The file lies "
        "encrypted in quarantine; ask its sender for the right one.",
        check=_unknown_form,
    ),
    *GENERAL_RULES,
    *FAULT_RULES,
    Rule(
        id="cpr-imprecise-date",
        severity=Severity.WARNING,
        da="Datoer uden dag eller måned: {count} i record {type}, felt {name}. Den bedst kendte dag bruges, ellers den "
        "første mulige.",
        en="Dates without day or month: {count} in record {type}, field {name}. The best known day is used, else the "
        "first possible one.",
        check=_imprecise,
    ),
    Rule(
        id="cpr-dates-backwards",
        severity=Severity.ERROR,
        da="Produktionsdatoen ligger ikke efter den forrige produktionsdato.",
        en="The production date is not after the previous production date.",
        check=_dates_backwards,
    ),
    Rule(
        id="cpr-date-taken",
        severity=Severity.ERROR,
        da="En anden fil med produktionsdato {produced} er allerede godkendt.",
        en="Another file with the production date {produced} has been accepted.",
        taken=True,
        check=partial(_position, Position.TAKEN),
    ),
    Rule(
        id="cpr-chain-late",
        severity=Severity.ERROR,
        da="Leveringen er ældre end den senest godkendte ({newest}) og er ikke en del af kæden.",
        en="The delivery is older than the newest accepted one ({newest}) and no part of the chain.",
        check=partial(_position, Position.LATE),
    ),
    Rule(
        id="cpr-chain-fork",
        severity=Severity.ERROR,
        da="Leveringen følger efter {previous}, men der er siden godkendt en levering af {newest}.",
        en="The delivery follows {previous}, but one of {newest} has been accepted since.",
        check=partial(_position, Position.FORK),
    ),
    Rule(
        id="cpr-chain-restart",
        severity=Severity.ERROR,
        da="Leveringen er en etablering, men kæden er allerede begyndt (senest {newest}).",
        en="The delivery is an establishment, but the chain has already begun (newest {newest}).",
        check=partial(_position, Position.RESTART),
    ),
    Rule(
        id="cpr-chain-gap",
        severity=Severity.WARNING,
        da="Leveringen med produktionsdato {missing} mangler før denne.",
        en="The delivery with the production date {missing} is missing before this one.",
        waits=True,
        check=partial(_position, Position.GAP),
    ),
)
"""What can be judged when a file has been read."""

LOAD_RULES: tuple[Rule, ...] = (
    Rule(
        id="volume-zero",
        severity=Severity.WARNING,
        da="{name} er faldet til nul personer i Ukraine Statistik på en dag.",
        en="{name} fell to zero persons in Ukraine Statistics in a day.",
        check=partial(_counted_fall, to_zero=True),
        status=Status.PART_MISSING,
    ),
    Rule(
        id="volume-fall",
        severity=Severity.WARNING,
        da="{name} er faldet {percent} % i Ukraine Statistik på en dag.",
        en="{name} fell by {percent} % in Ukraine Statistics in a day.",
        check=partial(_counted_fall, to_zero=False),
        status=Status.PART_MISSING,
    ),
    Rule(
        id="volume-inhabitants-zero",
        severity=Severity.WARNING,
        da="{name} er faldet til nul indbyggere på en dag.",
        en="{name} fell to zero inhabitants in a day.",
        check=partial(_inhabitants_fall, to_zero=True),
        status=Status.PART_MISSING,
    ),
    Rule(
        id="volume-inhabitants-fall",
        severity=Severity.WARNING,
        da="{name} har mistet {percent} % af sine indbyggere på en dag.",
        en="{name} lost {percent} % of its inhabitants in a day.",
        check=partial(_inhabitants_fall, to_zero=False),
        status=Status.PART_MISSING,
    ),
    Rule(
        id="late-corrections",
        severity=Severity.WARNING,
        da="{corrected} personer er rettet for dage, der ligger langt tilbage.",
        en="{corrected} persons were corrected for days long past.",
        check=_late_corrections,
        status=Status.AS_PLANNED,
    ),
    Rule(
        id="cpr-unread-place",
        severity=Severity.WARNING,
        da="{persons} mangler i Ukraine Statistik, fordi bopælens kommunekode ikke er en kommunes.",
        en="{persons} missing in Ukraine Statistics: the code of the place of residence is no municipality's.",
        check=partial(_unread, "place"),
        status=Status.PART_MISSING,
        stands=True,
    ),
    Rule(
        id="cpr-unread-date",
        severity=Severity.WARNING,
        da="{persons} mangler i Ukraine Statistik, fordi en dato ikke kan læses eller ligger efter produktionsdatoen.",
        en="{persons} missing in Ukraine Statistics: a date cannot be read, or is after the production date.",
        check=partial(_unread, "date"),
        status=Status.PART_MISSING,
        stands=True,
    ),
    Rule(
        id="cpr-imprecise-entry",
        severity=Severity.WARNING,
        da="{persons} tæller i Ukraine Statistik fra den første mulige dag, fordi indrejsen mangler dag eller måned.",
        en="{persons} counted in Ukraine Statistics from the first possible day: the entry lacks its day or month.",
        check=partial(_unread, "imprecise"),
        status=Status.AS_PLANNED,
        stands=True,
    ),
    Rule(
        id="cpr-unread-earlier",
        severity=Severity.WARNING,
        da="{persons} mangler i Ukraine Statistik på tidligere dage, fordi en kommunekode eller dato ikke kan læses.",
        en="{persons} missing in Ukraine Statistics on earlier days: a municipality's code or a date cannot be read.",
        check=partial(_unread, "earlier"),
        status=Status.PART_MISSING,
        stands=True,
    ),
    Rule(
        id="g-15-person-unknown",
        severity=Severity.WARNING,
        level=RuleLevel.REFERENCE,
        da="{count} rækker ({percent} %) har en person, som personregistret ikke kender.",
        en="{count} rows ({percent} %) have a person whom the register of persons does not know.",
        check=partial(_strangers, many=False),
    ),
    Rule(
        id="g-15-many-persons-unknown",
        severity=Severity.WARNING,
        level=RuleLevel.REFERENCE,
        status=Status.FAULTY,
        da="{count} rækker ({percent} %) har en person, som personregistret ikke kender.",
        en="{count} rows ({percent} %) have a person whom the register of persons does not know.",
        check=partial(_strangers, many=True),
    ),
    Rule(
        id="g-15-no-register",
        severity=Severity.WARNING,
        level=RuleLevel.REFERENCE,
        da="Personerne er ikke sammenholdt med personregistret, for der er ikke indlæst noget.",
        en="The persons were not compared with the register of persons, because none is loaded.",
        check=_no_register,
    ),
    Rule(
        id="volume-parts-outranked",
        severity=Severity.WARNING,
        level=RuleLevel.HISTORY,
        status=Status.AS_PLANNED,
        da="{count} af leveringens {among} dele ændrer intet: en nyere periode eller et højere sekvensnummer gælder.",
        en="{count} of the delivery's {among} parts change nothing: a newer period or a higher sequence counts.",
        check=_outranked,
    ),
    Rule(
        id="volume-parts-removed",
        severity=Severity.WARNING,
        level=RuleLevel.HISTORY,
        status=Status.AS_PLANNED,
        da="{count} dele, som havde rækker, har ingen mere: leveringen fortæller dem uden rækker.",
        en="{count} parts that had rows have none any more: the delivery tells them without rows.",
        check=_removed,
    ),
)
"""What shows only when a delivery has been loaded."""

RULES = (*INTAKE_RULES, *LOAD_RULES)


def rule(name: str) -> Rule | None:
    """The rule with the id `name`; None where an older version of flis had it."""
    return next((r for r in RULES if r.id == name), None)
