"""The two secrets of an installation: 32 random bytes each, readable by their owner only."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flis.delivery.files import create
from flis.errors import ConfigError

if TYPE_CHECKING:
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
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(file, secrets.token_bytes(SIZE), 0o600)
    if file.stat().st_mode & 0o077:
        raise ConfigError(f"The key file {name} is open to other users.", hint="Give it the mode 0600.")
    key = file.read_bytes()
    if len(key) != SIZE:
        raise ConfigError(f"The key file {name} does not hold {SIZE} bytes.")
    return key


def _begun(state: State) -> bool:
    return any(state.deliveries.glob("*/*/manifest.json"))
