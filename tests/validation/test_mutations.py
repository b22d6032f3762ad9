"""Every rule has a delivery that breaks it, made of a clean one; without the rule its finding alone is gone."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from flis.catalog.area_paths import look_in
from flis.delivery import deliveries
from flis.validation import RULES, Load, judging, report, settle, weigh
from flis.validation.contract_rules import rules_of
from tests.delivery import extracts
from tests.delivery.extracts import day, extract, line, person, person_number, start
from tests.delivery.readers.formats import NAMES, TEXTS, WRITERS
from tests.delivery.readers.test_mutations import HOMES
from tests.made_areas import write_area
from tests.made_contracts import field as contract_field
from tests.validation.made_files import (
    CODES,
    HEADER,
    MONTHS,
    NEXT,
    QUALITY,
    by_place,
    national,
    put,
    rows,
    state_in,
    visits,
    write_areas,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = f"HAVER_0101_{NEXT}_1.csv"
COUNTIES = {"0101": 60, "0147": 40, "0151": 30}
CLEAN = {
    NAME: rows(visits(NEXT)),
    f"PLADS_0101_{NEXT}_1.csv": by_place(NEXT),
    f"LAND_{NEXT}_1.csv": national(NEXT, COUNTIES),
    "cpr": extract(day(2), day(1)),
}
"""A clean delivery of each interface."""
ONE_IN_FIFTY = 400 // 50


@dataclass(frozen=True)
class Case:
    """Files that break a rule, by their names; what loading one of them shows."""

    files: dict[str, bytes] = field(default_factory=dict)
    load: Load | None = None
    area: dict[str, Any] = field(default_factory=dict)


def changed(change: Callable[[list[list[str]]], Any], *, header: str = HEADER, end: str | None = None) -> Case:
    """The clean municipal file with its rows changed."""
    found = visits(NEXT)
    made = change(found)
    return Case({NAME: rows(found if made is None else made, header=header, end=end)})


def cell(column: str, value: str, many: int = 3) -> Case:
    """The clean municipal file with a value in some cells."""

    def change(found: list[list[str]]) -> None:
        for row in found[:many]:
            row[HEADER.split(";").index(column)] = value

    return changed(change)


def cpr(change: Callable[[list[bytes]], Any]) -> Case:
    """The clean change extract with its records changed; the end record counts what is there."""
    records = extract(day(2), day(1)).splitlines()
    made = change(records)
    records = records if made is None else made
    ends = [n for n, r in enumerate(records) if r.startswith(b"999")]
    if ends:
        inside = sum(not r.startswith((b"000", b"999", b"910", b"997")) for r in records)
        records[ends[0]] = line("999", SORTFELT_10="9999999999", TAELLER=f"{inside:08}")
    return Case({"cpr": b"\n".join(records) + b"\n"})


def raw(name: str, content: bytes) -> Case:
    return Case({name: content})


def shown(**load: Any) -> Case:
    return Case({"cpr": CLEAN["cpr"]}, Load(**{"before": {}, "after": {}, **load}))


def replaced(record: int, at: int, value: bytes) -> Case:
    def change(records: list[bytes]) -> None:
        records[record] = records[record][:at] + value + records[record][at + len(value) :]

    return cpr(change)


def written(record: int, code: str, name: str, value: bytes) -> Case:
    from flis.delivery.readers.cpr.layout import RECORDS

    return replaced(record, RECORDS[code].field(name).offset, value)


WHOLE = CLEAN[NAME]
NEW_CODE = ["x", person_number(1), "ny", "01-08-2025", "02-08-2025", "1,00", "ja"]
OTHER_CODES = {
    f"HAVER_{kom}_{NEXT}_1.csv": rows([NEW_CODE, *visits(NEXT, 99, sender=kom)])
    for kom in ("0147", "0151", "0153", "0155", "0157", "0159")
}
"""Six senders send the same new code in one row of a hundred."""
RUBBISH = (piece for _ in range(1200) for piece in (b"x" * 30, *person(0)))
UNBROKEN_RUBBISH = b"".join([start(day(2), day(1)), *RUBBISH, b"\n"])
GOOD = {form: WRITERS[form](HOMES) for form in ("fixed", "xml")}
LINES = GOOD["fixed"].splitlines(keepends=True)


def of_form(form: str, content: bytes) -> Case:
    return Case({NAMES[form]: content}, area={"form": form})


CASES: dict[str, Case] = {
    "g-02-other-version": of_form("xml", GOOD["xml"].replace(b'version="2"', b'version="3"')),
    "g-03-record-type": of_form("fixed", GOOD["fixed"].replace(b"\r\n20bad", b"\r\n21bad", 1)),
    "g-05-start-missing": of_form("fixed", b"".join(LINES[1:])),
    "row-orphan": of_form("fixed", b"".join([LINES[0], *LINES[2:5], LINES[1], *LINES[5:]])),
    "row-structure": of_form("xml", GOOD["xml"].replace(b"Kanariefugl", b"<p:Navn>Kanariefugl</p:Navn>")),
    "file-form": raw("ukendt.pdf", b"%PDF-1.7"),
    "file-unreadable": changed(lambda found: [*found, *([["x"]] * 1001)]),
    "file-too-large": Case({NAME: WHOLE}, area={"limit": 2000}),
    "file-no-period": Case({"HAVER_0101.csv": WHOLE}, area={"name": "HAVER_{kommune}.csv"}),
    "file-rule-broken": Case({NAME: WHOLE}, area={"condition": "no_such_column > 0"}),
    "g-01-encoding": raw(NAME, b"\xef\xbb\xbf" + WHOLE),
    "g-02-column-missing": raw(NAME, WHOLE.replace(b";TIMER;", b";TIMR;")),
    "g-03-column-added": changed(lambda found: [[*r, "1"] for r in found], header=HEADER + ";NYT"),
    "g-04-column-order": raw(
        f"PLADS_0101_{NEXT}_1.csv",
        b"".join(b";".join(r.split(b";")[n] for n in (2, 0, 1)) + b"\r\n" for r in by_place(NEXT).splitlines()),
    ),
    "g-05-end-missing": changed(lambda _: None, end=""),
    "g-05-wrong-count": raw(NAME, WHOLE.replace(b"SLUT;400", b"SLUT;401")),
    "g-05-wrong-sum": raw(NAME, WHOLE.replace(b"SLUT;400;", b"SLUT;400;1")),
    "g-06-disagree": Case(
        {NAME: rows([[*r, "0147"] for r in visits(NEXT)], header=HEADER + ";KOMMUNE")},
        area={"fields": [contract_field("kommune")]},
    ),
    "g-06-no-such-day": raw("HAVER_0101_202513_1.csv", WHOLE),
    "g-06-not-begun": raw("HAVER_0101_209907_1.csv", rows(visits("209907"))),
    "g-07-sender-not-allowed": Case({NAME: WHOLE}, area={"senders": "0147,haver/1,2020-01-01,\n"}),
    "g-08-sequence-not-higher": raw(f"HAVER_0101_{MONTHS[-1]}_1.csv", rows(visits("203001"))),
    "g-08-period-again": raw(f"LAND_{MONTHS[-1]}_2.csv", national("203001", COUNTIES)),
    "g-10-key-twice": changed(lambda found: [*found, found[0], [found[1][0], *found[2][1:]]]),
    "g-11-required-empty": cell("YDELSE", ""),
    "g-12-type": cell("TIMER", "1,2,3"),
    "g-13-code": cell("YDELSE", "ukendt"),
    "g-13-code-list-changed": Case(OTHER_CODES),
    "g-12-too-long": cell("NOTE", "æ" * 4001),
    "row-formula": cell("NOTE", "=HYPERLINK(A1)"),
    "g-14-person-number": cell("PERSON", "123"),
    "g-14-person-in-text": cell("NOTE", "ring til 010190-1234 igen"),
    "g-14-check-digit": cell("PERSON", "0101900001"),
    "g-15-person-unknown": Case({NAME: WHOLE}, Load({}, {}, rows=400, strangers=4)),
    "g-15-many-persons-unknown": Case({NAME: WHOLE}, Load({}, {}, rows=400, strangers=5)),
    "g-15-no-register": Case({NAME: WHOLE}, Load({}, {}, rows=400)),
    "g-16-municipality": raw(f"LAND_{NEXT}_1.csv", national(NEXT, {**COUNTIES, "0998": 2})),
    "g-17-backwards": cell("TIL", "31-07-2025"),
    "g-17-no-such-time": cell("FRA", "01-01-1899"),
    "g-17-outside-window": Case(
        {f"PLADS_0101_{NEXT}_1.csv": by_place(NEXT) + b"7;31-05-2025;bed\r\n"},
        area={"window": {"part": ["kommune", "dag"], "window": "3"}},
    ),
    "g-18-rows-off-history": changed(lambda found: found[:100]),
    "g-19-no-rows": changed(lambda _: []),
    "g-19-municipality-without-rows": raw(f"LAND_{NEXT}_1.csv", national(NEXT, {"0101": 60, "0151": 30})),
    "g-20-sum-off-history": changed(lambda found: [[*r[:5], r[5].replace(",", "1,"), r[6]] for r in found]),
    "g-21-empty-more-often": cell("NOTE", "", 100),
    "g-22-codes-moved": cell("YDELSE", CODES[3], 200),
    "g-23-period-repeated": raw(NAME, rows([*visits(MONTHS[-1]), *visits(NEXT, 5)])),
    "g-23-same-bytes": raw(NAME, rows(visits(MONTHS[-1]))),
    "g-23-bytes-of-another": Case(
        {f"HAVER_0147_{NEXT}_1.csv": rows(visits(NEXT)), f"HAVER_0151_{NEXT}_1.csv": rows(visits(NEXT))}
    ),
    "g-24-closed-period-corrected": raw(
        f"HAVER_0101_{MONTHS[2]}_2.csv", rows([*visits(MONTHS[2])[:370], *visits("203001")[:30]])
    ),
    "row-held-too-many": cell("YDELSE", "", ONE_IN_FIFTY + 1),
    "row-municipalities-held": raw(
        f"LAND_{NEXT}_1.csv", national(NEXT, COUNTIES).replace(b"0101;", b"0101;x").replace(b"0147;", b"0147;x")
    ),
    "row-municipality-held": raw(f"LAND_{NEXT}_1.csv", national(NEXT, COUNTIES).replace(b"0101;", b"0101;x", 2)),
    "row-length": changed(lambda found: [r[:-1] if n < 2 else r for n, r in enumerate(found)]),
    "timer-mindst-nul": cell("TIMER", "-1,00"),
    "timer-hoejst-et-doegn": cell("TIMER", "25,00", 1),
    "timer-rimelige": cell("TIMER", "21,00", 1),
    "timer-i-alt": changed(lambda found: [[*r[:2], "hæk", *r[3:5], "9,00", r[6]] for r in found]),
    "timer-paa-en-dag": cell("TIMER", "23,00", 1),
    "note-i-perioden": cell("FRA", "31-07-2025", 1),
    "note-paa-dagen": cell("NOTE", "Nej", 8),
    "cpr-other-product": cpr(lambda records: [records[0], *(r + b"07" for r in records[1:-1]), records[-1]]),
    "cpr-byte-order-mark": raw("cpr", extracts.byte_order_mark(CLEAN["cpr"])),
    "cpr-utf-8": raw("cpr", extracts.utf_8(CLEAN["cpr"])),
    # without a start record a file is recognised only where it is written in another encoding
    "cpr-missing-start": raw("cpr", CLEAN["cpr"].decode("latin-1").encode("utf-16")),
    "cpr-duplicate-start": cpr(lambda records: [records[0], records[0], *records[1:]]),
    "cpr-bad-start": raw("cpr", CLEAN["cpr"].replace(b"110901", b"11X901", 1)),
    "cpr-missing-end": raw("cpr", extracts.without_end(CLEAN["cpr"])),
    "cpr-duplicate-end": cpr(lambda records: [*records, records[-1]]),
    "cpr-wrong-count": raw("cpr", extracts.wrong_count(CLEAN["cpr"])),
    "cpr-cut-record": raw("cpr", extracts.truncated(CLEAN["cpr"])),
    "cpr-record-length": raw("cpr", extracts.bad_length(CLEAN["cpr"])),
    "cpr-unknown-type": raw("cpr", extracts.unknown_type(CLEAN["cpr"])),
    "cpr-given-up": raw("cpr", UNBROKEN_RUBBISH),
    "cpr-person-twice": cpr(lambda records: [*records[:-1][:16], *person(0), *records[16:]]),
    "cpr-person-number": cpr(
        lambda records: [*records[:6], *(r[:3] + b"010190AB12" + r[13:] for r in records[6:11]), *records[11:]]
    ),
    "cpr-record-order": cpr(lambda records: [*records[:2], records[3], records[2], *records[4:]]),
    "cpr-missing-record": cpr(lambda records: [records[0], *records[2:]]),
    "cpr-unexpected-record": written(1, "001", "STATUS", b"90"),
    "cpr-trailing-blanks": cpr(lambda records: [*records[:2], records[2] + b"   ", *records[3:]]),
    "cpr-modulus-11": cpr(
        lambda records: [*records[:6], *(r[:3] + b"0101900001" + r[13:] for r in records[6:11]), *records[11:]]
    ),
    "cpr-not-digits": written(2, "002", "KOMKOD", b"01X1"),
    "cpr-invalid-date": written(1, "001", "FOED_DT", b"1960-13-01"),
    "cpr-no-clock": written(2, "002", "TILFLYDTO", b"202201012999"),
    "cpr-error-record": raw("cpr", extracts.error_records(CLEAN["cpr"])),
    "cpr-imprecise-date": written(2, "002", "TILFLYDTO", b"202201000000"),
    "cpr-dates-backwards": raw("cpr", extract(day(5), day(6))),
    "cpr-date-taken": raw("cpr", extract(day(1), None, persons=range(4))),
    "cpr-chain-late": raw("cpr", extract(day(0), None)),
    "cpr-chain-fork": raw("cpr", extract(day(5), day(0))),
    "cpr-chain-restart": raw("cpr", extract(day(5), None)),
    "cpr-chain-gap": raw("cpr", extract(day(5), day(4))),
    "volume-zero": shown(before={"0101": 20}),
    "volume-fall": shown(before={"0101": 100}, after={"0101": 80}),
    "volume-inhabitants-zero": shown(inhabitants_before={"0101": 20}),
    "volume-inhabitants-fall": shown(inhabitants_before={"0101": 100}, inhabitants_after={"0101": 80}),
    "late-corrections": shown(corrected=21),
    "volume-parts-outranked": Case({NAME: WHOLE}, Load({}, {}, told=2, outranked=1)),
    "volume-parts-removed": Case({NAME: WHOLE}, Load({}, {}, removed=1)),
    "cpr-unread-place": shown(unread={"place": 1}),
    "cpr-unread-date": shown(unread={"date": 1}),
    "cpr-imprecise-entry": shown(unread={"imprecise": 1}),
    "cpr-unread-earlier": shown(unread={"earlier": 1}),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with the clean deliveries of some months."""
    folder = tmp_path_factory.mktemp("clean")
    write_areas(folder / "areas")
    look_in([folder / "areas"])
    state = state_in(folder)
    for month in MONTHS:
        put(state, {f"HAVER_0101_{month}_1.csv": rows(visits(month)), f"LAND_{month}_1.csv": national(month, COUNTIES)})
    put(state, {"cpr": extract(day(1), None)})
    look_in()
    assert {(d.state.value, report(d).findings) for d in deliveries(state)} == {("validated", ())}
    return folder


