"""Records of every kind made known to msgspec before requests are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["learn"]


def learn() -> None:
    """Let msgspec learn each kind of record that flis has.

    It does so at the first use, and shows other threads what is half learnt: the process of two that read the first
    record of a kind at the same time ended with a segmentation fault (msgspec 0.22).
    """
    for kind in _kinds(msgspec.Struct):
        if kind.__module__.startswith("flis."):
            msgspec.json.Decoder(kind)


def _kinds(of: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)
