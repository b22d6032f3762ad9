"""The rules that look at a delivery beside those before it: rows, sums, empty fields, codes, repeated periods.

Each is silent where fewer than six earlier periods are known, but for the two that need one. A known break of the area
(`breaks.yaml`) begins the history anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.break_file import breaks
from flis.validation.history import LEAST_PERIODS, Point, expected, is_off
from flis.validation.model import Facts, Rule, RuleLevel, Severity, Spot, Status
from flis.validation.row_conditions import MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flis.catalog.contract import Table
    from flis.delivery.model import Manifest
    from flis.validation.model import Past
    from flis.validation.profile import TableProfile

__all__ = ["TIME_RULES", "USUAL_ROWS"]

USUAL_ROWS = 20
"""A delivery without rows is worth a warning where the one before had more than so many."""
EMPTY_MORE = 0.20
CODES_MOVED, CODES_ROWS = 0.25, 200
SAME_ROWS = 0.95
CORRECTED = 0.05
RECENT = 6
"""So many periods before tell how often a field is empty and how its codes are spread."""


def _since_break(facts: Facts, field: str = "") -> tuple[Past, ...]:
    """The earlier periods that are comparable: those since the last known break of the field ('' rows)."""
    if facts.period is None or not facts.history:
        return ()
    last = max(
        (b.day for b in breaks(facts.manifest.area) if b.touches(field) and b.day <= facts.period.last), default=None
    )
    return tuple(p for p in facts.history if last is None or p.period.first >= last)


def _off(facts: Facts, value: float, points: Sequence[Point]) -> float | None:
    """What was expected, where `value` is off its history."""
    at = facts.period
    if at is None or not is_off(value, points, at.number, at.cycle):
        return None
    return expected(points, at.number, at.cycle)[0]


def _rows_off(facts: Facts) -> Iterator[Spot]:
    rows = facts.examined.profile.rows
    points = [Point(p.period.number, p.profile.rows) for p in _since_break(facts)]
    usual = _off(facts, rows, points)
    if usual is not None:
        yield Spot(words={"rows": rows, "usual": round(usual)})


def _sums_off(facts: Facts) -> Iterator[Spot]:
    for table, now, past in _tables(facts):
        for name, value in now.sums.items():
            field = table.field(name)
            if field is None or not _is_control_sum(facts, name):
                continue
            known = [(p, t) for p, t in past if name in t.sums and p in _since_break(facts, name)]
            points = [Point(p.period.number, t.sums[name], t.sizes[name] / max(t.rows, 1)) for p, t in known]
            if _off(facts, value, points) is not None:
                yield Spot(field=field.source)


def _is_control_sum(facts: Facts, name: str) -> bool:
    """Whether the field is a measure whose sums are compared: those of the file's end, else every exact number."""
    assert facts.contract  # noqa: S101
    told = (*facts.contract.dialect.sums, *(c.sum for c in facts.contract.control if c.sum))
    if told:
        return name in {one.rpartition(".")[2] for one in told}
    return any(f.name == name and f.decimal for t in facts.contract.tables for f in t.fields)


def _empty_more(facts: Facts) -> Iterator[Spot]:
    for table, now, past in _tables(facts):
        for field in table.fields:
            if field.name not in now.empty or not now.rows:
                continue
            known = [t for p, t in past if t.rows and field.name in t.empty and p in _since_break(facts, field.name)]
            if len(known) < LEAST_PERIODS:
                continue
            before = sum(t.empty[field.name] / t.rows for t in known[-RECENT:]) / len(known[-RECENT:])
            share = now.empty[field.name] / now.rows
            if share - before > EMPTY_MORE:
                yield Spot(field=field.source, words={"percent": round(100 * share), "usual": round(100 * before)})


def _codes_moved(facts: Facts) -> Iterator[Spot]:
    for table, now, past in _tables(facts):
        for name, codes in now.codes.items():
            rows = sum(codes.values())
            known = [(p, t.codes[name]) for p, t in past if name in t.codes and p in _since_break(facts, name)]
            if name == MUNICIPALITY or rows <= CODES_ROWS or len(known) < LEAST_PERIODS:
                continue
            # what is usual in this season is no move
            at = facts.period
            seasonal = [c for p, c in known if at and (at.number - p.period.number) % at.cycle == 0]
            usual = [_pooled([c for _, c in known[-RECENT:]]), *([_pooled(seasonal)] if seasonal else [])]
            moved = min(_variation(codes, before) for before in usual)
            if moved > CODES_MOVED:
                field = table.field(name)
                yield Spot(field=field.source if field else name, words={"percent": round(100 * moved)})


