"""Every captured request of a real client, replayed: what is wrong on purpose gets a fault, all else an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.access import Grant, Principals
from flis.config import Settings
from flis.serve.app import create_app
from flis.serve.served_state import Served
from flis.serve.xmla.names import ROWSET
from tests.foodmart.harness import CATALOG as FOODMART
from tests.release.sample import build_sample
from tests.serve.xmla.asking import execute, root_of, validate
from tests.serve.xmla.client import Client
from tests.serve.xmla.conftest import CATALOG
from tests.serve.xmla.test_http import PASSWORD, XML, basic
from tests.serve.xmla.test_sessions import BEGIN, begun
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WRONG = (b"No such cat", b"No such cube]", b"No such thing", b"NO_SUCH_ROWSET")
"""What the captured requests name that is nowhere; a rowset restricted to such a cube is merely empty."""


def served(folder: Path, catalog: Path, data: Path) -> Client:
    return Client(create_app(Served(Settings(state=folder), catalog, data, folder / "sessions.db", users=False)))


@pytest.fixture(scope="module")
def excels(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A small catalogue with the names that Excel's capture asks for."""
    client = served(tmp_path_factory.mktemp("excels"), CATALOG, data)
    yield client
    client.close()


@pytest.fixture(scope="module")
def foodmart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = served(tmp_path_factory.mktemp("foodmart"), FOODMART, shared("foodmart/parquet"))
    yield client
    client.close()


@pytest.fixture(scope="module")
def ukraine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The cube of a release, behind sign-in."""
    settings = Settings(state=tmp_path_factory.mktemp("ukraine"))
    build_sample(settings.state)
    Principals(settings.folders).add("anna", PASSWORD, (Grant(),))
    client = Client(create_app(Served(settings)))
    yield client
    client.close()


class Replay:
    """Sends the requests of one client in order, within the sessions that the server begins."""

    def __init__(self, client: Client, names: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self.client = client
        self.names = {f">{old}<".encode(): f">{new}<".encode() for old, new in names.items()}
        self.headers = {**XML, **headers}
        self.session = ""

    def send(self, file: Path) -> bytes:
        body = file.read_bytes()
        for old, new in self.names.items():
            body = body.replace(old, new)
        if b"SessionId=" in body and not self.session:
            self.session = self.post(execute("", header=BEGIN))[1]
        body = re.sub(rb'SessionId="[^"]*"', f'SessionId="{self.session}"'.encode(), body)
        answer, session = self.post(body)
        self.session = session or ("" if b"EndSession" in body else self.session)
        wrong = any(x in body for x in WRONG)
        assert (b":Fault>" in answer) == wrong, (file.name, answer[:400])
        return answer

    def post(self, body: bytes) -> tuple[bytes, str]:
        """The answer, and the session that it begins."""
        answer = self.client.post("/xmla", content=body, headers=self.headers).content
        return answer, begun(etree.fromstring(answer)) if b"BeginSession" in body else ""


def replay(name: str, sender: Replay, kinds: str = "") -> int:
    """Replay a client's capture (or only requests of some kinds) and check each rowset; how many were sent."""
    files = [f for f in sorted(shared(f"xmla/captures/{name}").glob("*.xml")) if re.search(kinds, f.stem)]
    for file in files:
        answer = sender.send(file)
        if b"Fault>" not in answer:
            found = etree.fromstring(answer)
            if root_of(found).tag == f"{{{ROWSET}}}root" and b"<Content>Data<" not in file.read_bytes():
                validate(found)
    return len(files)


def test_excel(excels: Client) -> None:
    assert replay("excel", Replay(excels, {}, {})) == 39


@pytest.mark.parametrize(("name", "count"), [("adomd", 66), ("tom", 4), ("devextreme", 7), ("syncfusion", 7)])
def test_on_foodmart(foodmart: Client, name: str, count: int) -> None:
    assert replay(name, Replay(foodmart, {}, {})) == count


@pytest.mark.parametrize(("name", "count"), [("adomd", 46), ("tom", 4), ("devextreme", 5), ("syncfusion", 6)])
def test_on_ukraine_statistik(ukraine: Client, name: str, count: int) -> None:
    """Sessions, properties and schemas; the statements ask for FoodMart's members."""
    names = {"FoodMart": "FLIS", "Sales": "Ukraine Statistik"}
    assert replay(name, Replay(ukraine, names, basic("anna", PASSWORD)), r"^\d+-(?!statement)") == count
