"""Many clients at once of a really served installation: all are answered, and nobody makes it large for others."""

from __future__ import annotations

import random
import shutil
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from flis.config import State
from tests.attack.crowd import LIGHT, Crowd, headers, neighbours, process_of, sales, users
from tests.attack.test_memory import CUBE, HIGHEST
from tests.clients.serving import serving
from tests.leakage.requests import DISCOVERS, EXECUTES
from tests.serve.xmla.asking import execute
from tests.soak import TIMES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo import Demo

pytestmark = pytest.mark.slow

NAMES = [f"user{n}" for n in range(10)]
PAGES = ("/", "/ukraine", "/en/ukraine?kommune=0101", "/ukraine?dato=2022-08-10&kendt=2022-08-12", "/uk/ukraine",
         "/ukraine.json?kommune=0461", "/ukraine.csv?tabel=udvikling", "/ukraine.xlsx", "/drift", "/drift.json",
         "/readyz")  # fmt: skip
ASKED = [
    *(EXECUTES[name] for name in ("all", "measures", "non empty", "days", "top", "order", "ranked", "drill through")),
    *(DISCOVERS[name] for name in ("MDSCHEMA_CUBES", "MDSCHEMA_LEVELS", "members", "geography", "tree 1 of all")),
]
MOST = 600 << 20  # bytes by which the process may grow for them
UNREAD = 30  # clients that do not read
LARGE = f"SELECT {CUBE} ON 0 FROM [Sales]"  # 36,000 cells: 20 MB of answer


def test_a_hundred_connections(demo: Demo, tmp_path: Path) -> None:
    """Pages and cubes, for a while: not one error, and the process does not grow without end."""
    state = tmp_path / "state"
    shutil.copytree(demo.state, state)
    users(State(state, state / "keys"), NAMES)
    chance = random.Random(100)
    with serving("--state", state, log=tmp_path / "log") as address:
        crowd = Crowd(address)
        told = [crowd.add(lambda: ("/xmla", chance.choice(ASKED)), NAMES[n % len(NAMES)]) for n in range(60)]
        told += [crowd.add(lambda: (chance.choice(PAGES), None)) for _ in range(40)]
        crowd.run(TIMES.seconds)
        held = process_of(address).memory_info().rss
    assert [e for t in told for e in t.errors] == []
    assert not sum(t.refused for t in told)
    assert all(t.seconds for t in told)
    assert held < HIGHEST
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_a_noisy_neighbour(tmp_path: Path) -> None:
    """How long the light user waits is measured in `bench/neighbour.py`; here it is answered, always."""
    light, noisy = neighbours(tmp_path, TIMES.seconds / 3, 8)
    assert light.errors == []
    assert not light.refused
    assert len(light.seconds) > TIMES.seconds / 3
    assert [e for n in noisy for e in n.errors] == []
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_clients_that_do_not_read_take_no_memory(tmp_path: Path) -> None:
    names = [f"deaf{n}" for n in range(6)]
    with sales(tmp_path, ["light", *names]) as address, ExitStack() as held:
        clients = [held.enter_context(socket.socket()) for _ in range(UNREAD)]
        crowd = Crowd(address)
        crowd.add(lambda: ("/xmla", execute(LIGHT)), "light", pause=0.1)
        crowd.run(1)
        server = process_of(address)
        before = server.memory_info().rss
        body = execute(LARGE)
        for n, client in enumerate(clients):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", urlsplit(address).port))
            given = {"Host": "127.0.0.1", "Content-Length": len(body), **headers(names[n % len(names)])}
            client.sendall(b"POST /xmla HTTP/1.1\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in given.items()))
            client.sendall(b"\r\n" + body)
        crowd = Crowd(address)
        light = crowd.add(lambda: ("/xmla", execute(LIGHT)), "light", pause=0.1)
        crowd.run(15)
        grown = server.memory_info().rss - before
        print(f"{UNREAD} clients that do not read: {grown >> 20} MiB")
        begun = [client.recv(12, socket.MSG_DONTWAIT) for client in clients]
    assert begun == [b"HTTP/1.1 200"] * UNREAD
    assert light.errors == []
    assert not light.refused
    assert len(light.seconds) > 10
    assert grown < MOST
