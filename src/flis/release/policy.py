"""The disclosure policy of an area: what its public store may hold, read from `areas/<id>/policy.yaml`."""

from __future__ import annotations

from flis.catalog.area_folders import folder_of, remembered
from flis.disclosure import Policy, read_policy
from flis.warehouse.dimensions import OLDEST, civil_states, sexes

__all__ = ["Policy", "policy"]


@remembered
def policy(area: str) -> Policy:
    """The policy of `area`.

    Raises:
        CatalogError: the file is not as it should be; names the line and what was meant.
    """
    values = {
        "aldersgruppe": [*(str(age) for age in range(OLDEST + 1)), "ukendt"],
        "koen": sexes()["koen"].to_pylist(),
        "civilstand": civil_states()["civilstand"].to_pylist(),
    }
    return read_policy(folder_of(area) / "policy.yaml", f"areas/{area}/policy.yaml", values)
