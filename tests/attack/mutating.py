"""Bytes and texts spoiled by chance, the same ones for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["mutated", "mutated_text"]

PIECES = (b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"<", b">", b"&", b"]]>", b"<!DOCTYPE a>", b'"', b"'", b"&#0;",
          b"<?x?>", b"\x1a", b"999", b"000", b"077", b"-1", b"0" * 40, b"{", b"}", b"[", b"]", b"%",
          b"\xc3\x28", b"\xed\xa0\x80", b"e" * 5000, b"(" * 300, b"<a>" * 100, b"\n" * 50)  # fmt: skip
TEXTS = ("", "\0", "\n", ":", "{", "}", "[", "]", "(", ")", ",", "'", '"', "&a", "*a", "!!python/object:os.system",
         "-1", "1e999", "null", "%", "☃", "\u202e", ".", "..", "NULL", "æ" * 300, "(" * 300, "0" * 400, "--", "/*",
         "<<: *a", "|", "@x")  # fmt: skip


def mutated(chance: random.Random, content: bytes, times: int = 3) -> bytes:
    """Some bytes with up to so many places changed, cut out, repeated or written over."""
    found = bytearray(content)
    for _ in range(chance.randint(1, times)):
        start = chance.randrange(len(found) + 1)
        end = min(len(found), start + int(chance.paretovariate(0.7)))
        how = chance.randrange(6)
        if how == 0:
            found[start:end] = b""
        elif how == 1:
            found[start:start] = found[start:end] * chance.randint(1, 3)
        elif how == 2:
            found[start:start] = chance.choice(PIECES)
        elif how == 3:
            found[start:end] = chance.choice(PIECES)
        elif how == 4 and start < len(found):
            found[start] ^= 1 << chance.randrange(8)
        else:
            other = chance.randrange(len(found) + 1)
            found[start:end] = found[other : other + end - start]
    return bytes(found)


def mutated_text(chance: random.Random, text: str, times: int = 3) -> str:
    """A text with up to so many of its words and signs taken out, doubled, swapped or written over."""
    found = list(text)
    for _ in range(chance.randint(1, times)):
        start = chance.randrange(len(found) + 1)
        end = min(len(found), start + int(chance.paretovariate(0.8)))
        how = chance.randrange(4)
        if how == 0:
            found[start:end] = []
        elif how == 1:
            found[start:start] = found[start:end]
        elif how == 2:
            found[start:start] = chance.choice(TEXTS)
        else:
            found[start:end] = chance.choice(TEXTS)
    return "".join(found)
