"""The named physical profiles of text files, and how a contract's dialect is read: a profile and what differs."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flis.catalog.contract import Dialect
from flis.catalog.forms import COUNT, FLAG, WORD, Form, Record, listing, word

if TYPE_CHECKING:
    from flis.catalog.yaml import YamlEntry

__all__ = ["DATES", "DIALECT", "PATTERN", "PROFILES"]

PROFILES = {
    "kom-csv": Dialect(encoding="iso-8859-1", decimal=",", dates="%d-%m-%Y", end="SLUT"),
    "kom-csv-utf8": Dialect(bom=True, decimal=",", thousands=".", companion=".kontrol"),
    "fixed": Dialect(encoding="iso-8859-1", dates="%Y%m%d", start="00", end="99"),
    "xml": Dialect(),
    "jsonl.gz": Dialect(gzip=True),
    "wide-csv.gz": Dialect(encoding="iso-8859-1", decimal=",", dates="%d-%m-%Y", gzip=True),
}
"""The profiles of the area sheets by name."""

DATES = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH": "%H", "MI": "%M", "SS": "%S"}


def _encoding(entry: YamlEntry) -> str:
    try:
        return codecs.lookup(entry.text()).name
    except LookupError:
        raise entry.error(f"there is no encoding {entry.text()}.", "For example iso-8859-1 or utf-8.") from None


def _pattern(entry: YamlEntry) -> str:
    found = entry.text()
    for letters, code in DATES.items():
        found = found.replace(letters, code)
    if "%Y" not in found:
        raise entry.error("a date is written with YYYY, MM and DD.", "For example DD-MM-YYYY.")
    return found


def _single(entry: YamlEntry) -> str:
    if len(entry.text()) != 1:
        raise entry.error("one character was expected here.")
    return entry.text()


def _dialect(entry: YamlEntry, *, profile: str = "", **found: Any) -> Dialect:
    made = replace(PROFILES.get(profile, Dialect()), **found)
    if made.decimal in (made.delimiter, made.thousands):
        raise entry.error("the decimal sign is the delimiter or the thousands sign, too.")
    return made


SCHEMA = {"type": "string"}
CHARACTER = Form(_single, lambda _: {"type": "string", "minLength": 1, "maxLength": 1})
PATTERN = Form(_pattern, lambda _: SCHEMA)
DIALECT: Record[Dialect] = Record(
    "dialect",
    Dialect,
    {
        "profile": (word(*PROFILES), "The profile that the others deviate from."),
        "encoding": (Form(_encoding, lambda _: SCHEMA), "How letters are written as bytes."),
        "bom": (FLAG, "Whether a byte order mark stands at the beginning."),
        "delimiter": (CHARACTER, "What stands between two values."),
        "quote": (CHARACTER, "What stands around a value that holds the delimiter; doubled inside."),
        "decimal": (CHARACTER, "The decimal sign."),
        "thousands": (WORD, "The thousands sign; empty for none."),
        "dates": (PATTERN, "How dates are written, as DD-MM-YYYY."),
        "times": (PATTERN, "How moments are written."),
        "true": (listing(WORD), "How a true flag is written."),
        "false": (listing(WORD), "How a false flag is written."),
        "header": (FLAG, "Whether the first line names the columns."),
        "end": (WORD, "The first value of the end line, or the type of the end record; empty for none."),
        "start": (WORD, "Fixed width: the type of the start record; empty for none."),
        "companion": (WORD, "The ending of the control file's name; empty for none."),
        "sums": (listing(WORD), "The fields whose sums are told at the end."),
        "gzip": (FLAG, "Whether files come packed; what a file is, it tells itself."),
        "root": (WORD, "XML: the name of the outermost element; empty for any."),
        "namespace": (WORD, "XML: the namespace of the elements; empty for that of the outermost element."),
        "version": (WORD, "XML: what the attribute version of the outermost element must be; empty for anything."),
        "depth": (COUNT, "XML and JSON: how deep elements may lie in each other."),
        "limit": (COUNT, "The most bytes that the file may unpack to."),
    },
    _dialect,
)
