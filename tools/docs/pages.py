"""One function per reference page: it returns the page's text."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING

import click

import flis.errors
from flis.cli import COMMANDS, root
from flis.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["PAGES"]


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [list(head), *([str(c).replace("|", "\\|").replace("\n", " ") for c in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def commands() -> str:
    """Every command with its help, as the terminal prints it."""
    parts = ["# Commands\n"]
    context = click.Context(root, info_name="flis", max_content_width=100, terminal_width=100)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        parts += _command(command, click.Context(command, parent=context, info_name=name), level=2)
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context, level: int) -> list[str]:
    parts = [f"{'#' * level} `{context.command_path}`\n", f"```text\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                parts += _command(below, click.Context(below, parent=context, info_name=name), level + 1)
    return parts


def settings() -> str:
    """Every setting with its environment variable and default."""
    rows = [
        (f"`{f.name}`", f"`FLIS_{f.name.upper()}`", f"`{f.default}`", f.metadata["doc"])
        for f in dataclasses.fields(Settings)
    ]
    head = "# Settings\n\nRead from `flis.toml`, then the environment, then flags; the later one wins.\n\n"
    return head + table(("`flis.toml`", "environment", "default", "what"), rows)


def errors() -> str:
    """Every error class with its code and exit code."""
    classes = [
        cls for _, cls in inspect.getmembers(flis.errors, inspect.isclass) if issubclass(cls, flis.errors.FlisError)
    ]
    rows = [
        (f"`{c.__name__}`", f"`{c.code}`", c.exit_code, (c.__doc__ or "").split("\n")[0])
        for c in sorted(classes, key=lambda c: c.__mro__[1].__name__ + c.__name__)
    ]
    return "# Errors\n\n" + table(("class", "code", "exit code", "when"), rows)


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "errors.md": errors,
}
