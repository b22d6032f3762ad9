"""`flis query`: ask a cube from the terminal."""

from __future__ import annotations

import csv
import shlex
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flis.access import Principals, operator_scope, scope
from flis.catalog.cubes import own_catalogue
from flis.cli import existing, print_json, shared_options
from flis.cli.cube_outline import example, outline, outline_as_json
from flis.errors import NotFoundError, UsageError, suggest
from flis.operations import closed_cubes, today
from flis.query.database import Database, Databases, Options, execute
from flis.query.result import CellSet, Rowset
from flis.release import current

if TYPE_CHECKING:
    from flis.access import Scope
    from flis.config import State
    from flis.query.cubes.cube import BoundCube
    from flis.query.result import Axis, Cells

__all__ = ["query"]

EXACT = 1e15  # whole numbers up to here are written digit by digit


@click.command()
@click.argument("cube")
@click.option("--mdx", help="The statement.")
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A file that holds the statement."
)
@click.option(
    "--as",
    "user",
    help="Ask with the rights of this user (default: the operator, who reads all, closed areas too).",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", help="How to print the answer."
)
@click.option("--language", type=click.Choice(["da", "en"]), default="da", help="The language of captions.")
@shared_options
def query(
    cube: str,
    *,
    mdx: str | None,
    file: Path | None,
    user: str | None,
    form: str,
    language: str,
    state: Path | None,
    as_json: bool,
) -> None:
    """Ask CUBE of the current release with an MDX statement.

    A statement that names no cube asks CUBE: `--mdx "SELECT [Køn].[Køn].Members ON 0 FROM"`. Without a statement, list
    the dimensions, hierarchies, levels and measures of CUBE, and an example.
    """
    if mdx is not None and file is not None:
        raise UsageError("Give the statement with --mdx or with --file.")
    text = mdx if mdx is not None else file.read_text("utf-8") if file is not None else None
    settings = existing(state=state)
    database, asking = _open(settings.folders, user)
    asked = database.cube(cube)
    if user is None and (why := closed_cubes(settings.folders, today(settings.folders)).get(asked.definition.area)):
        click.echo(f"{why.message} Only the operator reads it now.", err=True)
    lcid = 1033 if language == "en" else 1030
    form = "json" if as_json else form
    if text is None:
        _write_outline(asked, language, form)
        database.close()
        return
    found = execute(asking, database, text, Options(lcid=lcid, cube=cube))
    if form == "json":
        print_json(_as_json(found, database.release))
    else:
        _write(_rows(found, plain=form == "csv"), form)
    database.close()


def _write_outline(cube: BoundCube, language: str, form: str) -> None:
    if form == "json":
        print_json(outline_as_json(cube, language))
        return
    _write([["", "MDX", ""], *outline(cube, language)], form)
    if form == "table":
        click.echo(f"\nflis query {shlex.quote(cube.name)} --mdx {shlex.quote(example(cube))}")


def _open(state: State, user: str | None) -> tuple[Database, Scope]:
    """The current release as a user may read it; closed areas are closed to all but the operator."""
    release = current(state)
    if release is None:
        raise NotFoundError("There is no release yet.", hint="Run `flis demo` or `flis release apply` first.")
    if user is None:
        asking = operator_scope(release.number)
    else:
        principals = Principals(state)
        principal = principals.find(user)
        if principal is None:
            names = [p.name for p in principals.all()]
            raise NotFoundError(f"There is no user {user}.", hint=suggest(user, names))
        asking = scope(principal, release.number)
    closed = None if user is None else closed_cubes(state, today(state))
    return Databases().of_release(asking, release, own_catalogue(), closed), asking


def _as_json(found: CellSet | Rowset | None, release: int) -> dict[str, Any]:
    if isinstance(found, Rowset):
        return {"release": release, "columns": [c.name for c in found.columns], "rows": [list(r) for r in found.rows()]}
    if found is None:
        return {"release": release, "cells": []}
    cells = []
    for ordinal in range(len(found)):
        if found.cells.empty[ordinal] and ordinal not in found.cells.errors:
            continue
        cells.append(
            {
                "ordinal": ordinal,
                "value": found.cells.value(ordinal),
                "formatted": found.cells.texts[ordinal],
                "status": found.cells.errors.get(ordinal, "ok"),
            }
        )
    axes = [_tuples(a, names=True) for a in found.axes]
    return {"cube": found.cube, "release": release, "axes": axes, "cells": cells}


def _tuples(axis: Axis, *, names: bool, language: str = "da") -> list[list[str]]:
    columns = [axis.unique_names(i) if names else axis.captions(i, language) for i in range(len(axis.hierarchies))]
    return [list(t) for t in zip(*columns, strict=True)]


def _rows(found: CellSet | Rowset | None, *, plain: bool) -> list[list[str]]:
    """Head and body: the first axis across, the others down; cells as formatted for people, or as plain values."""
    if found is None:
        return []
    if isinstance(found, Rowset):
        return [[c.name for c in found.columns], *([_plain(v) for v in r] for r in found.rows())]
    tuples = [_tuples(a, names=False, language=found.language) for a in found.axes]
    texts = [_cell(found.cells, i) for i in range(len(found))] if plain else list(found.cells.texts)
    if not tuples:
        return [[texts[0]]]
    across = [" / ".join(t) for t in tuples[0]]
    down: list[list[str]] = [[]]
    for axis in tuples[1:]:
        down = [[*before, *t] for t in axis for before in down]
    width = len(across)
    body = [[*d, *texts[i * width : (i + 1) * width]] for i, d in enumerate(down)]
    return [[*([""] * len(down[0] if down else [])), *across], *body]


def _cell(cells: Cells, ordinal: int) -> str:
    """A cell for programs: 1812, not 1.812; an error's text where there is no value."""
    value = cells.value(ordinal)
    return cells.errors.get(ordinal, "") if value is None else _plain(value)


def _plain(value: object) -> str:
    """A value for programs: a whole number has no decimals, however it was calculated; a day has no time.

    >>> _plain(12.0), _plain(-0.5), _plain(datetime(2022, 8, 16)), _plain(None)
    ('12', '-0.5', '2022-08-16', '')
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return "" if value is None else str(value)


def _write(rows: list[list[str]], form: str) -> None:
    if form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not rows:
        return
    table = Table(*map(escape, rows[0]))
    for row in rows[1:]:
        table.add_row(*map(escape, row))
    Console().print(table)
