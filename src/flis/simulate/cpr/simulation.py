"""A period of deliveries, written file by file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from flis.errors import UsageError, suggest
from flis.simulate.cpr.faults import break_file, faults_by_day
from flis.simulate.cpr.files import FORMS, SimulatedFile, file_name, write_file
from flis.simulate.cpr.production_days import delivery_days, is_delivery_day
from flis.simulate.society.day_numbers import days
from flis.simulate.society.living import BEGIN, Society
from flis.simulate.society.mishaps import Mishaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["AREAS", "SCALE", "SEED", "SimulationOptions", "simulate", "stream"]

AREAS = ("borger",)
SCALE = 0.01
SEED = 1
EARLIEST = date(2010, 1, 1)
LATEST = date(2060, 1, 1)


class SimulationOptions(TypedDict, total=False):
    """What can be chosen of a simulation; see `stream`."""

    scale: float
    refugee_scale: float
    seed: int
    faults: Sequence[str]
    form: str
    progress: Callable[[date], None] | None


def simulate(area: str, out: Path, start: date, end: date, **options: Unpack[SimulationOptions]) -> list[Path]:
    """Write all files of a period and list them in delivery order; options and errors are those of `stream`."""
    return list(stream(area, out, start, end, **options))


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
    """Write the deliveries of an area, giving each file as soon as it is there, in the order in which they arrive.

    The first is the establishment: everybody in the register at the end of the day before `start`, which is its
    production date. A change extract for each Monday to Friday follows, through `end`. The scales are fractions of
    Denmark's population and of the refugees; `faults` are names of `FAULTS`, each with `@DATE` or without; `form` is
    a name of `FORMS`; `progress` is called with each day that is done.

    Raises:
        UsageError: no such area, form or fault, a period that ends before it begins, or a scale out of range.
    """
    for what, name, known in (("area", area, AREAS), ("form", form, tuple(FORMS))):
        if name not in known:
            raise UsageError(f"There is no {what} {name} to simulate.", hint=suggest(name, known))
    if not EARLIEST <= start <= end <= LATEST:
        raise UsageError(f"A period begins before it ends, and lies between {EARLIEST} and {LATEST}.")
    if not (0 < scale <= 1 and 0 <= refugee_scale <= 1):
        raise UsageError("A scale is a fraction: more than 0 and at most 1 (of the refugees: 0 is allowed).")
    struck = faults_by_day(faults, delivery_days(start, end)[1:])
    society = Society(min(start, BEGIN), scale, refugee_scale, seed)
    return _files(society, out, start, end, form=form, struck=struck, progress=progress)


def _files(
    society: Society,
    out: Path,
    start: date,
    end: date,
    *,
    form: str,
    struck: dict[date, list[str]],
    progress: Callable[[date], None] | None,
) -> Iterator[Path]:
    register, mishaps = society.register, Mishaps()
    out.mkdir(parents=True, exist_ok=True)
    previous = start - timedelta(days=1)
    for day in days(min(start, BEGIN), previous):
        society.live(day)
        register.events.clear()
    path = out / file_name(previous)
    everybody = register.ordered(np.arange(register.people.size))
    write_file(SimulatedFile(register, everybody, previous, None, FORMS[form]), path)
    yield path
    for day in days(start, end):
        today = society.live(day)
        if is_delivery_day(day):
            names = struck.get(day, [])
            mishaps.happen(today, names)
            delivery = SimulatedFile(register, register.touched(), day, previous, FORMS[form])
            path = out / file_name(day)
            write_file(delivery, path)
            yield from break_file(delivery, path, names) if names else [path]
            register.events.clear()
            previous = day
        if progress:
            progress(day)
