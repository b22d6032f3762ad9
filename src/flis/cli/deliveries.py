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
from flis.cli import print_json, shared_options
from flis.config import Settings
from flis.delivery import DeliveryState
from flis.errors import FlisError
from flis.operations import logged, today

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flis.config import State
    from flis.delivery import Delivery

__all__ = ["deliveries", "receive"]

LANGUAGE = click.option("--language", type=click.Choice(["da", "en"]), default="da", help="Danish or English.")


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@shared_options
def receive(paths: tuple[Path, ...], state: Path | None, as_json: bool) -> None:
    """Take delivery files in: recognised, checksummed, encrypted, judged. Without PATH: all that lies in the inbox.

    The same file again changes nothing. Exit code 1 where a file was refused; its report says why.
    """
    folders = Settings.load(state=state).folders
    with logged(folders, "receive") as run:
        rows = [_received(folders, file) for file in (_files(paths) if paths else delivery.inbox(folders))]
        moved = {d.id: d for d in validation.settle(folders)}
        first = {row["id"]: row for row in reversed(rows)}
        for row in rows:
            _follow(folders, row, moved if row is first[row["id"]] else {})  # the same file twice is judged once
        code = max((row.pop("exit_code") for row in rows), default=0)
        run.did = {"files": len(rows), "moved": len(moved)}
        run.outcome = "refused" if code else "ok"
    if as_json:
        print_json(rows)
    else:
        own = {row["id"] for row in rows}
        others = [f"{d.id}: {d.state} now" for d in moved.values() if d.id not in own]
        click.echo("\n".join([*map(_sentence, rows), *others] or ["Nothing lies in the inbox."]))
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
    found = delivery.deliveries(Settings.load(state=state).folders, *map(DeliveryState, only))
    if as_json:
        print_json([_summary(d) for d in found])
    else:
        _table(["id", "area", "state", "produced", "records", "warnings", "errors"], map(_summary, found))


@deliveries.command()
@click.argument("name", metavar="ID")
@shared_options
def show(name: str, state: Path | None, as_json: bool) -> None:
    """Show one delivery's manifest. The beginning of an ID is enough where only one begins so."""
    found = delivery.find(Settings.load(state=state).folders, name)
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
    found = validation.report(delivery.find(Settings.load(state=state).folders, name))
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
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day (default: today).")
@shared_options
def expire(day: datetime | None, state: Path | None, as_json: bool) -> None:
    """Remove encrypted files whose retention is over; manifests and reports stay."""
    settings = Settings.load(state=state)
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


def _received(folders: State, file: Path) -> dict[str, Any]:
    """What became of one file, judging still to come; an error is said beside it and stops no other file."""
    row: dict[str, Any] = {"file": delivery.shown(file), "id": None, "state": "refused", "again": False, "reason": None}
    try:
        taken = delivery.receive(folders, file)
    except FlisError as e:
        return row | {"reason": str(e), "exit_code": e.exit_code}
    return row | {"file": taken.manifest.file, "id": taken.id, "again": taken.again, "exit_code": 0}


def _follow(folders: State, row: dict[str, Any], moved: Mapping[str, Delivery]) -> None:
    """Add the state that judging came to, and why where it is not accepted."""
    if row["id"] is None:
        return
    found = delivery.find(folders, row["id"])
    row["state"] = found.state.value
    if row["id"] in moved:
        row["again"] = False  # a run that was killed had received it; this one judged it
        row["exit_code"] = int(found.state is DeliveryState.QUARANTINED)
    if not found.state.accepted:
        reasons = sorted(validation.report(found).findings, key=lambda f: not f.severity.refuses)
        chain = [f for f in reasons if f.severity.refuses or f.rule == "cpr-chain-gap"]
        row["reason"] = chain[0].message_en if chain else None


def _sentence(row: Mapping[str, Any]) -> str:
    if row["id"] is None:
        return f"{row['file']}: {row['reason']}"
    if row["again"]:
        return f"{row['file']}: already received as {row['id']} ({row['state']})"
    return f"{row['file']}: {row['id']} {row['state']}" + (f". {row['reason']}" if row["reason"] else "")


def _summary(found: Delivery) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "id": found.id,
        "area": manifest.area,
        "state": found.state.value,
        "produced": manifest.produced,
        "previous": manifest.previous,
        "records": manifest.records,
        "persons": manifest.persons,
        "warnings": manifest.findings.warning,
        "errors": manifest.findings.fatal + manifest.findings.error,
    }


def _table(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> None:
    whole = {"id", "area", "state", "produced"}  # what is copied from the terminal is never broken over lines
    shaped = (Column(c, overflow="fold", no_wrap=c in whole) for c in columns)
    table = Table(*shaped, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*(Text("" if row[c] is None else str(row[c])) for c in columns))
    Console().print(table)
