"""The run log."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from flis.errors import DeliveryError
from flis.operations import logged, runs

if TYPE_CHECKING:
    from flis.config import State


def test_what_ran_and_how_it_ended(state: State) -> None:
    assert runs(state) == []
    with logged(state, "receive") as run:
        run.did = {"files": 3}
    with pytest.raises(DeliveryError), logged(state, "load"):
        raise DeliveryError("no")
    with pytest.raises(ZeroDivisionError), logged(state, "release apply"):
        1 / 0  # noqa: B018
    assert [(r.command, r.outcome, r.did) for r in runs(state)] == [
        ("release apply", "failed", {}),
        ("load", "delivery", {}),
        ("receive", "ok", {"files": 3}),
    ]
    assert len(runs(state, newest=2)) == 2


def test_an_unfinished_line_is_passed_over(state: State) -> None:
    with logged(state, "receive"):
        pass
    with (state.operations / "runs.jsonl").open("ab") as f:
        f.write(b'\n{"command": "lo')
    with logged(state, "load"):
        pass
    assert [r.command for r in runs(state)] == ["load", "receive"]


def test_runs_beside_each_other_keep_their_lines(state: State) -> None:
    def many() -> None:
        for _ in range(50):
            with logged(state, "receive") as run:
                run.did = {"note": "x" * 200}

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs(state, newest=1000)) == 200
