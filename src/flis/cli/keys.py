"""`flis keys`: which keys there are, whether they are those of the state, and another archive key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from flis import delivery
from flis.cli import existing, print_json, shared_options
from flis.delivery.key_fingerprints import fingerprint, fingerprints
from flis.operations import logged

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["keys"]

SHOWN = 16  # digits of a fingerprint: enough to tell keys apart


@click.group(invoke_without_command=True)
@shared_options
@click.pass_context
def keys(ctx: click.Context, state: Path | None, as_json: bool) -> None:
    """The key files and their fingerprints. Alone: the list; exit code 1 where one is not that of the state."""
    ctx.default_map = {name: {"state": state, "as_json": as_json} for name in keys.commands}
    if ctx.invoked_subcommand is not None:
        return
    rows = _rows(existing(state=state).folders)
    if as_json:
        print_json(rows)
    else:
        table = Table("key", "fingerprint", "of the state", "same")
        for row in rows:
            table.add_row(row["key"], row["fingerprint"], row["state"], "yes" if row["same"] else "NO")
        Console().print(table)
    sys.exit(0 if all(row["same"] for row in rows) else 1)


@keys.command()
@click.argument("name", metavar="archive", type=click.Choice(["archive"]))
@shared_options
def rotate(name: str, state: Path | None, as_json: bool) -> None:
    """Encrypt all kept files with a new archive key. Killed on the way, the same command goes on.

    Make a safe copy of the new key at once. Copies of the state that were made before need the old one.
    """
    folders = existing(state=state).folders
    with logged(folders, f"keys rotate {name}") as run:
        files = delivery.rotate(folders)
        run.did = {"files": files}
    if as_json:
        print_json({"key": "archive.key", "files": files})
    else:
        click.echo(f"{files} files are encrypted with a new archive.key. Make a safe copy of it now.")


def _rows(state: State) -> list[dict[str, Any]]:
    known = fingerprints(state)
    rows = []
    for name in ("archive.key", "person.key"):
        key = delivery.read_key(state, name)
        own, noted = (fingerprint(key) if key else ""), known.get(name, "")
        row = {"key": name, "fingerprint": own[:SHOWN] or "missing", "state": noted[:SHOWN] or "not noted yet"}
        rows.append({**row, "same": own == noted or not noted})
    return rows
