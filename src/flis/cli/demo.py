"""`flis demo`: the whole path on simulated deliveries, from files in CPR's format to a page to open."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flis import operations, release, warehouse
from flis.access import Grant, Principals
from flis.catalog.cubes import own_catalogue
from flis.cli import print_json, settled, shared_options
from flis.cli.ahead import made_ahead
from flis.cli.chain import publish
from flis.cli.listening import address, claim
from flis.cli.monthly_areas import monthly_area, take_away
from flis.cli.passing_files import passing_files
from flis.delivery.keys import simulated_keys
from flis.disk import locked, write, writing
from flis.errors import RefusedError, UsageError
from flis.serve.running_servers import running
from flis.simulate import delivery_days, drawn_areas, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flis.config import Settings

__all__ = ["demo"]

DATE = click.DateTime(["%Y-%m-%d"])
RELEASES = 4
REGISTER = "borger"
"""The area whose deliveries come every day, from the first day to the last."""
USERS = {
    "koebenhavn": (Grant("0101"),),
    "fyn": (Grant("0461"), Grant("0430"), Grant("0420")),
    "national": (Grant(),),
}
FURTHER = 100
"""So many ports behind the wanted one are tried."""
QUERY = (
    "SELECT [Measures].[Antal personer] ON 0, "
    "NON EMPTY [Kommune].[Region].[Region].Members ON 1 FROM [Ukraine Statistik]"
)


class Made(msgspec.Struct, frozen=True):
    """What a state folder was made from: another demo in the same folder would mix two registers."""

    start: date
    end: date
    scale: float
    refugee_scale: float
    seed: int
    areas: tuple[str, ...] | None = None
    """The monthly ones; None: made by a version that had no others."""
    complete: bool = False


@click.command()
@click.option("--from", "start", type=DATE, default="2022-01-01", show_default=True, help="First simulated day.")
@click.option("--to", "end", type=DATE, default="2022-08-16", show_default=True, help="Newest day shown.")
@click.option("--scale", type=float, default=0.01, show_default=True, help="Fraction of the general population.")
@click.option("--refugee-scale", type=float, default=1.0, show_default=True, help="Fraction of the refugees.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another register.")
@click.option("--only", multiple=True, metavar="AREA", help="Show this area only; may be given several times.")
@click.option("--host", help="Address to serve on.")
@click.option("--port", type=int, help="Port to serve on.")
@click.option("--no-serve", is_flag=True, help="Stop when the releases are published.")
@shared_options
def demo(  # noqa: PLR0917
    start: datetime,
    end: datetime,
    scale: float,
    refugee_scale: float,
    seed: int,
    only: tuple[str, ...],
    host: str | None,
    port: int | None,
    no_serve: bool,
    state: Path | None,
    as_json: bool,
) -> None:
    """Simulate deliveries, take them all the way, and serve the result.

    The files of the CPR register are received and loaded one by one, as they would arrive; the last four production
    dates are published as four releases. Areas that are delivered monthly have their newest month. Called again, it
    reuses what is there and serves at once; stopped half-way, it goes on.

    The areas that the register is delivered for are always shown: `--only` one of them shows nothing else.
    """
    settings = settled(state=state, host=host, port=port)
    wanted = Made(start.date(), end.date(), scale, refugee_scale, seed, _monthly(only))
    if wanted.end < wanted.start:
        raise UsageError("--to lies before --from.")
    say = _quiet if as_json else click.echo
    began = time.monotonic()
    with _alone(settings) as others:
        if others:
            _show(settings, others[0], [], as_json=as_json)
            return
        if not no_serve:
            settings = _free(settings, say)
        made = _made(settings, wanted)
        operations.mark_simulated(settings.folders)
        if made:
            say(f"Using what lies in {settings.state}.")
        else:
            _make(settings, wanted, quiet=as_json)
            say(f"Ready after {time.monotonic() - began:.0f} s.")
        _finish(settings, say, as_json=as_json, no_serve=no_serve)


def _monthly(only: tuple[str, ...]) -> tuple[str, ...]:
    """The areas that are shown beside those of the register: all that can be simulated, where none is named."""
    known = (*release.chosen((REGISTER,)), *drawn_areas())
    for name in only:
        if name not in known:
            raise UsageError(f"A demo has no area {name}.", hint=f"It can have {', '.join(known)}.")
    return tuple(name for name in drawn_areas() if not only or name in only)


@contextmanager
def _alone(settings: Settings) -> Iterator[list[str]]:
    """One demo at a time works in a state folder; gives the addresses of the servers of it that run already.

    Raises:
        RefusedError: another one is making it.
    """
    busy = RefusedError(
        "Another demo is being made in this folder.", hint="Wait until it serves, or give another --state."
    )
    others = running(settings.folders)
    with ExitStack() as held:
        if not others:
            with writing("the demo"):
                held.enter_context(locked(settings.state / ".lock", busy=busy))
        yield others


def _free(settings: Settings, say: Callable[[str], None]) -> Settings:
    """The settings with a port that is free now: theirs, or the next one."""
    with claim(settings, further=FURTHER) as found:
        port = int(found.getsockname()[1])
    if port == settings.port or not settings.port:
        return settings
    say(f"Port {settings.port} is taken: this demo takes {port}.")
    return replace(settings, port=port)


def _make(settings: Settings, wanted: Made, *, quiet: bool) -> None:
    _remember(settings, wanted)
    simulated_keys(settings.folders, wanted.seed)
    days = delivery_days(wanted.start, wanted.end)
    console = Console(quiet=quiet)
    columns = (TextColumn("{task.description:42}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as stack:
        folder = stack.enter_context(passing_files("flis-simulated-"))
        progress = stack.enter_context(Progress(*columns, console=console))
        task = progress.add_task("simulating the register", total=len(days))
        unreleased = max(len(days) - RELEASES, 0)
        files = stack.enter_context(closing(made_ahead(_simulated, settings, folder, wanted, unreleased)))

        def told(number: int, text: str) -> None:
            progress.update(task, description=text, completed=number)
            if not console.is_terminal and not quiet and (number % 20 == 0 or "release" in text):
                console.print(f"{number}/{len(days)} {text}")

        with warehouse.loader(
            settings.folders, REGISTER
        ) as load:  # opening it for each delivery costs a fifth of the time
            for number, file in enumerate(islice(files, unreleased), start=1):
                load()
                told(number, f"{file.name} loaded")
        for number, file in enumerate(files, start=unreleased + 1):
            take_away(settings.folders, file)
            warehouse.load(settings.folders)
            # the charts of a release go with it: only the last one's are worth drawing
            published = publish(settings, hooks=number == len(days))
            told(number, f"release {published} published")
    # the overview stands on the day after the last simulated one: today it would rightly call everything years late
    operations.stop(settings.folders, wanted.end + timedelta(days=1))
    _remember(settings, msgspec.structs.replace(wanted, complete=True))


def _simulated(settings: Settings, folder: Path, wanted: Made, taken: int) -> Iterator[Path]:
    """The register's files, the first ones received and judged: loading takes longest, and needs no more than that.

    This process has time for the other areas meanwhile: a file of theirs for each of the register's, and the rest of
    them before the first release.
    """
    files = stream(
        REGISTER,
        folder,
        wanted.start,
        wanted.end,
        scale=wanted.scale,
        refugee_scale=wanted.refugee_scale,
        seed=wanted.seed,
    )
    others = _of_monthly_areas(settings, folder, wanted)
    for number, file in enumerate(files):
        if number < taken:
            take_away(settings.folders, file)
            next(others, None)
        else:
            for _ in others:
                pass
        yield file


def _of_monthly_areas(settings: Settings, folder: Path, wanted: Made) -> Iterator[None]:
    return chain.from_iterable(
        monthly_area(settings.folders, area, folder / area, wanted.end, scale=wanted.scale, seed=wanted.seed)
        for area in wanted.areas or ()
    )


def _made(settings: Settings, wanted: Made) -> bool:
    """Whether the wanted demo lies there complete.

    Raises:
        UsageError: the folder holds something else.
    """
    file = settings.state / "demo.json"
    if not file.exists():
        if settings.folders.deliveries.exists():
            raise UsageError("The state folder holds deliveries of its own.", hint="Give the demo another --state.")
        return False
    found = msgspec.json.decode(file.read_bytes(), type=Made)
    areas = wanted.areas if found.areas is None else found.areas
    if msgspec.structs.replace(found, areas=areas, complete=False) != wanted:
        hint = "Give another --state, or remove the folder."
        raise UsageError("The state folder holds a demo with other dates, scales, areas or seed.", hint=hint)
    return found.complete


def _remember(settings: Settings, made: Made) -> None:
    settings.state.mkdir(parents=True, exist_ok=True)
    write(settings.state / "demo.json", msgspec.json.encode(made))


def _finish(settings: Settings, say: Callable[[str], None], *, as_json: bool, no_serve: bool) -> None:
    if no_serve:
        _show(settings, address(settings, settings.port), _users(settings), as_json=as_json)
        return
    from flis.cli.serve import start

    with claim(settings, further=FURTHER) as bound:
        port = int(bound.getsockname()[1])
        if port != settings.port and settings.port:  # making it took a while
            say(f"Port {settings.port} is taken by now: this demo takes {port}.")
        _show(settings, address(settings, port), _users(settings), as_json=as_json)
        start(settings, quiet=True, listening=bound)


def _show(settings: Settings, at: str, users: list[tuple[str, str]], *, as_json: bool) -> None:
    """Print where everything is; without users a server runs that was there before."""
    current = release.current(settings.folders)
    areas = current.areas if current else ()
    cubes = [cube.name for cube in own_catalogue().cubes if cube.area in areas]
    query = f"flis query 'Ukraine Statistik' --state {settings.state} --mdx '{QUERY}'"
    if as_json:
        rows = [
            {"name": n, "password": p, "grants": [g.municipality or "national" for g in USERS[n]]} for n, p in users
        ]
        pages = {"front": f"{at}/", "report": f"{at}/ukraine", "overview": f"{at}/drift", "xmla": f"{at}/xmla"}
        number = current.number if current else None
        print_json(
            {"release": number, "pages": pages, "cubes": cubes, "users": rows, "query": query, "running": not users}
        )
    else:
        _print_addresses(at, users, cubes, query)


def _users(settings: Settings) -> list[tuple[str, str]]:
    """The demo's users, each with a new random password: none is kept in clear between two starts."""
    people = Principals(settings.folders)
    shown = []
    for name, grants in USERS.items():
        password = secrets.token_urlsafe(12)
        if people.find(name) is None:
            people.add(name, password, grants)
        else:
            people.password(name, password)
        shown.append((name, password))
    return shown


def _print_addresses(at: str, users: list[tuple[str, str]], cubes: list[str], query: str) -> None:
    if not users:
        click.echo(f"A server of this state folder runs already: {at}")
        click.echo("Its users keep their passwords, which were shown when it was started.")
    click.echo()
    click.echo(f"  The Ukraine report    {at}/ukraine   (English: /en/ukraine, Ukrainian: /uk/ukraine)")
    click.echo(f"  Operations overview   {at}/drift")
    click.echo(f"  Cubes (XMLA)          {at}/xmla      catalogue FLIS: {', '.join(cubes)}")
    click.echo()
    for name, password in users:
        what = ", ".join(g.municipality or "all municipalities" for g in USERS[name])
        click.echo(f"  user {name:12} password {password}   sees {what}")
    click.echo()
    click.echo(f"  Try: {query}")
    click.echo()


def _quiet(text: str) -> None:
    """Say nothing: `--json` prints one object and no more."""