def _pooled(many: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {code: sum(codes.get(code, 0) for codes in many) for code in {code for codes in many for code in codes}}


def _variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The total variation between two distributions: half the sum of the differences of their shares."""
    mine, theirs = sum(one.values()), sum(other.values())
    if not mine or not theirs:
        return 0.0
    return sum(abs(one.get(c, 0) / mine - other.get(c, 0) / theirs) for c in one.keys() | other.keys()) / 2


def _no_rows(facts: Facts) -> Iterator[Spot]:
    comparable, seen = _since_break(facts), facts.examined.profile.tables
    if facts.contract is None or not comparable:
        return
    for table in facts.contract.tables:
        before = comparable[-1].profile.tables.get(table.name)
        if before and before.rows > USUAL_ROWS and not (table.name in seen and seen[table.name].rows):
            several = len(facts.contract.tables) > 1
            yield Spot(field=table.source if several else None, words={"before": before.rows})


def _municipality_without_rows(facts: Facts) -> Iterator[Spot]:
    """Of a file of many municipalities those that have no rows, and had many in the period before."""
    for _, now, past in _tables(facts):
        known = [t.codes[MUNICIPALITY] for _, t in past if MUNICIPALITY in t.codes]
        if not known or not now.rows or len(known[-1]) < 2:
            continue
        for code, before in sorted(known[-1].items()):
            if before > USUAL_ROWS and code not in now.codes.get(MUNICIPALITY, {}):
                yield Spot(municipality=code, words={"name": code, "before": before})


def _tables(facts: Facts) -> Iterator[tuple[Table, TableProfile, list[tuple[Past, TableProfile]]]]:
    """Each table of the delivery with what is counted of it, now and in the earlier periods."""
    for table in facts.contract.tables if facts.contract else ():
        now = facts.examined.profile.tables.get(table.name)
        if now is not None:
            past = [(p, p.profile.tables[table.name]) for p in facts.history if table.name in p.profile.tables]
            yield table, now, past


def _same_bytes(facts: Facts) -> Iterator[Spot]:
    for other in facts.same_bytes:
        if not _is_of_another(facts, other):
            yield Spot(words={"period": other.period, "sender": other.sender})


def _bytes_of_another(facts: Facts) -> Iterator[Spot]:
    for other in facts.same_bytes:
        if _is_of_another(facts, other):
            yield Spot(words={"period": other.period, "sender": other.sender})


def _is_of_another(facts: Facts, other: Manifest) -> bool:
    """Whether the file is too long to be the same by chance as that of another sender."""
    return other.sender != facts.manifest.sender and facts.manifest.records > USUAL_ROWS


def _same_rows(facts: Facts) -> Iterator[Spot]:
    rows = facts.examined.profile.rows
    if facts.repeats and rows >= USUAL_ROWS and facts.repeats[1] > SAME_ROWS:
        period, share = facts.repeats
        yield Spot(words={"period": period, "percent": round(100 * share, 1)})


def _many_corrected(facts: Facts) -> Iterator[Spot]:
    if facts.corrected > CORRECTED:
        yield Spot(words={"percent": round(100 * facts.corrected, 1), "period": facts.manifest.period})


_FATAL, _WARNING = Severity.FATAL, Severity.WARNING
TIME_RULES: tuple[Rule, ...] = (
    Rule(
        id="g-23-period-repeated",
        severity=_FATAL,
        level=RuleLevel.HISTORY,
        da="{percent} % af rækkerne er de samme som i perioden {period}: perioden er sendt to gange.",
        en="{percent} % of the rows are those of the period {period}: the period was sent twice.",
        check=_same_rows,
    ),
    Rule(
        id="g-23-same-bytes",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        da="Filen har de samme bytes som den, {sender} har sendt for {period}.",
        en="The file has the same bytes as the one that {sender} sent for {period}.",
        check=_same_bytes,
    ),
    Rule(
        id="g-23-bytes-of-another",
        severity=_FATAL,
        level=RuleLevel.HISTORY,
        da="Filen er byte for byte den, som {sender} har sendt for {period}: en af dem er en andens.",
        en="The file is byte for byte the one that {sender} sent for {period}: one of them is somebody else's.",
        check=_bytes_of_another,
    ),
    Rule(
        id="g-18-rows-off-history",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.PART_MISSING,
        da="Leveringen har {rows} rækker; efter afsenderens historik ventes omkring {usual}.",
        en="The delivery has {rows} rows; by its sender's history about {usual} are expected.",
        check=_rows_off,
    ),
    Rule(
        id="g-19-no-rows",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.PART_MISSING,
        da="Leveringen har ingen rækker; den forrige havde {before}.",
        en="The delivery has no rows; the one before had {before}.",
        check=_no_rows,
    ),
    Rule(
        id="g-19-municipality-without-rows",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.PART_MISSING,
        da="Kommunen {name} har ingen rækker i filen; i den forrige havde den {before}.",
        en="The municipality {name} has no rows in the file; in the one before it had {before}.",
        check=_municipality_without_rows,
    ),
    Rule(
        id="g-20-sum-off-history",
        severity=_WARNING,
        level=RuleLevel.SUM,
        status=Status.FAULTY,
        da="Feltets sum afviger fra afsenderens historik.",
        en="The field's sum is off its sender's history.",
        check=_sums_off,
    ),
    Rule(
        id="g-21-empty-more-often",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.FAULTY,
        da="Feltet er tomt i {percent} % af rækkerne mod {usual} % før.",
        en="The field is empty in {percent} % of the rows, {usual} % before.",
        check=_empty_more,
    ),
    Rule(
        id="g-22-codes-moved",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.FAULTY,
        da="Feltets koder fordeler sig anderledes end før: {percent} % af rækkerne har flyttet sig.",
        en="The field's codes are spread otherwise than before: {percent} % of the rows have moved.",
        check=_codes_moved,
    ),
    Rule(
        id="g-24-closed-period-corrected",
        severity=_WARNING,
        level=RuleLevel.HISTORY,
        status=Status.AS_PLANNED,
        da="{percent} % af rækkerne i {period} er rettet, og perioden er afsluttet.",
        en="{percent} % of the rows of {period} are corrected, and the period is closed.",
        check=_many_corrected,
    ),
)
"""The rules over time that hold for every interface; the numbers are those of the area sheets (§1.7)."""
