"""One month of accounts of six municipalities beside a small register of persons, all the way to a release.

Worlds differ by what becomes of the rows that a municipality would send, so that tests can tell who may see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from flis.warehouse import load
from tests.areas.okonomi.files import FORMS, Row, accounts_of, told, written
from tests.made_up.files import SentFile
from tests.made_up.walk import put, receive, run_month, state_of
from tests.oracle.ukraine import Register, residents
from tests.warehouse.arrange import new_state, write_chain
from tests.warehouse.lives import Life

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "GROWING",
    "LATE",
    "OWNER",
    "elsewhere",
    "living",
    "renumbered",
    "rows_of",
    "take_register",
    "unchanged",
    "world",
]

OWNER = "0151"
AUGUST, ARRIVED = 8, date(2025, 9, 10)
GROWING = (date(2023, 12, 29), date(2024, 6, 28), date(2024, 12, 31), date(2025, 1, 2))
LATE = GROWING[1:]
Change = Callable[[str, Row], Row]


def unchanged(_: str, row: Row) -> Row:
    """What is sent."""
    return row


def renumbered(_: str, row: Row) -> Row:
    """The same amounts on other cost centres."""
    function, dranst, owner, centre, group, art = row.parts
    centre = centre if centre == "0000" else f"8{centre[1:]}"
    return row._replace(account=f"{function}-{dranst}-{owner}-{centre}-{group}-{art}")


def elsewhere(kommune: str, row: Row) -> Row:
    """Other amounts on other cost centres, but for one municipality."""
    if kommune == OWNER:
        return row
    amounts = {name: getattr(row, name) * 2 for name in ("actual", "original", "revised")}
    return renumbered(kommune, row._replace(**amounts))


def rows_of(folder: Path) -> list[Row]:
    """What all municipalities have sent for August, read back from the bytes of their files."""
    files = [file for file in sorted((folder / "files").iterdir()) if file.suffix == ".csv"]
    return told(SentFile(file.name, file.read_bytes(), ARRIVED) for file in files)


def lives() -> list[Life]:
    """Persons: none live in 0147, in 0740 none before 2024; one moved before New Year, and CPR learnt it after."""
    found = []
    for kommune, count in {"0101": 7, "0151": 4, "0155": 3, "0161": 2}.items():
        found += [Life(f"0101{kommune}{n:02}").add("enter", date(2023, 5, 1), kommune) for n in range(count)]
    found += [Life(f"02020740{n:02}").add("enter", date(2024, 3, 1), "0740") for n in range(5)]
    found[0].add("move", date(2024, 12, 20), "0155", known=date(2025, 1, 2))
    found[1].add("leave", date(2024, 5, 1))
    return found


def living(folder: Path) -> dict[tuple[str, int], int]:
    """The inhabitants by municipality and year, counted from the lines of the register's files."""
    register = Register()
    for file in sorted((folder / "register").iterdir()):
        register.read(file)
    found = {(k, y): len(residents(register, k, date(y, 1, 1))) for k in FORMS for y in (2024, 2025)}
    return {key: count for key, count in found.items() if count}


def take_register(folder: Path, arrived: dict[date, date]) -> None:
    """Take in the register's deliveries of some days, each on the day on which it arrives."""
    files = write_chain(folder / "register", list(arrived), lives())
    for path, day in zip(files, arrived.values(), strict=True):
        assert receive(folder / "state", [path], day, areas=folder) == 0
    load(state_of(folder / "state"))


def world(folder: Path, change: Change = unchanged, *, register: Sequence[date] = ()) -> Path:
    """A folder in which `state` holds a release of August 2025."""
    new_state(folder / "state")
    if register:
        take_register(folder, dict(zip(register, register, strict=True)))
    sent = []
    for kommune, form in FORMS.items():
        rows = [change(kommune, row) for row in accounts_of(kommune, AUGUST)]
        sent += written(form or "opus", kommune, AUGUST, rows)
    assert receive(folder / "state", put(sent, folder / "files"), ARRIVED, areas=folder) == 0
    assert run_month(folder / "state", date(2025, 9, 12), areas=folder) == 0
    return folder
