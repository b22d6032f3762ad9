"""`flis run`: the whole chain of one day, as often as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flis import delivery, release
from flis.cli import print_json, shared_options
from flis.cli.chain import load, publish, take
from flis.config import Settings
from flis.delivery import DeliveryState
from flis.errors import FlisError, RefusedError
from flis.operations import logged, today

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["run"]


@click.group()
def run() -> None:
    """Receive what lies in the inbox, validate, load and release."""


@run.command()
@click.option(
    "--date",
    "until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Publish only if the figures reach this day (default: any).",
)
@shared_options
def daily(until: datetime | None, state: Path | None, as_json: bool) -> None:
    """The chain of a day: inbox, validation, history, release. Run again, it changes nothing.

    Put it into the calendar some minutes after midnight, and again later in the morning: CPR delivers at midnight, and
    the report is to show the previous day before 12:00. A delivery that is refused does not stop the others; the old
    release keeps serving, and the exit code is 1.
    """
    settings = Settings.load(state=state)
    folders = settings.folders
    with logged(folders, "run daily") as log:
        done = _take_all(settings)
        loaded = len(load(settings))
        # on the first days of an installation there may be nothing to publish yet, and that is no fault
        number = publish(settings) if delivery.deliveries(folders, DeliveryState.LOADED) else None
        days = {"archive_days": settings.archive_days, "quarantine_days": settings.quarantine_days}
        expired = len(delivery.expire(folders, today(folders), **days))
        log.did = {"files": len(done), "loaded": loaded, "release": number or "none", "expired": expired}
    current = release.current(folders)
    reached = current.manifest.data_through if current else None
    if as_json:
        print_json({"taken": done, "loaded": loaded, "published": number, "data_through": reached})
    else:
        for row in done:
            click.echo(f"{row['file']}: {row['id'] or row.get('reason', '')} {row['state']}")
        click.echo(f"{loaded} loaded; " + (f"release {number} published" if number else "nothing new to publish"))
        click.echo(f"Figures reach {reached}." if reached else "There is no release yet.")
    if any(row["state"] in {"quarantined", "refused"} for row in done):
        raise RefusedError("A delivery was refused.", hint="See: flis deliveries list, flis deliveries report ID.")
    if until is not None and (reached is None or reached < until.date()):
        raise RefusedError(f"The figures do not reach {until.date()}.", hint="The delivery of that day is missing.")


def _take_all(settings: Settings) -> list[dict[str, str]]:
    """Take every file of the inbox; one that is refused does not stop the others."""
    done = []
    for path in delivery.inbox(settings.folders):
        try:
            taken = take(settings, path)
            done.append({"file": delivery.shown(path), "id": taken.id, "state": taken.state})
        except FlisError as e:
            done.append({"file": delivery.shown(path), "id": "", "state": "refused", "reason": e.message})
    return done


@run.command()
@shared_options
def monthly(state: Path | None, as_json: bool) -> None:
    """The chain of a month: data packages and cubes of the monthly areas."""
    del state, as_json
    raise RefusedError(
        "No monthly area has a source yet: this version takes the daily CPR deliveries.",
        hint="See which areas there are, and how far each is: flis status.",
    )
