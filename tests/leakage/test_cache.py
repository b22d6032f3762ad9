"""No answer depends on who asked before: caches hold nothing of one principal that another could meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.leakage.asking import Server, of_state, principal
from tests.leakage.requests import DISCOVERS, EXECUTES
from tests.leakage.worlds import FEW, MANY, publish_world, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.access.model import Principal
    from flis.config import State

WHO = {
    "boss": principal("", name="boss"),
    "anna": principal("0101"),
    "bent": principal("0461", name="bent"),
    "both": principal("0101", "0461", name="both"),
}
ORDERS = [
    ("boss", "anna", "bent", "both"),
    ("bent", "both", "boss", "anna"),
    ("anna", "bent", "boss", "both"),
    ("both", "anna", "bent", "boss"),
]
BODIES = [EXECUTES[name] for name in ("measures", "top", "total without own", "drill through")]
BODIES += [DISCOVERS[name] for name in ("members", "MDSCHEMA_LEVELS", "other")]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return world(tmp_path_factory.mktemp("cache") / "state", MANY)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[State], Server]]:
    """New servers, that remember nothing."""
    made: list[Server] = []

    def one(state: State) -> Server:
        made.append(of_state(state, tmp_path / f"{len(made)}.db"))
        return made[-1]

    yield one
    for server in made:
        server.close()


def answers(server: Server, who: Principal) -> list[bytes]:
    return [server.ask(body, who) for body in BODIES]


def figures(found: list[bytes]) -> set[bytes]:
    """The answers to statements, without faults."""
    return {answer for answer in found[:4] if b"<Error ErrorCode=" not in answer}


@pytest.fixture(scope="module")
def expected(state: State, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """What each hears of a server that nobody has asked before."""
    folder = tmp_path_factory.mktemp("alone")
    found: dict[str, list[bytes]] = {}
    for name, who in WHO.items():
        server = of_state(state, folder / f"{name}.db")
        found[name] = answers(server, who)
        server.close()
    assert len({tuple(a) for a in found.values()}) == len(WHO)
    return found


def test_in_every_order(state: State, fresh: Callable[[State], Server], expected: dict[str, list[bytes]]) -> None:
    for order in ORDERS:
        server = fresh(state)
        for name in (*order, order[0]):
            assert answers(server, WHO[name]) == expected[name], (name, order)


def test_at_once(state: State, fresh: Callable[[State], Server], expected: dict[str, list[bytes]]) -> None:
    server = fresh(state)
    names = [*WHO] * 3
    with ThreadPoolExecutor(8) as pool:
        for name, found in zip(names, pool.map(lambda n: answers(server, WHO[n]), names), strict=True):
            assert found == expected[name], name


def test_a_grant_taken_away_works_at_once(state: State, fresh: Callable[[State], Server]) -> None:
    server = fresh(state)
    wide, narrow, none = (principal(*codes) for codes in (("0101", "0461"), ("0461",), ()))
    before = answers(server, wide)
    assert answers(server, narrow) == answers(fresh(state), narrow) != before
    assert all(b"<Error ErrorCode=" in answer for answer in answers(server, none))


def test_a_new_release_is_answered_from_at_once(tmp_path: Path, fresh: Callable[[State], Server]) -> None:
    """Nothing of the old one is left."""
    state = world(tmp_path / "state", FEW)
    server = fresh(state)
    old = {name: answers(server, who) for name, who in WHO.items()}
    publish_world(state, MANY, 2, own_seed=7)
    again = fresh(state)
    for name, who in WHO.items():
        found = answers(server, who)
        assert found == answers(again, who), name
        assert not figures(found) & figures(old[name]), name
