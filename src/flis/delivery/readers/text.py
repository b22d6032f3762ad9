"""From the bytes of a text file to UTF-8: unpacked, in the declared encoding, without its byte order mark."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any

from flis.delivery.readers.notices import NoticeKind, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.catalog.contract import Dialect

__all__ = ["Stream", "unpacked", "utf8"]

GZIP = b"\x1f\x8b"
BLOCK = 1 << 20
TWO_BYTES = re.compile(rb"[\xc3\xc5][\x80-\xbf]")
"""A letter as UTF-8 writes it; read as ISO-8859-1 it would be a capital with a tilde or ring, and a control character
or sign behind it, which no Danish word has."""


def unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The bytes of a file, unpacked where they are packed with gzip.

    Raises:
        UnreadableError: the packing is damaged or cut off, or the file is larger than `limit`.
    """
    size = 0
    chunks = iter(chunks)
    first = next(chunks, b"")
    whole = chain((first,), chunks)
    for block in _gunzip(whole) if first.startswith(GZIP) else whole:
        size += len(block)
        if size > limit:
            raise UnreadableError(NoticeKind.LIMIT)
        yield block


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack block by block, so that no file of some bytes takes all memory; a file may have several members."""
    member = zlib.decompressobj(31)
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                if member.eof:
                    member = zlib.decompressobj(31)
                yield member.decompress(packed, BLOCK)
                packed = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        raise UnreadableError(NoticeKind.SYNTAX) from None
    if not member.eof:
        raise UnreadableError(NoticeKind.SYNTAX)


def utf8(chunks: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """The text of a file as UTF-8 without a byte order mark.

    Raises:
        UnreadableError: it is not in the declared encoding; names the line.
    """
    decoder, line, tail = codecs.getincrementaldecoder(dialect.encoding)("strict"), 1, b""
    latin = codecs.lookup(dialect.encoding).name == "iso8859-1"
    for number, chunk in enumerate(chunks):
        bare = chunk
        if number == 0:
            if chunk.startswith(codecs.BOM_UTF8) != dialect.bom:
                raise UnreadableError(NoticeKind.ENCODING, line=1)
            bare = chunk.removeprefix(codecs.BOM_UTF8)
        if latin and (wrong := TWO_BYTES.search(tail + bare)):
            raise UnreadableError(NoticeKind.ENCODING, line=line + bare.count(b"\n", 0, max(wrong.start() - 1, 0)))
        try:
            text = decoder.decode(bare)
        except UnicodeDecodeError as problem:
            raise UnreadableError(NoticeKind.ENCODING, line=line + bare.count(b"\n", 0, problem.start)) from None
        line, tail = line + bare.count(b"\n"), bare[-1:]
        yield text.encode()
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableError(NoticeKind.ENCODING, line=line) from None


class Stream(io.RawIOBase):
    """Chunks as a file that libraries can read.

    What stops the chunks is kept as `stopped` and read as the end of the file: libraries have errors of their own.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._left = memoryview(b"")
        self.stopped: UnreadableError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the next chunk does."""
        while not self._left:
            try:
                self._left = memoryview(next(self._chunks))
            except StopIteration:
                return 0
            except UnreadableError as problem:
                self.stopped = problem
                return 0
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
