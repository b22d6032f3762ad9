"""Whatever is wrong with a file is noticed as what it is, with its place, and never with a value."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.delivery.readers import json, text, xml
from flis.delivery.readers.notice_kinds import NoticeKind
from flis.validation.general import GENERAL_RULES
from flis.validation.model import Severity
from tests.delivery.readers.formats import CONTRACTS, NAMES, WRITERS, Home, Visit
from tests.delivery.readers.made import parsed, read, split
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flis.delivery.model import Fault

HOMES = (
    Home(
        "0101900010",
        "Kanariefugl",
        date(2025, 1, 31),
        3,
        own=True,
        visits=(Visit("bad", Decimal("12.50")), Visit("mad")),
    ),
    Home("0202900011", "Åse Øre", date(2025, 2, 28), 4, own=False, visits=(Visit("gåtur", Decimal("-7.25")),)),
)
GOOD = {form: write(HOMES) for form, write in WRITERS.items()}
FIXED_LINES = GOOD["fixed"].splitlines(keepends=True)


def swapped(old: bytes | str, new: bytes | str) -> Callable[[bytes], bytes]:
    def mutate(content: bytes) -> bytes:
        told = [part.encode() if isinstance(part, str) else part for part in (old, new)]
        assert told[0] in content, "the mutation finds nothing to change"
        return content.replace(told[0], told[1], 1)

    return mutate


@dataclass(frozen=True)
class Case:
    """A mutation of a clean file, and the one fault that it makes: kind, line, field."""

    form: str
    mutate: Callable[[bytes], bytes]
    kind: str
    line: int | None = None
    field: str | None = None
    record: int | None = None


def without(line: int) -> Callable[[bytes], bytes]:
    return lambda c: b"".join(part for n, part in enumerate(c.splitlines(keepends=True), 1) if n != line)


def longer(line: int, more: bytes) -> Callable[[bytes], bytes]:
    """One line with something in its middle, so that its columns have moved."""

    def mutate(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        lines[line - 1] = lines[line - 1][:12] + more + lines[line - 1][12:]
        return b"".join(lines)

    return mutate


CASES = [
    # csv: records are counted below the heading
    Case("kom-csv", lambda c: c[: c.rindex(b"SLUT")], "end-missing"),
    Case("kom-csv", lambda c: c[:-20], "end-missing"),
    Case("kom-csv", swapped("SLUT;2", "SLUT;3"), "wrong-count"),
    Case("kom-csv", swapped("SLUT;2;5,25", "SLUT;2;5,26"), "wrong-sum", field="BELOEB"),
    Case("kom-csv", swapped("Å".encode("latin-1"), "Å"), "encoding", line=3),
    Case("kom-csv", swapped("Å".encode("latin-1"), "Å".encode("cp865")), "encoding", line=3),
    Case("kom-csv", swapped("Ø".encode("latin-1"), "\0"), "encoding", line=3),
    Case("kom-csv", lambda c: b"\xef\xbb\xbf" + c, "encoding", line=1),
    Case("kom-csv", swapped("PERSON;NAVN", "PERSON;NAM"), "column-missing", line=1, field="NAVN"),
    Case("kom-csv", swapped("31-01-2025", "31-02-2025"), "type", record=1, field="SIDEN"),
    Case("kom-csv", swapped("12,50", "1,2,5"), "type", record=1, field="BELOEB"),
    Case("kom-csv", swapped("0101900010", "010190001"), "person-number", record=1, field="PERSON"),
    Case("kom-csv", swapped("0101900010", ""), "required", record=1, field="PERSON"),
    Case("kom-csv", swapped("Kanariefugl", "Kanarie;fugl"), "row-length", record=1, field=""),
    Case("kom-csv", swapped("Kanariefugl", '"Kanariefugl'), "row-length", record=1, field=""),
    Case("kom-csv-utf8", lambda c: c[3:], "encoding", line=1),
    Case("kom-csv-utf8", swapped("Ø", "Ø".encode("latin-1")), "encoding", line=3),
    Case("kom-csv-utf8", swapped("12,50", "12.50"), "type", record=1, field="BELOEB"),
    # fixed width
    Case("fixed", without(1), "start-missing", line=1),
    Case("fixed", without(7), "end-missing"),
    Case("fixed", lambda c: c[: len(c) // 2], "end-missing"),
    Case("fixed", swapped("990000000005", "990000000006"), "wrong-count"),
    Case("fixed", swapped("525 \r", "525-\r"), "wrong-sum", field="BELOEB"),
    Case("fixed", swapped("000101202508", "000147202508"), "disagree", field="sender"),
    Case("fixed", swapped("000101202508", "000101202507"), "disagree", field="period"),
    Case("fixed", swapped("20250905", "20250931"), "no-such-day", field="produced"),
    Case("fixed", swapped("Å".encode("latin-1"), "Å"), "encoding", line=5),
    Case("fixed", longer(2, b"x"), "row-length", line=2, record=2, field=""),
    Case(
        "fixed",
        lambda c: c.replace(FIXED_LINES[1], FIXED_LINES[1][:29] + b"\r\n"),
        "row-length",
        line=2,
        record=2,
        field="",
    ),
    Case("fixed", swapped("20250131", "20250231"), "type", line=2, record=2, field="SIDEN"),
    Case("fixed", swapped("00000001250 ", "0000000125x "), "type", line=3, record=3, field="BELOEB"),
    Case("fixed", swapped("0101900010", "01019000x0"), "person-number", line=2, record=2, field="PERSON"),
    Case("fixed", swapped(b"\r\n20bad", b"\r\n21bad"), "record-type", line=3),
    Case(
        "fixed",
        lambda _: b"".join([FIXED_LINES[0], *FIXED_LINES[2:5], FIXED_LINES[1], *FIXED_LINES[5:]]),
        "orphan",
        line=2,
        record=2,
        field="",
    ),
    # xml
    Case("xml", lambda c: c[:-30], "syntax", line=6),
    Case("xml", swapped('hjem="2"', 'hjem="3"'), "wrong-count"),
    Case("xml", swapped('sum="5.25"', 'sum="5,25"'), "wrong-sum", field="Beloeb"),
    Case("xml", swapped("<p:Kontrol", "<p:Sidste"), "end-missing"),
    Case("xml", swapped('version="2"', 'version="3"'), "other-version", line=2, field="version"),
    Case(
        "xml", lambda c: c.replace(b"urn:proeve:hjem", b"urn:proeve:park"), "other-version", line=2, field="namespace"
    ),
    Case("xml", lambda c: c.replace(b"p:Udtraek", b"p:Udtrak"), "other-version", line=2, field="root"),
    Case(
        "xml",
        swapped("<p:Udtraek", '<!DOCTYPE x [<!ENTITY e "Kanariefugl">]>\n<p:Udtraek'),
        "syntax",
        line=1,
        field="<!DOCTYPE",
    ),
    Case("xml", swapped("Å", "Å".encode("latin-1")), "encoding", line=5),
    Case("xml", swapped('encoding="UTF-8"', 'encoding="ISO-8859-1"'), "encoding", line=1),
    Case("xml", swapped('kommune="0101"', 'kommune="0147"'), "disagree", field="sender"),
    Case("xml", swapped('periode="2025-08"', 'periode="2025-13"'), "no-such-day", field="period"),
    Case("xml", swapped("2025-01-31", "31-01-2025"), "type", line=4, record=1, field="Siden"),
    Case("xml", swapped("12.50", "12,50"), "type", line=4, record=1, field="Beloeb"),
    Case("xml", swapped("0202900011", ""), "required", line=5, record=2, field="PERSON"),
    Case("xml", swapped("<p:Navn>Åse", "<p:Navn>Eva</p:Navn><p:Navn>Åse"), "structure", line=5, record=2, field="Navn"),
    Case("xml", swapped("Kanariefugl", "<p:Navn>Kanariefugl</p:Navn>"), "structure", line=4, record=1, field="Navn"),
    Case("xml", swapped("<p:Alle>", "<p:A>" * 30 + "</p:A>" * 30 + "<p:Alle>"), "limit", line=4),
    Case("xml", swapped("Kanariefugl", "&fugl;"), "syntax", line=4),
    # json
    Case("json", lambda c: c[:-30], "syntax"),
    Case("json", swapped('"kontrol": {"hjem": 2', '"kontrol": {"hjem": 3'), "wrong-count"),
    Case("json", swapped('"sum": 5.25', '"sum": 5.251'), "wrong-sum", field="beloeb"),
    Case("json", swapped('"kontrol"', '"control"'), "end-missing"),
    Case("json", swapped('"kommune": "0101"', '"kommune": "0147"'), "disagree", field="sender"),
    Case("json", swapped("2025-09-05T", "2025-09-31T"), "no-such-day", field="produced"),
    Case("json", swapped('"2025-01-31"', '"2025-02-31"'), "type", record=1, field="siden"),
    Case("json", swapped('"hjemme": [', '"hjemme": [1, '), "syntax"),
    Case("json", swapped('"Kanariefugl"', '["Kanariefugl"]'), "structure", record=1, field="navn"),
    Case("json", swapped('"Kanariefugl"', "[" * 40 + "1" + "]" * 40), "limit", line=1),
    # one object a line
    Case("ndjson", without(3), "end-missing"),
    Case("ndjson", lambda c: c[: c.index("gå".encode())], "syntax", line=2),
    Case("ndjson", swapped('"rows": 2', '"rows": "2x"'), "wrong-count"),
    Case("ndjson", swapped('"sum": 5.25', '"sum": null'), "wrong-sum", field="beloeb"),
    Case("ndjson", lambda c: b"\n" + c.replace(b"\xc3\xa5", b"\xe5"), "encoding", line=3),
    Case("ndjson", swapped('{"part"', '{"part": 1, "x"'), "structure", line=1, record=1, field=""),
    Case(
        "ndjson",
        swapped('{"nummer": "0202900011"}', '{"nummer": 202900011}'),
        "person-number",
        line=2,
        record=2,
        field="PERSON",
    ),
    Case("ndjson", swapped('"Åse Øre"', '{"x": 1}'), "structure", line=2, record=2, field="navn"),
    Case("ndjson", swapped('"Åse Øre"', "[" * 40 + "1" + "]" * 40), "limit", line=2),
    Case("ndjson", swapped('"Åse Øre"', '"\\ud800"'), "syntax", line=2),
    Case("ndjson", lambda c: c + c.splitlines(keepends=True)[0], "end-missing"),
    Case("ndjson", swapped("}\n", "}}\n"), "syntax", line=1),
]
FURTHER = {
    "column-missing": {"column-added"},
    "structure": {"required"},
    "row-length": {"orphan"},
    "record-type": {"orphan"},
    "end-missing": {"row-length"},
    "orphan": {"required"},
}
"""What follows from a fault: children have no parent, a renamed column is one more and one less."""
FATAL_ANYWAY = {"end-missing", "wrong-count", "wrong-sum"}
"""What a broken row or a cut file may break further down, too."""


def of(fault: Fault) -> tuple[str, int | None, str | None, int | None]:
    return fault.kind, fault.line, fault.field, fault.record


@pytest.mark.parametrize("form", WRITERS)
def test_the_clean_file_has_no_fault(form: str) -> None:
    found = read(CONTRACTS[form], GOOD[form], NAMES[form])
    assert found.faults == ()
    assert len(found.tables["hjem"]) == 2


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.form}-{c.kind}-{c.field}")
@pytest.mark.parametrize("size", [1 << 20, 50])
def test_a_fault_is_noticed_with_its_place(case: Case, size: int) -> None:
    found = read(CONTRACTS[case.form], split(case.mutate(GOOD[case.form]), size), NAMES[case.form])
    assert (case.kind, case.line, case.field, case.record) in [of(f) for f in found.faults]
    # nothing else is said, but of numbers that cannot be right any more
    others = {f.kind for f in found.faults} - {case.kind} - FATAL_ANYWAY - FURTHER.get(case.kind, set())
    assert not others
    for value in ("Kanarie", "0101900010", "0202900011", "Øre", "12.5", "12,5"):
        assert value not in repr(found.faults)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_no_cut_file_is_taken_for_a_whole_one(form: str, cut: float) -> None:
    if form == "kom-csv-utf8":
        return  # its companion tells how many rows there are
    found = read(CONTRACTS[form], GOOD[form][: int(len(GOOD[form]) * cut)], NAMES[form])
    assert found.faults


@pytest.mark.parametrize("form", WRITERS)
def test_a_cut_packing_is_noticed(form: str) -> None:
    found = read(CONTRACTS[form], gzip.compress(GOOD[form])[:-9], NAMES[form])
    assert "syntax" in found.kinds


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_file_is_noticed(form: str) -> None:
    assert read(CONTRACTS[form], b"", NAMES[form]).faults


@pytest.mark.parametrize("form", WRITERS)
def test_bytes_of_all_kinds_never_raise(form: str) -> None:
    noise = bytes(range(256)) * 40
    for content in (noise, GOOD[form][:200] + noise, b"\x1f\x8b" + noise, b"\xff\xfe" + GOOD[form]):
        assert read(CONTRACTS[form], content, NAMES[form]).faults


SIGNS = b'\0\n\r;"<>&/{}[],:\\-+ 09azA\xc3\xa6\xff'


@pytest.mark.parametrize("form", WRITERS)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_no_change_of_bytes_raises_or_tells_a_value(form: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[form])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        end = start + data.draw(st.integers(0, 30))
        content[start:end] = data.draw(
            st.sampled_from([b"", bytes(content[start:end]) * 2]) | st.binary(max_size=5)
            | st.lists(st.sampled_from(SIGNS), max_size=3).map(bytes)
        )  # fmt: skip
        content = content or bytearray(b"x")
    found = read(CONTRACTS[form], split(bytes(content), data.draw(st.sampled_from([37, 1 << 20]))), NAMES[form])
    assert not [value for value in ("Kanarie", "0101900010", "0202900011") if value in repr(found.faults)]


@pytest.mark.parametrize("form", WRITERS)
def test_no_more_is_unpacked_than_the_contract_allows(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        packer = __import__("zlib").compressobj(9, wbits=31)
        yield packer.compress(GOOD[form][:60])
        while True:
            taken += 1
            yield packer.compress(b"9" * (1 << 20)) + packer.flush(2)

    for module, name in ((text, "LINE"), (json, "WHOLE"), (xml, "ROW")):
        monkeypatch.setattr(module, name, 1 << 22)
    found = read(CONTRACTS[form], endless(), NAMES[form])
    assert found.faults
    assert taken < 50


HUGE = 40 << 20


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("kom-csv", GOOD["kom-csv"].replace(b"Kanariefugl", b"k" * HUGE)),
        ("fixed", GOOD["fixed"].replace(b"Kanariefugl", b"k" * HUGE)),
        ("xml", GOOD["xml"].replace(b"Kanariefugl", b"k" * HUGE)),
        ("xml", GOOD["xml"].replace(b"<p:Alle>", b"<p:Alle>" + b"<p:x/>" * (HUGE // 6), 1)),
    ],
    ids=["csv", "fixed", "xml", "xml-elements"],
)
def test_a_line_of_40_mb_is_bounded(form: str, content: bytes) -> None:
    found = read(CONTRACTS[form], split(content, 1 << 20), NAMES[form])
    assert found.faults or form == "xml"


def test_a_long_line_of_json_is_a_row() -> None:
    content = GOOD["ndjson"].replace(b"Kanariefugl", b"k" * HUGE)
    found = read(CONTRACTS["ndjson"], split(content, 1 << 20), NAMES["ndjson"])
    assert found.faults == ()
    assert len(found.tables["hjem"][0]["navn"]) == HUGE


def test_records_may_name_the_key_of_their_parent() -> None:
    person = field("person", classification="pseudonym", position="5-14")
    tables = (
        table("hjem", field("nr", position="3-4", primaryKey=True), person, source="10"),
        table(
            "besoeg",
            field("hjem", position="3-4"),
            field("person", classification="pseudonym", path="../person"),
            field("ydelse", position="5-8"),
            source="20",
            parent={"table": "hjem", "key": "hjem"},
        ),
    )
    made = parsed(contract("hjem", "fixed", *tables, recognise={"head": "00"}, dialect={"profile": "fixed"}))
    lines = [
        "00DST 20250820250905",
        "10010101900010",
        "10020202900011",
        "2001bad",
        "2002mad",
        "2003sur",
        "99" + "0000000005",
    ]
    found = read(made, "\n".join(lines).encode())
    homes = {row["nr"]: row["person"] for row in found.tables["hjem"]}
    assert [(r["person"], r["ydelse"]) for r in found.tables["besoeg"][:2]] == [
        (homes["01"], "bad"),
        (homes["02"], "mad"),
    ]
    assert [of(f) for f in found.faults] == [("orphan", 6, "", 6)]
    assert (found.header.period, found.header.produced) == ("2025-08", date(2025, 9, 5))


def test_a_new_grandparent_ends_the_parent_above() -> None:
    tables = (
        table("a", field("x", position="3-3"), source="10"),
        table("b", field("y", position="3-3"), field("x", path="../x"), source="20", parent={"table": "a"}),
        table("c", field("z", position="3-3"), field("x", path="../x"), source="30", parent={"table": "b"}),
    )
    made = parsed(contract("hjem", "fixed", *tables, recognise={"head": "00"}, dialect={"profile": "fixed", "end": ""}))
    lines = ["00DST 20250820250905", "101", "202", "303", "104", "305", "206", "307"]
    found = read(made, "\n".join(lines).encode())
    assert [(r["z"], r["x"]) for r in found.tables["c"]] == [("3", "1"), ("5", None), ("7", "4")]
    assert [of(f) for f in found.faults] == [("orphan", 6, "", 6)]


def test_rows_of_several_kinds_may_share_lines() -> None:
    tables = (
        table("dag", field("nr", path="nr"), source="dag", where={"path": "slags", "value": "dag"}),
        table("plan", field("nr", path="nr"), source="plan", where={"path": "slags", "value": "plan"}),
        table("pause", field("nr", path="../nr"), field("minut", "integer", path="."), source="pauser"),
    )
    made = parsed(contract("hjem", "ndjson", *tables, recognise={"head": "{"}, dialect={"profile": "jsonl.gz"}))
    lines = [
        '{"slags": "dag", "nr": 1, "pauser": [5, 6]}',
        '{"slags": "plan", "nr": "2"}',
        '{"slags": "dag", "nr": 3, "pauser": []}',
    ]
    found = read(made, "\n".join(lines).encode())
    assert found.faults == ()
    assert [(r["nr"], r["ordinal"]) for r in found.tables["dag"]] == [("1", 1), ("3", 3)]
    assert [(r["nr"], r["ordinal"]) for r in found.tables["plan"]] == [("2", 2)]
    assert [(r["nr"], r["minut"]) for r in found.tables["pause"]] == [("1", 5), ("1", 6)]


def test_a_line_that_is_no_object_is_held_and_counted() -> None:
    found = read(CONTRACTS["ndjson"], GOOD["ndjson"].replace(b'"rows": 2', b'"rows": 3'), NAMES["ndjson"])
    assert found.kinds == ["wrong-count"]
    content = b"[1]\n" + GOOD["ndjson"].replace(b'"rows": 2', b'"rows": 3')
    found = read(CONTRACTS["ndjson"], content, NAMES["ndjson"])
    assert [of(f) for f in found.faults] == [("structure", 1, "", 1)]


def test_what_ends_the_reading_refuses_the_file() -> None:
    """A rule that only holds rows back, or warns, would let through a file of which nothing was read."""
    source = "".join(f.read_text("utf-8") for f in Path(text.__file__).parent.glob("*.py"))
    kinds = {NoticeKind[name] for name in re.findall(r"UnreadableError\(NoticeKind\.(\w+)", source)}
    severities = {rule.kind: rule.severity for rule in GENERAL_RULES if rule.kind}
    assert len(kinds) >= 4
    assert {kind: severities[kind] for kind in kinds} == dict.fromkeys(kinds, Severity.FATAL)
