"""A policy and the definition of its area have the same groups, with the same ages in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.catalog.area_paths import OWN
from flis.errors import CatalogError
from flis.release.policies import policy
from flis.warehouse.definitions import definition
from tests.made_areas import write_area

if TYPE_CHECKING:
    from pathlib import Path

    from tests.made_areas import AreasIn

DEFINITION, POLICY = ((OWN / "ukraine" / name).read_text("utf-8") for name in ("definition.yaml", "policy.yaml"))


GROUPS = next(n for n, line in enumerate(POLICY.splitlines(), 1) if "groups: {00-06:" in line)
"""The line of the policy on which the age groups stand."""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("20-66: 20", "20-65: 20", r"has no group 20-66\. Did you mean 20-65"),
        ("20-66: 20", "20-66: 21", r"20 stands in 20-66, and in the area's definition in 17-19"),
        ("  67+: 67", "  67-79: 67\n  80+: 80", r"has no group 67\+"),
        ("  17-19: 17\n", "  17-18: 17\n  19-19: 19\n", r"has no group 17-19\. Did you mean"),
    ],
)
def test_groups_that_are_not_those_of_the_definition_are_told(
    old: str, new: str, told: str, tmp_path: Path, areas_in: AreasIn
) -> None:
    assert old in DEFINITION
    write_area(tmp_path, "haver", **{"definition.yaml": DEFINITION.replace(old, new), "policy.yaml": POLICY})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=told) as raised:
        policy("haver")
    assert (raised.value.file, raised.value.line) == ("areas/haver/policy.yaml", GROUPS)


def test_a_group_of_the_definition_that_the_policy_lacks_is_told(tmp_path: Path, areas_in: AreasIn) -> None:
    lacking = POLICY.replace("17-19: [17-19], 20-66: [20-66, ukendt]", "20-66: [20-66, ukendt]")
    write_area(tmp_path, "haver", **{"definition.yaml": DEFINITION, "policy.yaml": lacking})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=r"the group 17-19 of the area's definition is missing"):
        policy("haver")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("00-06: 0", "00-06: 1", "do not rise from 0"),
        ("07-16: 7", "07-16: 18", "do not rise from 0"),
        ("07-16: 7", "07-16: seven", "a whole number was expected"),
        ("2022-01-01", "1 January 2022", "a date was expected"),
        ("citizenship:", "citizenshp:", r"has no field citizenshp\. Did you mean citizenship"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_line(
    old: str, new: str, told: str, tmp_path: Path, areas_in: AreasIn
) -> None:
    write_area(tmp_path, "haver", **{"definition.yaml": DEFINITION.replace(old, new)})
    areas_in(tmp_path)
    with pytest.raises(CatalogError, match=rf"areas/haver/definition\.yaml:\d+: .*{told}"):
        definition("haver")


def test_the_ages_of_each_group_are_counted_from_the_first_ages() -> None:
    ages = definition("ukraine").ages_through(125)
    assert {group: (found[0], found[-1]) for group, found in ages.items()} == {
        "00-06": (0, 6), "07-16": (7, 16), "17-19": (17, 19), "20-66": (20, 66), "67+": (67, 125),
    }  # fmt: skip
