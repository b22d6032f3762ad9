"""The same work for many things, some of them at once in threads, each result in its turn."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

__all__ = ["side_by_side"]

MOST = 4
"""So many threads at most: each may have a file's rows in memory."""
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(do: Callable[[T], R], things: Iterable[T]) -> Generator[tuple[T, Future[R]]]:
    """Each thing in order with what `do` made of it, while threads work on the next ones.

    What it gives is done; `result()` of it raises what `do` raised. It is worth its while where most of the work is
    done by libraries that let go of the interpreter. Locks that a thread holds are not those of the thread that asks.
    """
    threads = min(len(os.sched_getaffinity(0)), MOST)
    pool = ThreadPoolExecutor(threads)
    try:
        waiting = deque[tuple[T, Future[R]]]()
        for thing in things:
            waiting.append((thing, pool.submit(do, thing)))
            if len(waiting) > 2 * threads:  # no thread is idle while the one who asks is busy with what it got
                yield _done(waiting.popleft())
        while waiting:
            yield _done(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _done(one: tuple[T, Future[R]]) -> tuple[T, Future[R]]:
    one[1].exception()  # waits for it
    return one
