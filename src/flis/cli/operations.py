"""`flis status` and `flis incident`: the operations overview, and what people add to it."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flis import operations
from flis.catalog.area_file import Phrase, Product
from flis.cli import existing, print_json, shared_options
from flis.cli.status_lines import lines
from flis.operations import Incident, StatusKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flis.operations import AreaStatus

__all__ = ["incident", "status"]

DATE = click.DateTime(["%Y-%m-%d"])
LANGUAGE = click.option("--language", type=click.Choice(["da", "en"]), default="da", help="Danish or English.")
COLUMNS = {
    "da": ("Dataområde", "Opdateres", "Data t.o.m.", "Kilde", "Drift"),
    "en": ("Data area", "Updated", "Data through", "Source", "Operation"),
}


@click.command()
@click.option("--at", type=DATE, help="The overview of this day (default: today).")
@LANGUAGE
@shared_options
def status(at: datetime | None, language: str, state: Path | None, as_json: bool) -> None:
    """The operations overview: how far each data area reaches, and what is to be said of it.

    Many states of one kind stand in one line for each interface; --json tells each of them.
    """
    overview = operations.status(existing(state=state).folders, at.date() if at else None, public=False)
    if as_json:
        print_json(operations.as_json(overview))
        return
    table = Table(*COLUMNS[language], title=f"{overview.at}")
    for group, rows in groupby(overview.areas, key=lambda r: r.area.group):
        table.add_section()
        if group:
            table.add_row(Text(group[language], "bold"))
        for row in rows:
            table.add_row(*map(Text, _cells(row, language)))
    Console().print(table)


@click.group()
def incident() -> None:
    """Driftsinfo: what is wrong, where, since when, until when."""


def _fields(required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that say what an incident is."""
    options = [
        click.option("--area", "areas", multiple=True, required=required, help="A data area's id; may be given again."),
        click.option(
            "--kind",
            type=click.Choice([k.value for k in StatusKind]),
            required=required,
            help="What kind of state it is.",
        ),
        click.option("--da", "--text", "da", required=required, help="The text in Danish."),
        click.option("--en", "--text-en", "en", required=required, help="The text in English."),
        click.option(
            "--product", type=click.Choice([p.value for p in Product]), help="Only this product of the areas."
        ),
        click.option("--kommune", "municipalities", multiple=True, help="A municipality's code; may be given again."),
        click.option("--period", help="The period of the data concerned, such as 2025 or 2025-08."),
        click.option("--link", help="Where to read more: an address or a path of this site."),
        click.option("--from", "since", type=DATE, help="Its first day (default: today)."),
        click.option("--until", type=DATE, help="Its last day, where that is known."),
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@incident.command()
@_fields(required=True)
@shared_options
def add(state: Path | None, as_json: bool, **given: Any) -> None:
    """Add an incident; prints its id."""
    folders = existing(state=state).folders
    given["since"] = given["since"] or datetime.combine(operations.today(folders), datetime.min.time())
    text = Phrase(given.pop("da"), given.pop("en"))
    with operations.logged(folders, "incident add") as run:
        told = operations.add(folders, Incident(text=text, **_changes(given)))
        run.did = {"incident": told.id}
    _say(told, as_json)


@incident.command()
@click.argument("name", metavar="ID")
@_fields(required=False)
@shared_options
def update(name: str, state: Path | None, as_json: bool, **given: Any) -> None:
    """Change what an incident says; what is not given stays."""
    folders = existing(state=state).folders
    old = operations.incident(folders, name).text
    text = Phrase(given.pop("da") or old.da, given.pop("en") or old.en)
    with operations.logged(folders, "incident update") as run:
        told = operations.update(folders, name, text=text, **_changes(given))
        run.did = {"incident": told.id}
    _say(told, as_json)


@incident.command()
@click.argument("name", metavar="ID")
@click.option("--date", "day", type=DATE, help="The day from which it no longer holds (default: today).")
@shared_options
def close(name: str, day: datetime | None, state: Path | None, as_json: bool) -> None:
    """End an incident."""
    folders = existing(state=state).folders
    with operations.logged(folders, "incident close") as run:
        told = operations.close(folders, name, day.date() if day else operations.today(folders))
        run.did = {"incident": told.id}
    _say(told, as_json)


@incident.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@click.option("--area", help="Only those of this data area.")
@LANGUAGE
@shared_options
def listing(everything: bool, area: str | None, language: str, state: Path | None, as_json: bool) -> None:
    """List incidents, the newest first."""
    folders = existing(state=state).folders
    day = operations.today(folders)
    found = [i for i in operations.incidents(folders) if everything or i.open_at(day)]
    found = [i for i in found if area is None or area in i.areas]
    if as_json:
        print_json([_json(i) for i in found])
        return
    table = Table("id", "areas", "kind", "municipalities", "from", "until", "text")
    for i in found:
        until = min(filter(None, (i.until, i.closed)), default="")
        cells = (i.id, ", ".join(i.areas), i.kind.text[language], ", ".join(i.municipalities), i.since, until)
        table.add_row(*(Text(str(cell)) for cell in (*cells, i.text[language])))
    Console().print(table)


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """The given options as fields of an incident."""
    fields = {name: value for name, value in given.items() if value not in {None, ()}}
    fields |= {name: value.date() for name, value in fields.items() if isinstance(value, datetime)}
    kinds = {"kind": StatusKind, "product": Product}
    return fields | {name: kind(fields[name]) for name, kind in kinds.items() if name in fields}


def _say(told: Incident, as_json: bool) -> None:
    if as_json:
        print_json(_json(told))
    else:
        click.echo(f"{told.id}: {told.kind.text['en']}, from {told.since}")


def _json(told: Incident) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(told)
    text = shown.pop("text")
    return {**shown, "text": text["da"], "text_en": text["en"]}


def _cells(row: AreaStatus, language: str) -> tuple[str, ...]:
    area = row.area
    return (
        area.name[language],
        area.frequency.text[language],
        str(row.data_through or "–"),
        area.source[language] if area.source else "–",
        "\n".join(lines(row.states, language)),
    )
