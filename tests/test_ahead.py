"""Work done ahead by another process: what it makes arrives in order, and it ends with its taker."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from flis.cli.ahead import AHEAD, made_ahead
from flis.errors import StateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbers(count: int, folder: Path) -> Iterator[int]:
    """Note each number in the folder, and give it."""
    for number in range(count):
        (folder / str(number)).touch()
        yield number


def process(count: int) -> Iterator[int]:
    for _ in range(count):
        yield os.getpid()


def refused() -> Iterator[int]:
    yield 1
    raise UsageError("Not that.", hint="But this.")


def broken() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError


def test_everything_arrives_in_order_from_another_process(tmp_path: Path) -> None:
    assert list(made_ahead(numbers, 3 * AHEAD, tmp_path)) == list(range(3 * AHEAD))
    assert set(made_ahead(process, 2)).isdisjoint({os.getpid()})
    assert list(made_ahead(numbers, 0, tmp_path)) == []


def test_it_goes_no_further_ahead_than_it_may_and_ends_when_nobody_takes_more(tmp_path: Path) -> None:
    with closing(made_ahead(numbers, 1000, tmp_path)) as made:
        assert next(made) == 0
        for _ in range(100):
            if (tmp_path / str(AHEAD)).exists():
                break
            time.sleep(0.05)
        time.sleep(0.2)
        # one is taken, `AHEAD` lie ready, and one more is made and waits for its turn
        assert len(list(tmp_path.iterdir())) <= AHEAD + 2
    there = len(list(tmp_path.iterdir()))
    time.sleep(0.2)
    assert len(list(tmp_path.iterdir())) == there


def test_an_error_comes_after_what_was_made_before_it() -> None:
    made = made_ahead(refused)
    assert next(made) == 1
    with pytest.raises(UsageError, match=r"Not that\. But this\."):
        next(made)


def test_a_fault_and_a_kill_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    made = made_ahead(broken)
    assert next(made) == 1
    with pytest.raises(StateError, match="ended too early"):
        next(made)
    assert "ZeroDivisionError" in capfd.readouterr().err
    made = made_ahead(process, 1000)
    os.kill(next(made), signal.SIGKILL)
    with pytest.raises(StateError, match="ended too early"), suppress(StopIteration):
        list(made)
