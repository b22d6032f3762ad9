"""From the bytes of a text file to UTF-8: unpacked, in the declared encoding, without its byte order mark."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from flis.delivery.readers.notice_kinds import NoticeKind
from flis.delivery.readers.notices import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.catalog.contract import Dialect

__all__ = ["LINE", "Stream", "decoded", "unpacked", "utf8", "whole_lines"]

GZIP = b"\x1f\x8b"
BLOCK = 1 << 20
LINE = 1 << 26
"""No line is longer than so many bytes."""
NO_LATIN = re.compile(rb"[\xc3\xc5][\x80-\xbf]|[\x80-\x9f]")
"""What no Danish text in ISO-8859-1 has: a letter as UTF-8 writes it (a capital with a tilde or ring, and a control
character or sign behind it), and control characters, where the code pages of DOS and Windows have letters and signs."""


def unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The bytes of a file, unpacked where they are packed with gzip.

    Raises:
        UnreadableError: the packing is damaged or cut off, or the file is larger than `limit`.
    """
    size = 0
    begun = _begun(iter(chunks), len(GZIP))
    first = next(begun)
    whole = chain((first,), begun)
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


def decoded(chunks: Iterable[bytes], dialect: Dialect) -> Iterator[str]:
    """The text of a file without its byte order mark.

    Raises:
        UnreadableError: it is not in the declared encoding; names the line.
    """
    decoder, line, tail = codecs.getincrementaldecoder(dialect.encoding)("strict"), 1, b""
    latin = codecs.lookup(dialect.encoding).name == "iso8859-1"
    for number, chunk in enumerate(_begun(iter(chunks), len(codecs.BOM_UTF8))):
        bare = chunk
        if number == 0:
            if chunk.startswith(codecs.BOM_UTF8) != dialect.bom:
                raise UnreadableError(NoticeKind.ENCODING, line=1)
            bare = chunk.removeprefix(codecs.BOM_UTF8)
        if latin and _is_no_latin(tail + bare) and (wrong := NO_LATIN.search(tail + bare)):
            raise UnreadableError(NoticeKind.ENCODING, line=line + bare.count(b"\n", 0, max(wrong.start() - 1, 0)))
        try:
            text = decoder.decode(bare)
        except UnicodeDecodeError as problem:
            raise UnreadableError(NoticeKind.ENCODING, line=line + bare.count(b"\n", 0, problem.start)) from None
        if (empty := text.find("\0")) >= 0:
            raise UnreadableError(NoticeKind.ENCODING, line=line + text.count("\n", 0, empty))
        line, tail = line + bare.count(b"\n"), bare[-1:]
        yield text
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableError(NoticeKind.ENCODING, line=line) from None


def _is_no_latin(text: bytes) -> bool:
    """Whether `NO_LATIN` finds anything; told in a fiftieth of its time."""
    if text.isascii():
        return False
    octets = np.frombuffer(text, np.uint8)
    high = np.flatnonzero(octets >= 0x80)
    found = octets[high]
    lead = high[(found == 0xC3) | (found == 0xC5)]
    after = octets[lead[lead + 1 < len(octets)] + 1]
    return bool((found < 0xA0).any() or ((after >= 0x80) & (after < 0xC0)).any())


def utf8(chunks: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """The text of a file as UTF-8 without a byte order mark; raises what `decoded` raises."""
    return (text.encode() for text in decoded(chunks, dialect))


def whole_lines(blocks: Iterable[bytes], size: int, longest: int = 0) -> Iterator[tuple[bytes, bool]]:
    """Blocks of about `size` bytes that end with a line, and whether they are the last one.

    Raises:
        UnreadableError: a line is much longer than `longest` (without it: `LINE`); names it.
    """
    waiting, length, line, before = list[bytes](), 0, 1, b""
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut and length + cut >= size:
            whole = b"".join([*waiting, block[:cut]])
            if before:
                yield before, False
            before, waiting, length = whole, [block[cut:]], len(block) - cut
            line += whole.count(b"\n")
            continue
        waiting.append(block)
        length += len(block)
        if length > (longest or LINE) + size and b"\n" not in block:
            rest = b"".join(waiting)
            raise UnreadableError(NoticeKind.LIMIT, line=line + rest.count(b"\n"))
    rest = b"".join(waiting)
    if before:
        yield before, not rest
    if rest:
        yield rest, True


def _begun(chunks: Iterator[bytes], least: int) -> Iterator[bytes]:
    """Chunks of which the first has at least so many bytes, if all together have."""
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= least:
            yield first
            yield from chunks
            return
    yield first


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
        """Fill a buffer as far as the chunks do: what a library reads in few blocks it reads faster."""
        filled = 0
        while filled < len(buffer) and (self._left or self._go_on()):
            count = min(len(buffer) - filled, len(self._left))
            buffer[filled : filled + count] = self._left[:count]
            self._left = self._left[count:]
            filled += count
        return filled

    def _go_on(self) -> bool:
        """Take the next chunk, unless they are at their end."""
        try:
            self._left = memoryview(next(self._chunks))
        except StopIteration:
            return False
        except UnreadableError as problem:
            self.stopped = problem
            return False
        return True
