"""`flis user`: principals and what they may see."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from flis import clock
from flis.access import Grant, Principals
from flis.catalog.reference import municipalities
from flis.cli import beginning, existing, print_json, shared_options
from flis.errors import UsageError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["user"]

DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def user() -> None:
    """Who may sign in to the cubes, and which municipalities they see."""


@user.command()
@click.argument("name")
@click.option("--kommune", "codes", multiple=True, help="A municipality's code, e.g. 0101; may be given again.")
@click.option("--national", is_flag=True, help="All municipalities (the national store).")
@click.option("--until", type=DATE, help="The last day of the rights.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@shared_options
def add(  # noqa: PLR0917
    name: str,
    codes: tuple[str, ...],
    national: bool,
    until: datetime | None,
    password_stdin: bool,
    state: Path | None,
    as_json: bool,
) -> None:
    """Add a user. Without --password-stdin a random password is made and shown once."""
    password = _password(password_stdin)
    grants = _grants(codes, national, until)
    principal = Principals(beginning(state=state).folders).add(name, password, grants)
    shown: dict[str, Any] = {"name": principal.name, "grants": _shown(principal.grants)}
    if not password_stdin:
        shown["password"] = password
    if as_json:
        print_json(shown)
    else:
        click.echo(f"{principal.name}: {', '.join(shown['grants']) or 'no rights yet'}")
        if not password_stdin:
            click.echo(f"password (shown once): {password}")


@user.command(name="password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@shared_options
def change_password(name: str, password_stdin: bool, state: Path | None, as_json: bool) -> None:
    """Give a user another password: a random one, shown once, or the one on standard input. The user's tokens end."""
    password = _password(password_stdin)
    _principals(state).password(name, password)
    if as_json:
        print_json({"name": name} if password_stdin else {"name": name, "password": password})
    elif not password_stdin:
        click.echo(f"password (shown once): {password}")


@user.command(name="list")
@shared_options
def list_(state: Path | None, as_json: bool) -> None:
    """Everybody, with rights and tokens."""
    rows: list[dict[str, Any]] = [
        {"name": p.name, "grants": _shown(p.grants), "tokens": [{"id": t.id, "until": t.until} for t in p.tokens]}
        for p in _principals(state).all()
    ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No users yet. Add one: flis user add NAME --kommune 0101")
        return
    table = Table("user", "rights", "tokens")
    for row in rows:
        table.add_row(row["name"], ", ".join(row["grants"]) or "none", str(len(row["tokens"])))
    Console().print(table)


@user.command()
@click.argument("name")
@click.option("--kommune", "codes", multiple=True, help="A municipality's code; may be given again.")
@click.option("--national", is_flag=True, help="All municipalities.")
@click.option("--until", type=DATE, help="The last day of the rights.")
@shared_options
def grant(  # noqa: PLR0917
    name: str, codes: tuple[str, ...], national: bool, until: datetime | None, state: Path | None, as_json: bool
) -> None:
    """Give a user further rights."""
    grants = _grants(codes, national, until)
    if not grants:
        raise UsageError("Say what to grant: --kommune CODE or --national.")
    _say(_principals(state).grant(name, grants).grants, name, as_json)


@user.command()
@click.argument("name")
@click.option("--kommune", "codes", multiple=True, help="Only this municipality's right; may be given again.")
@click.option("--national", is_flag=True, help="Only the right to all municipalities.")
@shared_options
def revoke(name: str, codes: tuple[str, ...], national: bool, state: Path | None, as_json: bool) -> None:
    """Take rights back: those named, or all rights and tokens."""
    named = (*codes, *([""] if national else []))
    _say(_principals(state).revoke(name, named or None).grants, name, as_json)


@user.command()
@shared_options
def reset(state: Path | None, as_json: bool) -> None:
    """Begin an empty table of users where it is lost or damaged: nobody may see anything until users are added."""
    done = _principals(state).reset()
    if as_json:
        print_json({"reset": done})
    else:
        click.echo(
            "The table is empty now. Add users: flis user add." if done else "The table is whole; nothing is done."
        )


@user.command()
@click.argument("name")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 400), help="How long it is valid.")
@shared_options
def token(name: str, days: int, state: Path | None, as_json: bool) -> None:
    """Make a bearer token for programs; shown once."""
    until = clock.today() + timedelta(days=days)
    value = _principals(state).token(name, until)
    if as_json:
        print_json({"name": name, "token": value, "until": until})
    else:
        click.echo(value)


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if from_stdin else secrets.token_urlsafe(15)


def _principals(state: Path | None) -> Principals:
    return Principals(existing(state=state).folders)


def _grants(codes: Iterable[str], national: bool, until: datetime | None) -> tuple[Grant, ...]:
    known = {m.code: m.name for m in municipalities()}
    for code in codes:
        if code not in known:
            raise UsageError(f"{code} is no municipality's code.", hint=suggest(code, known))
    last = until.date() if until else None
    if last and last < clock.today():
        raise UsageError(f"--until {last} lies before today, {clock.today()}.")
    return (*(Grant(c, last) for c in codes), *([Grant("", last)] if national else []))


def _shown(grants: Iterable[Grant]) -> list[str]:
    return [(g.municipality or "national") + (f" until {g.until}" if g.until else "") for g in grants]


def _say(grants: Iterable[Grant], name: str, as_json: bool) -> None:
    shown = _shown(grants)
    if as_json:
        print_json({"name": name, "grants": shown})
    else:
        click.echo(f"{name}: {', '.join(shown) or 'no rights'}")
