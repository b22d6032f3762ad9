"""`flis doctor`: is this machine and this state folder fit to run, and if not, what to do."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Literal

import click
from rich.console import Console
from rich.table import Table

from flis import release
from flis.access import Principals
from flis.catalog.cubes import own_catalogue
from flis.cli import print_json, settled, shared_options
from flis.cli.listening import claim
from flis.delivery import broken, check_keys, lacking
from flis.errors import FlisError, RefusedError
from flis.operations import today
from flis.serve.running_servers import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import Settings

__all__ = ["doctor"]

GIGABYTE = 1024**3
MEND = "Lay its files out anew: flis release apply; or let an earlier release serve: flis release rollback."
LEFT_OUT = "Put its files back from a backup. Until then flis release rollback leaves it out."
MEND_CUBE = "Mend the file; flis catalog check tells all that is wrong with it. The other cubes are served."
MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "wrong": "[red]wrong[/]"}


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing looked at: how it is, and what to do where it is not well."""

    name: str
    result: Literal["ok", "warning", "wrong"]
    found: str
    advice: str = ""


@click.command()
@click.option("--port", type=int, help="The port that should be free (default: the setting).")
@shared_options
def doctor(port: int | None, state: Path | None, as_json: bool) -> None:
    """Check Python, disk, memory, the state folder, its keys, all releases, the cubes and the port; say what to do."""
    settings = settled(state=state, port=port)
    checks = [
        _python(),
        _libraries(),
        _memory(),
        _disk(settings),
        *_state_folder(settings),
        _release(settings),
        *_other_releases(settings),
        *_deliveries(settings),
        *_users(settings),
        *_shown(settings),
        *_cubes(),
        _port(settings),
    ]
    if as_json:
        print_json([asdict(c) for c in checks])
    else:
        table = Table("", "what", "found", "what to do")
        for check in checks:
            table.add_row(MARKS[check.result], check.name, check.found, check.advice)
        Console().print(table)
    sys.exit(1 if any(c.result == "wrong" for c in checks) else 0)


def _python() -> HealthCheck:
    return HealthCheck("Python", "ok", sys.version.split()[0])  # the installer refuses one that is too old


def _libraries() -> HealthCheck:
    missing = []
    for requirement in requires("flis") or []:
        name = requirement.split(";")[0].split("<")[0].split(">")[0].split("=")[0].strip()
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return HealthCheck(
            "libraries", "wrong", f"{', '.join(missing)} missing", "Install them: make run, or make test."
        )
    return HealthCheck("libraries", "ok", f"all installed, duckdb {version('duckdb')}")


def _memory() -> HealthCheck:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    if total < 2:
        return HealthCheck("memory", "warning", f"{total:.1f} GB", "The demo wants 2 GB; use a smaller --scale.")
    return HealthCheck("memory", "ok", f"{total:.1f} GB")


def _disk(settings: Settings) -> HealthCheck:
    folder = settings.state.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIGABYTE
    if free < 1:
        return HealthCheck("disk", "wrong", f"{free:.1f} GB free", "Free some room, or point --state to another disk.")
    return HealthCheck("disk", "ok", f"{free:.1f} GB free")


def _state_folder(settings: Settings) -> Iterator[HealthCheck]:
    folders = settings.folders
    if not folders.root.exists():
        yield HealthCheck("state folder", "warning", "there is none yet", "Make one: flis demo, or flis receive FILE.")
        return
    if os.access(folders.root, os.W_OK):
        yield HealthCheck("state folder", "ok", "can be written")
    else:
        advice = "Reading commands work; to receive and publish, run as the user that owns it, on a disk that takes it."
        yield HealthCheck("state folder", "warning", "cannot be written", advice)
    yield from _keys(settings)


