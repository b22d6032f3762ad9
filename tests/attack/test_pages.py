"""The parameters of every page and download, in combinations by chance: the right status, and nothing that grows."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import psutil
import pytest

from flis.serve.web.site.drawing_cache import Drawings
from tests.release.sample import build_sample
from tests.serve.web.addresses import Addresses
from tests.serve.web.asking import Web
from tests.soak import TIMES

if TYPE_CHECKING:
    from pathlib import Path

GROWTH = 96 << 20  # bytes that a process may have more after the second half than after the first
CHARTS = 4 << 20  # bytes of drawings on disk, bounded more tightly here than in earnest
SEED = 1922


def resident() -> int:
    """Bytes that this process holds."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def on_disk(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def ask(web: Web, addresses: Addresses, count: int) -> dict[int, int]:
    """Ask for so many; how many were answered with each status."""
    seen: dict[int, int] = {}
    for _ in range(count):
        address, expected = addresses.draw()
        answer = web.get(address)
        assert answer.status_code in expected, f"{address}: {answer.status_code}, not {expected}"
        assert b"Traceback" not in answer.content, address
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert b"<script" not in answer.content, address
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
    return seen


def test_every_address_is_answered_as_it_should_be(web: Web) -> None:
    assert set(ask(web, Addresses(SEED), 150)) == {200, 400, 404}


@pytest.mark.slow
def test_many_addresses_leave_memory_and_disk_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Drawings.__init__, "__kwdefaults__", {"limit": CHARTS})
    state = build_sample(tmp_path / "state", releases=2)
    web, addresses = Web.of(state), Addresses(SEED + 1)
    before = on_disk(state.root) - on_disk(state.cache)
    half = TIMES.pages // 2
    ask(web, addresses, half)
    first = resident()
    ask(web, addresses, half)
    assert resident() - first < GROWTH
    assert 0 < on_disk(state.cache) < CHARTS * 1.1
    assert on_disk(state.root) - on_disk(state.cache) == before
