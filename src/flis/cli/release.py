"""`flis release`: plan, apply, list, show, verify, roll back."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Column, Table

from flis import release as published
from flis.cli import existing, print_json, shared_options
from flis.delivery import check_keys
from flis.errors import DamagedError, NotFoundError, UsageError
from flis.operations import logged, retired, today

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from flis.config import State
    from flis.release import AreaPlan, Reason, Release

__all__ = ["release"]


@click.group(invoke_without_command=True)
@shared_options
@click.pass_context
def release(ctx: click.Context, state: Path | None, as_json: bool) -> None:
    """What is published: numbered, never changed afterwards. Alone: the list."""
    ctx.default_map = {name: {"state": state, "as_json": as_json} for name in release.commands}
    if ctx.invoked_subcommand is None:
        ctx.invoke(listing, state=state, as_json=as_json)


def _areas(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("areas", metavar="[AREA]...", nargs=-1)(command)


def _number_and_areas(command: Callable[..., Any]) -> Callable[..., Any]:
    """`[NUMBER] [AREA]...`: a word of digits is the number of a release."""

    @click.argument("words", metavar="[NUMBER] [AREA]...", nargs=-1)
    @wraps(command)
    def read(words: tuple[str, ...], **options: Any) -> Any:
        number, *rest = words if words and words[0].isdecimal() else ("", *words)
        return command(number=int(number) if number else None, areas=tuple(rest), **options)

    return read


@release.command()
@_areas
@shared_options
def plan(areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """Say what `apply` would change, why, and for whom. Exit code 1 where a check fails."""
    folders = existing(state=state).folders
    over = _retired(folders, areas)
    made = [one for one in published.plan(folders, areas) if one.area not in over]
    if as_json:
        print_json(_as_json(made))
    else:
        lines = [line for one in made for line in _words(one)]
        click.echo("\n".join(lines) or "Nothing to release: every area with a delivery is retired.")
    sys.exit(1 if any(one.failed or one.fault for one in made) else 0)


@release.command()
@_areas
@shared_options
def apply(areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """Publish what the warehouse holds; the old release serves until the new one is whole."""
    folders = existing(state=state).folders
    with logged(folders, "release apply") as run:
        made = published.apply(folders, today(folders), areas, without=_retired(folders, areas))
        run.did = {"released": int(made is not None)}
    serving = made or published.current(folders)
    if serving is None:
        raise NotFoundError("There is no release.")
    if as_json:
        print_json({"published": made is not None, **_summary(serving, serving.number)})
    elif made is None:
        click.echo(f"Nothing new: release {serving.number} serves, through {serving.data_through}.")
    else:
        click.echo(f"Release {made.number} published, through {made.data_through}.")


def _of_the_country(made: AreaPlan) -> str:
    return f", the country's on {len(made.revised_days)} days" if made.revised_days else ""


def _retired(folders: State, named: tuple[str, ...]) -> frozenset[str]:
    """The areas that are released no more.

    Raises:
        UsageError: one of them is named.
    """
    over = retired(folders, today(folders))
    for area in published.chosen(named) if named else ():
        if area in over:
            raise UsageError(
                f"{area} is retired since {over[area].since}: its figures stand.",
                hint=f"`flis area reopen {area}` lets new ones come.",
            )
    return frozenset(over)


@release.command("list")
@_areas
@shared_options
def listing(areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """List all releases (of an AREA: those that hold it), oldest first: `flis doctor` looks at their files."""
    folders = existing(state=state).folders
    at, areas = published.pointer(folders), published.chosen(areas) if areas else ()
    held = [r for r in published.releases(folders) if not areas or set(areas) & set(r.areas)]
    rows, damaged = [], published.unreadable(folders)
    for one in held:
        try:
            rows.append(_summary(one, at.current if at else 0))
        except DamagedError:
            damaged.append(one.number)
    if as_json:
        print_json(rows)
        return
    whole = (Column(name, no_wrap=True, overflow="ignore") for name in ("applied", "data through", "delivery"))
    table = Table("", "no.", *whole, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for row in rows:
        mark = "●" if row["current"] else ""
        table.add_row(mark, str(row["number"]), row["applied"], str(row["data_through"]), row["delivery"])
    Console().print(table)
    for number in sorted(damaged):
        click.echo(f"Release {number}: its manifest is damaged. `flis doctor` says what to do where it serves.")


@release.command()
@click.argument("number", type=int, required=False)
@shared_options
def show(number: int | None, state: Path | None, as_json: bool) -> None:
    """Show one release (default: the current one): what it counts from, its stores and their rows."""
    folders = existing(state=state).folders
    serving = published.current(folders)
    found = published.release(folders, number) if number is not None else serving
    if found is None:
        raise NotFoundError("There is no release yet.", hint="`flis release apply` makes the first.")
    stores: dict[str, dict[str, int]] = {}
    for one in found.released:
        for store, tables in one.tree.stores.items():
            rows = {
                published.folder_of(one.area, t): sum(e.rows for e in parts.values()) for t, parts in tables.items()
            }
            stores.setdefault(store, {}).update(rows)
    shown = _summary(found, serving.number if serving else 0) | {
        "deliveries": sum(one.tree.deliveries for one in found.released),
        "previous": found.root.previous,
        "version": found.root.version,
        "policy": next((one.tree.policy for one in found.released), ""),
        "bytes": sum(
            e.size for one in found.released for t in one.tree.stores.values() for p in t.values() for e in p.values()
        ),
        "trees": dict(found.root.areas),
    }
    if as_json:
        print_json(shown | {"stores": stores})
        return
    for key, value in shown.items():
        click.echo(f"{key:<14} {value}")
    general = (published.NATIONAL, published.PUBLIC, published.SHARED)
    for store in general:
        rows_of = ", ".join(f"{table} {count:,}" for table, count in stores.get(store, {}).items())
        click.echo(f"{store:<14} {rows_of}")
    click.echo(f"{'municipal':<14} {len(stores.keys() - set(general))} stores")


@release.command()
@_number_and_areas
@shared_options
def verify(number: int | None, areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """Hash every file of a release again, and count some of its figures anew. Exit code 1 if something is wrong.

    What the public store shows is compared with the register of what was shown.
    """
    folders = existing(state=state).folders
    check_keys(folders)  # with another, the history that is counted below would hold other persons
    done = published.verify(folders, number, areas)
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        click.echo(f"Release {done.number}: {done.files} files, {done.figures} figures of {len(done.days)} days.")
        click.echo("\n".join(done.problems) if done.problems else "All as published.")
    sys.exit(1 if done.problems else 0)


@release.command()
@_number_and_areas
@click.option("--reason", default="", help="Why, in Danish: the overview says it.")
@click.option("--reason-en", default="", help="Why, in English (default: as --reason).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it holds (default: resume).")
@shared_options
def rollback(  # noqa: PLR0917 - click gives the options by name
    number: int | None,
    areas: tuple[str, ...],
    reason: str,
    reason_en: str,
    until: datetime | None,
    state: Path | None,
    as_json: bool,
) -> None:
    """Let an earlier release serve again (default: the one before), or an AREA of it. Nothing is removed.

    It holds: runs go on to load, and publish nothing of these areas until `flis release resume`, or after the day
    --until. The overview says so, with the reason.
    """
    folders = existing(state=state).folders
    last, day = until.date() if until else None, today(folders)
    if last and last < day:
        raise UsageError(f"--until {last} lies before today, {day}.")
    with logged(folders, "release rollback") as run:
        found = published.rollback(folders, number, areas, reason=reason, reason_en=reason_en, until=last)
        run.did = {"release": found.number}
        if told := published.setback(folders, day):
            run.did["held"] = told.en
    holds = published.held(folders, day)
    if as_json:
        print_json(_summary(found, found.number) | {"held": bool(holds)})
    else:
        click.echo(f"Release {found.number} serves, through {found.data_through}.")
        if told and holds:
            click.echo(f"{told.en} `flis release resume` lets new releases come again.")


@release.command()
@_areas
@shared_options
def resume(areas: tuple[str, ...], state: Path | None, as_json: bool) -> None:
    """Let new releases come again after a roll-back: the next run, or `flis release apply`, publishes."""
    folders = existing(state=state).folders
    with logged(folders, "release resume") as run:
        lifted = published.resume(folders, areas)
        run.did = {"lifted": len(lifted)}
    if as_json:
        print_json({"lifted": bool(lifted), "areas": lifted})
    else:
        click.echo(f"The next run publishes again: {', '.join(lifted)}." if lifted else "Nothing was held.")


def _summary(found: Release, current: int) -> dict[str, Any]:
    newest = max(found.released, key=lambda one: one.tree.known)
    return {
        "number": found.number,
        "applied": found.root.applied.isoformat(),
        "current": found.number == current,
        "areas": list(found.areas),
        "data_through": found.data_through,
        "delivery": newest.tree.delivery,
    }


def _as_json(made: list[AreaPlan]) -> dict[str, Any]:
    """The plans by area, beside them what the first of them says."""
    areas: list[dict[str, Any]] = [msgspec.to_builtins(one) for one in made]
    return areas[0] | {"areas": [{"id": one["area"]} | one for one in areas]}


def _words(made: AreaPlan) -> list[str]:
    """The plan in sentences."""
    if made.fault:
        return [f"{made.area} cannot be released: {made.fault}"]
    if not made.changes:
        return [f"Nothing to release of {made.area}: release {made.base} holds what the warehouse holds."]
    days = "day" if made.new_days == 1 else "days"
    said = [
        f"Against release {made.base} of {made.area}:" if made.base else f"The first release of {made.area}:",
        f"  {made.deliveries} deliveries, the newest {made.delivery}",
        f"  {made.new_days} new {days}, through {made.data_through}",
        *(f"  {_why(reason)}" for reason in made.reasons),
        f"  laid out anew: {', '.join(made.periods) or 'nothing'}",
        f"  rows: {', '.join(f'{name} {count:,}' for name, count in made.rows.items())}",
        f"  municipalities that change: {_listed(made.municipalities)}",
        f"  totals of earlier days that change: {made.revised}{_of_the_country(made)}",
    ]
    said += [f"    {r.day}: {r.before:,} becomes {r.after:,}" for r in made.revised_days[-30:]]
    if made.unexplained:
        said.append(f"  changes that no record explains (øvrige): {made.unexplained}")
    said += [f"  {rows:,} rows have no member: {where}" for where, rows in made.without_member.items()]
    said += [f"  {'holds' if check.holds else 'FAILS'}: {check.text}" for check in made.checks]
    said += [f"    not on {where}" for check in made.failed for where in check.where]
    return said


def _why(reason: Reason) -> str:
    """Why something is laid out anew."""
    if reason.kind == "delivery":
        return f"new delivery {reason.name}"
    if reason.kind == "damage":
        return f"the store {reason.name} is damaged"
    if reason.kind == "gaps":
        return f"what is missing changed: {_listed(reason.periods)}"
    periods = "period" if len(reason.periods) == 1 else "periods"
    return f"{reason.kind} {reason.name} changed: {len(reason.periods)} {periods} laid out anew"


def _listed(codes: list[str]) -> str:
    return f"{len(codes)}" if len(codes) > 20 else ", ".join(codes) or "none"
