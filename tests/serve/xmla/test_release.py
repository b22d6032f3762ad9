"""FLIS's own cube over releases: each principal's scope, the newest release, no release at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.access import Grant, Principal
from flis.errors import ForbiddenError, NotFoundError
from flis.release import rollback
from flis.serve.xmla import Call, ReleaseBackend, Service, Sessions
from flis.serve.xmla.names import DATASET
from flis.serve.xmla.soap import read
from tests.release.sample import build_sample
from tests.serve.xmla.asking import discover, execute, root_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State

NATIONAL = Principal("national", "", (Grant(),))
ODENSE = Principal("odense", "", (Grant("0461"),))
NOBODY = Principal("nobody", "")
MEMBERS = "SELECT {Measures.[Antal personer]} ON 0, [Kommune].[Kommune].[Kommune].Members ON 1 FROM [Ukraine Statistik]"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return build_sample(tmp_path_factory.mktemp("state"))


@pytest.fixture
def service(state: State, tmp_path: Path) -> Iterator[Service]:
    sessions = Sessions(tmp_path / "sessions.db")
    yield Service(ReleaseBackend(state), sessions)
    sessions.close()


def ask(service: Service, principal: Principal | None, body: bytes) -> etree._Element:
    return etree.fromstring(b"".join(service.answer(read(body), Call(principal))))


def names(answer: etree._Element) -> list[str]:
    axis = root_of(answer).find(f".//{{{DATASET}}}Axis[@name='Axis1']")
    assert axis is not None
    return [e.text or "" for e in axis.iter(f"{{{DATASET}}}UName")]


def test_everybody_sees_the_own_municipalities(service: Service) -> None:
    assert len(names(ask(service, NATIONAL, execute(MEMBERS)))) == 99
    assert names(ask(service, ODENSE, execute(MEMBERS))) == ["[Kommune].[Kommune].&[0461]"]


def test_metadata_shows_no_more_than_the_scope(service: Service) -> None:
    asked = discover("MDSCHEMA_MEMBERS", {"LEVEL_UNIQUE_NAME": "[Kommune].[Kommune].[Kommune]"})
    assert len(rows_of(ask(service, NATIONAL, asked))) == 99
    assert [r["MEMBER_KEY"] for r in rows_of(ask(service, ODENSE, asked))] == ["0461"]
    levels = discover("MDSCHEMA_LEVELS", {"LEVEL_UNIQUE_NAME": "[Kommune].[Kommune].[Kommune]"})
    assert [r["LEVEL_CARDINALITY"] for r in rows_of(ask(service, ODENSE, levels))] == ["1"]
    other = discover("MDSCHEMA_MEMBERS", {"MEMBER_UNIQUE_NAME": "[Kommune].[Kommune].&[0101]"})
    assert rows_of(ask(service, ODENSE, other)) == []


@pytest.mark.parametrize("principal", [None, NOBODY])
def test_without_a_grant_nothing_is_opened(service: Service, principal: Principal | None) -> None:
    for body in (execute(MEMBERS), discover("MDSCHEMA_CUBES")):
        with pytest.raises(ForbiddenError):
            ask(service, principal, body)


def test_the_newest_release_answers_the_next_statement(tmp_path: Path) -> None:
    state = build_sample(tmp_path)
    service = Service(ReleaseBackend(state), Sessions(tmp_path / "sessions.db"))

    def described() -> tuple[str, str]:
        [cube] = rows_of(ask(service, NATIONAL, discover("MDSCHEMA_CUBES")))
        return cube["DESCRIPTION"], cube["LAST_DATA_UPDATE"]

    before = described()
    assert "elease 2" in before[0]
    rollback(state, 1)
    after = described()
    assert "elease 1" in after[0]
    service.sessions.close()


def test_a_roll_back_is_news_to_clients(tmp_path: Path) -> None:
    """LAST_DATA_UPDATE moves on where an earlier release serves again: else clients keep the later figures."""
    state = build_sample(tmp_path / "state")
    sessions = Sessions(tmp_path / "sessions.db")
    service = Service(ReleaseBackend(state), sessions)

    def updated() -> str:
        (cube,) = rows_of(ask(service, NATIONAL, discover("MDSCHEMA_CUBES", {"CUBE_NAME": "Ukraine Statistik"})))
        return cube["LAST_DATA_UPDATE"]

    seen = [updated()]
    for number in (1, 2, 1):
        rollback(state, number)
        seen.append(updated())
    assert seen == sorted(set(seen))
    sessions.close()


def test_before_the_first_release(tmp_path: Path, state: State) -> None:
    empty = type(state)(tmp_path, tmp_path / "keys")
    service = Service(ReleaseBackend(empty), Sessions(tmp_path / "sessions.db"))
    with pytest.raises(NotFoundError, match="released"):
        ask(service, NATIONAL, execute(MEMBERS))
    assert rows_of(ask(service, NATIONAL, discover("DISCOVER_PROPERTIES")))
    service.sessions.close()
