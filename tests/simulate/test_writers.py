"""What the simulator writes by a contract is read back as the same rows, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flis.catalog import contracts
from flis.delivery.readers.cpr.hashes import person_hash
from flis.delivery.reading import READERS
from flis.delivery.recognition import recognise
from flis.errors import UsageError
from flis.simulate.writers import write
from tests.delivery.extracts import person_number
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from flis.delivery.model import Header
    from tests.made_areas import AreasIn

KEY = b"k" * 32
FIELDS = {
    "person": field("person", classification="pseudonym"),
    "tekst": field("tekst"),
    "dag": field("dag", "date"),
    "tid": field("tid", "timestamp"),
    "antal": field("antal", "integer"),
    "beloeb": field("beloeb", "number", physicalType="DECIMAL(14,2)"),
    "andel": field("andel", "number"),
    "ja": field("ja", "boolean"),
}
TYPES = {
    "person": pa.string(),
    "tekst": pa.string(),
    "dag": pa.date32(),
    "tid": pa.timestamp("us", tz="UTC"),
    "antal": pa.int64(),
    "beloeb": pa.decimal128(14, 2),
    "andel": pa.float64(),
    "ja": pa.bool_(),
}
# letters of ISO-8859-1; those that a reader of it takes for twice encoded ones are no letters of Danish texts
LETTERS = "abcæøåÆØÅ é;,.\"'|\r\n0-"
TEXTS = st.text(LETTERS, max_size=8).map(str.strip).map(lambda text: text or None)
CELLS = {
    "person": st.integers(0, 30).map(person_number) | st.none(),
    "tekst": TEXTS,
    "dag": st.dates(date(1900, 1, 1), date(2099, 12, 31)) | st.none(),
    "tid": st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
    | st.none(),
    "antal": st.integers(-(10**17), 10**17) | st.none(),
    "beloeb": st.decimals(-(10**11), 10**11, places=2) | st.none(),
    "andel": st.integers(-(10**6), 10**6).map(lambda n: n / 64) | st.none(),
    "ja": st.booleans() | st.none(),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=12)
DIALECTS: dict[str, dict[str, Any]] = {
    "kom-csv": {"profile": "kom-csv", "sums": ["beloeb", "antal"]},
    "kom-csv-utf8": {"profile": "kom-csv-utf8", "sums": ["beloeb"], "companion": ""},
    "packed": {"profile": "wide-csv.gz", "gzip": True},
    "other signs": {
        "delimiter": "|",
        "quote": "'",
        "decimal": ",",
        "dates": "YYYY.MM.DD",
        "true": ["J"],
        "false": ["N"],
    },
    "without names": {"profile": "kom-csv", "header": False, "sums": ["antal"]},
}


def made(folder: Path, dialect: dict[str, Any]) -> None:
    server: dict[str, Any] = {"recognise": {"name": "HAVER_{kommune}_{maaned}_{sekvens}.csv"}, "dialect": dialect}
    text = contract("haver", "csv", table("raekke", *FIELDS.values()), part=["kommune", "maaned"], **server)
    write_area(folder / "areas", "haver", **{"contract.yaml": text})


def columns(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_written_is_read_back(dialect: str, tmp_path: Path, areas_in: AreasIn) -> None:
    made(tmp_path, DIALECTS[dialect])
    areas_in(tmp_path / "areas")

    @settings(max_examples=25, deadline=None)
    @given(ROWS)
    def holds(rows: list[dict[str, Any]]) -> None:
        header, found = written_and_read({"raekke": columns(rows)})
        assert (header.faults, header.records) == ({}, len(rows))
        assert [{name: row[name] for name in FIELDS} for row in found.get("raekke", [])] == hashed(rows, "person")

    holds()


def written_and_read(tables: dict[str, pa.Table]) -> tuple[Header, dict[str, list[dict[str, Any]]]]:
    """What the reader finds in the file that the writer makes of some rows: its header, and the rows of its tables."""
    ((name, content),) = write(contracts.load("haver"), tables, kommune="0101", maaned="202508", sekvens="1").items()
    known = recognise(content[:4096], name)
    assert known
    records = READERS[known.contract.format]([content], known, KEY)
    rows: dict[str, list[dict[str, Any]]] = {}
    for table_name, batch in records.batches():
        rows.setdefault(table_name, []).extend(batch.to_pylist())
    return records.header, rows


def hashed(rows: list[dict[str, Any]], person: str) -> list[dict[str, Any]]:
    """The rows as they are read: no person's number leaves the reader."""
    return [{**row, person: row[person] and person_hash(row[person], KEY)} for row in rows]


