"""The monthly areas of a demo: the deliveries of one month, simulated, taken and loaded one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis import warehouse
from flis.cli.chain import take
from flis.errors import RefusedError
from flis.simulate import drawing, stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from flis.config import State

__all__ = ["monthly_area", "take_away"]

ACCEPTED = frozenset({"validated", "loaded"})
WAITING = "waiting"


def monthly_area(state: State, area: str, folder: Path, day: date, *, scale: float, seed: int) -> Iterator[None]:
    """Simulate, take and load the files of the newest month that an area has delivered by a day; a step each.

    Raises:
        RefusedError: a file is not accepted.
    """
    plan = drawing(area)
    month = plan.newest_month(day)
    with warehouse.loader(state, area) as load:
        for file in stream(area, folder, month, month, scale=scale, seed=seed):
            take_away(state, file, plan.made_on(month), waits=True)  # for its control file, which is the next one
            load()
            yield


def take_away(state: State, file: Path, arrived: date | None = None, *, waits: bool = False) -> None:
    """Receive and judge a file, which is gone then.

    Raises:
        RefusedError: it is not accepted, or waits for another one and may not (`waits`).
    """
    ((taken,), _) = take(state, [file], arrived)
    file.unlink()
    if taken.state not in ACCEPTED and not (waits and taken.state == WAITING):
        raise RefusedError(str(taken), hint="See: flis deliveries report ID.")
