"""The numbers in an area's definition of its population, from `areas/<id>/definition.yaml`."""

from __future__ import annotations

from datetime import date

import msgspec

from flis.catalog.area_folders import folder_of, remembered
from flis.errors import CatalogError

__all__ = ["Definition", "definition"]


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose citizenship counts, from which day of entry on, and the first age of each age group in order."""

    citizenship: str
    entered_from: date
    ages: dict[str, int]


@remembered
def definition(area: str) -> Definition:
    """The definition of `area`.

    Raises:
        CatalogError: the file is not as it should be.
    """
    file = folder_of(area) / "definition.yaml"
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=Definition)
    except (msgspec.MsgspecError, FileNotFoundError) as e:
        raise CatalogError(str(e), file=f"areas/{area}/definition.yaml") from None
