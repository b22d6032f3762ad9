"""The fingerprints of a state's keys: with another key every person would be new, and the archive unreadable."""

from __future__ import annotations

import logging
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from flis.disk import proven, with_checksum, write
from flis.errors import ConfigError, DamagedError

if TYPE_CHECKING:
    from flis.config import State

__all__ = ["NEXT", "fingerprint", "fingerprints", "note", "prove"]

NEXT = ".new"
"""Ends the name of a key that takes the place of another, until all is encrypted with it."""

LOG = logging.getLogger("flis.keys")


def fingerprint(key: bytes) -> str:
    """What a key is known again by; it tells nothing of the key."""
    return sha256(b"flis key\0" + key).hexdigest()


def fingerprints(state: State) -> dict[str, str]:
    """The fingerprints of the keys that the state was made with, by the names of their files.

    Raises:
        DamagedError: the file was changed.
    """
    try:
        found = msgspec.json.decode(proven(state.fingerprints.read_bytes()), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DamagedError(
            "The fingerprints of the keys are damaged.",
            hint="Make sure that the keys are the right ones, and remove fingerprints.json: the next run notes them.",
        ) from None
    found.pop("checksum", None)
    return found


def note(state: State, known: dict[str, str]) -> None:
    """Put the fingerprints `known` into the state."""
    write(state.fingerprints, with_checksum(msgspec.json.encode(known)))


def prove(state: State, name: str, key: bytes) -> None:
    """Make sure that `key` is the one of the state; the first one seen is.

    Raises:
        ConfigError: it is another one, or a rotation was not ended.
        DamagedError: the fingerprints were changed.
    """
    if (state.keys / (name + NEXT)).exists():
        raise ConfigError(f"{name} is being rotated.", hint="`flis keys rotate archive` goes on and ends it.")
    known, own = fingerprints(state), fingerprint(key)
    if own == known.get(name):
        return
    if name in known and own != known.get(name + NEXT):
        raise ConfigError(
            f"{name} is another key than the one that this state was made with.",
            hint="Put the right one back from its safe copy; `flis keys` shows the fingerprints.",
        )
    if name not in known and any(state.deliveries.glob("*/*/manifest.json")):
        LOG.warning("This state was made by an earlier version: the fingerprint of %s is noted now.", name)
    known.pop(name + NEXT, None)
    with suppress(OSError):  # a state that can only be read
        note(state, known | {name: own})
