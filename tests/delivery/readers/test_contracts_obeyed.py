"""What a contract says beside types: wide columns, later names, the day from which content is known, packed files."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flis.delivery.readers.cpr.hashes import person_hash
from tests.delivery.readers.made import KEY, parsed, read, split
from tests.made_contracts import contract, field, table

PERSON, OTHER = "0101900010", "0202900011"
WIDE = table(
    "uge",
    field("pnr", classification="pseudonym", required=True), field("uge"), field("kode"),
    unpivot={"columns": r"Y_(\d{4})", "name": "uge", "value": "kode"},
)  # fmt: skip


def wide(**server: Any) -> Any:
    recognise = {"name": "DREAM_{maaned}_{sekvens}.csv.gz"}
    return parsed(contract("d", "csv", WIDE, recognise=recognise, dialect={"profile": "wide-csv.gz"}, **server))


@pytest.mark.parametrize("packed", [True, False])
def test_columns_become_rows(packed: bool) -> None:
    lines = ["PNR;Y_2501;Y_2502;NYT;Y_2503", f"{PERSON};111;;x;112", f"{OTHER};;;x;"]
    content = ("\r\n".join(lines) + "\r\n").encode("latin-1")
    found = read(wide(), gzip.compress(content) if packed else content, "DREAM_202508_1.csv.gz")
    rows = [(r["pnr"], r["uge"], r["kode"], r["ordinal"]) for r in found.tables["uge"]]
    assert rows == [(person_hash(PERSON, KEY), "2501", "111", 1), (person_hash(PERSON, KEY), "2503", "112", 1)]
    assert [(f.kind, f.field) for f in found.faults] == [("column-added", "4")]


def test_a_wide_file_without_the_wide_columns_is_noticed() -> None:
    found = read(wide(), f"PNR;X_2501\r\n{PERSON};1\r\n".encode(), "DREAM_202508_1.csv.gz")
    assert ("column-missing", "Y_(\\d{4})") in [(f.kind, f.field) for f in found.faults]


def test_totals_count_the_records_of_a_wide_file_and_rows_where_they_say_so() -> None:
    made = parsed(
        contract(
            "d", "csv", WIDE, recognise={"name": "DREAM_{maaned}.csv"},
            dialect={"profile": "wide-csv.gz", "end": "SLUT"},
            control=[{"at": "1"}, {"at": "2", "count": "uge"}],
        )
    )  # fmt: skip
    text = f"PNR;Y_2501;Y_2502\r\n{PERSON};111;112\r\n{OTHER};;113\r\nSLUT;2;3\r\n"
    assert read(made, text.encode(), "DREAM_202508.csv").faults == ()
    wrong = read(made, text.replace("SLUT;2;3", "SLUT;2;2").encode(), "DREAM_202508.csv")
    assert [(f.kind, f.field) for f in wrong.faults] == [("wrong-count", "uge")]


@pytest.mark.parametrize(
    ("period", "name", "missing"),
    [("202506", "TIMER", False), ("202507", "TIMER", True), ("202507", "TID", False), ("202506", "TID", True),
     ("202601", "TID", True), ("202601", "ANTAL", False)],
)  # fmt: skip
def test_a_field_has_the_name_of_its_period(period: str, name: str, missing: bool) -> None:
    renamed = [{"valid": "2025-07-01", "name": "TID"}, {"valid": "2026-01-01", "name": "ANTAL"}]
    hours = field("timer", "number", physicalType="DECIMAL(8,2)", renamed=renamed)
    made = parsed(
        contract("t", "csv", table("t", hours), recognise={"name": "T_{maaned}.csv"}, dialect={"decimal": ","})
    )
    found = read(made, f"{name}\n1,5\n".encode(), f"T_{period}.csv")
    assert ("column-missing" in found.kinds) is missing
    assert found.tables["t"][0]["timer"] == (None if missing else Decimal("1.50"))


def test_a_field_of_a_tree_is_renamed_too() -> None:
    renamed = [{"valid": "2025-07-01", "name": "Tid"}]
    hours = field("timer", "integer", physicalName="Timer", renamed=renamed)
    for form, contents in (
        ("xml", ("<R><T><Timer>5</Timer></T></R>", "<R><T><Tid>5</Tid></T></R>")),
        ("ndjson", ('{"Timer": 5}', '{"Tid": 5}')),
    ):
        made = parsed(contract("t", form, table("t", hours, source="T"), recognise={"name": "T_{maaned}.x"}))
        for period, content in zip(("202506", "202507"), contents, strict=True):
            (row,) = read(made, content.encode(), f"T_{period}.x").tables["t"]
            assert row["timer"] == 5, (form, period)


@pytest.mark.parametrize(
    ("known", "name", "produced"),
    [
        ("", "K_202508_20250905.csv", date(2025, 9, 5)),
        ("udtraek", "K_202508_20250905.csv", date(2025, 9, 5)),
        ("maaned", "K_202508_20250905.csv", date(2025, 8, 1)),
        ("dannet", "K_202508_20250905.csv", date(2025, 9, 3)),
        ("tid", "K_202508_20250905.csv", date(2025, 9, 3)),
    ],
)
def test_content_is_known_from_the_day_that_the_contract_names(known: str, name: str, produced: date) -> None:
    fields = (field("dannet", "date"), field("tid", "timestamp"))
    made = parsed(
        contract("k", "csv", table("k", *fields), recognise={"name": "K_{maaned}_{udtraek}.csv"}, known=known)
    )
    content = "DANNET;TID\n2025-09-03;2025-09-02T22:30:00Z\n2025-09-01;2025-09-01T00:00:00Z\n;\n"
    found = read(made, content.encode(), name)
    assert found.faults == ()
    assert found.header.produced == produced


@pytest.mark.parametrize("inner", ["", "h:"])
def test_elements_may_be_in_the_namespace_of_the_outermost_or_in_none(inner: str) -> None:
    made = parsed(contract("k", "xml", table("k", field("x"), source="K"), recognise={"head": "<"}))
    content = f'<h:R xmlns:h="urn:h"><{inner}K><{inner}X>1</{inner}X></{inner}K></h:R>'
    assert [row["x"] for row in read(made, content.encode()).tables["k"]] == ["1"]


def test_rows_may_refer_to_what_stands_before_all_of_them() -> None:
    fields = (field("x"), field("navn", path="../Navn"), field("aar", path="../../@aar"))
    made = parsed(contract("k", "xml", table("k", *fields, source="K"), recognise={"head": "<"}))
    rows = "".join(f"<K><X>{n}</X></K>\n" for n in range(10_000))
    content = f'<R aar="2025"><A><Navn>en</Navn>{rows}</A><A><Navn>to</Navn>{rows}</A></R>'
    found = read(made, split(content.encode(), 1000)).tables["k"]
    assert [(r["x"], r["navn"], r["aar"]) for r in found] == [
        (str(n), name, "2025") for name in ("en", "to") for n in range(10_000)
    ]


def test_a_header_gives_the_columns_of_the_part() -> None:
    made = parsed(
        contract(
            "k", "fixed", table("k", field("x", position="3-3"), source="10"), recognise={"head": "00"},
            dialect={"profile": "fixed", "end": ""}, header={"sender": "3-6", "period": "7-12"},
            part=["kommune", "maaned"],
        ).replace("head: '00'", "name: X.dat")
    )  # fmt: skip
    (row,) = read(made, b"000101202508\n101\n", "X.dat").tables["k"]
    assert (row["x"], row["kommune"], row["maaned"]) == ("1", "0101", date(2025, 8, 1))


def test_a_header_tells_sender_and_period_where_the_name_does_not() -> None:
    made = parsed(
        contract(
            "k", "xml", table("k", field("x"), source="K"), recognise={"head": "<R"},
            header={"sender": "Hoved/@fra", "period": "Hoved/Periode", "produced": "@dannet"},
        )
    )  # fmt: skip
    content = '<R dannet="2025-09-05"><Hoved fra="0101"><Periode>202508</Periode></Hoved><K><X>1</X></K></R>'
    header = read(made, content.encode()).header
    assert (header.sender, header.period, header.produced) == ("0101", "2025-08", date(2025, 9, 5))
    hidden = read(made, content.replace("0101", PERSON).replace("202508", PERSON).encode())
    assert PERSON not in repr((hidden.header, hidden.faults))


@pytest.mark.parametrize(
    ("text", "value"),
    [("2025-08-01T07:30:00+02:00", "05:30:00"), ("2025-08-01T05:30:00Z", "05:30:00"),
     ("2025-08-01 05:30:00.5Z", "05:30:00.500000"),
     ("2025-08-01T07:30:00", None), ("2025-08-01", None), ("2025-02-30T07:30:00Z", None), ("20250801T053000Z", None)],
)  # fmt: skip
def test_moments_are_those_of_rfc_3339_with_their_offset(text: str, value: str | None) -> None:
    made = parsed(contract("t", "ndjson", table("t", field("tid", "timestamp")), recognise={"head": "{"}))
    found = read(made, f'{{"TID": "{text}"}}\n{{"TID": "2025-08-01T00:00:00Z"}}'.encode())
    first = found.tables["t"][0]["tid"]
    assert (first.time().isoformat() if first else None) == value
    assert [f.kind for f in found.faults] == ([] if value else ["type"])


def test_a_field_writes_its_days_as_it_says_and_not_as_the_dialect() -> None:
    made = parsed(
        contract(
            "saldo", "csv", table("saldo", field("aar", "date", dates="YYYY"), field("dag", "date")),
            recognise={"name": "S_{maaned}.csv"}, dialect={"profile": "kom-csv", "end": ""},
        )
    )  # fmt: skip
    found = read(made, b"AAR;DAG\r\n2025;31-12-2024\r\n31-12-2024;2025\r\n25;\r\n", "S_202508.csv")
    rows = [(row["aar"], row["dag"]) for row in found.tables["saldo"]]
    assert rows == [(date(2025, 1, 1), date(2024, 12, 31)), (None, None), (None, None)]
    assert found.faulty == {("saldo", "type", "AAR"): [2, 3], ("saldo", "type", "DAG"): [2]}
