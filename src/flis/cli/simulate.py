"""`flis simulate`: delivery files of an area in their real format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flis.cli import print_json
from flis.errors import UsageError
from flis.simulate import AREAS, FAULTS, FORMS, SCALE, SEED, SimulationOptions, delivery_days, stream

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["simulate"]

DATE = click.DateTime(["%Y-%m-%d"])
FAULT_HELP = "\b\nFaults (NAME strikes the middle delivery, NAME@2022-03-04 that day's):\n" + "\n".join(
    f"  {name:20} {fault.text}" for name, fault in FAULTS.items()
)


@click.command(epilog=FAULT_HELP)
@click.argument("area", type=click.Choice([*AREAS, "all"]))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option("--from", "start", type=DATE, required=True, help="First simulated day.")
@click.option("--to", "end", type=DATE, required=True, help="Last simulated day.")
@click.option("--scale", type=float, default=SCALE, show_default=True, help="Fraction of the general population.")
@click.option("--refugee-scale", type=float, default=1.0, show_default=True, help="Fraction of the refugees.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed is another register.")
@click.option("--fault", "faults", multiple=True, metavar="NAME[@DATE]", help="What goes wrong; may be repeated.")
@click.option("--form", type=click.Choice(list(FORMS)), default="trimmed", show_default=True, help="Physical form.")
@click.option("--json", "as_json", is_flag=True, help="Print the files, in the order in which they arrive, as JSON.")
def simulate(  # noqa: PLR0917
    area: str,
    out: Path,
    start: datetime,
    end: datetime,
    scale: float,
    refugee_scale: float,
    seed: int,
    faults: tuple[str, ...],
    form: str,
    as_json: bool,
) -> None:
    """Write the delivery files of AREA: an establishment and a change extract for each Monday to Friday.

    The same arguments give the same bytes. What a fault withholds lies in the folder `held-back`.
    """
    if end < start:
        raise UsageError("--to lies before --from.")
    first, last = start.date(), end.date()
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    files: list[Path] = []
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as progress:
        task = progress.add_task("simulating the register", total=len(delivery_days(first, last)))
        for name in AREAS if area == "all" else (area,):
            options = SimulationOptions(scale=scale, refugee_scale=refugee_scale, seed=seed, faults=faults, form=form)
            for path in stream(name, out, first, last, **options):
                files.append(path)
                progress.update(task, advance=1, description=path.name)
    if as_json:
        print_json([{"file": path.name, "bytes": path.stat().st_size} for path in files])
    else:
        click.echo(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {out}")
