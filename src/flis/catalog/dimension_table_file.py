"""The tables of the dimensions that cubes share: which members they have, from `areas/dimensions/tables/*.yaml`.

A file is called as its table, which is called as its key. Days and municipalities are made by the platform; of the
latter a file says alone which list of codes knows since when until when each one is valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flis.catalog.area_paths import dimension_table_files, remembered
from flis.catalog.forms import MAPPING, WHOLE, WORD, Record, named, plain
from flis.catalog.yaml import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flis.catalog.yaml import YamlEntry

__all__ = ["TABLE", "DimensionTable", "Groups", "Numbers", "dimension_tables"]


@dataclass(frozen=True, slots=True)
class Groups:
    """The column that groups numbers, and the first number of each group in order.

    An area whose definition names groups has those instead.
    """

    column: str
    first: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Members that are the whole numbers through the last one, which stands for higher ones too; `unit` by language."""

    through: int
    unit: Mapping[str, str]
    groups: Groups
    unknown: str
    """What a step calls a value that is not known."""


@dataclass(frozen=True, slots=True)
class DimensionTable:
    """One table: its own members (key -> text by language), those of a list of codes (`AREA/LIST`), or numbers."""

    rows: Mapping[str, Mapping[str, str]]
    codes: str = ""
    numbers: Numbers | None = None
    validity: str = ""
    """The list of codes (`AREA/LIST`) that says when members are valid which the platform makes."""


@remembered
def dimension_tables() -> dict[str, DimensionTable]:
    """The tables by name.

    Raises:
        CatalogError: a file is not as it should be; names file and line.
    """
    return {name: TABLE.read(read(file, place)) for name, (place, file) in dimension_table_files().items()}


def _table(entry: YamlEntry, **found: Any) -> DimensionTable:
    for part in ("codes", "validity"):
        if found.get(part) and found[part].count("/") != 1:
            raise entry.fields()[part].error("a list of codes is named as AREA/LIST.")
    return DimensionTable(**{"rows": {}, **found})


GROUPS: Record[Groups] = Record(
    "list of groups",
    Groups,
    {
        "column": (WORD, "The column of the group."),
        "first": (named(WHOLE), "The groups in order, each with its first number."),
    },
    plain(Groups),
    required=("column", "first"),
)
NUMBERS: Record[Numbers] = Record(
    "list of numbers",
    Numbers,
    {
        "through": (WHOLE, "The last number, which stands for higher ones too."),
        "unit": (MAPPING, "What is counted, by language."),
        "groups": (GROUPS.form, "How numbers are grouped."),
        "unknown": (WORD, "What a step calls a value that is not known."),
    },
    plain(Numbers),
    required=("through", "unit", "groups", "unknown"),
)
TABLE: Record[DimensionTable] = Record(
    "table of a dimension",
    DimensionTable,
    {
        "rows": (named(MAPPING), "Members with their texts by language, before those of the list of codes."),
        "codes": (WORD, "The list of codes (AREA/LIST) whose codes are members."),
        "numbers": (NUMBERS.form, "Members that are whole numbers."),
        "validity": (WORD, "The list of codes (AREA/LIST) that says when members of the platform are valid."),
    },
    _table,
)
