"""Fixture files of pairs: an input, a line `==`, what is expected; pairs parted by a line `----`."""

from __future__ import annotations

from pathlib import Path

__all__ = ["pairs"]


def pairs(name: str) -> list[tuple[str, str]]:
    """The pairs of a file in `fixtures`; its first line is a note."""
    text = (Path(__file__).parent / "fixtures" / name).read_text("utf-8").split("\n", 1)[1]
    found = [part.partition("\n==\n") for part in text.strip("\n").split("\n----\n")]
    return [(source, expected) for source, _, expected in found]
