"""Format strings: the language of FORMAT_STRING and of the function Format, in Danish and English.

A format is read once and becomes a function; columns of numbers have a faster way with the same answers.
"""

from flis.query.formats.arrays import format_array
from flis.query.formats.compiled import formatter

__all__ = ["format_array", "formatter"]
