"""`flis simulate`: delivery files of an area in their real format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flis.cli import print_json, settled
from flis.errors import UsageError
from flis.simulate import FAULTS, FORMS, MUTATIONS, SCALE, SEED, SimulationOptions, areas, stream

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["simulate"]

DATE = click.DateTime(["%Y-%m-%d"])
FAULT_HELP = "\b\n" + "\n".join(
    (
        "Faults of the population register (NAME strikes the middle delivery, NAME@2022-03-04 that day's):",
        *(f"  {name:20} {fault.text}" for name, fault in FAULTS.items()),
        "",
        "\b",
        "Faults of any other area (NAME strikes the first sender of each interface in the",
        "middle month, NAME@2025-03 in that month, NAME@2025-03/0461 that sender):",
        *(f"  {name:20} {fault.text}" for name, fault in MUTATIONS.items()),
        "",
        "An area may have further ones: `faults` in its simulate.yaml.",
    )
)


@click.command(epilog=FAULT_HELP)
@click.argument("area")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option("--from", "start", type=DATE, required=True, help="First simulated day.")
@click.option("--to", "end", type=DATE, required=True, help="Last simulated day.")
@click.option(
    "--scale",
    type=float,
    default=SCALE,
    show_default=True,
    help="Fraction of the full size: of the population, or of the rows of a file.",
)
@click.option("--refugee-scale", type=float, default=1.0, show_default=True, help="Fraction of the refugees.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Another seed is another register.")
@click.option("--fault", "faults", multiple=True, metavar="NAME[@WHEN]", help="What goes wrong; may be repeated.")
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
    """Write the delivery files of AREA, or of all areas that can be simulated.

    Of the population register: an establishment and a change extract for each Monday to Friday. Of any other area that
    has a simulate.yaml: the files of all senders for each month of the period, in the forms of its contracts. A full
    file (--scale 1) of an area is as large as a real one.

    The same arguments give the same bytes. What a fault withholds or spoils lies right in the folder `held-back`.
    """
    settled()
    if end < start:
        raise UsageError("--to lies before --from.")
    if area == "all" and faults:
        raise UsageError("A fault is one of a single area.", hint="Name the area instead of all.")
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    files: list[Path] = []
    options = SimulationOptions(scale=scale, refugee_scale=refugee_scale, seed=seed, faults=faults, form=form)
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as progress:
        task = progress.add_task("simulating", total=None)
        for name in areas() if area == "all" else (area,):
            for path in stream(name, out, start.date(), end.date(), **options):
                files.append(path)
                progress.update(task, advance=1, description=path.name)
    if as_json:
        print_json([{"file": path.name, "bytes": path.stat().st_size} for path in files])
    else:
        click.echo(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {out}")
