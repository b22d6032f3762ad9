"""The physical forms in which one and the same delivery may come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["END_MARK", "PhysicalForm", "Shape"]

END_MARK = b"\x1a"
"""The end-of-file mark of old systems; some transfers leave it after the last record."""


class Shape(StrEnum):
    """How records follow each other."""

    FULL = "full"
    """Lines of the full width of their record type."""
    TRIMMED = "trimmed"
    """Lines whose blanks at the right are left out."""
    UNBROKEN = "unbroken"
    """No line breaks: every record at its full width, directly after the one before (the form of FTP transfers)."""


@dataclass(frozen=True, slots=True)
class PhysicalForm:
    """A physical form: how records follow each other, and what ends a line and the file."""

    shape: Shape = Shape.FULL
    carriage_return: bool = False
    end_mark: bool = False
    open_end: bool = False  # the last line has no line break

    @property
    def newline(self) -> bytes:
        """What stands after every record."""
        if self.shape is Shape.UNBROKEN:
            return b""
        return b"\r\n" if self.carriage_return else b"\n"

    @property
    def ending(self) -> bytes:
        """What stands after the last record's line break."""
        return END_MARK if self.end_mark else b""

    def __str__(self) -> str:
        """The form in few words.

        >>> str(Form(Shape.TRIMMED, carriage_return=True))
        'trimmed, CRLF'
        """
        marks = {"CRLF": self.newline == b"\r\n", "0x1A": self.end_mark, "no last line break": self.open_end}
        return ", ".join([self.shape.value, *(mark for mark, there in marks.items() if there)])
