"""`flis catalog check`: whether the folders of data areas are whole, before any data come."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click

from flis.catalog.area_paths import area_folders
from flis.cli import print_json, settled
from flis.operations.checking import check as check_all
from flis.operations.checking import check_folder

__all__ = ["catalog"]


@click.group()
def catalog() -> None:
    """The descriptions that everything else goes by: areas, contracts, code lists, steps and cubes."""


@catalog.command()
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def check(folder: Path | None, as_json: bool) -> None:
    """Check a data area whole, cross-references included; without DIR all areas are checked.

    DIR is the folder of one area (it has an `area.yaml`), a folder of areas, or a cube catalogue as `flis serve
    --catalog` takes it. Every finding has the file, the line, what is wrong, and what was probably meant. With findings
    the exit code is 1.

    Looked at are: names of files and fields, contracts, code lists, the age groups of definition and policy, the heads
    of SQL steps, whether DuckDB takes each step and puts out what its head declares, the tables and columns that a cube
    names, and what simulate.yaml names: statements (whether DuckDB takes them), tables, interfaces, senders.
    """
    settled()
    found = check_folder(folder) if folder else check_all()
    if as_json:
        print_json({"ok": not found, "findings": [dataclasses.asdict(one) for one in found]})
    else:
        for one in found:
            where = f"{one.file}:{one.line}" if one.line else one.file
            click.echo(f"{where}: {one.message}")
            if one.hint:
                click.echo(f"      {one.hint}")
        what = str(folder) if folder else f"{len(area_folders())} data areas"
        click.echo(f"{what}: {len(found)} finding{'s' * (len(found) != 1)}" if found else f"{what}: nothing is wrong.")
    sys.exit(bool(found))
