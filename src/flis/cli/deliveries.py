"""`flis receive` and `flis deliveries`: files in, and what became of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from flis import delivery, validation
from flis.cli import beginning, existing, print_json, shared_options
from flis.delivery import DeliveryState
from flis.delivery.listing import as_json as as_text
from flis.delivery.listing import listed
from flis.operations import logged, today

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

__all__ = ["deliveries", "receive"]

LANGUAGE = click.option("--language", type=click.Choice(["da", "en"]), default="da", help="Danish or English.")


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--arrived",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of receipt, in a simulated state folder: one of flis demo, or one whose first delivery comes so.",
)
@shared_options
def receive(paths: tuple[Path, ...], arrived: datetime | None, state: Path | None, as_json: bool) -> None:
    """Take delivery files in: recognised, checksummed, encrypted, judged. Without PATH: all that lies in the inbox.

    The same file again changes nothing. Exit code 1 where a file was refused; its report says why. With --arrived, all
    persons in the state folder are simulated for ever, and pages and files say so.
    """
    from flis.cli.chain import as_row, take

    folders = beginning(state=state).folders
    with logged(folders, "receive") as run:
        files = _files(paths) if paths else delivery.inbox(folders)
        rows, others = take(folders, files, arrived.date() if arrived else None)
        code = max((row.exit_code for row in rows), default=0)
        run.did = {"files": len(rows), "moved": len(others)}
        run.outcome = "refused" if code else "ok"
    if as_json:
        print_json([as_row(row) for row in rows])
    else:
        moved = [f"{d.id}: {d.state} now" for d in others]
        click.echo("\n".join([*map(str, rows), *moved] or ["Nothing lies in the inbox."]))
    sys.exit(code)


@click.group(invoke_without_command=True)
@shared_options
@click.pass_context
def deliveries(ctx: click.Context, state: Path | None, as_json: bool) -> None:
    """How far each delivery has come, and what its validation found. Alone: the list."""
    ctx.default_map = {name: {"state": state, "as_json": as_json} for name in deliveries.commands}
    if ctx.invoked_subcommand is None:
        ctx.invoke(listing, state=state, as_json=as_json)


@deliveries.command("list")
@click.option(
    "--only", multiple=True, type=click.Choice([s.value for s in DeliveryState]), help="Deliveries in this state."
)
@shared_options
def listing(only: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """List deliveries with their states."""
    folders = existing(state=state).folders
    found = listed(folders, *map(DeliveryState, only))
    if as_json:
        click.echo(as_text(found))
    else:
        _table(["id", "area", "state", "produced", "records", "warnings", "errors"], map(msgspec.structs.asdict, found))
    for lost in delivery.broken(folders):
        click.echo(f"{lost.id}: set aside, its manifest is damaged. `flis doctor` says what to do.", err=True)


@deliveries.command()
@click.argument("name", metavar="ID")
@shared_options
def show(name: str, state: Path | None, as_json: bool) -> None:
    """Show one delivery's manifest. The beginning of an ID is enough where only one begins so."""
    found = delivery.find(existing(state=state).folders, name)
    shown = {"state": found.state.value, **msgspec.to_builtins(found.manifest)}
    if as_json:
        print_json(shown)
    else:
        for key, value in shown.items():
            click.echo(f"{key:<14} {value}")


@deliveries.command()
@click.argument("name", metavar="ID")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as a page, too.")
@LANGUAGE
@shared_options
def report(name: str, html: Path | None, language: str, state: Path | None, as_json: bool) -> None:
    """Show what validation found: file, record, line, field, rule; never a value."""
    found = validation.report(delivery.find(existing(state=state).folders, name))
    if html:
        html.write_text(validation.page(found, language), "utf-8")
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    click.echo(f"{found.id}: {found.state}")
    if found.missing:
        click.echo(f"waits for the delivery with the production date {found.missing}")
    rows = [msgspec.to_builtins(f) for f in found.findings]
    if language == "en":
        rows = [{**row, "message": row["message_en"]} for row in rows]
    _table(["severity", "rule", "file", "record", "line", "field", "message"], rows)
    listed, counted = len(rows), sum(msgspec.structs.astuple(found.counts))
    if counted > listed:
        click.echo(f"and {counted - listed} more of the same rules")


@deliveries.command()
@click.argument("area", metavar="AREA")
@shared_options
def rejudge(area: str, state: Path | None, as_json: bool) -> None:
    """Judge an area's refused deliveries again after a contract, a code list or senders.csv changed.

    The files are read again from the archive; nobody sends them anew. Exit code 1 where a delivery is still refused.
    """
    from flis.cli.chain import reason

    folders = existing(state=state).folders
    with logged(folders, "deliveries rejudge") as run:
        done = validation.rejudge(folders, area)
        refused = [d for d in done.judged if d.state is DeliveryState.QUARANTINED]
        run.did = {"judged": len(done.judged), "refused": len(refused), "gone": len(done.gone)}
        run.outcome = "refused" if refused else "ok"
    if as_json:
        judged = [{"id": d.id, "state": d.state.value, "reason": reason(d)} for d in done.judged]
        moved = [{"id": d.id, "state": d.state.value} for d in done.moved]
        print_json({"judged": judged, "moved": moved, "gone": [d.id for d in done.gone]})
    else:
        said = [f"{d.id}: {d.state}. {reason(d) or ''}".rstrip() for d in done.judged]
        said += [f"{d.id}: {d.state} now" for d in done.moved]
        said += [f"{d.id}: its file is no longer kept; ask the sender for it" for d in done.gone]
        click.echo("\n".join(said or [f"No delivery of {area} is refused."]))
    sys.exit(int(bool(refused)))


@deliveries.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day (default: today).")
@shared_options
def expire(day: datetime | None, state: Path | None, as_json: bool) -> None:
    """Remove encrypted files whose retention is over; manifests and reports stay."""
    settings = existing(state=state)
    folders = settings.folders
    with logged(folders, "deliveries expire") as run:
        gone = delivery.expire(
            folders,
            day.date() if day else today(folders),
            archive_days=settings.archive_days,
            quarantine_days=settings.quarantine_days,
        )
        run.did = {"removed": len(gone)}
    if as_json:
        print_json(gone)
    else:
        click.echo("\n".join([*gone, f"{len(gone)} files removed"]))


def _files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those in folders named, by name."""
    return [f for p in paths for f in (sorted(x for x in p.iterdir() if x.is_file()) if p.is_dir() else [p])]


def _table(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    whole = {"id", "area", "state", "produced"}  # what is copied from the terminal is never broken over lines
    shaped = (Column(c, overflow="fold", no_wrap=c in whole) for c in columns)
    table = Table(*shaped, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*(Text("" if row[c] is None else str(row[c])) for c in columns))
    Console().print(table)
