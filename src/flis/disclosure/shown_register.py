"""The register of what was ever shown: a chain of files, each naming the one before by its hash, only ever added to.

It lies beside the releases, and outlives all of them: what was shown once can be kept by anybody, so no later release
may be made as if it had not been. A block is written before a release that shows its figures is published.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from flis.delivery.key_fingerprints import fingerprint
from flis.delivery.keys import make_key, read_key
from flis.disclosure.model import SHOWN
from flis.disk import create, tidy
from flis.errors import ConfigError, StateError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flis.config import State

__all__ = ["Register", "disclosure_key", "new_key", "register"]

HEAD = b"flis.shown"
KEY = "disclosure.key"
RESTORE = "Put the folder releases/shown back from its safe copy, which is kept with the keys."


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a block says of itself: its number, the hashes of the block before and of the policy, the key's fingerprint.

    `known` is the production date of the newest delivery counted, `through` the last day considered of each level.
    """

    number: int
    previous: str
    key: str
    policy: str
    known: date
    through: dict[str, date]


@dataclass(frozen=True, slots=True)
class Register:
    """What was shown, oldest block first; `head` is the hash of the newest block, '' where there is none."""

    folder: Path
    heads: tuple[Head, ...] = ()
    hashes: tuple[str, ...] = ()
    figures: pa.Table = field(default_factory=SHOWN.empty_table)
    rows: tuple[int, ...] = ()
    """How many figures each block has."""

    @property
    def head(self) -> str:
        """The hash of the newest block, '' where there is none."""
        return self.hashes[-1] if self.hashes else ""

    @property
    def through(self) -> Mapping[str, date]:
        """The last day of each level of which figures were considered."""
        return self.heads[-1].through if self.heads else {}

    @property
    def since(self) -> date | None:
        """The production date with which the register begins."""
        return self.heads[0].known if self.heads else None

    def figures_through(self, block: str) -> pa.Table:
        """The figures shown up to the block of that hash, and in it."""
        return self.figures.slice(0, sum(self.rows[: self.hashes.index(block) + 1]))

    def added(
        self, figures: pa.Table, *, key: bytes, policy: str, known: date, through: Mapping[str, date]
    ) -> Register:
        """The register with another block, which is on the disk then."""
        block = Head(
            number=len(self.heads) + 1,
            previous=self.head,
            key=fingerprint(key),
            policy=policy,
            known=known,
            through={**self.through, **through},
        )
        data = _encoded(block, figures)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tidy(self.folder)
        if not create(self.folder / f"{block.number:06}.parquet", data, mode=0o600):
            raise StateError("The register of what was shown has a block that was not read.", hint=RESTORE)
        return Register(
            self.folder,
            (*self.heads, block),
            (*self.hashes, hashlib.sha256(data).hexdigest()),
            pa.concat_tables([self.figures, figures]),
            (*self.rows, figures.num_rows),
        )


def register(state: State, named: str = "") -> Register:
    """The register of `state`, whole; `named` is the hash of a block that a published release names.

    Raises:
        StateError: a block is missing or was changed, or the named one is not in the chain; says what to do.
    """
    folder = state.releases / "shown"
    heads: list[Head] = []
    hashes: list[str] = []
    tables: list[pa.Table] = []
    for number, path in enumerate(sorted(folder.glob("*.parquet")), 1):
        data = path.read_bytes()
        try:
            table = pq.read_table(pa.BufferReader(data))
            head = msgspec.json.decode((table.schema.metadata or {})[HEAD], type=Head)
        except (pa.ArrowException, KeyError, msgspec.MsgspecError):
            raise StateError(f"Block {number} of the register of what was shown is damaged.", hint=RESTORE) from None
        if path.name != f"{number:06}.parquet" or head.number != number:
            raise StateError(f"Block {number} of the register of what was shown is missing.", hint=RESTORE)
        if head.previous != (hashes[-1] if hashes else ""):
            raise StateError(f"Block {number - 1} of the register of what was shown was changed.", hint=RESTORE)
        heads.append(head)
        hashes.append(hashlib.sha256(data).hexdigest())
        tables.append(table.replace_schema_metadata(None))
    if named and named not in hashes:
        what = "lacks what a release has shown" if hashes else "is missing"
        raise StateError(f"The register of what was shown {what}.", hint=RESTORE)
    rows = tuple(table.num_rows for table in tables)
    return Register(folder, tuple(heads), tuple(hashes), pa.concat_tables([SHOWN.empty_table(), *tables]), rows)


def disclosure_key(state: State, known: Register) -> bytes | None:
    """The key that offsets are drawn from; None where there is none yet and nothing was shown.

    Raises:
        ConfigError: the file is missing though figures were shown, is another key than theirs, is open to others, or
            has another length.
    """
    key = read_key(state, KEY)
    if known.heads and key is None:
        raise ConfigError(f"The key file {KEY} is missing.", hint="Put it back from its safe copy.")
    if key and known.heads and known.heads[-1].key != fingerprint(key):
        raise ConfigError(
            f"{KEY} is another key than the one that the published figures were made with.",
            hint="Put the right one back from its safe copy: with another, two figures of a cell would tell it.",
        )
    return key


def new_key(state: State) -> bytes:
    """Make the key that offsets are drawn from."""
    return make_key(state, KEY)


def _encoded(head: Head, figures: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    noted = figures.replace_schema_metadata({HEAD: msgspec.json.encode(head)})
    pq.write_table(noted, sink, compression="zstd", version="2.6", store_schema=True)
    data: bytes = sink.getvalue().to_pybytes()
    return data
