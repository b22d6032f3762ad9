"""The two secrets of an installation: 32 random bytes each, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from flis.delivery.files import sync
from flis.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["archive_key", "person_key"]

SIZE = 32


def archive_key(state: State) -> bytes:
    """The key that received files are encrypted with.

    Raises:
        ConfigError: the file is missing though deliveries exist, is open to others, or has another length.
    """
    return _key(state, "archive.key")


def person_key(state: State) -> bytes:
    """The key of the hash that stands for a person number from intake on.

    Raises:
        ConfigError: the file is missing though deliveries exist, is open to others, or has another length.
    """
    return _key(state, "person.key")


def _key(state: State, name: str) -> bytes:
    file = state.keys / name
    if not file.exists():
        # A new key in an old state would make the archive unreadable, or every person a new one, without a word.
        if _begun(state):
            raise ConfigError(f"The key file {name} is missing.", hint="Put it back from its safe copy.")
        _create(file)
    if file.stat().st_mode & 0o077:
        raise ConfigError(f"The key file {name} is open to other users.", hint="Give it the mode 0600.")
    key = file.read_bytes()
    if len(key) != SIZE:
        raise ConfigError(f"The key file {name} does not hold {SIZE} bytes.")
    return key


def _begun(state: State) -> bool:
    return any(state.deliveries.glob("*/*/manifest.json"))


def _create(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(secrets.token_bytes(SIZE))
        f.flush()
        os.fsync(f.fileno())
    # A link, unlike a rename, leaves the key of a process that was faster.
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    sync(file.parent)
