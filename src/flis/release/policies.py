"""The disclosure policy of an area: what its public store may hold, read from `areas/<id>/policy.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of, remembered
from flis.disclosure import Policy, read_policy
from flis.warehouse.definitions import definition
from flis.warehouse.dimensions import numbered, values

if TYPE_CHECKING:
    from flis.warehouse.definitions import Definition

__all__ = ["Policy", "groups_of", "is_protected", "policy"]


def is_protected(area: str) -> bool:
    """Whether a policy says what the public may see of an area."""
    return (folder_of(area) / "policy.yaml").is_file()


@remembered
def policy(area: str) -> Policy:
    """The policy of `area`, whose age groups are those of its definition.

    Raises:
        CatalogError: the file is not as it should be; names the line and what was meant.
    """
    file = folder_of(area) / "policy.yaml"
    return read_policy(file, f"areas/{area}/policy.yaml", values(), groups_of(definition(area)))


def groups_of(found: Definition) -> dict[str, dict[str, list[str]]]:
    """The groups that a definition gives dimensions, with the values of each."""
    return {
        column: {group: [str(number) for number in numbers] for group, numbers in found.ages_through(last).items()}
        for column, last in numbered().items()
    }
