"""A period of deliveries, written file by file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

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
    from datetime import date
    from pathlib import Path

__all__ = ["AREA", "SCALE", "SEED", "register_files"]

AREA = "borger"
"""Whose deliveries these are."""
SCALE = 0.01
SEED = 1


def register_files(
    out: Path,
    start: date,
    end: date,
    *,
    scale: float,
    refugee_scale: float,
    seed: int,
    faults: Sequence[str],
    form: str,
    progress: Callable[[date], None] | None,
) -> Iterator[Path]:
    """Write the deliveries of the register, giving each file as soon as it is there, in the order in which they arrive.

    The first is the establishment: everybody in the register at the end of the day before `start`, which is its
    production date. A change extract for each Monday to Friday follows, through `end`. The scales are fractions of
    Denmark's population and of the refugees; `faults` are names of `FAULTS`, each with `@DATE` or without; `form` is
    a name of `FORMS`; `progress` is called with each day that is done.

    Raises:
        UsageError: no such form or fault.
    """
    if form not in FORMS:
        raise UsageError(f"There is no form {form} to simulate.", hint=suggest(form, FORMS))
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
