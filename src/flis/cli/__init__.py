"""The command line: one module per command group, imported only when its command is called."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flis.catalog.area_paths import look_in
from flis.config import Settings
from flis.disk import writing
from flis.errors import FlisError, StateError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["beginning", "existing", "main", "print_json", "settled", "shared_options", "tell"]

COMMANDS = {
    "demo": ("flis.cli.demo", "simulate, receive, load, release and serve: the whole path"),
    "simulate": ("flis.cli.simulate", "write delivery files in their real formats"),
    "receive": ("flis.cli.deliveries", "take delivery files in"),
    "deliveries": ("flis.cli.deliveries", "states and validation reports of deliveries"),
    "load": ("flis.cli.load", "validated deliveries into the warehouse history"),
    "release": ("flis.cli.release", "plan, apply, list, show, verify, roll back, resume releases"),
    "run": ("flis.cli.run", "the whole chain of one day, idempotent"),
    "areas": ("flis.cli.areas", "the data areas: state, data through, deliveries, gaps"),
    "area": ("flis.cli.areas", "retire a data area, close it, open it again"),
    "catalog": ("flis.cli.catalog", "check a data area's folder before any data come"),
    "status": ("flis.cli.operations", "the operations overview"),
    "incident": ("flis.cli.operations", "driftsinfo: what is wrong, where, until when"),
    "query": ("flis.cli.query", "ask a cube from the terminal"),
    "user": ("flis.cli.user", "principals and what they may see"),
    "keys": ("flis.cli.keys", "the key files, and another archive key"),
    "serve": ("flis.cli.serve", "the report, the overview and XMLA on one port"),
    "upgrade": ("flis.cli.upgrade", "carry a state folder of an earlier version over"),
    "doctor": ("flis.cli.doctor", "check the installation and say what to do"),
}


class Commands(click.Group):
    """The commands of `COMMANDS`, each imported when asked for, so that `flis --help` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, its module imported; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a did-you-mean."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}. {suggest(args[0], COMMANDS)}".rstrip())
        return super().resolve_command(ctx, args)


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--state` and `--json`, taken after every subcommand."""
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)
    return click.option(
        "--state", type=click.Path(path_type=Path, file_okay=False), help="The state folder (default ./state)."
    )(command)


def settled(**flags: Any) -> Settings:
    """The settings; the data areas that they name are known from here on.

    Raises:
        ConfigError: a setting is wrong.
        CatalogError: two areas have the same id.
    """
    settings = Settings.load(**flags)
    look_in(settings.areas)
    return settings


def existing(**flags: Any) -> Settings:
    """The settings, where their state folder is there: a command that only looks makes none.

    Raises:
        StateError: there is no such folder.
    """
    settings = settled(**flags)
    if not settings.state.is_dir():
        raise StateError(
            f"There is no state folder {settings.state}.", hint="Name it with --state, or make one: flis demo."
        )
    return settings


def beginning(**flags: Any) -> Settings:
    """The settings for a command that may begin an installation; it says so where the state folder is a new one.

    A name that was mistyped would otherwise be an installation of its own, without a word.
    """
    settings = settled(**flags)
    if not settings.state.exists():
        click.echo(f"A new state folder is made: {settings.state}", err=True)
    return settings


def print_json(value: Any) -> None:
    """Print `value` as JSON, Danish letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="flis")
def root() -> None:
    """FLIS: deliveries in, data packages, cubes and the daily Ukraine report out.

    Start with `flis demo`: it simulates deliveries in CPR's own format, takes them all the way and serves the result.
    """


def main(argv: list[str] | None = None) -> None:
    """Run the command line; errors of flis become one sentence and an exit code (1 refused, 2 wrong usage)."""
    try:
        with writing("a file of this command"):
            root.main(args=argv, prog_name="flis", standalone_mode=True)
    except FlisError as e:
        tell(e)
        sys.exit(e.exit_code)


def tell(error: FlisError) -> None:
    """An error as a person is told it: what is wrong, and what to do."""
    click.echo(f"flis: {error.message}", err=True)
    if error.hint:
        click.echo(f"      {error.hint}", err=True)
