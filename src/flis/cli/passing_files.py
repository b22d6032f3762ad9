"""Files that a command makes on its way: gone when it ends, and where it was killed gone with the next such command."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flis.disk import is_locked, locked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["passing_files"]

LOCK = ".lock"


@contextmanager
def passing_files(prefix: str) -> Iterator[Path]:
    """A folder among the machine's temporary ones, whose name begins with `prefix`; it is gone when the block ends.

    What killed processes left of that name goes first. A living one holds a lock in its folder, and held it before the
    folder had this name, so that nobody takes it away.
    """
    base = Path(tempfile.gettempdir())
    _remove_left(base, prefix)
    new = Path(tempfile.mkdtemp(prefix=f".{prefix}", dir=base))
    with locked(new / LOCK):
        folder = new.rename(new.with_name(new.name.removeprefix(".")))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_left(base: Path, prefix: str) -> None:
    for folder in base.glob(f"{prefix}*"):
        try:
            alive = is_locked(folder / LOCK)
        except FileNotFoundError:  # it is being removed, or its removal was stopped on the way
            alive = False
        except OSError:  # that of another user
            alive = True
        if not alive:
            shutil.rmtree(folder, ignore_errors=True)
