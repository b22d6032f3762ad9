"""Work done by a process of its own, a few steps ahead of whoever goes on with what it makes."""

from __future__ import annotations

import signal
from multiprocessing import get_context
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flis.errors import FlisError, StateError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from multiprocessing.connection import Connection

__all__ = ["made_ahead"]

AHEAD = 8
"""So many things lie ready at most: what is made may fill a disk."""
P = ParamSpec("P")
T = TypeVar("T")


def made_ahead(make: Callable[P, Iterable[T]], *args: P.args, **options: P.kwargs) -> Generator[T, None, None]:
    """Give what `make` gives, in the same order, while another process makes what comes next.

    Arguments and things travel by pickle. The process ends with this generator: at its end, when it is closed, and when
    this process is killed.

    Raises:
        FlisError: what `make` raises.
        StateError: the other process was killed, or met a fault of the programme, which it has written out.
    """
    context = get_context("spawn")
    mine, its = context.Pipe()
    maker = context.Process(target=_make, args=(its, make, args, options), daemon=True)
    maker.start()
    its.close()
    try:
        for _ in range(AHEAD):
            mine.send(None)
        while made := mine.recv():
            if isinstance(made, FlisError):
                raise made
            mine.send(None)
            yield made[0]
    except (EOFError, ConnectionError) as gone:
        raise StateError("The process that works ahead ended too early.", hint="Call the command again.") from gone
    finally:
        mine.close()
        maker.terminate()
        maker.join()


def _make(
    line: Connection, make: Callable[..., Iterable[T]], args: tuple[object, ...], options: dict[str, object]
) -> None:
    """Make a thing for each message on the line and send it; end with the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process hears it, and closes the line
    try:
        try:
            for made in make(*args, **options):
                line.recv()
                line.send((made,))
            line.send(())
        except FlisError as error:
            line.send(error)
        while True:  # what was sent would be lost with this process
            line.recv()
    except (EOFError, ConnectionError):
        return
