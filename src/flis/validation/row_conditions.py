"""The conditions that rows of a general delivery must fulfil, as SQL over the columns of their table.

They come from the contract: keys, code lists, municipalities, days, and its own quality rules.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from flis.catalog import codes
from flis.catalog.area_paths import folder_of
from flis.catalog.contract import Breach, Classification, FieldType
from flis.catalog.reference import closed_municipalities, municipalities
from flis.errors import CatalogError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flis.catalog.codes import Code
    from flis.catalog.contract import Contract, Field, Quality, Table
    from flis.validation.history import Period

__all__ = ["MUNICIPALITY", "Condition", "RowKind", "conditions", "is_in", "known_codes", "quality_kind"]

MUNICIPALITY = "kommune"
"""A column of this name, or one whose codes are called so, holds codes of municipalities."""
FORMULA = r"^([=@]|[+-][0-9 .,]*[^0-9 .,])"
"""Texts that a spreadsheet takes for a formula, and numbers with a sign are none. Readers trim tabs and returns."""
YEAR = "%Y"
"""How a field is written that tells a year alone."""
VALUE, DAY = "code_value", "code_day"
"""What is asked of a code: its text ('' where there is none, NULL where its expression fails), and its day."""
OWN = "quality"
"""Begins the kinds of faults that rules of a contract find."""
FIRST_DAY = date(1900, 1, 1)
FROM_TO = (("fra", "til"), ("vfra", "vtil"), ("start", "slut"), ("from", "to"))
"""How the names of two columns end that hold the first and the last day of something."""


class RowKind(StrEnum):
    """Kinds of faults that rows show when they are looked at together with their contract."""

    KEY_TWICE = "key-twice"
    CODE = "code"
    MUNICIPALITY = "municipality"
    NO_SUCH_TIME = "no-such-time"
    OUTSIDE_WINDOW = "outside-window"
    BACKWARDS = "backwards"
    TOO_LONG = "too-long"
    FORMULA = "formula"
    MUNICIPALITY_HELD = "municipality-held"


@dataclass(frozen=True, slots=True)
class Condition:
    """A fault of rows: its kind, the field that is named, SQL that tells faulty rows, and whether those are held.

    Where it is one of groups of rows, `each` are the columns by which rows fall into groups, `places` those by which a
    finding names a group, and the SQL tells faulty groups.
    """

    kind: str
    field: str
    wrong: str
    holds: bool = True
    each: tuple[str, ...] = ()
    places: tuple[Field, ...] = ()
    rare: str = ""
    """SQL that hardly any rows meet, but all faulty ones; where no row meets it, nothing else is asked."""
    once: str = ""
    """What the SQL asks of rows, as a list of SELECT, where rows with the same are asked once."""

    @property
    def rule(self) -> str:
        """The id of the contract's own rule that it is."""
        return self.kind.partition(":")[2]


def quality_kind(rule: Quality) -> str:
    """The kind of the faults that a contract's own rule finds."""
    return f"{OWN}:{rule.id}"


def conditions(contract: Contract, table: Table, columns: Sequence[str], at: Period | None) -> Iterator[Condition]:
    """All conditions on the rows of a table with these columns, of the period `at`."""
    fields = {f.name: f for f in table.fields if f.name in columns}
    for field in fields.values():
        if field.codes:
            yield _coded(contract.area, field, known_codes(contract.area, field.codes, at))
        if field.is_text:
            yield from _of_text(field)
        if field.type in (FieldType.DATE, FieldType.TIMESTAMP) and field.classification is not Classification.PSEUDONYM:
            yield Condition(RowKind.NO_SUCH_TIME, field.source, _outside(field, at))
        told = contract.window_of(at.last) if at and field.name in contract.part else None
        if told and field.type is FieldType.DATE:
            within = f"\"{field.name}\" BETWEEN DATE '{told[0]}' AND DATE '{told[1]}'"
            yield Condition(RowKind.OUTSIDE_WINDOW, field.source, f"NOT coalesce({within}, FALSE)")
    if MUNICIPALITY in columns and not (MUNICIPALITY in fields and fields[MUNICIPALITY].codes):
        name = fields[MUNICIPALITY].source if MUNICIPALITY in fields else MUNICIPALITY
        yield Condition(RowKind.MUNICIPALITY, name, f"NOT {is_in(MUNICIPALITY, _municipality_codes(at))}")
    for first, last in _spans(list(fields.values())):
        yield Condition(RowKind.BACKWARDS, last.source, f'"{first.name}" > "{last.name}"')
    for rule in table.quality:
        yield _own(contract, table, rule, at)


def _of_text(field: Field) -> Iterator[Condition]:
    """What may be wrong with any text, each with what is asked faster: its bytes, or the sign that it begins with."""
    name = f'"{field.name}"'
    long = f"length({name}) > {field.longest}"
    yield Condition(RowKind.TOO_LONG, field.source, long, rare=f"strlen({name}) > {field.longest}")
    formula = f"regexp_matches({name}, '{FORMULA}')"
    rare = f"({name} < '0' OR {name} BETWEEN '=' AND 'A')"
    yield Condition(RowKind.FORMULA, field.source, formula, holds=False, rare=rare)