def _keys(settings: Settings) -> Iterator[HealthCheck]:
    folders = settings.folders
    keys = sorted(folders.keys.glob("*.key"))
    loose = [k.name for k in keys if stat.S_IMODE(k.stat().st_mode) & 0o077]
    if loose:
        yield HealthCheck("keys", "wrong", f"{', '.join(loose)} can be read by others", "chmod 600 on the key files.")
        return
    try:
        missing = lacking(folders)
        check_keys(folders)
    except FlisError as e:
        yield HealthCheck("keys", "wrong", e.message, e.hint)
        return
    if settings.keys and not folders.keys.is_dir():
        advice = "Set FLIS_KEYS to the folder of the keys." if missing else "The first delivery makes it."
        yield HealthCheck("keys", "wrong" if missing else "warning", f"there is no folder {folders.keys}", advice)
    elif missing:
        advice = "Put them back from their safe copy, or set FLIS_KEYS to the folder of the keys."
        yield HealthCheck("keys", "wrong", f"missing: {', '.join(missing)}", advice)
    elif keys:
        inside = folders.keys.is_relative_to(folders.root)
        advice = "In production keep them elsewhere: FLIS_KEYS." if inside else ""
        yield HealthCheck("keys", "ok", f"{len(keys)}, readable by their owner alone", advice)


def _deliveries(settings: Settings) -> Iterator[HealthCheck]:
    for lost in broken(settings.folders):
        kept = (lost.folder / "file.enc").exists()
        advice = "flis run daily writes it anew." if kept else "Put its manifest.json back from a backup."
        yield HealthCheck("deliveries", "wrong", f"the manifest of {lost.id} is damaged", advice)


def _users(settings: Settings) -> Iterator[HealthCheck]:
    try:
        Principals(settings.folders).all()
    except FlisError as e:
        yield HealthCheck("users", "wrong", e.message, e.hint)


def _shown(settings: Settings) -> Iterator[HealthCheck]:
    """The register of what was shown, without which nothing is published, and its key."""
    try:
        found = release.noted(settings.folders)
    except FlisError as e:
        yield HealthCheck("shown figures", "wrong", e.message, e.hint)
        return
    if found.heads:
        yield HealthCheck("shown figures", "ok", f"the register is whole: {len(found.heads)} blocks, with their key")


def _cubes() -> Iterator[HealthCheck]:
    """Cubes that cannot be read, each with its file and line."""
    for cube in own_catalogue().unread:
        yield HealthCheck("cubes", "wrong", f"{cube.name} is not served: {cube.fault.message}", MEND_CUBE)


def _release(settings: Settings) -> HealthCheck:
    try:
        current = release.current(settings.folders)
        if current is None:
            return HealthCheck("newest release", "warning", "there is none yet", "flis load, then flis release apply.")
        if damaged := current.damage():
            found = f"release {current.number} is damaged: {', '.join(damaged[:3])}"
            return HealthCheck("newest release", "wrong", found, MEND)
        problems = release.verify(settings.folders, current.number).problems
    except FlisError as e:
        return HealthCheck("newest release", "wrong", e.message, e.hint)
    if problems:
        advice = "Roll back: flis release rollback, then apply again."
        return HealthCheck("newest release", "wrong", f"release {current.number}: {problems[0]}", advice)
    if told := release.setback(settings.folders, today(settings.folders)):
        return HealthCheck("newest release", "warning", told.en, "When it is mended: flis release resume.")
    return HealthCheck("newest release", "ok", f"release {current.number}, figures to {current.data_through}")


def _other_releases(settings: Settings) -> Iterator[HealthCheck]:
    """Every release that a roll-back could take: each of its files is hashed."""
    try:
        serving, all_of_them = release.current(settings.folders), release.releases(settings.folders)
        damaged = release.damaged(settings.folders)
    except FlisError:
        return  # the check of the serving release tells it
    others = [r.number for r in all_of_them if serving is None or r.number != serving.number]
    wrong = {number: stores for number, stores in damaged.items() if serving is None or number != serving.number}
    for number, stores in wrong.items():
        where = f"store {', '.join(stores[:3])}" if stores else "its manifest"
        yield HealthCheck("other releases", "wrong", f"release {number} is damaged: {where}", LEFT_OUT)
    if others and not wrong:
        yield HealthCheck("other releases", "ok", f"{len(others)}, all of their files are as they were published")


def _port(settings: Settings) -> HealthCheck:
    own = running(settings.folders)
    try:
        claim(settings).close()
    except RefusedError as e:
        advice = f"A server of this state runs: {', '.join(own)}." if own else "Choose another --port."
        return HealthCheck("port", "warning", e.message, advice)
    return HealthCheck("port", "ok", f"{settings.port} is free" if settings.port else "any free one")
