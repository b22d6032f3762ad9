"""A small catalogue over data made here, served in the process; and the means to ask it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from flis.serve.xmla import Call, FolderBackend, Service, Sessions
from flis.serve.xmla.names import ROWSET, SOAP, XMLA
from flis.serve.xmla.soap import read
from tests.serve.xmla.asking import Asker

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOG = Path(__file__).parent / "excel"


def write_data(folder: Path) -> None:
    months = [f"{year}-{month:02}" for year in (2021, 2022) for month in range(1, 13)]
    years = [int(m[:4]) for m in months]
    quarters = [(int(m[5:]) + 2) // 3 for m in months]
    pq.write_table(pa.table({"month": months, "year": years, "quarter": quarters}), folder / "date.parquet")
    segments = ["Consumer", "Corporate", "Home <& Office"]
    pq.write_table(pa.table({"segment": segments}), folder / "segment.parquet")
    territory = {"territory": ["1", "2"], "name": ["North", "South"], "name_da": ["Nord", "Syd"], "area": [10, 20]}
    pq.write_table(pa.table(territory), folder / "territory.parquet")
    facts = [(m, s, t, 10.5 * i + len(s)) for i, m in enumerate(months) for s in segments for t in ("1", "2")]
    columns = dict(zip(("month", "segment", "territory", "revenue"), map(list, zip(*facts, strict=True)), strict=True))
    pq.write_table(pa.table(columns), folder / "sales.parquet")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Parquet files."""
    folder = tmp_path_factory.mktemp("sales")
    write_data(folder)
    return folder


@pytest.fixture(scope="session")
def backend(data: Path) -> FolderBackend:
    """The small catalogue, bound."""
    return FolderBackend(CATALOG, data)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    """A file of sessions of its own."""
    found = Sessions(tmp_path / "sessions.db")
    yield found
    found.close()


@pytest.fixture
def service(backend: FolderBackend, sessions: Sessions) -> Service:
    """The service over the small catalogue."""
    return Service(backend, sessions)


@pytest.fixture
def ask(service: Service) -> Asker:
    """Asks the service without HTTP."""

    def post(body: bytes) -> etree._Element:
        return etree.fromstring(b"".join(service.answer(read(body), Call(None))))

    return Asker(post)


__all__ = ["CATALOG", "ROWSET", "SOAP", "XMLA", "write_data"]
