"""The endpoint over HTTP: credentials, origins, limits, compression, streams; and a bounded fuzz of it all."""

from __future__ import annotations

import asyncio
import base64
import gzip
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from flis.access import Grant, Principals
from flis.config import Settings
from flis.errors import CancelledError, UsageError
from flis.query.limits import Limits
from flis.serve.app import create_app
from flis.serve.served_state import Served
from flis.serve.xmla import Endpoint, Service, Sessions
from flis.serve.xmla.document import MAX_BYTES
from flis.serve.xmla.names import ENGINE, SOAP, XMLA
from flis.serve.xmla.service import Work
from tests.serve.xmla.asking import discover, envelope, execute, root_of, rows_of
from tests.serve.xmla.client import Client
from tests.serve.xmla.conftest import CATALOG
from tests.serve.xmla.test_sessions import BEGIN, begun, within
from tests.shared import shared

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from pathlib import Path

    from flis.query.limits import CancelToken
    from flis.serve.xmla import FolderBackend

XML = {"Content-Type": "text/xml"}
PASSWORD = "correct horse battery"
SCOPE = {"type": "http", "method": "POST", "path": "/xmla", "headers": [(b"host", b"localhost")]}
SEED = 47


@pytest.fixture(scope="module")
def client(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The small catalogue, without sign-in."""
    folder = tmp_path_factory.mktemp("open")
    what = Served(Settings(state=folder), CATALOG, data, folder / "sessions.db", users=False)
    found = Client(create_app(what))
    yield found
    found.close()


@pytest.fixture(scope="module")
def guarded(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The small catalogue for users of a state folder, reached from one foreign origin."""
    settings = Settings(state=tmp_path_factory.mktemp("state"))
    Principals(settings.folders).add("anna", PASSWORD, (Grant("0101"),))
    what = Served(settings, CATALOG, data, origins=("https://dap.example",))
    found = Client(create_app(what), "http://flis.example:8000")
    yield found
    found.close()


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def fault_of(content: bytes) -> tuple[str, str]:
    found = etree.fromstring(content).find(f".//{{{SOAP}}}Fault")
    assert found is not None, content[:300]
    error = found.find(".//Error")
    assert error is not None
    assert int(error.get("ErrorCode", "")) == int((found.findtext("faultcode") or "").rpartition(".")[2], 16)
    return found.findtext("faultcode") or "", error.get("Description", "")


def test_an_answer(client: Client) -> None:
    answer = client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=XML)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    assert [r["CUBE_NAME"] for r in rows_of(etree.fromstring(answer.content))] == ["Sales"]


def test_a_body_in_pieces(client: Client) -> None:
    body = b"\xef\xbb\xbf" + discover("MDSCHEMA_CUBES")
    pieces = (body[i : i + 7] for i in range(0, len(body), 7))
    assert client.post("/xmla/", content=pieces, headers=XML).status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"<a", "0xc10f0001", "well-formed"),
        (b"<!DOCTYPE a><a/>", "0xc10f0001", "DOCTYPE"),
        (b" " * (MAX_BYTES + 1), "0xc10f0001", "larger"),
        (b"", "0xc10f0001", "well-formed"),
        (execute("SELEC nothing"), "0xc10a0049", "(1, 1)"),
        (execute("SELECT FROM [Sale]"), "0xc10a0006", "Sales"),
        (execute("ALTER CUBE [Sales] UPDATE DIMENSION x, DEFAULT_MEMBER='y'"), "0xc10a", ""),
        (discover("NO_SUCH_ROWSET"), "0xc10d0003", "NO_SUCH_ROWSET"),
        (execute("SELECT FROM [Sales]", Catalog="x"), "0xc10d0003", "database"),
        (execute("SELECT FROM [Sales]", EffectiveUserName="x"), "0xc1050001", "EffectiveUserName"),
        (execute("", header=within("x")), "0xc10c000a", "session"),
    ],
)
def test_faults(client: Client, body: bytes, code: str, says: str) -> None:
    answer = client.post("/xmla", content=body, headers=XML)
    assert answer.status_code == 500
    found, text = fault_of(answer.content)
    assert found.startswith(f"XMLAnalysisError.{code}")
    assert says in text


