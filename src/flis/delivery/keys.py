"""The secrets of an installation: 32 random bytes each, readable by their owner only."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from flis.delivery.key_fingerprints import fingerprints, prove
from flis.disk import create
from flis.errors import ConfigError

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["archive_key", "check_keys", "lacking", "make_key", "person_key", "read_key", "simulated_keys"]

SIZE = 32
ARCHIVE, PERSON = "archive.key", "person.key"
NAMES = (ARCHIVE, PERSON, "disclosure.key")


def archive_key(state: State) -> bytes:
    """The key that received files are encrypted with.

    Raises:
        ConfigError: the file is missing though deliveries exist, is open to others, or has another length.
    """
    return _key(state, ARCHIVE)


def person_key(state: State) -> bytes:
    """The key of the hash that stands for a person number from intake on.

    Raises:
        ConfigError: the file is missing though deliveries exist, is open to others, or has another length.
    """
    return _key(state, PERSON)


def read_key(state: State, name: str) -> bytes | None:
    """The key in the file `name`; None where there is no such file.

    Raises:
        ConfigError: the file is open to others, or has another length.
    """
    file = state.keys / name
    if not file.exists():
        return None
    if file.stat().st_mode & 0o077:
        raise ConfigError(f"The key file {name} is open to other users.", hint="Give it the mode 0600.")
    key = file.read_bytes()
    if len(key) != SIZE:
        raise ConfigError(f"The key file {name} does not hold {SIZE} bytes.")
    return key


def make_key(state: State, name: str, key: bytes | None = None) -> bytes:
    """Make the key file `name`, unless somebody was faster; without `key`, of random bytes. The key that lies there."""
    state.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    create(state.keys / name, key or secrets.token_bytes(SIZE), mode=0o600)
    return (state.keys / name).read_bytes()


def simulated_keys(state: State, seed: int) -> None:
    """Make the keys that are missing from a simulation's seed: the same seed gives the same bytes everywhere."""
    for name in NAMES:
        make_key(state, name, hashlib.sha256(f"flis simulation {seed} {name}".encode()).digest())


def check_keys(state: State) -> None:
    """Make sure that the keys of the archive and of persons, where they are here, are those of the state.

    Raises:
        ConfigError: one is another, or cannot be used.
    """
    for name in (ARCHIVE, PERSON):
        key = read_key(state, name)
        if key is not None:
            prove(state, name, key)


def lacking(state: State) -> list[str]:
    """The files of the keys that the state was made with and that are not there.

    Raises:
        DamagedError: the fingerprints were changed.
    """
    used = any(state.deliveries.glob("*/*/manifest.json"))  # one of an earlier version has no fingerprints yet
    noted = fingerprints(state)
    return [n for n in (ARCHIVE, PERSON) if (used or n in noted) and not (state.keys / n).exists()]


def _key(state: State, name: str) -> bytes:
    if not (state.keys / name).exists():
        # A new key in an old state would make the archive unreadable, or every person a new one, without a word.
        if any(state.deliveries.glob("*/*/manifest.json")):
            raise ConfigError(f"The key file {name} is missing.", hint="Put it back from its safe copy.")
        make_key(state, name)
    key = read_key(state, name)
    assert key is not None  # noqa: S101
    prove(state, name, key)
    return key
