"""The rules that every interface has: on the file, its rows, and its place among the deliveries of its sender.

A faulty row is held back and the others go on, unless there are more of them than the contract allows. Those that
compare a delivery with earlier ones are in `over_time`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flis.catalog.contract import Chain, FileFormat
from flis.catalog.sender_file import senders
from flis.clock import day_of
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.validation.model import Facts, Rule, RuleLevel, Severity, Spot, Status
from flis.validation.over_time import TIME_RULES
from flis.validation.row_conditions import RowKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import StrEnum

__all__ = ["GENERAL_RULES", "HELD_KINDS", "NOT_WHOLE"]

HELD_KINDS = frozenset(
    {
        NoticeKind.STRUCTURE,
        NoticeKind.ORPHAN,
        NoticeKind.ROW_LENGTH,
        NoticeKind.REQUIRED,
        NoticeKind.TYPE,
        NoticeKind.PERSON_NUMBER,
        NoticeKind.PERSON_IN_TEXT,
    }
)
"""Faults of a row for which it is held back."""
MANY_CODES = 0.05
"""Where a larger share of the rows has codes that no list has, the list was changed,"""
MANY_SENDERS = 5
"""and where more senders than these send such a code."""
MISPLACED = 0.5
"""A field of which more than this share cannot be read, in a file whose columns go by position, is another one's;"""
MISPLACED_FIELDS = 2
"""so many of them are columns in another order."""


def _spots(kind: StrEnum, facts: Facts) -> Iterator[Spot]:
    return (Spot(f.record, f.line, f.field) for f in facts.faults_of(kind))


def _number_taken(facts: Facts) -> Iterator[Spot]:
    newest = max((m.number for m in facts.accepted), default=0)
    if facts.manifest.number <= newest:
        yield Spot(words={"number": facts.manifest.number, "newest": newest, "period": facts.manifest.period})


def _period_again(facts: Facts) -> Iterator[Spot]:
    if facts.contract and facts.contract.chain is Chain.ONCE and facts.accepted:
        yield Spot(words={"period": facts.manifest.period})


def _not_allowed(facts: Facts) -> Iterator[Spot]:
    manifest = facts.manifest
    known = senders(manifest.area) if facts.general else None
    if known is None:
        return
    if not any(s.code == manifest.sender and s.sends(manifest.interface, manifest.period) for s in known):
        yield Spot(words={"sender": manifest.sender, "interface": manifest.interface, "period": manifest.period})


def _not_begun(facts: Facts) -> Iterator[Spot]:
    arrived = day_of(facts.manifest.received)
    if facts.period and facts.period.first > arrived:
        yield Spot(words={"period": facts.manifest.period, "arrived": arrived.isoformat()})


def _no_period(facts: Facts) -> Iterator[Spot]:
    if facts.general and not facts.manifest.period:
        yield Spot()


def _held_too_many(facts: Facts) -> Iterator[Spot]:
    if facts.contract is None:
        return
    found, rows = facts.examined, max(facts.manifest.records, 1)
    if found.held > facts.contract.held * rows:
        yield Spot(words={"held": found.held, "percent": round(100 * found.held / rows, 1)})


def _municipalities_too_many(facts: Facts) -> Iterator[Spot]:
    found = facts.examined
    if len(found.municipalities) > found.among / 2:
        yield Spot(words={"count": len(found.municipalities), "among": found.among})


def _municipality_held(facts: Facts) -> Iterator[Spot]:
    return (Spot(municipality=code, words={"name": code}) for code in facts.examined.municipalities)


def _code_list_changed(facts: Facts) -> Iterator[Spot]:
    for table in facts.contract.tables if facts.contract else ():
        seen = facts.examined.profile.tables.get(table.name)
        for name, unknown in seen.unknown.items() if seen else ():
            field = table.field(name)
            if field is None or not field.codes:
                continue
            share = sum(unknown.values()) / max(seen.rows, 1) if seen else 0
            senders = max((facts.new_codes.get(f"{table.name} {name} {code}", 1) for code in unknown), default=0)
            if share > MANY_CODES or senders > MANY_SENDERS:
                yield Spot(field=field.source, words={"percent": round(100 * share, 1), "count": senders})


