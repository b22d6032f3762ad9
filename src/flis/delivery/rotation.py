"""Another archive key: every kept file is encrypted anew, then the new key takes the place of the old one.

The new key lies beside the old one meanwhile, and nothing else touches the archive. Killed at any moment, the same
command goes on: each file is under the one key or the other, and is replaced whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.delivery.key_fingerprints import NEXT, fingerprint, fingerprints, note
from flis.delivery.keys import archive_key, make_key, read_key
from flis.delivery.locking import lock
from flis.delivery.vault import seal, unseal
from flis.disk import draft, sync, tidy, writing
from flis.errors import ConfigError, DamagedError, StateError
from flis.steps import step

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["rotate"]

NAME = "archive.key"


def rotate(state: State) -> int:
    """Encrypt all kept files with a new archive key; how many there are. Goes on with a rotation that was cut short.

    Raises:
        ConfigError: the present key is missing, or not the one of the state.
        DamagedError: a kept file cannot be decrypted with it.
    """
    with lock(state), writing("the archive"):
        new_file = state.keys / (NAME + NEXT)
        if not new_file.exists():
            archive_key(state)
            make_key(state, new_file.name)
            step("keys.made")
        old, new = read_key(state, NAME), read_key(state, new_file.name)
        known = {name: of for name, of in fingerprints(state).items() if name != new_file.name}
        if old is None or new is None or fingerprint(old) != known.get(NAME):
            raise ConfigError(f"{NAME} is not the key of this state.", hint="Put it back from its safe copy.")
        note(state, known | {new_file.name: fingerprint(new)})
        step("keys.noted")
        kept = sorted(state.deliveries.glob("*/*/*.enc"))
        for file in kept:
            _encrypt(file, old, new)
            step("keys.file")
        new_file.replace(state.keys / NAME)
        sync(state.keys)
        step("keys.taken")
        note(state, known | {NAME: fingerprint(new)})
        return len(kept)


def _encrypt(file: Path, old: bytes, new: bytes) -> None:
    """Put the same content under the new key, unless it is already."""
    if _opens(file, new):
        return
    tidy(file.parent)
    try:
        with file.open("rb") as source, draft(file) as out:
            seal(new, unseal(old, source), out)
    except StateError:
        raise DamagedError(
            f"The kept file of the delivery {file.parent.name} is damaged.",
            hint="Put its file.enc back from a copy or, if there is none, remove it; then run the same again.",
        ) from None


def _opens(file: Path, key: bytes) -> bool:
    with file.open("rb") as source:
        try:
            next(unseal(key, source), b"")
        except StateError:
            return False
    return True
