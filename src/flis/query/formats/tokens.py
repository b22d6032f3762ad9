"""A format string cut into signs and literal text, section by section."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["FormatKind", "Sign", "kind_of", "sections"]

DATE_SIGNS = frozenset("cdhmnqstwy")
TEXT_SIGNS = frozenset("@&<>")


class Sign(NamedTuple):
    """One character of a format; `literal` where it stands for itself (quoted, or after a backslash)."""

    text: str
    literal: bool = False


class FormatKind(StrEnum):
    """What a format is made for."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


def sections(text: str) -> list[list[Sign]]:
    """The sections between semicolons: for numbers positive, negative, zero, null.

    >>> [len(s) for s in sections('0.0;"a;b"')]
    [3, 1]
    """
    found: list[list[Sign]] = [[]]
    place = 0
    while place < len(text):
        sign = text[place]
        if sign == '"':
            end = text.find('"', place + 1)
            end = len(text) if end < 0 else end
            found[-1].append(Sign(text[place + 1 : end], literal=True))
            place = end
        elif sign == "\\" and place + 1 < len(text):
            place += 1
            found[-1].append(Sign(text[place], literal=True))
        elif sign == ";":
            found.append([])
        else:
            found[-1].append(Sign(sign))
        place += 1
    return found


def kind_of(parts: list[list[Sign]]) -> FormatKind:
    """What the format is for: digits make a number, `@ & < >` a text, letters of time a date."""
    signs = {sign.text.lower() for part in parts for sign in part if not sign.literal}
    if signs & {"0", "#"}:
        return FormatKind.NUMBER
    if signs & TEXT_SIGNS:
        return FormatKind.TEXT
    return FormatKind.DATE if signs & DATE_SIGNS else FormatKind.NUMBER
