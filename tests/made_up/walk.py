"""The way of files through the platform as a user goes it: by the command line, with areas of a folder of one's own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from flis.catalog.area_paths import area_folders, look_in
from flis.cli import main
from flis.config import State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tests.made_up.files import SentFile

__all__ = ["AREAS", "Done", "apart", "flis", "put", "receive", "run_month", "state_of", "told"]

AREAS = Path(__file__).parent / "areas"


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def flis(*arguments: object, areas: Path = AREAS) -> Done:
    """Run the command line within this process, which starts at once; afterwards the areas are those of before."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    before = [Path(str(shelf)) for shelf in area_folders().shelves[1:]]
    try:
        with (
            patch.dict(os.environ, {"FLIS_AREAS": str(areas)}),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            main([str(a) for a in arguments])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        look_in(before)
    return Done(code, out.getvalue(), err.getvalue())


def apart(*arguments: object, areas: Path = AREAS, **environment: str) -> subprocess.Popen[str]:
    """Run the command line in a process of its own, which may be killed, or run beside another."""
    return subprocess.Popen(
        [sys.executable, "-m", "flis", *map(str, arguments)],
        env={**os.environ, "FLIS_AREAS": str(areas), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(*arguments: object, areas: Path = AREAS) -> Any:
    """What a command prints as JSON.

    Raises:
        AssertionError: it printed none.
    """
    done = flis(*arguments, "--json", areas=areas)
    assert done.out, done.err
    return json.loads(done.out)


def put(files: Iterable[SentFile], folder: Path) -> list[Path]:
    """Write files into a folder; their paths in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        (folder / file.name).write_bytes(file.content)
        paths.append(folder / file.name)
    return paths


def receive(state: Path, paths: Iterable[Path], arrived: date, *, areas: Path = AREAS) -> int:
    """Take files in as if they came on a day; the exit code, which is 1 where one is refused."""
    return flis("receive", "--arrived", arrived, *paths, "--state", state, areas=areas).code


def run_month(state: Path, day: date, *, areas: Path = AREAS) -> int:
    """The chain of the monthly areas on a day; its exit code."""
    return flis("run", "monthly", "--date", day, "--state", state, areas=areas).code


def state_of(folder: Path) -> State:
    """The state folder as the code has it."""
    return State(folder, folder / "keys")
