"""The same arguments give the same bytes, however they are written."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flis.simulate import FORMS, simulate, stream
from flis.simulate.cpr import files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DAY = date(2022, 1, 3)


def hashes(paths: Sequence[Path]) -> list[str]:
    return [sha256(path.read_bytes()).hexdigest() for path in paths]


def tiny(out: Path, days: int = 9, seed: int = 1, form: str = "trimmed") -> list[Path]:
    end = DAY + timedelta(days=days)
    return simulate("borger", out, DAY, end, scale=0.0003, refugee_scale=0.3, seed=seed, form=form)


def test_a_small_run_gives_the_bytes_on_record(tmp_path: Path) -> None:
    """A change that moves these bytes moves every stored figure that a seed stands for; it has to say so."""
    together = sha256("".join(hashes(tiny(tmp_path, days=20))).encode())
    assert together.hexdigest() == "b9e7ac82fb29788ac2676cc9016786aa0e6f3db27dce9198f61f5faf8e1a9c7d"


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), chunk=st.integers(50, 5000))
def test_seed_decides_and_chunks_do_not(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, seed: int, chunk: int
) -> None:
    whole = hashes(tiny(tmp_path_factory.mktemp("whole"), seed=seed))
    with monkeypatch.context() as patch:
        patch.setattr(files, "CHUNK", chunk)
        assert hashes(tiny(tmp_path_factory.mktemp("pieces"), seed=seed)) == whole
    assert hashes(tiny(tmp_path_factory.mktemp("other"), seed=seed + 1)) != whole


def test_a_longer_period_begins_with_the_same_files(tmp_path: Path) -> None:
    short, long = tiny(tmp_path / "short", days=4), tiny(tmp_path / "long", days=11)
    assert len(long) > len(short)
    assert hashes(long)[: len(short)] == hashes(short)


def test_a_later_beginning_holds_what_has_happened_since(tmp_path: Path) -> None:
    end = DAY + timedelta(days=4)
    early = simulate("borger", tmp_path / "early", DAY, end, scale=0.0003, refugee_scale=0.3)
    later = simulate("borger", tmp_path / "later", DAY + timedelta(days=2), end, scale=0.0003, refugee_scale=0.3)
    assert early[-1].read_bytes() == later[-1].read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_forms_hold_the_same_records(tmp_path: Path, form: str) -> None:
    plain = tiny(tmp_path / "trimmed")[3].read_bytes().splitlines()
    content = tiny(tmp_path / form, form=form)[3].read_bytes()
    if form == "ftp":
        assert b"\n" not in content
        full = tiny(tmp_path / "full", form="full")[3].read_bytes()
        assert content == full.replace(b"\n", b"")
        return
    lines = content.removesuffix(b"\x1a").split(b"\r\n" if form == "crlf" else b"\n")[:-1]
    assert [line.rstrip() for line in lines] == plain
    assert content.endswith(b"\x1a") == (form == "crlf")


def test_files_come_as_soon_as_they_are_written(tmp_path: Path) -> None:
    coming = stream("borger", tmp_path, DAY, DAY + timedelta(days=300), scale=0.0003, refugee_scale=0.3)
    first = next(coming)
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
