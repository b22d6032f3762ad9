"""`flis areas` and `flis area`: the data areas, and their retiring, closing and opening again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flis import operations
from flis.catalog.area_file import Phrase, Product
from flis.catalog.contracts import unreadable
from flis.cli import existing, print_json, settled, shared_options
from flis.cli.operations import DATE, LANGUAGE
from flis.operations import AreaEvent, Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

__all__ = ["area", "areas"]

COLUMNS = {
    "da": ("id", "Dataområde", "Tilstand", "Data t.o.m.", "Leveringer", "Huller"),
    "en": ("id", "Data area", "State", "Data through", "Deliveries", "Gaps"),
}
COUNTS = {"da": ("indlæst", "venter", "i karantæne"), "en": ("loaded", "waiting", "quarantined")}


@click.command()
@LANGUAGE
@shared_options
def areas(language: str, state: Path | None, as_json: bool) -> None:
    """List the data areas: state, how far their data reach, and their deliveries.

    An area is a folder with an `area.yaml`, in the package or in a folder that `areas` in flis.toml (or FLIS_AREAS)
    names. A new folder there is in this list at once; `flis catalog check DIR` says whether it is whole. What comes
    with `flis receive` or through the inbox is counted under its area: loaded, waiting (for its judgement, for the
    delivery before it, or for the next load) and quarantined (refused; `flis deliveries show` says why).
    """
    settings = settled(state=state)
    unreadable()  # says on the way which areas stand still
    found = operations.area_states(settings.folders)
    if as_json:
        print_json(operations.area_states_as_json(found))
        return
    table = Table(*COLUMNS[language])
    for one in found:
        counts = zip((one.loaded, one.waiting, one.quarantined), COUNTS[language], strict=True)
        came = ", ".join(f"{number} {word}" for number, word in counts if number)
        cells = (one.area.name[language], one.kind.text[language], one.data_through, came, len(one.gaps) or None)
        table.add_row(Text(one.area.id, no_wrap=True), *(Text(str(cell or "–")) for cell in cells))
    Console().print(table)
    if not settings.state.is_dir():
        click.echo(
            f"There is no state folder {settings.state} yet: `flis receive FILE` begins one, `flis demo` fills one."
        )


@click.group()
def area() -> None:
    """Retire a data area, close it for access, or open it again.

    Each call adds an event to the state folder; none is ever changed or removed. A wrong one is corrected by a further
    event from the same day: the last that was written counts. `flis areas` and `flis status` show what holds today.
    """


def _event(change: Change, what: str) -> click.Command:
    options: list[Callable[[Any], Any]] = [
        click.argument("name", metavar="ID"),
        click.option("--product", type=click.Choice([p.value for p in Product]), help="Only this product of the area."),
        click.option("--from", "since", type=DATE, required=True, help="The first day on which it holds."),
        click.option("--text", "da", required=True, help="What those who ask for the area are told, in Danish."),
        click.option("--text-en", "en", default="", help="The same in English (default: the state's name)."),
        shared_options,
    ]

    def command(
        name: str, *, since: datetime, da: str, en: str, state: Path | None, as_json: bool, **more: Any
    ) -> None:
        folders = existing(state=state).folders
        new = AreaEvent(
            area=name,
            change=change,
            since=since.date(),
            text=Phrase(da, en),
            product=Product(more["product"]) if more["product"] else None,
        )
        with operations.logged(folders, f"area {change}") as run:
            kept = operations.record(folders, new)
            run.did = {"event": kept.id}
        if as_json:
            text = msgspec.to_builtins(kept)
            print_json({**text, "text": kept.text.da, "text_en": kept.text.en})
        else:
            click.echo(f"Event {kept.id}: {change} {name}, from {kept.since}")

    for option in reversed(options):
        command = option(command)
    return click.command(change.value, help=what)(command)


area.add_command(_event(Change.RETIRE, "Retire an area or product: it gets no further data; its figures stand."))
area.add_command(_event(Change.CLOSE, "Close an area or product for access, from a day on."))
area.add_command(_event(Change.REOPEN, "Open an area or product again that was retired or closed."))