WIDTHS = {"person": 10, "tekst": 10, "dag": 8, "tid": 30, "antal": 19, "beloeb": 15, "andel": 20, "ja": 5}
INSIDE = {"over": pa.string(), "over_antal": pa.int64(), "maengde": pa.int64(), "note": pa.string()}
FORMS: dict[str, dict[str, Any]] = {
    "fixed": {"dialect": {"profile": "fixed", "sums": ["beloeb", "maengde"]}},
    "xml": {
        "dialect": {"profile": "xml", "root": "Udtraek", "namespace": "urn:example:haver", "version": "2"},
        "header": {"sender": "@kommune", "period": "Om/@periode"},
        "control": [
            {"at": "Kontrol/Raekker"},
            {"at": "Kontrol/@sum", "sum": "beloeb"},
            {"at": "Kontrol/@i", "count": "i"},
        ],
    },
    "json": {
        "header": {"sender": "om/kommune", "period": "om/periode"},
        "control": [{"at": "om/sum", "sum": "beloeb"}, {"at": "om/antal", "count": "i"}],
    },
    "ndjson": {
        "dialect": {"profile": "jsonl.gz"},
        "header": {"sender": "om/kommune"},
        "control": [{"at": "slut/antal"}, {"at": "slut/sum", "sum": "maengde"}],
    },
}
"""Forms whose rows lie in rows, each with all that its file tells of itself."""
CHILDREN = st.lists(st.fixed_dictionaries({"maengde": st.integers(-999, 999) | st.none(), "note": TEXTS}), max_size=3)
FAMILIES = st.lists(st.tuples(st.fixed_dictionaries(CELLS), CHILDREN), max_size=8)


def with_rows_in_rows(folder: Path, form: str) -> None:
    """An area of two tables: rows, and what lies in them, which takes over two of their values."""
    above: dict[str, dict[str, Any]] = {name: {} for name in FIELDS}
    inside: dict[str, dict[str, Any]] = {
        "over": {"classification": "pseudonym", "path": "../PERSON"},
        "over_antal": {"path": "../ANTAL"},
        "maengde": {},
        "note": {},
    }
    more: dict[str, Any] = {}
    if form == "fixed":
        at = 3
        for name, width in WIDTHS.items():
            above[name] = {"position": f"{at}-{at + width - 1}"} | ({"scale": 2} if name == "beloeb" else {})
            at += width
        inside["maengde"], inside["note"] = {"position": "3-8"}, {"position": "10-19"}
        more = {"parent": {"table": "raekke"}, "length": 30}
    elif form == "xml":
        above["tekst"], above["ja"] = {"path": "Mere/@tekst"}, {"path": "Mere/Ja"}
        more = {"path": "RAEKKE/Inde/I"}
        inside = {n: {**f, "path": f["path"].replace("../", "../../")} if "path" in f else f for n, f in inside.items()}
        inside["note"] = {"path": "@note"}
    else:
        above["tekst"] = {"path": "mere/tekst"}
        more = {"path": "inde" if form == "ndjson" else "RAEKKE/inde"}
    kinds = {
        "dag": "date",
        "tid": "timestamp",
        "antal": "integer",
        "beloeb": "number",
        "andel": "number",
        "ja": "boolean",
    }
    fields = [
        field(
            name,
            kinds.get(name, "string"),
            classification="pseudonym" if name == "person" else "public",
            **({"physicalType": "DECIMAL(14,2)"} if name == "beloeb" else {}),
            **properties,
        )
        for name, properties in above.items()
    ]
    numbers = {"over_antal", "maengde"}
    children = [field(name, "integer" if name in numbers else "string", **of) for name, of in inside.items()]
    sources = ("10", "20") if form == "fixed" else ("RAEKKE", "I")
    tables = (table("raekke", *fields, source=sources[0]), table("i", *children, source=sources[1], **more))
    server = {"recognise": {"name": f"HAVER_{{kommune}}_{{maaned}}_{{sekvens}}.{form}"}} | FORMS[form]
    text = contract("haver", form, *tables, part=["kommune", "maaned"], **server)
    write_area(folder / "areas", "haver", **{"contract.yaml": text})


