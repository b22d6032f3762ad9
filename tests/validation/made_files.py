"""Clean files of three made-up interfaces, and a state that has a history of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.config import Settings
from flis.delivery import receive
from flis.validation import settle
from tests.delivery.extracts import person_number
from tests.made_areas import write_area
from tests.made_contracts import contract, field, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from flis.config import State

__all__ = ["CODES", "MONTHS", "NEXT", "by_place", "national", "put", "rows", "state_in", "visits", "write_areas"]

CODES = ("hæk", "græs", "bed", "træ")
MONTHS = tuple(f"2025{month:02}" for month in range(1, 8))
"""The months of the history."""
NEXT = "202508"
QUALITY: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("timer-mindst-nul", "timer >= 0", "hold", {}),
    ("timer-hoejst-et-doegn", "timer <= 24", "refuse", {}),
    ("timer-rimelige", "timer < 20", "warn", {}),
    ("timer-i-alt", "sum(timer) < 1500", "refuse", {"each": ["ydelse"]}),
    ("timer-paa-en-dag", "max(timer) - min(timer) < 18", "hold", {"each": ["fra", "ydelse"]}),
    ("note-i-perioden", "month(fra) = month(maaned)", "warn", {}),
    ("note-paa-dagen", "lower(note)", "hold", {"codes": "aftaler", "valid_on": "til"}),
)
"""The rules of the municipal table: name, condition, breach, and what else the contract says of them."""
AGREED = "code,da,en,valid_from,valid_to\nja,ja,yes,,\nnej,nej,no,,2025-08-20\n"
PLACES = table("plads", field("antal", "integer"), field("dag", "date"), field("ydelse", codes="ydelser"))
COUNTS = table("tal", field("kommune", required=True), field("antal", "integer", required=True))
HEADER = "NR;PERSON;YDELSE;FRA;TIL;TIMER;NOTE"


def write_areas(shelf: Path, **changed: Any) -> Path:
    """An area with three interfaces: of municipalities, by position, and of one national sender.

    `changed` are a `limit` of the municipal file, its `name`, a `condition` of a rule, further `fields`, `senders`, and
    a `window` with its part of the file by position.
    """
    month: dict[str, Any] = {"part": ["kommune", "maaned"]}
    parts = month if "{maaned}" in changed.get("name", "{maaned}") else {"part": ["kommune"]}
    limit = {"limit": changed["limit"]} if "limit" in changed else {}
    municipal = contract(
        "haver", "csv", _visits(changed.get("condition", ""), *changed.get("fields", ())), interface="haver",
        recognise={"name": changed.get("name", "HAVER_{kommune}_{maaned}_{sekvens}.csv")},
        dialect={"profile": "kom-csv", "sums": ["timer"], **limit}, held=0.02, **parts,
    )  # fmt: skip
    placed = contract(
        "haver", "csv", PLACES, interface="pladser", recognise={"name": "PLADS_{kommune}_{maaned}_{sekvens}.csv"},
        dialect={"profile": "kom-csv", "header": False, "end": ""}, held=1, **(changed.get("window") or month),
    )  # fmt: skip
    whole = contract(
        "haver", "csv", COUNTS, interface="haver-land", recognise={"name": "LAND_{maaned}_{sekvens}.csv"},
        dialect={"profile": "kom-csv", "end": ""}, part=["maaned"], sender="DST", chain="once", held=0.02,
    )  # fmt: skip
    codes = "code,da,en,valid_from,valid_to\n" + "".join(f"{c},{c},{c},,\n" for c in CODES) + "gammel,g,g,,2024-12-31\n"
    files = {"contract.yaml": municipal, "contract-place.yaml": placed, "contract-whole.yaml": whole}
    if "senders" in changed:
        files["senders.csv"] = "kom,interface,valid_from,valid_to\n" + changed["senders"]
    return write_area(shelf, "haver", **files, **{"codes/ydelser.csv": codes, "codes/aftaler.csv": AGREED})


def places(more: Mapping[str, Any]) -> str:
    """How a message names the group that breaks a rule."""
    return "".join(f" ({{{name}}})" for name in more.get("each", ()))


def _visits(condition: str, *fields: Any) -> dict[str, Any]:
    """The municipal table; a `condition` takes the place of that of its first rule."""
    return table(
        "besoeg",
        field("nr", primaryKey=True, required=True),
        field("person", classification="pseudonym", required=True),
        field("ydelse", required=True, codes="ydelser"),
        field("fra", "date"),
        field("til", "date"),
        field("timer", "number", physicalType="DECIMAL(8,2)"),
        field("note"),
        *fields,
        quality=[
            {
                "type": "custom",
                "engine": "flis",
                "name": name,
                "implementation": condition if condition and number == 0 else told,
                "description": f"Timerne bryder reglen {name}{places(more)}.",
                "customProperties": [
                    {"property": "descriptionEnglish", "value": f"The hours break the rule {name}{places(more)}."},
                    {"property": "breach", "value": breach},
                    *({"property": key, "value": value} for key, value in more.items()),
                ],
            }
            for number, (name, told, breach, more) in enumerate(QUALITY)
        ],
    )


def state_in(folder: Path) -> State:
    """A state folder with nothing in it."""
    return Settings(state=folder / "state").folders


def visits(month: str, count: int = 400, *, sender: str = "0101") -> list[list[str]]:
    """Clean rows of a municipality's month, the same at each call."""
    rng = np.random.default_rng([int(month), int(sender)])
    codes = rng.choice(4, count, p=[0.4, 0.3, 0.2, 0.1])
    hours = rng.integers(100, 800, count)
    day = f"{month[4:]}-{month[:4]}"
    return [
        [
            f"{month}{n}",
            person_number(n % 40),
            CODES[code],
            f"{1 + n % 14:02}-{day}",
            f"{15 + n % 13:02}-{day}",
            hour,
            "ja",
        ]
        for n, (code, hour) in enumerate(zip(codes, (f"{h // 100},{h % 100:02}" for h in hours), strict=True))
    ]


def rows(found: Iterable[Iterable[str]], *, header: str = HEADER, end: str | None = None) -> bytes:
    """The file of some rows, with an end line that tells the truth unless another one is given."""
    lines = [list(r) for r in found]
    place = header.split(";").index("TIMER")
    cents = sum(_cents(line[place]) for line in lines if len(line) > place)
    told = f"SLUT;{len(lines)};{cents // 100},{cents % 100:02}" if end is None else end
    return "".join(f"{line}\r\n" for line in [header, *map(";".join, lines), *([told] if told else [])]).encode(
        "latin-1"
    )


def _cents(text: str) -> int:
    try:
        return round(100 * float(text.replace(",", ".")))
    except ValueError:
        return 0


def by_place(month: str) -> bytes:
    """A clean file without a header."""
    found = (f"{n};{1 + n % 28:02}-{month[4:]}-{month[:4]};{CODES[n % 4]}" for n in range(40))
    return "".join(f"{row}\r\n" for row in found).encode("latin-1")


def national(month: str, counts: Mapping[str, int]) -> bytes:
    """A clean file of one sender on many municipalities; `counts` are their rows."""
    found = [f"{code};{1000 * int(month) + n}" for code, many in counts.items() for n in range(many)]
    return "".join(f"{row}\r\n" for row in ["KOMMUNE;ANTAL", *found]).encode("latin-1")


def put(state: State, files: Mapping[str, bytes], *, judged: bool = True) -> None:
    """Receive files by their names, in that order, and judge them."""
    state.inbox.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (state.inbox / name).write_bytes(content)
        receive(state, state.inbox / name)
        if judged:
            settle(state)
