"""A statement that was quick last time is answered where it arrives; everything else goes to a thread."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from flis.access import Authenticator, Grant, Principals
from flis.config import Settings
from flis.errors import AuthenticationError
from flis.query.limits import TURNS
from flis.serve.xmla import Endpoint, Service, Sessions
from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.client import Client
from tests.serve.xmla.test_sessions import BEGIN, begun, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.serve.xmla import FolderBackend

TOTAL = "SELECT {[Measures].[Revenue]} ON 0 FROM [Sales]"
PASSWORD = "correct horse battery"


class Counted:
    """An endpoint that counts the requests given to a thread."""

    def __init__(self, backend: FolderBackend, folder: Path, users: Authenticator | None = None) -> None:
        self.sessions = Sessions(folder / "sessions.db")
        self.endpoint = Endpoint(Service(backend, self.sessions), users)
        self.client = Client(self.endpoint)
        self.threads = 0
        submit = self.endpoint._pool.submit

        def counted(*work: Any) -> Any:
            self.threads += 1
            return submit(*work)

        self.endpoint._pool.submit = counted  # type: ignore[method-assign,assignment]

    def ask(self, body: bytes, **headers: str) -> bytes:
        return self.client.post("/xmla", content=body, headers=headers).content


@pytest.fixture
def counted(backend: FolderBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    monkeypatch.setattr("flis.query.statements.MOMENT", 60)  # however busy this machine is
    backend.open(None, "").database.statements._known.clear()
    found = Counted(backend, tmp_path)
    yield found
    found.client.close()
    found.sessions.close()


def test_the_same_answer_either_way(counted: Counted) -> None:
    first = counted.ask(execute(TOTAL))
    assert counted.threads == 1
    assert counted.ask(execute(TOTAL)) == first
    assert counted.threads == 1


def test_what_is_new_goes_to_a_thread(counted: Counted) -> None:
    for n in range(3):
        counted.ask(execute(f"{TOTAL} /* {n} */"))
    assert counted.threads == 3


@pytest.mark.parametrize("body", [discover("MDSCHEMA_CUBES"), execute("SELECT * FROM $SYSTEM.MDSCHEMA_CUBES")])
def test_metadata_goes_to_a_thread(counted: Counted, body: bytes) -> None:
    answers = {counted.ask(body) for _ in range(2)}
    assert counted.threads == 2
    assert all(b"Sales" in answer for answer in answers)


def test_what_is_quick_waits_for_no_place(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    first = counted.ask(execute(TOTAL))
    monkeypatch.setattr(TURNS, "_free", 0)
    assert counted.ask(execute(TOTAL)) == first
    assert counted.threads == 1


def test_a_session_is_begun_once_and_counts_its_statements(counted: Counted) -> None:
    session = begun(etree.fromstring(counted.ask(execute(TOTAL, header=BEGIN))))
    for _ in range(3):
        counted.ask(execute(TOTAL, header=within(session)))
    (open_one,) = counted.sessions.of("")
    assert open_one.id == session
    assert open_one.commands == 4
    assert open_one.running == 0
    assert counted.threads == 1


def test_quick_is_what_was_short_and_small(backend: FolderBackend) -> None:
    known = backend.open(None, "").database.statements.known(TOTAL)
    for seconds, size, quick in ((0.0001, 5, True), (0.0001, 10**6, False), (1.0, 5, False)):
        known.took(seconds, size)
        assert known.quick is quick


def test_a_password_is_verified_in_a_thread(
    backend: FolderBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flis.query.statements.MOMENT", 60)
    folders = Settings(state=tmp_path).folders
    Principals(folders).add("anna", PASSWORD, (Grant("0101"),))
    users = Authenticator(folders)
    counted = Counted(backend, tmp_path, users)
    backend.open(None, "").database.statements.known(TOTAL).took(0, 1)
    given = "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
    assert users.remembered("anna", PASSWORD) is None
    first = counted.ask(execute(TOTAL), Authorization=given)
    assert counted.threads == 1
    assert counted.ask(execute(TOTAL), Authorization=given) == first
    assert counted.threads == 1
    wrong = "Basic " + base64.b64encode(b"anna:something else").decode()
    refused = counted.client.post("/xmla", content=execute(TOTAL), headers={"Authorization": wrong})
    assert refused.status_code == 401
    assert counted.threads == 2
    assert users.remembered("anna", "something else") is None
    with pytest.raises(AuthenticationError):
        users.basic("anna", "something else", "")
    counted.client.close()
    counted.sessions.close()