@pytest.mark.parametrize("form", FORMS)
def test_rows_in_rows_are_read_back(form: str, tmp_path: Path, areas_in: AreasIn) -> None:
    with_rows_in_rows(tmp_path, form)
    areas_in(tmp_path / "areas")

    @settings(max_examples=15, deadline=None)
    @given(FAMILIES)
    def holds(families: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
        rows = [dict(row) for row, _ in families]
        inside = [{"over": r["person"], "over_antal": r["antal"], **one} for r, of in families for one in of]
        for row in (*rows, *inside) if form == "fixed" else ():  # a record ends where its line does
            for name in {"tekst", "note"} & {n for n, value in row.items() if value}:
                row[name] = row[name].replace("\r", " ").replace("\n", " ").strip() or None
        children = pa.table({n: pa.array([r[n] for r in inside], kind) for n, kind in INSIDE.items()})
        header, found = written_and_read({"raekke": columns(rows), "i": children})
        assert (header.faults, header.sender, header.period) == ({}, "0101", "2025-08")
        for name, expected, names in (
            ("raekke", hashed(rows, "person"), FIELDS),
            ("i", hashed(inside, "over"), INSIDE),
        ):
            kept = [{column: row[column] for column in names} for row in found.get(name, [])]
            assert sorted(kept, key=in_words) == sorted(expected, key=in_words), name

    holds()


def in_words(row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in sorted(row)]


def test_a_value_without_room_is_told_by_its_place(tmp_path: Path, areas_in: AreasIn) -> None:
    with_rows_in_rows(tmp_path, "fixed")
    areas_in(tmp_path / "areas")
    rows = columns([{**dict.fromkeys(FIELDS), "tekst": "for lang en tekst"}])
    empty = pa.table({n: pa.array([], k) for n, k in INSIDE.items()})
    with pytest.raises(UsageError, match="no room at position 13-22"):
        write(contracts.load("haver"), {"raekke": rows, "i": empty}, kommune="0101", maaned="202508", sekvens="1")


def test_a_row_that_belongs_to_none_is_told(tmp_path: Path, areas_in: AreasIn) -> None:
    with_rows_in_rows(tmp_path, "xml")
    areas_in(tmp_path / "areas")
    lonely = pa.table({n: pa.array([None], k) for n, k in INSIDE.items()})
    with pytest.raises(UsageError, match="A row of i lies in no row of raekke"):
        write(
            contracts.load("haver"), {"raekke": columns([]), "i": lonely}, kommune="0101", maaned="202508", sekvens="1"
        )


def test_the_same_rows_are_the_same_bytes(tmp_path: Path, areas_in: AreasIn) -> None:
    made(tmp_path, DIALECTS["packed"])
    areas_in(tmp_path / "areas")
    rows = columns([{**dict.fromkeys(FIELDS), "tekst": "hæk", "beloeb": Decimal("1.50")}])
    told = {"kommune": "0101", "maaned": "202508", "sekvens": "1"}
    first, second = (write(contracts.load("haver"), {"raekke": rows}, **told) for _ in range(2))
    assert first == second


def test_a_companion_tells_name_rows_and_sums(tmp_path: Path, areas_in: AreasIn) -> None:
    made(tmp_path, {"profile": "kom-csv-utf8", "sums": ["beloeb"]})
    areas_in(tmp_path / "areas")
    rows = columns([{**dict.fromkeys(FIELDS), "beloeb": Decimal(n)} for n in ("1234.50", "-0.25")])
    files = write(contracts.load("haver"), {"raekke": rows}, kommune="0101", maaned="202508", sekvens="1")
    name = "HAVER_0101_202508_1.csv"
    assert list(files) == [name, f"{name}.kontrol"]
    assert files[name].startswith(b"\xef\xbb\xbfPERSON;TEKST;DAG;TID;ANTAL;BELOEB;ANDEL;JA\n;;;;;1.234,50;;\n")
    assert files[f"{name}.kontrol"] == b"HAVER_0101_202508_1.csv;2;1.234,25\n"


def test_a_field_is_written_with_its_own_dates(tmp_path: Path, areas_in: AreasIn) -> None:
    haver = table("raekke", field("aar", "date", dates="YYYY"), field("dag", "date"))
    text = contract("haver", "csv", haver, recognise={"name": "HAVER_{maaned}.csv"}, dialect={"profile": "kom-csv"})
    write_area(tmp_path / "areas", "haver", **{"contract.yaml": text})
    areas_in(tmp_path / "areas")
    rows = pa.table({name: pa.array([date(2025, 1, 1)], pa.date32()) for name in ("aar", "dag")})
    (content,) = write(contracts.load("haver"), {"raekke": rows}, maaned="202508").values()
    assert content == b"AAR;DAG\r\n2025;01-01-2025\r\nSLUT;1\r\n"
