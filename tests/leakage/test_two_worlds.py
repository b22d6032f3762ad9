"""An analyst of one municipality cannot tell what the others are like: two worlds, one set of answers.

The worlds hold the same rows of København and other rows of everybody else: other counts, other persons, other days
without any. Each answer is compared as bytes, faults and metadata included, and so are the answers of a server that
knows nothing of rights and has the rows of København only.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from flis.access import Authenticator, Grant, Principals
from flis.serve.xmla import Endpoint, ReleaseBackend, Service, Sessions
from tests.leakage.asking import Server, of_state, principal
from tests.leakage.curious import Curious
from tests.leakage.requests import CONVERSATION, CUBE, DISCOVERS, EXECUTES, OWN, STATEMENTS
from tests.leakage.worlds import FEW, MANY, alone, behind, world
from tests.serve.web.addresses import Addresses
from tests.serve.web.asking import Web
from tests.serve.web.conftest import sample
from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.client import Client
from tests.soak import TIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from flis.config import State

ANNA = principal("0101")
BOSS = principal("", name="boss")
PASSWORD = "correct horse battery"
PARTS = 4  # of the long test, which run beside each other

__all__ = ["sample"]


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[State, State]:
    root = tmp_path_factory.mktemp("worlds")
    return world(root / "few", FEW), world(root / "many", MANY)


@pytest.fixture(scope="module")
def servers(states: tuple[State, State], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, ...]]:
    """The two worlds, and the municipality alone."""
    root = tmp_path_factory.mktemp("servers")
    few, many = (of_state(state, root / f"{n}.db") for n, state in enumerate(states))
    found = (few, many, Server(alone(root / "alone"), root / "alone.db"))
    yield found
    for server in found:
        server.close()


def same(servers: tuple[Server, ...], body: bytes) -> bytes:
    """The answer, which is the same everywhere."""
    few, many, own = (server.ask(body, ANNA) for server in servers)
    assert few == many
    assert few == own
    return few


@pytest.mark.parametrize("body", DISCOVERS.values(), ids=list(DISCOVERS))
def test_metadata(servers: tuple[Server, ...], body: bytes) -> None:
    assert b"Odense" not in same(servers, body).replace(b"[Odense]", b"")


@pytest.mark.parametrize("body", EXECUTES.values(), ids=list(EXECUTES))
def test_statements(servers: tuple[Server, ...], body: bytes) -> None:
    same(servers, body)


def test_a_session(servers: tuple[Server, ...]) -> None:
    few, many, own = (server.talk(CONVERSATION, ANNA) for server in servers)
    assert few == many
    assert few == own
    assert b"Fault" in few[-1]
    assert not any(b"Fault" in answer for answer in few[:-1])


def test_the_worlds_do_differ(servers: tuple[Server, ...]) -> None:
    """Whoever may see everybody sees two worlds: the comparison is no empty one."""
    few, many, _ = servers
    for name in ("all", "measures", "non empty", "days", "non empty function", "top", "order", "ranked", "difference"):
        assert few.ask(EXECUTES[name], BOSS) != many.ask(EXECUTES[name], BOSS), name
        assert few.ask(EXECUTES[name], BOSS) != few.ask(EXECUTES[name], ANNA), name


def test_the_whole_less_the_own_is_nothing(servers: tuple[Server, ...]) -> None:
    own, rest = f"([Measures].[Antal personer], {OWN})", "([Measures].[Antal personer], [Kommune].[Geografi].[All])"
    body = execute(f"WITH MEMBER [Measures].[Rest] AS {rest} - {own} SELECT [Measures].[Rest] ON 0 FROM {CUBE}")
    assert b">0</FmtValue>" in same(servers, body)


def test_another_municipality_is_like_none(servers: tuple[Server, ...]) -> None:
    """A municipality that exists elsewhere gets the fault of one that exists nowhere."""
    for key in ("0461", "9999", "0851"):
        text = STATEMENTS["nobody"].replace("9999", key)
        found = same(servers, execute(text, Catalog="FLIS")).replace(key.encode(), b"KEY")
        assert b"Fault" in found
        assert found == same(servers, EXECUTES["nobody"]).replace(b"9999", b"KEY")


def conversations(servers: tuple[Server, ...], seed: int, requests: int) -> None:
    """So many requests by chance: the same bytes from both worlds, and from the rows of the municipality alone."""
    curious = Curious(seed)
    asked = refused = 0
    told: set[bytes] = set()
    while asked < requests:
        bodies = curious.conversation()
        few, many, own = (server.talk(bodies, ANNA) for server in servers)
        assert few == many, bodies
        assert few == own, bodies
        asked += len(bodies)
        refused += sum(b"<faultcode>" in answer for answer in few)
        told |= {*few}
    assert refused < asked * 2 // 3
    assert len(told) > asked // 3


def test_whatever_is_asked(servers: tuple[Server, ...]) -> None:
    conversations(servers, 2022, 100)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_asked_for_long(servers: tuple[Server, ...], part: int) -> None:
    conversations(servers, 2023 + part, TIMES.requests // PARTS)


def test_the_public_pages_know_nothing_of_what_lies_behind(sample: State, tmp_path: Path) -> None:
    """Two installations with the same public store and other persons: every page and every download is the same."""
    webs = [Web.of(behind(tmp_path / str(n), sample, like)) for n, like in enumerate((FEW, MANY))]
    asked = Addresses(2022)
    found = 0
    for _ in range(60):
        address, _ = asked.draw()
        few, many = (web.get(address) for web in webs)
        assert (few.status_code, few.headers, few.content) == (many.status_code, many.headers, many.content), address
        found += few.status_code == 200
    assert found > 20


CLAIMS = ("boss", "*", "0461", "' OR 1=1 --")


@pytest.mark.parametrize(
    "name", ["EffectiveUserName", "EffectiveRoles", "Roles", "CustomData", "UserName", "SSPI", "Scope", "Role"]
)
def test_no_property_changes_who_asks(servers: tuple[Server, ...], name: str) -> None:
    """It is refused, or it changes nothing."""
    requests: tuple[Callable[[Mapping[str, str]], bytes], ...] = (
        lambda given: execute(STATEMENTS["all"], **given),
        lambda given: discover("MDSCHEMA_CUBES", None, **given),
    )
    for request in requests:
        plain = servers[0].ask(request({}), ANNA)
        for value in CLAIMS:
            found = same(servers, request({name: value}))
            assert found == plain or b"Fault" in found


def test_no_header_changes_who_asks(states: tuple[State, State]) -> None:
    answers = set()
    for state in states:
        Principals(state).add("anna", PASSWORD, (Grant("0101"),))
        Principals(state).add("boss", PASSWORD, (Grant(""),))
        sessions = Sessions(state.access / "sessions.db")
        client = Client(Endpoint(Service(ReleaseBackend(state), sessions), Authenticator(state)))
        signed = {"Authorization": "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()}
        for header in ("X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Forwarded-For", "Cookie", "X-FLIS-Scope"):
            for value in ("", "boss", "national"):
                given = signed | ({header: value} if value else {})
                answers.add(client.post("/xmla", content=EXECUTES["measures"], headers=given).content)
        assert (
            client.post("/xmla", content=EXECUTES["measures"], headers={"X-Forwarded-User": "boss"}).status_code == 401
        )
        client.close()
        sessions.close()
    assert len(answers) == 1
