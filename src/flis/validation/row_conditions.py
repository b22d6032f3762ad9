"""The conditions that rows of a general delivery must fulfil, as SQL over the columns of their table.

They come from the contract: keys, code lists, municipalities, days, and its own quality rules.
"""

from __future__ import annotations

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

    from flis.catalog.contract import Contract, Field, Quality, Table
    from flis.validation.history import Period

__all__ = ["MUNICIPALITY", "Condition", "RowKind", "conditions", "is_in", "known_codes", "quality_kind"]

MUNICIPALITY = "kommune"
"""A column of this name, or one whose codes are called so, holds codes of municipalities."""
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
    MUNICIPALITY_HELD = "municipality-held"


@dataclass(frozen=True, slots=True)
class Condition:
    """A fault of rows: its kind, the field that is named, SQL that tells faulty rows, and whether those are held."""

    kind: str
    field: str
    wrong: str
    holds: bool = True

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
        # a row on which the condition fails does not fulfil it
        wrong = f"NOT coalesce(TRY(({rule.condition}) IS NOT FALSE), FALSE)"
        yield Condition(quality_kind(rule), "", wrong, rule.breach is Breach.HOLD)


def known_codes(area: str, name: str, at: Period | None) -> list[str] | None:
    """The codes of a list that are valid on a day of the period; None where the area has no such list."""
    if name == MUNICIPALITY and not _has_list(area, name):
        return _municipality_codes(at)
    try:
        listed = codes.load(area, name).values()
    except (NotFoundError, CatalogError):
        return None
    if at is None:
        return [c.code for c in listed]
    return [c.code for c in listed if (c.valid_from or date.min) <= at.last and at.first <= (c.valid_to or date.max)]


def _coded(area: str, field: Field, known: Sequence[str] | None) -> Condition:
    if known is None:
        return Condition(f"{OWN}:{field.codes}", field.source, "no list")  # no SQL: told as a rule that is none
    kind = RowKind.MUNICIPALITY if _is_municipality(area, field) else RowKind.CODE
    return Condition(kind, field.source, f"NOT {is_in(field.name, known)}")


def is_in(column: str, known: Iterable[str]) -> str:
    """SQL that says whether a column's text is one of those known; NULL where it is empty."""
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in known)
    return f'coalesce(CAST("{column}" AS VARCHAR) IN ({listed or "NULL"}), "{column}" IS NULL)'


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
