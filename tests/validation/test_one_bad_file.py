"""One bad file holds back its area, sender and period, and nothing else."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from flis.catalog.reference import municipalities
from flis.delivery import deliveries
from flis.validation import report, settle
from tests.validation.made_files import national, put, rows, state_in, visits, write_areas

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flis.config import State
    from tests.made_areas import AreasIn

ALL = tuple(m.code for m in municipalities() if m.code != "0411")
BAD = "0147"


def records(state: State) -> dict[str, bytes]:
    """The bytes of the records of every accepted delivery, by sender and table."""
    return {
        f"{d.manifest.sender} {name}": file.read_bytes()
        for d in deliveries(state)
        if d.state.accepted
        for name, file in d.records.items()
    }


def cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def nonsense(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\r\r")


def empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("count", "broken"),
    [(6, cut), (6, nonsense), (6, empty), pytest.param(98, nonsense, marks=pytest.mark.slow)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_records_of_the_others_are_those_of_a_run_without_it(
    tmp_path: Path, areas_in: AreasIn, count: int, broken: Callable[[bytes], bytes]
) -> None:
    write_areas(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    assert len(ALL) == 98
    files = {f"HAVER_{kom}_202508_1.csv": rows(visits("202508", 40, sender=kom)) for kom in ALL[:count]}
    bad = f"HAVER_{BAD}_202508_1.csv"
    without, within = state_in(tmp_path / "without"), state_in(tmp_path / "within")
    put(without, {name: content for name, content in files.items() if name != bad}, judged=False)
    shutil.copytree(without.keys, within.keys)  # persons are hashed by the same key
    put(within, {name: broken(content) if name == bad else content for name, content in files.items()}, judged=False)
    settle(without)
    settle(within)
    assert len(records(without)) == count - 1
    assert records(within) == records(without)
    (refused,) = [d for d in deliveries(within) if not d.state.accepted]
    assert (refused.state.value, refused.records) == ("quarantined", {})
    # the next version of it comes through, and takes its place
    put(within, {bad.replace("_1.", "_2."): files[bad]})
    assert {d.state.value for d in deliveries(within)} == {"validated", "superseded"}


@pytest.mark.parametrize("broken", [cut, nonsense, empty])
def test_a_refused_correction_is_not_replaced_by_what_it_corrects(
    tmp_path: Path, areas_in: AreasIn, broken: Callable[[bytes], bytes]
) -> None:
    write_areas(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    good = rows(visits("202508", 40, sender=BAD))
    state = state_in(tmp_path)
    put(state, {f"HAVER_{BAD}_202508_1.csv": good})
    put(state, {f"HAVER_{BAD}_202508_2.csv": broken(good)})
    assert states(state) == {1: "validated", 2: "quarantined"}
    put(state, {f"HAVER_{BAD}_202508_3.csv": good})
    assert states(state) == {1: "validated", 2: "superseded", 3: "validated"}


def states(state: State) -> dict[int, str]:
    """Where each delivery lies, by its sequence."""
    return {d.manifest.number: d.state.value for d in deliveries(state)}


def test_a_bad_municipality_is_held_and_not_the_national_file(tmp_path: Path, areas_in: AreasIn) -> None:
    write_areas(tmp_path / "areas")
    areas_in(tmp_path / "areas")
    counts = dict.fromkeys(ALL, 3) | {BAD: 30}
    content = national("202508", counts).replace(f"{BAD};".encode(), f"{BAD};x".encode(), 2)
    state = state_in(tmp_path)
    put(state, {"LAND_202508_1.csv": content})
    (delivery,) = deliveries(state)
    told = report(delivery)
    assert delivery.state.value == "validated"
    assert (told.held, told.held_share, delivery.manifest.held) == (30, round(30 / 321, 4), 30)
    assert [(f.rule, f.municipality) for f in told.findings if f.rule == "row-municipality-held"] == [
        ("row-municipality-held", BAD)
    ]
    kept = pq.read_table(delivery.records["tal"]).column("kommune").to_pylist()
    assert Counter(kept) == dict.fromkeys(set(ALL) - {BAD}, 3)
