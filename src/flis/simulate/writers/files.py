"""The files of one delivery of an interface: their names by the contract's pattern, and their bytes."""

from __future__ import annotations

import gzip
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from flis.catalog.contract import FileFormat
from flis.simulate.writers import csv, fixed, json, xml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flis.catalog.contract import Contract

__all__ = ["write"]

_WRITERS: dict[FileFormat, Callable[[Contract, Mapping[str, Any], Mapping[str, str], date | None], bytes]] = {
    FileFormat.CSV: csv.lines,
    FileFormat.FIXED: fixed.records,
    FileFormat.XML: xml.document,
    FileFormat.JSON: json.document,
    FileFormat.NDJSON: json.lines,
}


def write(contract: Contract, tables: Mapping[str, Any], **told: str) -> dict[str, bytes]:
    """The files of a delivery by their names: the one with the rows first, then the one that comes along, if any.

    `tables` are Arrow tables by the contract's names; person numbers in them are texts of ten digits. `told` is what
    the name tells, by placeholder (`kommune="0101"`, `maaned="202508"`).

    Raises:
        KeyError: a table, a column or a placeholder of the name is missing.
        UsageError: a value has no room, or a row says something that the row around it does not.
    """
    name = re.sub(r"\{(\w+)\}", lambda found: told[found[1]], contract.recognition.name)
    content = _WRITERS[contract.format](contract, tables, told, _first_day(told))
    dialect = contract.dialect
    # without a time of day in it, the same rows are packed into the same bytes
    files = {name: gzip.compress(content, mtime=0) if dialect.gzip else content}
    if dialect.companion:
        files[name + dialect.companion] = csv.companion(contract, tables, name)
    return files


def _first_day(told: Mapping[str, str]) -> date | None:
    """The first day of the period that a name tells."""
    digits = next((told[part].replace("-", "") for part in ("maaned", "dato", "aar") if part in told), "")
    return date(int(digits[:4]), int(digits[4:6] or 1), int(digits[6:] or 1)) if digits else None
