"""What the simulator writes by a contract is read back as the same rows, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.catalog import contracts
from flis.config import State
from flis.delivery import person_key, receive
from flis.delivery.readers.cpr.hashes import person_hash
from flis.simulate.writers import write
from tests.delivery.extracts import person_number
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

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
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_is_written_is_read_back(
    rows: list[dict[str, Any]], dialect: str, tmp_path_factory: pytest.TempPathFactory, areas_in: AreasIn
) -> None:
    folder = tmp_path_factory.mktemp("written")
    made(folder, DIALECTS[dialect])
    areas_in(folder / "areas")
    state = State(folder / "state", folder / "keys")
    files = write(contracts.load("haver"), {"raekke": columns(rows)}, kommune="0101", maaned="202508", sekvens="1")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    taken = receive(state, folder / "HAVER_0101_202508_1.csv")
    assert taken.manifest.faults == {}
    assert taken.manifest.records == len(rows)
    found = pq.read_table(taken.records["raekke"]).to_pylist() if rows else []
    key = person_key(state)
    for row in rows:
        row["person"] = row["person"] and person_hash(row["person"], key)
    assert [{name: row[name] for name in FIELDS} for row in found] == rows


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
