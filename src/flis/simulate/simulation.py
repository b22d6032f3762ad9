"""A period of deliveries, written file by file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from flis.errors import UsageError, suggest
from flis.simulate.clock import days, is_delivery_day
from flis.simulate.files import FORMS, Delivery, file_name, write_file
from flis.simulate.society import BEGIN, Society

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["AREAS", "SCALE", "SEED", "simulate", "stream"]

AREAS = ("borger",)
SCALE = 0.01
SEED = 1


def simulate(area: str, out: Path, start: date, end: date, **options: object) -> list[Path]:
    """Write all files of a period at once; options and errors are those of `stream`."""
    return list(stream(area, out, start, end, **options))  # type: ignore[arg-type]


def stream(
    area: str,
    out: Path,
    start: date,
    end: date,
    *,
    scale: float = SCALE,
    refugee_scale: float = 1.0,
    seed: int = SEED,
    faults: Sequence[str] = (),
    form: str = "trimmed",
    progress: Callable[[date], None] | None = None,
) -> Iterator[Path]:
    """Write the deliveries of an area, one file after the other, in the order in which they would arrive.

    The first is the establishment: everybody in the register at the end of the day before `start`, which is its
    production date. A change extract for each Monday to Friday follows, through `end`.

    Raises:
        UsageError: no such area, form or fault, a period that ends before it begins, or a scale out of range.
    """
    _check(area, start, end, scale, refugee_scale, form)
    out.mkdir(parents=True, exist_ok=True)
    society = Society(min(start, BEGIN), scale, refugee_scale, seed)
    register = society.register
    for day in days(min(start, BEGIN), start - timedelta(days=1)):
        society.live(day)
        register.events.clear()
    previous = start - timedelta(days=1)
    rows = register.ordered(np.arange(register.people.size))
    path = out / file_name(previous)
    write_file(Delivery(register, rows, previous, None, FORMS[form]), path)
    yield path
    for day in days(start, end):
        society.live(day)
        if is_delivery_day(day):
            path = out / file_name(day)
            write_file(Delivery(register, register.touched(), day, previous, FORMS[form]), path)
            register.events.clear()
            previous = day
            yield path
        if progress:
            progress(day)


def _check(area: str, start: date, end: date, scale: float, refugee_scale: float, form: str) -> None:
    for what, name, known in (("area", area, AREAS), ("form", form, tuple(FORMS))):
        if name not in known:
            raise UsageError(f"There is no {what} {name} to simulate.", hint=suggest(name, known))
    if end < start:
        raise UsageError("The period ends before it begins.")
    if not (0 < scale <= 1 and 0 <= refugee_scale <= 1):
        raise UsageError("A scale is a fraction: more than 0 and at most 1 (refugees: 0 is allowed).")
