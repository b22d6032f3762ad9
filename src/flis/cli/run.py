"""`flis run`: the whole chain of one day, as often as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flis import delivery, release
from flis.cli import chain, existing, print_json, shared_options, tell
from flis.cli.month import run_month
from flis.errors import RefusedError, UsageError
from flis.operations import go_on_to, logged, simulated, today

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from flis.cli.month import MonthRun
    from flis.config import State

__all__ = ["run"]

REFUSED = "See: flis deliveries list, flis deliveries report ID."


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
        raise RefusedError("A delivery was refused.", hint=REFUSED)
    if done.needed:
        count = len(done.needed)
        text = "A delivery that the chain needs is" if count == 1 else f"{count} deliveries that the chain needs are"
        raise RefusedError(f"{text} refused or waiting.", hint=REFUSED)
    if until is not None and (reached is None or reached < until.date()):
        raise RefusedError(f"The figures do not reach {until.date()}.", hint="The delivery of that day is missing.")


@run.command()
@click.option(
    "--date",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the run (default: today); a simulated installation stands at it from then on.",
)
@shared_options
def monthly(on: datetime | None, state: Path | None, as_json: bool) -> None:
    """The chain of a month: inbox, validation, history, one release of all monthly areas that have something new.

    Put it into the calendar for the 10th, and again on the days after: run again, it changes nothing where nothing is
    new, and goes on where a run was killed. One area that cannot go on stops no other, and neither does a refused file;
    the exit code is 1 then. Who is late, and whose file was refused, is in `flis status`.
    """
    settings = existing(state=state)
    folders = settings.folders
    day = _day_of_run(folders, on.date() if on else None)
    with logged(folders, "run monthly") as log:
        done = run_month(settings, day, lambda text: click.echo(text, err=True))
        refused = any(row.exit_code for row in done.taken)
        log.did = {
            "files": len(done.taken),
            "loaded": sum(done.loaded.values()),
            "release": done.published or "none",
            "stopped": len(done.stopped),
        }
        if done.held:
            log.did["held"] = done.held
        log.outcome = "refused" if refused or done.stopped else "ok"
    if as_json:
        print_json(_month_as_json(done, day))
    else:
        said = [*map(str, done.taken), *(f"{d.id}: {d.state} now" for d in done.moved)]
        said += [f"{area}: {count} loaded" for area, count in done.loaded.items() if count]
        said += [f"{done.held} `flis release resume` lets new releases come again."] if done.held else []
        said += [f"Release {done.published} published." if done.published else "Nothing new to publish."]
        click.echo("\n".join(said))
    for fault in done.stopped:
        tell(fault)
    if done.stopped:
        raise RefusedError("An area could not go on.", hint="The others did. Mend what is said above, and run again.")
    if refused:
        raise RefusedError("A delivery was refused.", hint=REFUSED)


def _day_of_run(state: State, given: date | None) -> date:
    """The day of a run; a simulated state folder stands at it from then on."""
    if given is None:
        return today(state)
    if not simulated(state) and given > today(state):
        raise UsageError(f"--date {given} has not come yet.", hint="Leave it out, or give the day of an earlier run.")
    go_on_to(state, given)
    return given


def _month_as_json(done: MonthRun, day: date) -> dict[str, Any]:
    faults = {**done.faults, **({"": done.release_fault} if done.release_fault else {})}
    return {
        "date": day,
        "taken": [chain.as_row(row) for row in done.taken],
        "loaded": done.loaded,
        "published": done.published,
        "held": done.held or None,
        "stopped": [{"area": area or None, "reason": e.message, "hint": e.hint} for area, e in faults.items()],
    }