def _columns_in_another_order(facts: Facts) -> Iterator[Spot]:
    contract = facts.contract
    if contract is None or (contract.dialect.header and contract.format is not FileFormat.FIXED):
        return
    unread = {field for field, share in facts.examined.unread.items() if share > MISPLACED}
    if len(unread) >= MISPLACED_FIELDS:
        yield Spot(words={"count": len(unread)})


def _broken_rules(facts: Facts) -> Iterator[Spot]:
    return (Spot(words={"rule": name}) for name in facts.examined.broken)


def _noticed(
    rule: str,
    severity: Severity,
    kind: StrEnum,
    da: str,
    en: str,
    *,
    level: RuleLevel = RuleLevel.FILE,
    status: Status | None = None,
) -> Rule:
    check = partial(_spots, kind)
    return Rule(id=rule, severity=severity, da=da, en=en, check=check, kind=kind, level=level, status=status)


_FATAL, _ERROR, _WARNING = Severity.FATAL, Severity.ERROR, Severity.WARNING
GENERAL_RULES: tuple[Rule, ...] = (
    _noticed(
        "g-01-encoding", _FATAL, NoticeKind.ENCODING,
        "Filens bogstaver er ikke skrevet, som kontrakten siger (tegnsæt eller BOM).",
        "The file's letters are not written as the contract says (encoding or byte order mark).",
    ),
    _noticed(
        "file-unreadable", _FATAL, NoticeKind.SYNTAX,
        "Filen kan ikke læses i sin form: den er tom, et anførselstegn eller pakningen er forkert, eller den har for "
        "mange rækker.",
        "The file cannot be read in its form: it is empty, a quote or the packing is wrong, or it has too many rows.",
    ),
    _noticed(
        "file-too-large", _FATAL, NoticeKind.LIMIT,
        "Filen, en række eller en værdi er større, end kontrakten tillader, eller elementerne ligger for dybt.",
        "The file, a row or a value in it is larger than the contract allows, or its elements lie too deep.",
    ),
    _noticed(
        "g-02-column-missing", _FATAL, NoticeKind.COLUMN_MISSING,
        "En kolonne mangler eller hedder noget andet.",
        "A column is missing or has another name.",
    ),
    _noticed(
        "g-03-column-added", _WARNING, NoticeKind.COLUMN_ADDED,
        "Filen har en kolonne, som kontrakten ikke kender; den er ikke beholdt.",
        "The file has a column that the contract does not know; it is not kept.",
        status=Status.AS_PLANNED,
    ),
    _noticed(
        "g-02-other-version", _FATAL, NoticeKind.OTHER_VERSION,
        "Filens yderste element, navnerum eller version er ikke kontraktens.",
        "The file's outermost element, namespace or version is not that of the contract.",
    ),
    _noticed(
        "g-03-record-type", _WARNING, NoticeKind.RECORD_TYPE,
        "Filen har records af en type, som kontrakten ikke kender; de er ikke beholdt.",
        "The file has records of a type that the contract does not know; they are not kept.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-05-start-missing", _FATAL, NoticeKind.START_MISSING,
        "Den første record, som siger afsender og periode, mangler.",
        "The first record, which tells sender and period, is missing.",
    ),
    _noticed(
        "g-05-end-missing", _FATAL, NoticeKind.END_MISSING,
        "Filen siger ikke, hvor den slutter: slutlinje, slutrecord eller kontroltal mangler, så den kan være afkortet.",
        "The file does not say where it ends: end line, end record or control totals are missing; it may be cut off.",
    ),
    _noticed(
        "g-05-wrong-count", _FATAL, NoticeKind.WRONG_COUNT,
        "Antallet i filens slutning eller i dens kontrolfil er ikke antallet af rækker.",
        "The count at the file's end, or in its control file, is not the number of rows.",
    ),
    _noticed(
        "g-05-wrong-sum", _FATAL, NoticeKind.WRONG_SUM,
        "Summen i filens slutning eller i dens kontrolfil er ikke rækkernes.",
        "The sum at the file's end, or in its control file, is not that of the rows.",
    ),
    _noticed(
        "g-06-disagree", _FATAL, NoticeKind.DISAGREE,
        "Filens navn, hoved, rækker og kontrolfil siger ikke den samme kommune, måned eller fil.",
        "The file's name, header, rows and control file do not tell the same municipality, month or file.",
    ),
    _noticed(
        "g-06-no-such-day", _FATAL, NoticeKind.NO_SUCH_DAY,
        "Filens navn eller hoved siger en dag eller måned, som ingen kalender har.",
        "The file's name or header tells a day or month that no calendar has.",
    ),
    Rule(
        id="g-06-not-begun",
        severity=_FATAL,
        da="Perioden {period} var ikke begyndt, da filen kom den {arrived}.",
        en="The period {period} had not begun when the file came on {arrived}.",
        check=_not_begun,
    ),
    Rule(
        id="file-no-period",
        severity=_FATAL,
        da="Filens navn siger ingen periode.",
        en="The file's name tells no period.",
        check=_no_period,
    ),
    Rule(
        id="g-07-sender-not-allowed",
        severity=_FATAL,
        da="Afsenderen {sender} må ikke levere gennem {interface} for {period} (senders.csv).",
        en="The sender {sender} may not deliver through {interface} for {period} (senders.csv).",
        check=_not_allowed,
    ),
    Rule(
        id="g-08-sequence-not-higher",
        severity=_FATAL,
        da="Leveringens sekvens er {number}; for {period} skal den være højere end {newest}, den nyeste godkendte "
        "(0: ingen).",
        en="The delivery's sequence is {number}; for {period} it must be above {newest}, the newest accepted "
        "(0: none).",
        taken=True,
        check=_number_taken,
    ),
    Rule(
        id="g-08-period-again",
        severity=_FATAL,
        da="Perioden {period} er allerede leveret; den leveres kun en gang.",
        en="The period {period} has been delivered; it is delivered only once.",
        taken=True,
        check=_period_again,
    ),
    Rule(
        id="file-rule-broken",
        severity=_FATAL,
        da="Kontraktens regel eller kodeliste {rule} kan ikke bruges. Ret den, og kør `flis deliveries rejudge`.",
        en="The contract's rule or code list {rule} cannot be used. Mend it, then run `flis deliveries rejudge`.",
        check=_broken_rules,
    ),
    Rule(
        id="g-04-column-order",
        severity=_FATAL,
        da="Kolonnerne står i en anden rækkefølge end kontraktens: {count} felter kan ikke læses, hvor de står.",
        en="The columns stand in another order than the contract's: {count} fields cannot be read where they stand.",
        check=_columns_in_another_order,
    ),
    Rule(
        id="row-held-too-many",
        severity=_ERROR,
        level=RuleLevel.ROW,
        da="{held} rækker ({percent} %) er fejlbehæftede, flere end kontrakten tillader.",
        en="{held} rows ({percent} %) have errors, more than the contract allows.",
        check=_held_too_many,
    ),
    Rule(
        id="row-municipalities-held",
        severity=_ERROR,
        level=RuleLevel.ROW,
        da="{count} af filens {among} kommuner har flere fejlbehæftede rækker, end kontrakten tillader.",
        en="{count} of the file's {among} municipalities have more faulty rows than the contract allows.",
        check=_municipalities_too_many,
    ),
    Rule(
        id="row-municipality-held",
        severity=_WARNING,
        level=RuleLevel.ROW,
        status=Status.PART_MISSING,
        da="Kommunen {name} har flere fejlbehæftede rækker, end kontrakten tillader; alle dens rækker holdes tilbage.",
        en="The municipality {name} has more faulty rows than the contract allows; all its rows are held back.",
        check=_municipality_held,
    ),
    _noticed(
        "row-structure", _WARNING, NoticeKind.STRUCTURE,
        "Rækken er ikke bygget, som kontrakten siger; den er holdt tilbage.",
        "The row is not built as the contract says; it is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "row-orphan", _WARNING, NoticeKind.ORPHAN,
        "Recorden hører til en anden, som mangler; den er holdt tilbage.",
        "The record belongs to another one, which is missing; it is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "row-length", _WARNING, NoticeKind.ROW_LENGTH,
        "Rækken har flere eller færre værdier, end der er kolonner, eller en anden længde; den er holdt tilbage.",
        "The row has more or fewer values than there are columns, or another length; it is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-11-required-empty", _WARNING, NoticeKind.REQUIRED,
        "Et felt, der skal være udfyldt, er tomt; rækken er holdt tilbage.",
        "A field that must be filled is empty; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-12-type", _WARNING, NoticeKind.TYPE,
        "Værdien kan ikke læses som feltets type; rækken er holdt tilbage.",
        "The value cannot be read as the field's type; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-12-too-long", _WARNING, RowKind.TOO_LONG,
        "Teksten har flere tegn, end feltet må have; rækken er holdt tilbage.",
        "The text has more characters than the field may have; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "row-formula", _WARNING, RowKind.FORMULA,
        "Teksten begynder, som en formel i et regneark gør (=, +, -, @); den er beholdt, som den er.",
        "The text begins as a formula of a spreadsheet does (=, +, -, @); it is kept as it is.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-14-person-number", _WARNING, NoticeKind.PERSON_NUMBER,
        "Et personnummer består ikke af ti cifre eller kun af nuller; rækken er holdt tilbage.",
        "A person number does not consist of ten digits, or of zeros alone; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-14-person-in-text", _WARNING, NoticeKind.PERSON_IN_TEXT,
        "En tekst har ti cifre, der ligner et personnummer; rækken er holdt tilbage. Er det andre numre, siger feltet "
        "i kontrakten det (ten_digits).",
        "A text has ten digits that pass for a person number; the row is held back. Where they are other numbers, the "
        "field of the contract says so (ten_digits).",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-14-check-digit", _WARNING, NoticeKind.CHECK_DIGIT,
        "Personnummeret har intet gyldigt kontrolciffer; sådanne er tildelt siden 2007.",
        "The person number has no valid check digit; such numbers have been given since 2007.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-10-key-twice", _WARNING, RowKind.KEY_TWICE,
        "Nøglen står i mere end én række; rækken er holdt tilbage.",
        "The key stands in more than one row; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-13-code", _WARNING, RowKind.CODE,
        "Koden står ikke i kodelisten for perioden; rækken er holdt tilbage.",
        "The code is not in the list of the period; the row is held back.",
        level=RuleLevel.REFERENCE,
    ),
    Rule(
        id="g-13-code-list-changed",
        severity=_WARNING,
        level=RuleLevel.REFERENCE,
        status=Status.FAULTY,
        da="Kodelisten er ændret hos kilden: {percent} % af rækkerne har koder uden for listen, og {count} afsendere "
        "sender den samme nye kode.",
        en="The source has changed its code list: {percent} % of the rows have codes that the list does not have, and "
        "{count} senders send the same new code.",
        check=_code_list_changed,
    ),
    _noticed(
        "g-16-municipality", _WARNING, RowKind.MUNICIPALITY,
        "Kommunekoden er ukendt, eller kommunen var nedlagt i perioden; rækken er holdt tilbage.",
        "The code is no municipality's, or one that was closed before the period; the row is held back.",
        level=RuleLevel.REFERENCE,
    ),
    _noticed(
        "g-17-backwards", _WARNING, RowKind.BACKWARDS,
        "Noget ender, før det begynder; rækken er holdt tilbage.",
        "Something ends before it begins; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-17-no-such-time", _WARNING, RowKind.NO_SUCH_TIME,
        "Datoen ligger før 1900 eller mere end et år efter perioden; rækken er holdt tilbage.",
        "The date is before 1900 or more than a year after the period; the row is held back.",
        level=RuleLevel.ROW,
    ),
    _noticed(
        "g-17-outside-window", _WARNING, RowKind.OUTSIDE_WINDOW,
        "Dagen ligger uden for det vindue, som filen fortæller om; rækken er holdt tilbage.",
        "The day is outside the window that the file tells of; the row is held back.",
        level=RuleLevel.ROW,
    ),
    *TIME_RULES,
)  # fmt: skip
"""The general rules of the area sheets that can be told from a delivery and from those before it."""
NOT_WHOLE = frozenset(r.kind for r in GENERAL_RULES if r.severity is _FATAL and r.kind)
"""Kinds of faults with which a file was not read whole: it is compared with no other."""
