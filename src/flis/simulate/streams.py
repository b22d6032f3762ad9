"""The deliveries of any area that can be simulated: the register's, or those that an area's `simulate.yaml` draws."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypedDict, Unpack

from flis.errors import UsageError, suggest
from flis.simulate.cpr.simulation import AREA, SCALE, SEED, register_files
from flis.simulate.drawing.deliveries import drawn_files
from flis.simulate.drawing.plan_file import drawn_areas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["SimulationOptions", "areas", "simulate", "stream"]

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


def areas() -> tuple[str, ...]:
    """The areas whose deliveries can be simulated."""
    return (AREA, *drawn_areas())


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

    `scale` is a fraction of the full size: of Denmark's population, and of the rows of a file. `faults` are names of
    faults of the area, with `@` and when they strike, or without. `progress` is called with each day or month that is
    done. `refugee_scale` and `form` are of the register alone: see `cpr.simulation`.

    Raises:
        UsageError: no such area, form or fault, a period that ends before it begins, or a scale out of range.
        CatalogError: an area does not say well how its deliveries are drawn; names the file.
    """
    if area not in areas():
        raise UsageError(f"There is no area {area} to simulate.", hint=suggest(area, areas()))
    if not EARLIEST <= start <= end <= LATEST:
        raise UsageError(f"A period begins before it ends, and lies between {EARLIEST} and {LATEST}.")
    if not (0 < scale <= 1 and 0 <= refugee_scale <= 1):
        raise UsageError("A scale is a fraction: more than 0 and at most 1 (of the refugees: 0 is allowed).")
    if area != AREA:
        return drawn_files(area, out, start, end, scale=scale, seed=seed, faults=faults, progress=progress)
    return register_files(
        out,
        start,
        end,
        scale=scale,
        refugee_scale=refugee_scale,
        seed=seed,
        faults=faults,
        form=form,
        progress=progress,
    )
