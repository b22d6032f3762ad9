"""Person numbers become keyed hashes: the same number with the same key always the same 16 bytes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["HASH", "NO_PERSON", "PersonHashes", "person_hash"]

HASH = pa.binary(16)
NO_PERSON = -1
"""Stands for a person number that is blank, zeros or no number."""


def person_hash(number: str, key: bytes) -> bytes:
    """The hash of one person number: BLAKE2b with a key, 16 bytes."""
    return hashlib.blake2b(number.encode("ascii"), key=key, digest_size=16).digest()


class PersonHashes:
    """Hashes the person numbers of many columns together, so that each number is hashed once.

    First every column is added, which gives a function; after `resolve` the function gives the hashed column, or
    the chosen places of it.
    """

    def __init__(self, key: bytes) -> None:
        self._keyed = hashlib.blake2b(key=key, digest_size=16)
        self._columns: list[NDArray[np.int64]] = []
        self._size = 0
        self._place = np.zeros(0, np.int64)
        self._digests = np.zeros(0, "V16")

    def add(self, numbers: NDArray[np.int64]) -> Callable[..., Any]:
        """Take a column of numbers (`NO_PERSON` where there is none)."""
        start, end = self._size, self._size + len(numbers)
        self._columns.append(numbers)
        self._size = end

        def column(chosen: NDArray[np.int64] | slice = slice(None)) -> Any:
            return self._column(numbers[chosen], self._place[start:end][chosen])

        return column

    def resolve(self) -> None:
        """Hash every number that was added."""
        unique, self._place = np.unique(np.concatenate([*self._columns, [NO_PERSON]]), return_inverse=True)
        hashed = b"".join([self._digest(b"%010d" % number) for number in unique[1:].tolist()])
        self._digests = np.frombuffer(bytes(16) + hashed, "V16")

    def _digest(self, number: bytes) -> bytes:
        state = self._keyed.copy()
        state.update(number)
        return state.digest()

    def _column(self, numbers: NDArray[np.int64], place: NDArray[np.int64]) -> Any:
        known = numbers != NO_PERSON
        missing = len(numbers) - int(np.count_nonzero(known))
        bitmap = pa.py_buffer(np.packbits(known, bitorder="little")) if missing else None
        values = pa.py_buffer(self._digests.take(place).view(np.uint8))
        return pa.FixedSizeBinaryArray.from_buffers(HASH, len(numbers), [bitmap, values], missing)
