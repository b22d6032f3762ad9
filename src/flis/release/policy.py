"""The disclosure policy of an area: what its public store may hold, read from `areas/<id>/policy.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.area_folders import folder_of, remembered
from flis.disclosure import Policy, read_policy
from flis.warehouse.definition import definition
from flis.warehouse.dimensions import OLDEST, civil_states, sexes

if TYPE_CHECKING:
    from flis.warehouse.definition import Definition

__all__ = ["Policy", "groups_of", "policy", "values"]


@remembered
def policy(area: str) -> Policy:
    """The policy of `area`, whose age groups are those of its definition.

    Raises:
        CatalogError: the file is not as it should be; names the line and what was meant.
    """
    file = folder_of(area) / "policy.yaml"
    return read_policy(file, f"areas/{area}/policy.yaml", values(), groups_of(definition(area)))


def values() -> dict[str, list[str]]:
    """The values that the rows of each dimension can have."""
    return {
        "aldersgruppe": [*(str(age) for age in range(OLDEST + 1)), "ukendt"],
        "koen": sexes()["koen"].to_pylist(),
        "civilstand": civil_states()["civilstand"].to_pylist(),
    }


def groups_of(found: Definition) -> dict[str, dict[str, list[str]]]:
    """The groups that a definition gives dimensions, with the values of each."""
    return {"aldersgruppe": {group: [str(age) for age in ages] for group, ages in found.ages_through(OLDEST).items()}}