def test_an_error_of_the_server_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> object:
        raise ValueError("a secret value")

    monkeypatch.setattr(Work, "discover", fails)
    answer = client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=XML)
    assert fault_of(answer.content)[0] == "XMLAnalysisError.0xc1000001"
    assert b"secret" not in answer.content
    assert "a request failed" in caplog.text


def test_other_methods(client: Client) -> None:
    assert client.get("/xmla").status_code == 405
    options = client.options("/xmla")
    assert options.status_code == 204
    assert "POST" in options.headers["allow"]
    assert client.get("/healthz").text == "ok\n"


def test_compression_only_where_asked(client: Client) -> None:
    body = discover("DISCOVER_PROPERTIES")
    for accept, packed in (("identity", False), ("gzip;q=0", False), ("br, gzip", True), ("", False)):
        answer = client.post("/xmla", content=body, headers=XML | {"Accept-Encoding": accept})
        assert ("content-encoding" in answer.headers) == packed
        assert root_of(etree.fromstring(answer.content)) is not None
    assert (
        client.post("/xmla", content=gzip.compress(body), headers=XML | {"Content-Encoding": "gzip"}).status_code == 415
    )


def test_large_answers_are_streamed_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flis.serve.xmla.escaping.CHUNK", 1 << 16)
    for accept in ("identity", "gzip"):
        answer = client.post("/xmla", content=discover("DBSCHEMA_COLUMNS"), headers=XML | {"Accept-Encoding": accept})
        assert "content-length" not in answer.headers
        assert len(answer.content) > 150_000
        assert len(rows_of(etree.fromstring(answer.content))) > 300


def test_without_sign_in_only_loopback_names_are_answered(client: Client) -> None:
    for host in ("flis.example", "evil.example:8000", ""):
        assert client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=XML | {"Host": host}).status_code == 403
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=XML | {"Host": host}).status_code == 200


def test_credentials_are_ignored_where_nobody_signs_in(client: Client) -> None:
    headers = XML | basic("anyone", "none")
    assert client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=headers).status_code == 200


def test_sign_in(guarded: Client) -> None:
    body = discover("MDSCHEMA_CUBES")
    for headers in (
        {},
        basic("anna", "wrong"),
        basic("bent", PASSWORD),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Negotiate x"},
        {"X-Forwarded-User": "anna"},
    ):
        refused = guarded.post("/xmla", content=body, headers=XML | headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")
        assert b"Fault" not in refused.content
    assert guarded.post("/xmla", content=body, headers=XML | basic("anna", PASSWORD)).status_code == 200
    wrong = {guarded.post("/xmla", content=body, headers=basic(u, "wrong")).text for u in ("anna", "nobody")}
    assert len(wrong) == 1


def test_a_request_without_credentials_is_no_failed_try(guarded: Client) -> None:
    for _ in range(30):
        assert guarded.post("/xmla", content=b"<a/>").status_code == 401
    assert guarded.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=basic("anna", PASSWORD)).status_code == 200


