"""Received files at rest: AES-256-GCM in chunks, so that a file of any size streams through little memory.

The file is `magic · salt · chunk…`. Each file has its own key, drawn from the archive key and its salt (HKDF); a
chunk's nonce is its number and a mark on the last one. So a chunk cannot be changed, left out, put elsewhere or into
another file, and a file cannot lose its end, without the next read saying so.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flis.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["seal", "unseal"]

MAGIC = b"FLISENC1"
SALT = 16
CHUNK = 1 << 20
TAG = 16


def seal(key: bytes, chunks: Iterable[bytes], out: BinaryIO) -> None:
    """Write `chunks`, of any sizes, encrypted to `out`."""
    header = MAGIC + secrets.token_bytes(SALT)
    cipher = _cipher(key, header)
    out.write(header)
    numbered = enumerate(_with_last(_even(chunks)))
    out.writelines(cipher.encrypt(_nonce(number, last), chunk, header) for number, (chunk, last) in numbered)


def unseal(key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The clear chunks of a sealed file, each proven before it is given out.

    Raises:
        StateError: the file was changed, cut off, or made with another key.
    """
    header = source.read(len(MAGIC) + SALT)
    if len(header) != len(MAGIC) + SALT or not header.startswith(MAGIC):
        raise StateError("The encrypted file does not begin as one of ours.")
    cipher = _cipher(key, header)
    sealed = iter(lambda: source.read(CHUNK + TAG), b"")
    for number, (chunk, last) in enumerate(_with_last(sealed)):
        try:
            clear = cipher.decrypt(_nonce(number, last), chunk, header)
        except InvalidTag:
            raise StateError("The encrypted file is damaged, or was made with another key.") from None
        if clear:
            yield clear


def _cipher(key: bytes, header: bytes) -> AESGCM:
    salt = header[len(MAGIC) :]
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"flis received file").derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of `CHUNK`, the last one shorter or as long; none where there are no bytes."""
    kept = bytearray()
    for chunk in chunks:
        if not kept and len(chunk) == CHUNK:
            yield chunk  # as files are read: nothing is copied
            continue
        kept += chunk
        while len(kept) >= CHUNK:
            yield bytes(kept[:CHUNK])
            del kept[:CHUNK]
    if kept:
        yield bytes(kept)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk with whether it is the last; one empty chunk where there is none."""
    source = iter(chunks)
    held = next(source, b"")
    for chunk in source:
        yield held, False
        held = chunk
    yield held, True
