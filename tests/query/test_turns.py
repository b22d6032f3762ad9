"""Few threads at a time work; who went without for longest comes first, also while another one goes on working."""

from __future__ import annotations

import threading

import pytest

from flis.query import limits
from flis.query.limits import Turns


def test_no_more_than_there_are_places() -> None:
    turns, here, most = Turns(2), [0], [0]
    lock = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with turns.taken(), turns.taken():
                with lock:
                    here[0] += 1
                    most[0] = max(most[0], here[0])
                turns.offer()
                with lock:
                    here[0] -= 1
                with turns.aside():
                    pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert 1 <= most[0] <= 2


@pytest.mark.parametrize("way", ["offer", "aside", "leave"])
def test_a_place_goes_to_the_one_that_waits(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(limits, "SLICE", -1.0)
    turns, order = Turns(1), ["first"]
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with turns.taken():
            order.append("second")

    thread = threading.Thread(target=second)
    with turns.taken():
        thread.start()
        begun.wait(60)
        if way == "offer":
            while "second" not in order:
                turns.offer()
        elif way == "aside":
            with turns.aside():
                thread.join(60)
        else:
            order.append("first again")
    thread.join(60)
    order.append("after")
    assert order == ["first", *(["first again"] if way == "leave" else []), "second", "after"]


def test_many_statements_of_one_are_no_queue_for_another() -> None:
    turns, order = Turns(1), []

    def work(who: str) -> None:
        with turns.taken(who):
            order.append(who)

    threads = []
    with turns.taken("noisy"):
        for who in ["noisy"] * 5 + ["light", "other", "light"]:
            threads.append(threading.Thread(target=work, args=(who,)))
            threads[-1].start()
            while len(turns._waiting) < len(threads):
                pass
    for thread in threads:
        thread.join(60)
    assert order == ["light", "other", "noisy", "light", *["noisy"] * 4]
