"""What the platform finds in files of Økonomi that are spoiled in the general ways, in each of the three forms."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import pytest

from flis.catalog.contracts import of_area
from flis.catalog.sender_file import expected
from flis.config import Settings
from flis.delivery import DeliveryState, deliveries, receive
from flis.simulate import MUTATIONS, simulate
from flis.validation import judge, report

if TYPE_CHECKING:
    from pathlib import Path

MONTH = date(2025, 6, 1)
REFUSED: dict[str, str | tuple[str, ...]] = {
    "truncated": "g-05-",
    "end-off": "g-05-wrong-count",
    "encoding": "g-01-encoding",
    "separator": "g-02-column-missing",
    "decimal": "g-05-wrong-sum",
    "thousands": "g-12-type",
    "dates": "g-12-type",
    "column-renamed": "g-02-column-missing",
    "column-dropped": "g-02-column-missing",
    "zeros-lost": "g-",
    "other-sender": "g-06-disagree",
}
"""The rule that is broken where the file is refused."""
TOLD: dict[str, str | tuple[str, ...]] = {
    "column-added": "g-03-column-added",
    "rows-doubled": "g-10-key-twice",
    "unknown-codes": ("g-", "oko-"),
}
"""The rule that is broken where the file is accepted."""
SILENT = {"column-moved", "last-month", "huge-field", "injection"}
"""Columns may stand in any order; the others are told by rules of the area or by history, which is not there."""
WITHOUT_SENDER = ("oko-oesindsigt", "other-sender")
"""Rows of ØS Indsigt do not say whose they are: the rows of another municipality cannot be known by the file alone."""
UNBALANCED = ("oko-oesindsigt", "unknown-codes")
"""The code that nobody knows is the period: the one that rows are taken from does not add up."""


def test_every_mutation_is_judged_here() -> None:
    assert set(MUTATIONS) == {*REFUSED, *TOLD, *SILENT}


def spoiled(folder: Path) -> dict[tuple[str, str], list[Path]]:
    """The files of one municipality for each interface and mutation."""
    found: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for contract in of_area("okonomi"):
        senders = sorted(expected(contract, f"{MONTH:%Y-%m}"))
        names = [name for name, mutation in MUTATIONS.items() if mutation.can(contract)]
        for at in range(0, len(names), len(senders)):
            struck = dict(zip(senders, names[at : at + len(senders)], strict=False))
            out = folder / f"{contract.id}-{at}"
            faults = [f"{name}@{MONTH:%Y-%m}/{sender}" for sender, name in struck.items()]
            for file in simulate("okonomi", out, MONTH, MONTH, scale=0.01, faults=faults):
                sender = file.name.split("_")[2]
                if sender in struck:
                    found[contract.id, struck[sender]].append(file)
    return found


@pytest.mark.slow
def test_each_mutation_is_found_by_its_rule(tmp_path: Path) -> None:
    wrong = []
    for (interface, name), files in spoiled(tmp_path / "sent").items():
        # a municipality may send several spoiled files of the month, each into a state of its own
        state = Settings(state=tmp_path / "state" / files[0].parent.name).folders
        for file in files:
            judge(state, receive(state, file))
        kommune = files[0].name.split("_")[2]
        (found,) = [
            d for d in deliveries(state) if d.manifest.interface.startswith(interface) and f"-{kommune}-" in d.id
        ]
        told = report(found).findings
        rules = {finding.rule for finding in told}
        refused = found.state is DeliveryState.QUARANTINED
        if name in SILENT or (interface, name) == WITHOUT_SENDER:
            right = not refused and rules <= {"g-13-code"}
        else:
            rule = (REFUSED | TOLD)[name]
            is_refused = name in REFUSED or (interface, name) == UNBALANCED
            right = refused == is_refused and any(one.startswith(rule) for one in rules)
        if not right:
            wrong.append((interface, name, refused, rules))
        assert not any(text in str(one) for one in told for text in ("HYPERLINK", "xxxx", "ZZZZ"))
    assert not wrong