def test_too_many_failed_tries(data: Path, tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    Principals(settings.folders).add("anna", PASSWORD)
    client = Client(create_app(Served(settings, CATALOG, data)))
    statuses = {client.post("/xmla", content=b"", headers=basic("anna", f"wrong {n}")).status_code for n in range(9)}
    client.close()
    assert statuses == {401, 429}


def test_origins(guarded: Client) -> None:
    headers = XML | basic("anna", PASSWORD)
    body = discover("MDSCHEMA_CUBES")
    for origin in ("https://dap.example", "http://flis.example:3000", "http://flis.example:8000"):
        asked = guarded.options("/xmla", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == origin
        assert asked.headers["access-control-allow-credentials"] == "true"
        answer = guarded.post("/xmla", content=body, headers=headers | {"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
    for origin in ("https://evil.example", "https://flis.example.evil.example", "null"):
        assert guarded.options("/xmla", headers={"Origin": origin}).status_code == 403
        answer = guarded.post("/xmla", content=body, headers=headers | {"Origin": origin})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


class Slow:
    """A backend whose statements run until they are cancelled."""

    def __init__(self, backend: FolderBackend) -> None:
        self.backend = backend
        self.limits = Limits()
        self.started = threading.Event()
        self.token: CancelToken | None = None

    def warm(self) -> None:
        """Nothing."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.backend, name)

    def open(self, *_: object) -> Slow:
        return self

    def quick(self, _: str) -> bool:
        return False

    def run(self, *asked: object) -> None:
        self.token = getattr(asked[1], "token", None)
        assert self.token is not None
        self.started.set()
        for _ in range(1000):
            if self.token.cancelled:
                raise UsageError("stopped")
            time.sleep(0.01)


def test_cancel_reaches_a_statement_that_another_process_runs(backend: FolderBackend, tmp_path: Path) -> None:
    slow = Slow(backend)
    running = Service(slow, Sessions(tmp_path / "s.db"))  # type: ignore[arg-type]
    other = Service(backend, Sessions(tmp_path / "s.db"))
    here, there = Client(Endpoint(running, None)), Client(Endpoint(other, None))
    session = begun(etree.fromstring(there.post("/", content=execute("", header=BEGIN)).content))
    said: list[bytes] = []
    statement = execute("SELECT FROM [Sales]", header=within(session))
    thread = threading.Thread(target=lambda: said.append(here.post("/", content=statement).content))
    thread.start()
    assert slow.started.wait(10)
    call = f'<Execute xmlns="{XMLA}"><Command><Cancel xmlns="{ENGINE}"/></Command></Execute>'
    assert there.post("/", content=envelope(call, within(session))).status_code == 200
    thread.join(10)
    assert b"stopped" in said[0]
    here.close()
    there.close()


def test_a_statement_stops_with_the_server(backend: FolderBackend, tmp_path: Path) -> None:
    slow = Slow(backend)
    endpoint = Endpoint(Service(slow, Sessions(tmp_path / "s.db")), None)  # type: ignore[arg-type]
    body = execute("SELECT FROM [Sales]")

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(_: MutableMapping[str, Any]) -> None:
        raise AssertionError("an answer, though nobody waits for one")

    async def stopped() -> None:
        running = asyncio.ensure_future(endpoint(SCOPE, receive, send))
        await asyncio.to_thread(slow.started.wait, 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stopped())
    assert slow.token is not None
    assert slow.token.cancelled


class Endless:
    """A service whose answer has no end."""

    sessions = None

    def __init__(self) -> None:
        self.pieces = 0

    def answer(self, *_: object) -> Iterator[bytes]:
        while self.pieces < 2000:
            self.pieces += 1
            time.sleep(0.005)
            yield b"piece"


def test_an_answer_breaks_off_when_the_client_has_gone() -> None:
    service = Endless()
    endpoint = Endpoint(service, None)  # type: ignore[arg-type]
    body = execute("SELECT FROM [Sales]")
    received: Iterator[MutableMapping[str, Any]] = iter(
        [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]
    )
    sent: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(received)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    with pytest.raises(CancelledError):
        asyncio.run(endpoint(SCOPE, receive, send))
    assert sent[0] == "http.response.start"
    assert service.pieces < 2000


def test_whatever_is_sent_gets_an_answer_or_a_fault(client: Client) -> None:
    chance = random.Random(SEED)
    seeds = [f.read_bytes() for f in sorted(shared("xmla/captures/excel").glob("*.xml"))]
    seeds += [discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", "TREE_OP": "1"}), execute("SELECT FROM [Sales]")]
    for _ in range(400):
        body = bytearray(chance.choice(seeds).replace(b"RUST-SESSION-456", b""))
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(body))
            body[at : at + chance.randrange(8)] = bytes(chance.choices(range(256), k=chance.randrange(5)))
        answer = client.post("/xmla", content=bytes(body), headers=XML)
        assert answer.status_code in {200, 500}
        etree.fromstring(answer.content)
        if answer.status_code == 500:
            code, text = fault_of(answer.content)
            assert code != "XMLAnalysisError.0xc1000001", (text, bytes(body))
            assert "Traceback" not in text


def test_a_fault_does_not_repeat_a_long_name(client: Client) -> None:
    name = "x" * 20_000
    for body in (
        discover(name),
        execute(f"SELECT [{name}] ON 0 FROM [Sales]"),
        execute(f"SELECT {{}} ON 0 FROM [{name}]"),
    ):
        answer = client.post("/xmla", content=body)
        assert answer.status_code == 500
        assert len(answer.content) < 4000
