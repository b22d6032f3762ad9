"""Text into XML: escaped, and without the characters that XML cannot hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["attribute", "chunks", "escaped", "text"]

CHUNK = 1 << 19  # characters: most answers are one piece, and a large one can be cancelled every few milliseconds
SPECIAL = re.compile(r"[&<>\"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MARKS = '&<>"'
RARE = re.compile(r"[\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
BREAK = re.compile(r"[\n\t]")


def text(value: str) -> str:
    """`value` as the content of an element.

    >>> text('a < "b"')
    'a &lt; &quot;b&quot;'
    """
    if SPECIAL.search(value) is None:
        return value
    for sign in MARKS:
        value = value.replace(sign, ENTITY[sign])
    return RARE.sub(_replace, value)


def escaped(values: list[str]) -> list[str]:
    """Many values as contents of elements: looked through at once, as hardly any has something to escape.

    >>> escaped(["a", "a & b"])
    ['a', 'a &amp; b']
    """
    joined = "\n".join(values)
    if SPECIAL.search(joined) is None:
        return values
    written = text(joined).split("\n")
    return written if len(written) == len(values) else [text(v) for v in values]


def attribute(value: str) -> str:
    """`value` as the content of an attribute between double quotes."""
    return BREAK.sub(_replace, text(value))


def _replace(found: re.Match[str]) -> str:
    return ENTITY.get(found.group(), "\ufffd")


def chunks(parts: Iterable[str]) -> Iterator[bytes]:
    """Small parts joined into encoded pieces that are worth sending."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= CHUNK:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()
