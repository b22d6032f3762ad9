"""`flis load`: validated deliveries into the warehouse history."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from flis import warehouse
from flis.catalog.area_file import area
from flis.cli import existing, print_json, shared_options
from flis.operations import logged

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load"]


@click.command()
@click.argument("areas", metavar="[AREA]...", nargs=-1)
@shared_options
def load(areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """Load the validated deliveries of areas (all of them: name none), each whole or not at all.

    Again: nothing happens.
    """
    folders = existing(state=state).folders
    with logged(folders, "load") as run:
        names: list[str | None] = [area(name).id for name in areas]
        done = [found for name in names or [None] for found in warehouse.load(folders, name)]
        run.did = {"deliveries": len(done), "persons": sum(found.persons for found in done)}
    if as_json:
        print_json([dataclasses.asdict(found) for found in done])
        return
    for found in done:
        persons = f", {found.persons} persons" if found.persons else ""
        since = f", figures change from {found.first_changed} on" if found.first_changed else ""
        click.echo(f"{found.id}: load {found.load} of {found.area}{persons}{since}")
    click.echo(f"{len(done)} loaded" if done else "Nothing new to load.")
