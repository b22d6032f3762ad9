"""`flis upgrade`: carry a state folder that an earlier version made over to the form of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flis import release, warehouse
from flis.cli import existing, print_json, shared_options
from flis.delivery import check_keys, mend
from flis.errors import StateError
from flis.operations import logged
from flis.warehouse.database import FILE, REBUILD

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State
    from flis.warehouse import Loaded

__all__ = ["upgrade"]

ASIDE = ".before"


@click.command()
@shared_options
def upgrade(state: Path | None, as_json: bool) -> None:
    """Carry a state folder of an earlier version over to the form of this one. Again: nothing happens.

    Releases keep their numbers, their files and what serves. A warehouse of another form, or counted by other rules, is
    built again from the deliveries; the old file stays beside it until you remove it. Nothing is published: see `flis
    release plan` for what the next run would change.
    """
    folders = existing(state=state).folders
    check_keys(folders)
    with logged(folders, "upgrade") as run:
        carried = release.upgraded(folders)
        left = [f"release {number}" for number in release.unreadable(folders)]
        mend(folders)
        loaded, aside = _warehouse(folders)
        run.did = {"carried": len(carried), "loaded": len(loaded)}
    if as_json:
        print_json({"carried": carried, "damaged": left, "loaded": len(loaded), "aside": aside})
        return
    said = [f"Carried over: {', '.join(carried)}."] if carried else []
    said += [f"Damaged, and left as it is: {', '.join(left)}. See: flis doctor."] if left else []
    said += [f"The warehouse is built again from {len(loaded)} deliveries."] if loaded else []
    said += [f"The warehouse of before lies in {aside}; remove it when you need it no more."] if aside else []
    click.echo("\n".join(said) if said else "The state folder has the form of this version.")


def _warehouse(state: State) -> tuple[list[Loaded], str]:
    """Bring the warehouse to today's rules: what was loaded for that, and the names of the old files put aside."""
    loaded, aside = [], []
    for area in warehouse.loadable(state):
        try:
            loaded += warehouse.load(state, area)
        except StateError as error:
            if error.hint != REBUILD:
                raise
            loaded += _built_again(state, area)
            aside.append(f"{area}/{FILE}{ASIDE}")
    return loaded, ", ".join(aside)


def _built_again(state: State, area: str) -> list[Loaded]:
    file = state.warehouse / area / FILE
    aside = file.with_name(FILE + ASIDE)
    file.rename(aside)
    try:
        return warehouse.load(state, area)
    except BaseException:
        aside.rename(file)
        raise
