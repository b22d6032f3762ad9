"""`flis run`: the whole chain of one day, as often as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flis import delivery, release
from flis.cli import chain, existing, print_json, shared_options
from flis.errors import RefusedError
from flis.operations import go_on_to, logged, today

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
    settings = existing(state=state)
    folders = settings.folders
    if until is not None:
        go_on_to(folders, until.date())
    with logged(folders, "run daily") as log:
        done = chain.day(settings)
        days = {"archive_days": settings.archive_days, "quarantine_days": settings.quarantine_days}
        expired = len(delivery.expire(folders, today(folders), **days))
        refused = any(row.exit_code for row in done.taken)
        log.did = {
            "files": len(done.taken),
            "loaded": done.loaded,
            "release": done.published or "none",
            "expired": expired,
            "needed": len(done.needed),
        }
        if done.held:
            log.did["held"] = done.held
        log.outcome = "refused" if refused or done.needed else "ok"
    current = release.current(folders)
    reached = current.data_through if current else None
    if as_json:
        rows = [chain.as_row(row) for row in done.taken]
        told = {"taken": rows, "loaded": done.loaded, "published": done.published, "data_through": reached}
        print_json(told | {"held": done.held or None, "needed": [chain.as_needed(d) for d in done.needed]})
    else:
        news = f"release {done.published} published" if done.published else "nothing new to publish"
        news = "nothing is published" if done.held else news
        said = [*map(str, done.taken), *(f"{d.id}: {d.state} now" for d in done.moved), f"{done.loaded} loaded; {news}"]
        said += [chain.why_needed(d) for d in done.needed]
        said += [f"{done.held} `flis release resume` lets new releases come again."] if done.held else []
        click.echo("\n".join([*said, f"Figures reach {reached}." if reached else "There is no release yet."]))
    if refused:
        raise RefusedError("A delivery was refused.", hint="See: flis deliveries list, flis deliveries report ID.")
    if done.needed:
        count = len(done.needed)
        text = "A delivery that the chain needs is" if count == 1 else f"{count} deliveries that the chain needs are"
        raise RefusedError(f"{text} refused or waiting.", hint="See: flis deliveries list, flis deliveries report ID.")
    if until is not None and (reached is None or reached < until.date()):
        raise RefusedError(f"The figures do not reach {until.date()}.", hint="The delivery of that day is missing.")


@run.command()
@shared_options
def monthly(state: Path | None, as_json: bool) -> None:
    """The chain of a month: data packages and cubes of the monthly areas."""
    del state, as_json
    raise RefusedError(
        "Monthly areas are not loaded and not released yet; their CSV files are received and judged.",
        hint="Take a file with flis receive. See how far each area is: flis areas.",
    )
