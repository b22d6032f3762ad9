"""One thread calls everything that is due; what has ended is neither called nor kept."""

from __future__ import annotations

import threading
import time

from flis.query.deadlines import Deadlines


def test_they_are_called_in_their_order() -> None:
    deadlines = Deadlines()
    called: list[str] = []
    done = threading.Event()
    now = time.monotonic()

    def second() -> None:
        called.append("second")
        done.set()

    with (
        deadlines.at(now + 3600, lambda: called.append("never")),
        deadlines.at(now + 0.2, second),
        deadlines.at(now + 0.1, lambda: called.append("first")),
    ):
        assert done.wait(10)
    assert called == ["first", "second"]


def test_what_has_ended_is_not_called() -> None:
    deadlines = Deadlines()
    called: list[int] = []
    with deadlines.at(time.monotonic() + 0.05, lambda: called.append(1)):
        pass
    time.sleep(0.15)
    assert not called


def test_what_has_ended_is_not_kept() -> None:
    deadlines = Deadlines()
    for n in range(1000):
        with deadlines.at(time.monotonic() + 3600 + n, lambda: None):
            pass
    assert not deadlines._due
    assert not deadlines._calls
    with deadlines.at(time.monotonic() + 1, lambda: None):  # one that goes on holds nothing else back for ever
        for n in range(100):
            with deadlines.at(time.monotonic() + 3600 + n, lambda: None):
                pass
    assert not deadlines._due


def test_what_is_over_already_is_called_at_once() -> None:
    deadlines = Deadlines()
    called = threading.Event()
    with deadlines.at(time.monotonic() - 1, called.set):
        assert called.wait(10)


def test_the_thread_is_woken_for_what_is_due_sooner_alone() -> None:
    deadlines = Deadlines()
    called = threading.Event()
    now = time.monotonic()
    with deadlines.at(now + 3600, lambda: None):
        while not getattr(deadlines._changed, "_waiters"):  # noqa: B009 - the thread must wait before this ends
            time.sleep(0.001)
    with deadlines.at(now + 7200, lambda: None):
        assert deadlines._looks == now + 3600
    with deadlines.at(time.monotonic() + 0.05, called.set):
        assert called.wait(10)
