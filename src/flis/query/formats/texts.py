"""Texts by a section such as `>@@@-@@`: characters are put into places, from the right unless `!` says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flis.query.formats.tokens import Sign

__all__ = ["TextSection"]

PLACES = frozenset("@&")


class TextSection:
    """One section of a text format, read once."""

    def __init__(self, signs: list[Sign]) -> None:
        self.signs = signs
        marks = {sign.text for sign in signs if not sign.literal}
        self.lower = "<" in marks
        self.upper = ">" in marks
        self.from_left = "!" in marks
        self.places = sum(sign.text in PLACES and not sign.literal for sign in signs)

    def text(self, value: str) -> str:
        """The value by this section; what has no place stands where the last place (or the case mark) is."""
        value = value.lower() if self.lower else value.upper() if self.upper else value
        spare = max(len(value) - self.places, 0)
        missing = max(self.places - len(value), 0)
        out: list[str] = []
        place = used = 0
        written = False
        for sign in self.signs:
            if sign.literal or sign.text not in "@&<>!":
                out.append(sign.text)
            elif sign.text in "<>" and not self.places and not written:
                out.append(value)
                written = True
            elif sign.text in PLACES:
                blank = place >= len(value) if self.from_left else place < missing
                place += 1
                if blank:
                    out.append(" " if sign.text == "@" else "")
                    continue
                more = spare if (place == self.places if self.from_left else place == 1) else 0
                out.append(value[used : used + 1 + more])
                used += 1 + more
        return "".join(out)
