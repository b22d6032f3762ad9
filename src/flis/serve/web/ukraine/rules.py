"""What the report takes from the area's policy: the groups of a breakdown, and which counts are small."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from flis.release.policies import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AREA", "groups_shown", "small_flow"]

AREA = "ukraine"


@cache
def groups_shown() -> Mapping[str, tuple[str, ...]]:
    """The groups of each dimension that the report breaks down by, in the policy's order."""
    return {dimension.name: dimension.groups for dimension in policy(AREA).dimensions}


def small_flow() -> int:
    """The greatest count of a municipality's week that is shown as a range."""
    return policy(AREA).levels["municipality"].flows.small
