"""An analyst of one municipality cannot tell what the others are like: two worlds, one set of answers.

The worlds hold the same rows of København and other rows of everybody else: other counts, other persons, other days
without any. Each answer is compared as bytes, faults and metadata included, and so are the answers of a server that
knows nothing of rights and has the rows of København only.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flis.access import Authenticator, Grant, Principals
from flis.serve.xmla import Endpoint, ReleaseBackend, Service, Sessions
from tests.leakage.asking import Server, of_state, principal
from tests.leakage.requests import CONVERSATION, CUBE, DISCOVERS, EXECUTES, OTHER, OWN, STATEMENTS
from tests.leakage.worlds import FEW, MANY, alone, world
from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flis.config import State

ANNA = principal("0101")
BOSS = principal("", name="boss")
PASSWORD = "correct horse battery"


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


HIERARCHIES = (
    "[Kommune].[Kommune]",
    "[Kommune].[Geografi]",
    "[Kommune].[Region]",
    "[Alder].[Aldersgrupper]",
    "[Køn].[Køn]",
    "[Civilstand].[Civilstand]",
    "[Dato].[Måned]",
)
MEASURES = (
    "[Antal personer]", "[Indrejste]", "[Øvrige]", "[Født i Danmark]", "[Indrejste minus udrejste]",
    "[Ændring på 7 dage]", "[Andel af landet]", "[Andel af området over]",
)  # fmt: skip
WAYS = (
    "{h}.Members",
    "{h}.Children",
    "Descendants({h}.[All])",
    "TopCount({h}.AllMembers, 4, {m})",
    "BottomPercent({h}.Members, 30, {m})",
    "Order({h}.Members, {m}, BASC)",
    "Filter({h}.Members, {m} > 20)",
    "Filter({h}.Members, IsEmpty({m}))",
    "NonEmpty({h}.Members, {m})",
    "Generate({h}.Members, {{{h}.CurrentMember.Parent, {h}.CurrentMember.LastChild}})",
    "ToggleDrillState({{{h}.[All]}}, {{{h}.[All]}})",
    "VisualTotals({{{h}.[All], {h}.Children}})",
    "Tail({h}.Members, 2)",
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """SELECTs over one or two hierarchies, with or without filters of several kinds."""
    picked = draw(st.lists(st.sampled_from(HIERARCHIES), min_size=1, max_size=2, unique=True))
    measure = "[Measures]." + draw(st.sampled_from(MEASURES))
    axes = [draw(st.sampled_from(WAYS)).format(h=h, m=measure) for h in picked]
    empty = ["NON EMPTY " if draw(st.booleans()) else "" for _ in axes]
    listed = ", ".join(f"{n}{a} ON {i}" for i, (n, a) in enumerate(zip(empty, axes, strict=True)))
    source = draw(
        st.sampled_from((CUBE, f"(SELECT {{{OWN}}} ON 0 FROM {CUBE})", f"(SELECT {{{OTHER}}} ON 0 FROM {CUBE})"))
    )
    slicer = draw(st.sampled_from(("", f", {OWN}", ", [Dato].[Dag].&[2022-08-16]", ", [Dato].[Kalender].[All]")))
    return f"SELECT {listed} FROM {source} WHERE ({measure}{slicer})"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=statements())
@example(
    "SELECT Filter([Kommune].[Kommune].Members, [Measures].[Indrejste minus udrejste] > 20) ON 0 "
    "FROM [Ukraine Statistik] WHERE ([Measures].[Indrejste minus udrejste], [Dato].[Dag].&[2022-08-16])"
)
def test_whatever_is_asked(servers: tuple[Server, ...], text: str) -> None:
    same(servers, execute(text, Catalog="FLIS"))


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