@pytest.fixture
def world(clean: Path, tmp_path: Path) -> Iterator[Callable[[Case, str], Counter[tuple[str, str]]]]:
    """What is found in the files of a case, after the clean months, without the rule of some id."""

    def found(case: Case, without: str = "") -> Counter[tuple[str, str]]:
        folder = tmp_path / (without or "all")
        shutil.copytree(clean, folder)
        write_areas(folder / "areas", **case.area)
        if "form" in case.area:
            write_area(folder / "areas", "hjem", **{"contract.yaml": TEXTS[case.area["form"]]})
        look_in([folder / "areas"])
        state = state_in(folder)
        known = {d.id for d in deliveries(state)}
        put(state, case.files, judged=False)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("INTAKE_RULES", "LOAD_RULES"):
                patch.setattr(judging, name, tuple(r for r in getattr(judging, name) if r.id != without))
            patch.setattr(judging, "rules_of", lambda contract: tuple(r for r in rules_of(contract) if r.id != without))
            settle(state)
            new = [d for d in deliveries(state) if d.id not in known]
            assert len(new) == len(case.files)
            if case.load:
                new = [weigh(state, d, case.load) for d in new]
        return Counter((d.manifest.file, f.rule) for d in new for f in report(d).findings)

    yield found
    look_in()


World = Callable[[Case, str], Counter[tuple[str, str]]]


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == {r.id for r in RULES} | {name for name, *_ in QUALITY}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_in_a_clean_delivery(world: World, name: str) -> None:
    assert not world(Case({name: CLEAN[name]}), "")


@pytest.mark.parametrize("rule", CASES)
def test_without_a_rule_its_finding_alone_is_gone(world: World, rule: str) -> None:
    whole, less = world(CASES[rule], ""), world(CASES[rule], rule)
    assert {name for _, name in whole - less} == {rule}
    assert not less - whole
