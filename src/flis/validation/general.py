"""The rules that every interface has: on the file, its rows, and its place among the deliveries of its sender.

A faulty row is held back and the others go on, unless there are more of them than the contract allows.
"""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING

from flis.catalog.area_folders import folder_of, remembered
from flis.delivery.readers.notices import NoticeKind
from flis.validation.model import Facts, Rule, Severity, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["GENERAL_RULES", "HELD_KINDS"]

HELD_KINDS = frozenset(
    {
        NoticeKind.STRUCTURE,
        NoticeKind.ORPHAN,
        NoticeKind.ROW_LENGTH,
        NoticeKind.REQUIRED,
        NoticeKind.TYPE,
        NoticeKind.PERSON_NUMBER,
    }
)
"""Faults of a row for which it is held back."""
USUAL_ROWS = 20
"""A delivery without rows is worth a warning where the one before had more than so many."""


def _spots(kind: NoticeKind, facts: Facts) -> Iterator[Spot]:
    return (Spot(f.record, f.line, f.field) for f in facts.faults if f.kind == kind)


def _number_taken(facts: Facts) -> Iterator[Spot]:
    newest = max((m.number for m in facts.accepted), default=0)
    if facts.manifest.number <= newest:
        yield Spot(words={"number": facts.manifest.number, "newest": newest, "period": facts.manifest.period})


def _period_again(facts: Facts) -> Iterator[Spot]:
    if facts.once and facts.accepted:
        yield Spot(words={"period": facts.manifest.period})


@remembered
def _senders(area: str) -> tuple[dict[str, str], ...] | None:
    """The rows of an area's `senders.csv` (kom, interface, valid_from, valid_to); None where it has none."""
    file = folder_of(area) / "senders.csv"
    if not file.is_file():
        return None
    return tuple(csv.DictReader(file.read_text("utf-8").splitlines()))


def _not_allowed(facts: Facts) -> Iterator[Spot]:
    manifest = facts.manifest
    known = _senders(manifest.area) if facts.general else None
    if known is None:
        return
    period = manifest.period
    for row in known:
        first, last = row["valid_from"][: len(period)], row["valid_to"][: len(period)]
        mine = row["kom"] == manifest.sender and row["interface"] == manifest.interface
        if mine and first <= period and (not last or period <= last):
            return
    yield Spot(words={"sender": manifest.sender, "interface": manifest.interface, "period": period})


def _no_period(facts: Facts) -> Iterator[Spot]:
    if facts.general and not facts.manifest.period:
        yield Spot()


def _held_too_many(facts: Facts) -> Iterator[Spot]:
    if facts.general and facts.held > facts.held_most * max(facts.manifest.records, 1):
        percent = round(100 * facts.held / max(facts.manifest.records, 1), 1)
        yield Spot(words={"held": facts.held, "percent": percent})


def _empty(facts: Facts) -> Iterator[Spot]:
    if facts.manifest.records == 0 and facts.before and facts.before.records > USUAL_ROWS:
        yield Spot(words={"before": facts.before.records})


def _noticed(rule: str, severity: Severity, kind: NoticeKind, da: str, en: str) -> Rule:
    return Rule(id=rule, severity=severity, da=da, en=en, check=partial(_spots, kind), kind=kind)


