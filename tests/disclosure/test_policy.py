"""A policy that protects less than it says, or says what is not so, is refused with file, line and what was meant."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from flis.disclosure import read_policy
from flis.errors import CatalogError
from flis.release.policies import policy

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (files("flis.areas") / "ukraine" / "policy.yaml").read_text("utf-8")
VALUES = {
    "aldersgruppe": [*(str(age) for age in range(126)), "ukendt"],
    "koen": ["K", "M"],
    "civilstand": ["U", "G", "P", "F", "E", "O", "L"],
}


def refused(folder: Path, old: str, new: str) -> tuple[str, int]:
    """The complaint about the policy with a change, and the line that it names."""
    assert old in TEXT
    file = folder / "policy.yaml"
    file.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogError) as raised:
        read_policy(file, "areas/ukraine/policy.yaml", VALUES)
    assert "areas/ukraine/policy.yaml" in str(raised.value)
    line = int(str(raised.value).split(":")[1])
    return str(raised.value), line


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("base: 5", "base: 2", "a base of 2 protects nobody"),
        ("base: 5", "base: 4", "decision"),
        ("shown_from: 20", "shown_from: 10", "decision"),
        ("refresh_from: 5", "refresh_from: 1", "who, when and why"),
        ("held_one_in: 10", "held_one_in: 1", "2 or more"),
        ("balance: 20-66", "balance: 20-65", "20-66"),
        ("every: sunday", "every: sonday", "sunday"),
        ("17-19: [17-19]", "17-19: [17-18]", "no group has 19"),
        ("17-19: [17-19]", "17-19: [17-20]", "20 stands in 17-19 and in 20-66"),
        ("[F, E, O, L]", "[F, E, O, L, D]", "there is no value D"),
        ("[67-125]", "[67-x]", "no range"),
        ("koen:", "kon:", "koen"),
    ],
    ids=lambda x: x[:24],
)
def test_a_wrong_policy_is_refused_where_it_is_wrong(tmp_path: Path, old: str, new: str, told: str) -> None:
    message, line = refused(tmp_path, old, new)
    assert told in message
    assert line == line_of(old.split(":", maxsplit=1)[0] if old == "koen:" else old)


@pytest.mark.parametrize("missing", ["who", "when", "why"])
def test_a_decision_says_who_when_and_why(tmp_path: Path, missing: str) -> None:
    parts = {"who": "KL", "when": "2026-11-30", "why": "asked for"}
    decided = ", ".join(f"{k}: {v}" for k, v in parts.items())
    lowered = TEXT.replace("shown_from: 20", "shown_from: 10").replace("# decision: {who: …, when: …, why: …}", "{}")
    file = tmp_path / "policy.yaml"
    file.write_text(lowered.replace("  {}", f"  decision: {{{decided}}}"), "utf-8")
    assert read_policy(file, "p", VALUES).rules.shown_from == 10
    del parts[missing]
    told = ", ".join(f"{k}: {v}" for k, v in parts.items())
    file.write_text(lowered.replace("  {}", f"  decision: {{{told}}}"), "utf-8")
    with pytest.raises(CatalogError, match=f"no {missing}"):
        read_policy(file, "p", VALUES)


def test_the_policy_of_the_report_groups_all_values() -> None:
    rules = policy("ukraine")
    assert (rules.rules.base, rules.rules.shown_from, rules.rules.refresh_from) == (5, 20, 5)
    assert [d.balance for d in rules.dimensions] == ["20-66", "K", "gift"]
    assert sum(len(v) for v in rules.values["aldersgruppe"].values()) == 127  # 0 to 125, and not known
    assert rules.levels["municipality"].every == 7
    assert (rules.levels["country"].every, rules.levels["country"].before) == (None, 7)
