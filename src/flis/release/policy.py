"""The small-count policy of an area, from `areas/<id>/policy.yaml`: what its public store may hold."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec

from flis.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Breakdown", "Groups", "Municipal", "Policy", "policy"]


class Breakdown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A municipality's breakdowns: of which day, rounded to a multiple of what, of which known version."""

    day: Literal["sunday"]
    round_to: int
    known: Literal["latest"]


class Municipal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is shown of one municipality beside its daily total."""

    flow: Literal["week"]
    breakdown: Breakdown


class Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The groups of each breakdown."""

    aldersgruppe: list[str]
    koen: list[str]
    civilstand: dict[str, list[str]]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    municipality: Municipal
    groups: Groups

    def values(self, ages: Mapping[str, int], oldest: int) -> dict[str, dict[str, list[str]]]:
        """Dimension -> group -> the values that fall into it; `ages` gives the first age of each group."""
        starts = sorted(ages.values())
        ends = dict(zip(starts, [*starts[1:], oldest + 1], strict=True))
        return {
            "aldersgruppe": {
                name: [str(age) for age in range(ages[name], ends[ages[name]])] for name in self.groups.aldersgruppe
            },
            "koen": {value: [value] for value in self.groups.koen},
            "civilstand": self.groups.civilstand,
        }


@cache
def policy(area: str) -> tuple[Policy, str]:
    """The policy of `area`, and the SHA-256 of its file.

    Raises:
        CatalogError: the file is not as it should be.
    """
    where = f"areas/{area}/policy.yaml"
    try:
        data = (files("flis.areas") / area / "policy.yaml").read_bytes()
        return msgspec.yaml.decode(data, type=Policy), hashlib.sha256(data).hexdigest()
    except (msgspec.MsgspecError, FileNotFoundError) as e:
        raise CatalogError(str(e), file=where) from None
