"""Bits that flip in what is released, and files that are lost: never a wrong figure, and always a way on that works."""

from __future__ import annotations

import random
import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.access import Grant, Principal
from flis.config import State
from flis.errors import FlisError
from flis.operations import status
from flis.operations.model import StatusKind
from flis.release import current
from flis.serve.xmla import Call, ReleaseBackend, Service, Sessions
from flis.serve.xmla.faults import fault
from flis.serve.xmla.soap import read
from tests.release.sample import build_sample
from tests.serve.web.asking import Web
from tests.serve.xmla.asking import execute

if TYPE_CHECKING:
    from pathlib import Path

    from flis.release import Release

SEED = 20220224
FLIPS = 24
NATIONAL = Principal("national", "", (Grant(),))
ODENSE = Principal("odense", "", (Grant("0461"),))
MDX = (
    "SELECT {Measures.Members} ON 0, [Kommune].[Kommune].[Kommune].Members ON 1 FROM [Ukraine Statistik]",
    "SELECT [Køn].[Køn].Members ON 0, [Civilstand].[Civilstand].Members ON 1 FROM [Ukraine Statistik]",
)
PAGES = ("/ukraine.json", "/ukraine.csv?tabel=kommuner")
DAMAGED = {"/ukraine": "beskadiget", "/en/ukraine": "damaged", "/uk/ukraine": "пошкоджено"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> State:
    return build_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def released(sample: State, tmp_path: Path) -> State:
    """A copy of the sample that a test may damage."""
    root = tmp_path / "state"
    shutil.copytree(sample.root, root)
    return State(root, root / "keys")


def flip(path: Path, draw: random.Random) -> bytes:
    """Flip one bit of a file in place; its content before."""
    before = path.read_bytes()
    after = bytearray(before)
    after[draw.randrange(len(after))] ^= 1 << draw.randrange(8)
    path.write_bytes(after)
    return before


def pages(state: State) -> dict[str, tuple[int, str]]:
    """What a server that starts now answers to the public."""
    web = Web.of(state)
    return {path: ((found := web.get(path)).status_code, found.text) for path in PAGES}


def cubes(state: State, folder: Path) -> list[bytes]:
    """What it answers to spreadsheets."""
    sessions = Sessions(folder / "sessions.db")
    backend = ReleaseBackend(state)
    try:
        service = Service(backend, sessions)
        asked = [(who, text) for who in (NATIONAL, ODENSE) for text in MDX]
        return [answer(service, who, text) for who, text in asked]
    finally:
        backend.close()
        sessions.close()


def answer(service: Service, who: Principal, text: str) -> bytes:
    try:
        return b"".join(service.answer(read(execute(text)), Call(who)))
    except FlisError as error:
        return fault(error)


def is_fault(answer: bytes) -> bool:
    return etree.fromstring(answer).find(".//faultstring") is not None


def files(release: Release) -> list[Path]:
    """All data files of the stores that are asked here."""
    stores = {s: release.area("ukraine").tree.stores[s] for s in ("public", "national", "kommune-0461")}
    return sorted(
        {p for s, tables in stores.items() for t in tables for p in release.area("ukraine").partitions(s, t).values()}
    )


def test_a_flipped_bit_is_never_a_wrong_figure(released: State, tmp_path: Path) -> None:
    draw, serving = random.Random(SEED), current(released)
    assert serving
    right, cells = pages(released), cubes(released, tmp_path)
    assert all(code == 200 for code, _ in right.values())
    assert not any(map(is_fault, cells))
    refused = 0
    for path in draw.sample(files(serving), FLIPS):
        before = flip(path, draw)
        store = path.parent.parent.name
        found, answers = pages(released), cubes(released, tmp_path)
        for page, (code, text) in found.items():
            assert (code, text) == right[page] or code == 503, page
            refused += code == 503
        for said, whole in zip(answers, cells, strict=True):
            assert is_fault(said) or said == whole
        ready = Web.of(released).get("/readyz")
        assert ready.status_code == 503
        assert store in ready.text
        assert str(released.root) not in ready.text
        if store == "public":
            web = Web.of(released)
            assert all(word in web.get(page).text for page, word in DAMAGED.items())
        else:
            asked = answers[2:] if store.startswith("kommune") else answers[:2]
            assert all(b"beskadiget" in said and b"damaged" in said for said in asked)
        path.write_bytes(before)
    assert refused
    assert pages(released) == right
    assert Web.of(released).get("/readyz").status_code == 200


@pytest.mark.parametrize("file", ["current", "2/release.json"])
def test_a_flipped_bit_in_a_manifest_or_the_pointer_is_never_a_wrong_figure(released: State, file: str) -> None:
    draw, right = random.Random(SEED), pages(released)
    path = released.releases / file
    for _ in range(60):
        before = flip(path, draw)
        for page, answer in pages(released).items():
            assert answer == right[page] or answer[0] == 503, page
        path.write_bytes(before)
    assert pages(released) == right


def test_a_damaged_release_is_told(released: State) -> None:
    serving = current(released)
    assert serving
    (path, *_) = serving.area("ukraine").partitions("kommune-0461", "stock").values()
    flip(path, random.Random(SEED))
    told = [n for row in status(released, date(2022, 8, 18)).areas for n in row.states if n.kind is StatusKind.DAMAGED]
    assert told
    assert "kommune-0461" in told[0].text.da
    assert Web.of(released).get("/drift").status_code == 200
    # the others are served
    assert Web.of(released).get("/ukraine.json").status_code == 200
