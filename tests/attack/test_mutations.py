"""All that is read, spoiled by chance: read or refused, never a fault of the server, never a value in a message."""

from __future__ import annotations

import io
import random
import resource
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette

from flis import delivery as deliveries
from flis.access import Authenticator, Grant, Principals
from flis.catalog.cubes import load
from flis.cli import main
from flis.config import Settings, State
from flis.errors import FlisError
from flis.serve.app import Guarded
from flis.serve.web import handlers, routes
from flis.serve.xmla import Call, Endpoint, Service, Sessions
from flis.serve.xmla.faults import INTERNAL, fault
from flis.serve.xmla.soap import read
from flis.simulate import FORMS
from flis.validation import judge, page, report
from tests.attack.mutating import mutated, mutated_text
from tests.catalog.test_cubes import TINY, written
from tests.delivery.extracts import day
from tests.delivery.readers.cpr.files import in_form
from tests.leakage.asking import Server, principal
from tests.leakage.canaries import delivery, found_in
from tests.leakage.curious import Statements
from tests.leakage.worlds import alone
from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.client import Client
from tests.soak import TIMES

if TYPE_CHECKING:
    from pathlib import Path

    from flis.serve.xmla import FolderBackend

pytestmark = pytest.mark.slow

GROWTH = 256 << 20  # bytes by which the most that this process held may grow


@pytest.fixture(autouse=True)
def _stays_small() -> object:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < GROWTH


@pytest.mark.parametrize("form", FORMS)
def test_deliveries(form: str, tmp_path: Path) -> None:
    """In every physical form: taken, or refused with a report; no message, report or file holds a value of it."""
    chance = random.Random(f"delivery {form}")
    whole = in_form(delivery(day(1), None).splitlines(), FORMS[form])
    refused = 0
    for number in range(TIMES.mutations // 10):
        state = State(tmp_path / str(number), tmp_path / "keys")
        file = tmp_path / "sent"
        file.write_bytes(mutated(chance, whole))
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                judged = judge(state, deliveries.receive(state, file))
                said.write(f"{judged!r} {report(judged)!r} {page(report(judged), 'da')} {page(report(judged), 'en')}")
                refused += judged.state.value == "quarantined"
            except FlisError as error:
                said.write("".join(traceback.format_exception(error)))
                refused += 1
        assert not found_in(said.getvalue().encode()), number
        file.unlink(missing_ok=True)
    assert refused > TIMES.mutations // 40


def test_an_operator_is_told_of_a_spoiled_delivery_in_words(tmp_path: Path) -> None:
    chance = random.Random("operator")
    whole = delivery(day(1), None)
    for number in range(max(TIMES.mutations // 100, 10)):
        file = tmp_path / "sent"
        file.write_bytes(mutated(chance, whole))
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said), pytest.raises(SystemExit) as ended:
            main(["receive", str(file), "--state", str(tmp_path / str(number))])
        assert ended.value.code in {0, 1}
        assert "Traceback" not in said.getvalue()
        assert not found_in(said.getvalue().encode()), number
        file.unlink(missing_ok=True)


def answered(service: Service, body: bytes) -> bytes:
    """The answer or the fault; what is no error of flis's own passes through."""
    try:
        return b"".join(service.answer(read(body), Call(None)))
    except FlisError as error:
        return fault(error)


def test_requests(service: Service) -> None:
    chance = random.Random("soap")
    seeds = (
        discover("MDSCHEMA_MEMBERS", {"CUBE_NAME": "Sales", "TREE_OP": 2}, Catalog="Excel"),
        execute("SELECT [Date].[Date].Members ON 0 FROM [Sales]", Format="Tabular", Timeout=5),
        execute("SELECT MEMBER_NAME FROM $SYSTEM.MDSCHEMA_MEMBERS WHERE LEVEL_NUMBER > 0", BeginRange=0, EndRange=3),
        execute("DRILLTHROUGH MAXROWS 5 SELECT {[Measures].[Revenue]} ON 0 FROM [Sales]", LocaleIdentifier=1033),
    )
    for _ in range(TIMES.mutations // 5):
        assert answered(service, mutated(chance, chance.choice(seeds)))


def test_statements(tmp_path: Path) -> None:
    """Texts of all functions of the language, spoiled."""
    chance = random.Random("mdx")
    writer = Statements(chance)
    server = Server(alone(tmp_path / "own"), tmp_path / "sessions.db")
    for _ in range(TIMES.mutations // 5):
        text = mutated_text(chance, writer.statement(chance.randint(1, 3)), 2)
        assert server.raw(execute("".join(c for c in text if c >= " "), Timeout=10), principal("0101"))
    server.close()


def test_catalogues(tmp_path: Path) -> None:
    chance = random.Random("yaml")
    for _ in range(TIMES.mutations // 10):
        text = mutated_text(chance, TINY)
        said = "tiny"
        try:
            assert load(written(tmp_path, text)).cubes
        except FlisError as error:
            said = str(error)
        assert "tiny" in said
        assert str(tmp_path) not in said


HEADERS = {
    "Authorization": "Basic YW5uYTpjb3JyZWN0IGhvcnNlIGJhdHRlcnk=",
    "SOAPAction": '"urn:schemas-microsoft-com:xml-analysis:Execute"',
    "Content-Type": "text/xml; charset=utf-8",
    "Accept-Encoding": "gzip;q=0.5, deflate",
    "Origin": "http://127.0.0.1:8000",
    "Content-Encoding": "identity",
    "Host": "127.0.0.1:8000",
    "Cookie": "a=b",
    "X-Forwarded-For": "10.0.0.1, 10.0.0.2",
}


def test_headers(backend: FolderBackend, sessions: Sessions, sample: State, tmp_path: Path) -> None:
    """Of requests for cubes and pages."""
    state = State(tmp_path / "state", tmp_path / "keys")
    Principals(state).add("anna", "correct horse battery", (Grant("0101"),))
    endpoint = Endpoint(Service(backend, sessions), Authenticator(state))
    pages = Starlette(routes=routes(Settings(state=sample.root)), exception_handlers=handlers())
    client = Client(Guarded(pages, {"/xmla": endpoint}, lambda: None))
    chance = random.Random("headers")
    seen = set()
    for number in range(TIMES.mutations // 10):
        given = dict(HEADERS) if number else {"Authorization": HEADERS["Authorization"]}
        for name in chance.sample(sorted(HEADERS), 2) if number else ():
            given[name] = "".join(c for c in mutated_text(chance, given[name]) if " " <= c < "\x7f")
        answers = [
            client.post("/xmla", content=discover("MDSCHEMA_CUBES"), headers=given),
            client.request("GET", chance.choice(("/", "/en/ukraine", "/ukraine/", "/nowhere")), headers=given),
        ]
        for answer in answers:
            assert answer.status_code in {200, 304, 307, 400, 401, 403, 404, 415, 429}, given
            assert INTERNAL.encode() not in answer.content
            seen.add(answer.status_code)
    client.close()
    assert {200, 307, 400, 401, 403, 404, 415} <= seen
