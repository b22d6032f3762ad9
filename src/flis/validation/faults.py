"""The rules on what the reader noticed in a CPR change extract: one per kind of defect.

Two kinds are no findings: an uncertain date is how CPR writes what it does not know, and a receipt is an answer to
an order; both are counted only. Uncertain dates that figures depend on have the rule `cpr-imprecise-date`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flis.delivery.readers.cpr.defects import DefectKind
from flis.validation.model import Facts, Rule, RuleLevel, Severity, Spot, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COUNTED_ONLY", "FAULT_RULES"]

COUNTED_ONLY = frozenset({DefectKind.UNCERTAIN_DATE, DefectKind.RECEIPT})

_FATAL = {
    DefectKind.OTHER_PRODUCT: (
        "Filen er et andet CPR-produkt: recordernes længder er ikke ændringsudtrækkets (U12170-P). Bestil det.",
        "The file is another CPR product: its records are not as long as those of U12170-P. Order that one.",
    ),
    DefectKind.BYTE_ORDER_MARK: (
        "Filen begynder med et Unicode-mærke (BOM); den skal være ISO-8859-1.",
        "The file begins with a Unicode byte order mark; it must be ISO-8859-1.",
    ),
    DefectKind.UTF_8: (
        "Recorden har bogstaver skrevet som UTF-8; filen skal være ISO-8859-1.",
        "The record has letters written as UTF-8; the file must be ISO-8859-1.",
    ),
    DefectKind.MISSING_START: ("Filen begynder ikke med en startrecord (000).", "The file has no start record (000)."),
    DefectKind.DUPLICATE_START: ("Startrecorden (000) kommer igen.", "The start record (000) comes again."),
    DefectKind.BAD_START: (
        "Et felt i startrecorden (000) kan ikke læses.",
        "A field of the start record (000) cannot be read.",
    ),
    DefectKind.MISSING_END: (
        "Slutrecorden (999) mangler: filen er afkortet.",
        "The end record (999) is missing: the file was cut off.",
    ),
    DefectKind.DUPLICATE_END: ("Slutrecorden (999) kommer igen.", "The end record (999) comes again."),
    DefectKind.WRONG_COUNT: (
        "Slutrecordens antal (999) passer ikke med antallet af recorder.",
        "The count in the end record (999) is not the number of records.",
    ),
    DefectKind.CUT_RECORD: ("Filen slutter midt i en record.", "The file ends within a record."),
    DefectKind.RECORD_LENGTH: (
        "Recordens længde er ikke den, som dens type har.",
        "The record's length is not that of its type.",
    ),
    DefectKind.UNKNOWN_TYPE: ("Recordtypen er ukendt.", "The record type is unknown."),
    DefectKind.GIVEN_UP: (
        "For mange ødelagte recorder uden linjeskift; resten af filen er ikke læst.",
        "Too many broken records without line breaks; the rest of the file was not read.",
    ),
}
_ERROR = {
    DefectKind.PERSON_TWICE: (
        "Personen kommer mere end én gang i filen.",
        "The person comes more than once in the file.",
    ),
    DefectKind.PERSON_NUMBER: (
        "Et personnummer består ikke af ti cifre.",
        "A person number does not consist of ten digits.",
    ),
}
_WARNING = {
    DefectKind.RECORD_ORDER: (
        "Recorden står, hvor recorder af dens type ikke hører til.",
        "The record stands where records of its type do not belong.",
    ),
    DefectKind.MISSING_RECORD: (
        "En record eller et nummer, som personen skal have, mangler.",
        "A record or number that the person must have is missing.",
    ),
    DefectKind.UNEXPECTED_RECORD: (
        "Recorden eller nummeret passer ikke til personens status.",
        "The record or number does not go with the person's status.",
    ),
    DefectKind.TRAILING_BLANKS: (
        "Recorden har flere blanke til højre end dens form; de er udeladt.",
        "The record has more blanks at the right than its form; they are left out.",
    ),
    DefectKind.MODULUS_11: (
        "Personnummeret har intet gyldigt kontrolciffer; sådanne er tildelt siden 2007.",
        "The person number has no valid check digit; such numbers have been given since 2007.",
    ),
    DefectKind.NOT_DIGITS: ("Et talfelt rummer andet end cifre.", "A field of digits holds something else."),
    DefectKind.INVALID_DATE: (
        "Datoen findes ikke i kalenderen; den er ladt tom.",
        "No calendar has the date; it is left empty.",
    ),
    DefectKind.NO_CLOCK: (
        "Intet ur viser klokkeslættet; dagen er beholdt.",
        "No clock shows the time; its day is kept.",
    ),
    DefectKind.ERROR_RECORD: (
        "CPR har svaret med en fejlrecord (910) på en ordre.",
        "CPR answered an order with an error record (910).",
    ),
}
_STATUS = {DefectKind.ERROR_RECORD: Status.FAULTY}


def _spots(kind: DefectKind, facts: Facts) -> Iterator[Spot]:
    return (Spot(f.record, f.line, f.field) for f in facts.faults if f.kind == kind)


def _rules(severity: Severity, table: dict[DefectKind, tuple[str, str]]) -> Iterator[Rule]:
    for kind, (da, en) in table.items():
        yield Rule(
            id=f"cpr-{kind.replace('_', '-')}",
            severity=severity,
            da=da,
            en=en,
            check=partial(_spots, kind),
            level=RuleLevel.FILE if severity is Severity.FATAL else RuleLevel.ROW,
            status=_STATUS.get(kind),
            kind=kind,
        )


FAULT_RULES: tuple[Rule, ...] = (
    *_rules(Severity.FATAL, _FATAL),
    *_rules(Severity.ERROR, _ERROR),
    *_rules(Severity.WARNING, _WARNING),
)
"""One rule per kind of defect, the most severe ones first."""