_FATAL, _ERROR, _WARNING = Severity.FATAL, Severity.ERROR, Severity.WARNING
GENERAL_RULES: tuple[Rule, ...] = (
    _noticed(
        "g-01-encoding", _FATAL, NoticeKind.ENCODING,
        "Filens bogstaver er ikke skrevet, som kontrakten siger (tegnsæt eller BOM).",
        "The file's letters are not written as the contract says (encoding or byte order mark).",
    ),
    _noticed(
        "file-unreadable", _FATAL, NoticeKind.SYNTAX,
        "Filen kan ikke læses i sin form: et anførselstegn, en pakning eller for mange rækker er forkerte.",
        "The file cannot be read in its form: a quote, the packing or too many rows are wrong.",
    ),
    _noticed(
        "file-too-large", _FATAL, NoticeKind.LIMIT,
        "Filen er større, end kontrakten tillader.",
        "The file is larger than the contract allows.",
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
    ),
    _noticed(
        "g-05-start-missing", _FATAL, NoticeKind.START_MISSING,
        "Den første record, som siger afsender og periode, mangler.",
        "The first record, which tells sender and period, is missing.",
    ),
    _noticed(
        "g-05-end-missing", _FATAL, NoticeKind.END_MISSING,
        "Slutlinjen mangler: filen er afkortet.",
        "The end line is missing: the file was cut off.",
    ),
    _noticed(
        "g-05-wrong-count", _FATAL, NoticeKind.WRONG_COUNT,
        "Slutlinjen tæller flere eller færre rækker, end filen har.",
        "The count of the end line is not the number of rows.",
    ),
    _noticed(
        "g-05-wrong-sum", _FATAL, NoticeKind.WRONG_SUM,
        "Slutlinjens sum passer ikke med rækkernes.",
        "The sum of the end line is not that of the rows.",
    ),
    _noticed(
        "g-06-disagree", _FATAL, NoticeKind.DISAGREE,
        "Filens navn og rækker siger ikke den samme kommune eller måned.",
        "The file's name and its rows do not tell the same municipality or month.",
    ),
    _noticed(
        "g-06-no-such-day", _FATAL, NoticeKind.NO_SUCH_DAY,
        "Filens navn siger en dag eller måned, som ingen kalender har.",
        "The file's name tells a day or month that no calendar has.",
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
        da="Leveringens sekvens er {number}, men sekvens {newest} af {period} er allerede godkendt.",
        en="The delivery's sequence is {number}, but sequence {newest} of {period} has been accepted.",
        check=_number_taken,
    ),
    Rule(
        id="g-08-period-again",
        severity=_FATAL,
        da="Perioden {period} er allerede leveret; den leveres kun en gang.",
        en="The period {period} has been delivered; it is delivered only once.",
        check=_period_again,
    ),
    Rule(
        id="row-held-too-many",
        severity=_ERROR,
        da="{held} rækker ({percent} %) er fejlbehæftede, flere end kontrakten tillader.",
        en="{held} rows ({percent} %) have errors, more than the contract allows.",
        check=_held_too_many,
    ),
    _noticed(
        "row-structure", _WARNING, NoticeKind.STRUCTURE,
        "Rækken er ikke bygget, som kontrakten siger; den er holdt tilbage.",
        "The row is not built as the contract says; it is held back.",
    ),
    _noticed(
        "row-orphan", _WARNING, NoticeKind.ORPHAN,
        "Recorden hører til en anden, som mangler; den er holdt tilbage.",
        "The record belongs to another one, which is missing; it is held back.",
    ),
    _noticed(
        "row-length", _WARNING, NoticeKind.ROW_LENGTH,
        "Rækken har flere eller færre værdier, end der er kolonner; den er holdt tilbage.",
        "The row has more or fewer values than there are columns; it is held back.",
    ),
    _noticed(
        "g-11-required-empty", _WARNING, NoticeKind.REQUIRED,
        "Et felt, der skal være udfyldt, er tomt; rækken er holdt tilbage.",
        "A field that must be filled is empty; the row is held back.",
    ),
    _noticed(
        "g-12-type", _WARNING, NoticeKind.TYPE,
        "Værdien kan ikke læses som feltets type; rækken er holdt tilbage.",
        "The value cannot be read as the field's type; the row is held back.",
    ),
    _noticed(
        "g-14-person-number", _WARNING, NoticeKind.PERSON_NUMBER,
        "Et personnummer består ikke af ti cifre; rækken er holdt tilbage.",
        "A person number does not consist of ten digits; the row is held back.",
    ),
    _noticed(
        "g-14-check-digit", _WARNING, NoticeKind.CHECK_DIGIT,
        "Personnummeret har intet gyldigt kontrolciffer; sådanne er tildelt siden 2007.",
        "The person number has no valid check digit; such numbers have been given since 2007.",
    ),
    Rule(
        id="g-19-no-rows",
        severity=_WARNING,
        da="Leveringen har ingen rækker; den forrige havde {before}.",
        en="The delivery has no rows; the one before had {before}.",
        check=_empty,
        reaches_status=True,
    ),
)  # fmt: skip
"""The general rules of the area sheets that can be told from a delivery and from those before it."""