def _own(contract: Contract, table: Table, rule: Quality, at: Period | None) -> Condition:
    """A rule of the contract as a condition."""
    kind, holds = quality_kind(rule), rule.breach is Breach.HOLD
    if rule.each:
        places = tuple(field for name in rule.places if (field := table.field(name)))
        return Condition(kind, "", f"({rule.condition}) IS FALSE", holds, rule.each, places)
    # a row on which the condition fails does not fulfil it
    wrong = f"NOT coalesce(TRY(({rule.condition}) IS NOT FALSE), FALSE)"
    if not rule.codes:
        return Condition(kind, "", wrong, holds)
    day = table.field(rule.valid_on)
    # one TRY: DuckDB takes out what two of them have in common, and then it fails
    once = f"TRY(coalesce(CAST(({rule.condition}) AS VARCHAR), '')) AS {VALUE}"
    once += f', "{day.name}" AS {DAY}' if day else ""
    return Condition(kind, "", _not_listed(day, _listed(contract.area, rule.codes), at), holds, once=once)


def _not_listed(day: Field | None, listed: Sequence[Code] | None, at: Period | None) -> str:
    """SQL that tells values that are no code of a list on their day, or in the period."""
    if listed is None:
        return "no list"  # no SQL: told as a rule that is none
    by_ends: dict[tuple[date | None, date | None], list[str]] = defaultdict(list)
    for code in listed:
        if day or _is_valid(code, at):
            by_ends[(code.valid_from, code.valid_to) if day else (None, None)].append(code.code)
    ways = (" AND ".join([is_in_list(VALUE, mine), *_within(day, *ends)]) for ends, mine in by_ends.items())
    return f"{VALUE} IS NULL OR ({VALUE} <> '' AND NOT ({' OR '.join(f'({way})' for way in ways) or 'FALSE'}))"


def _within(day: Field | None, first: date | None, last: date | None) -> list[str]:
    """SQL that says whether a day lies within two; where it is a year, whether any day of it does."""
    ends = [(sign, end) for sign, end in ((">=", first), ("<=", last)) if end and day]
    if day and day.dates == YEAR:
        return [f"year({DAY}) {sign} {end.year}" for sign, end in ends]
    return [f"{DAY} {sign} DATE '{end}'" for sign, end in ends]


def known_codes(area: str, name: str, at: Period | None) -> list[str] | None:
    """The codes of a list that are valid on a day of the period; None where the area has no such list."""
    if name == MUNICIPALITY and not _has_list(area, name):
        return _municipality_codes(at)
    listed = _listed(area, name)
    return None if listed is None else [code.code for code in listed if _is_valid(code, at)]


def _listed(area: str, name: str) -> list[Code] | None:
    """All codes of a list; None where the area has no such list."""
    try:
        return list(codes.load(area, name).values())
    except (NotFoundError, CatalogError):
        return None


def _is_valid(code: Code, at: Period | None) -> bool:
    """Whether a code was valid on a day of the period; any is where no period is known."""
    return at is None or ((code.valid_from or date.min) <= at.last and at.first <= (code.valid_to or date.max))


def _coded(area: str, field: Field, known: Sequence[str] | None) -> Condition:
    if known is None:
        return Condition(f"{OWN}:{field.codes}", field.source, "no list")  # no SQL: told as a rule that is none
    kind = RowKind.MUNICIPALITY if _is_municipality(area, field) else RowKind.CODE
    return Condition(kind, field.source, f"NOT {is_in(field.name, known)}")


def is_in(column: str, known: Iterable[str]) -> str:
    """SQL that says whether a column's text is one of those known; NULL where it is empty."""
    value = f'CAST("{column}" AS VARCHAR)'
    return f'coalesce({is_in_list(value, known)}, "{column}" IS NULL)'


def is_in_list(value: str, known: Iterable[str]) -> str:
    """SQL that says whether the value of an expression is one of those known."""
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in known)
    return f"({value}) IN ({listed or 'NULL'})"


def _municipality_codes(at: Period | None) -> list[str]:
    """The municipalities that there were on a day of the period; those of today where no period is known."""
    closed = closed_municipalities().items()
    return [*(m.code for m in municipalities()), *(code for code, last in closed if at and at.first <= last)]


def _is_municipality(area: str, field: Field) -> bool:
    return field.codes == MUNICIPALITY and not _has_list(area, field.codes)


def _has_list(area: str, name: str) -> bool:
    return (folder_of(area) / "codes" / f"{name}.csv").is_file()


def _outside(field: Field, at: Period | None) -> str:
    """SQL that tells days before 1900, or more than a year after the period's end."""
    day = f'CAST("{field.name}" AS DATE)'
    wrong = f"{day} < DATE '{FIRST_DAY}'"
    if at is None:
        return wrong
    year_on = f"DATE '{at.last}' + INTERVAL 1 YEAR"
    return f"{wrong} OR {day} > {year_on}"


def _spans(fields: Sequence[Field]) -> Iterator[tuple[Field, Field]]:
    """Pairs of fields that hold the first and the last day of something, by how their names end."""
    by_name = {f.name: f for f in fields if f.type in (FieldType.DATE, FieldType.TIMESTAMP)}
    for name, field in by_name.items():
        for first, last in FROM_TO:
            stem = name.removesuffix(first)
            other = by_name.get(stem + last)
            # `vfra` ends as `fra` does: the pair is found once, by either ending
            if stem != name and other is not None and other.type is field.type:
                yield field, other
                break
