"""The life of a data area: retired, closed for access, opened again; one JSON file per event, and none is ever changed.

operations/areas/<number>.json
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from flis import clock
from flis.catalog.area_file import Phrase, Product, area
from flis.disk import create, writing
from flis.errors import FlisError, NotFoundError, StateError, UsageError
from flis.operations.model import Notice, StatusKind

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["AreaEvent", "Change", "closed", "closed_cubes", "events", "record", "retired"]

NAME = "the event of a data area"


class Change(StrEnum):
    """What becomes of an area, or of one of its products."""

    RETIRE = "retire"
    CLOSE = "close"
    REOPEN = "reopen"


KINDS = {Change.RETIRE: StatusKind.RETIRED, Change.CLOSE: StatusKind.ACCESS_CLOSED}
"""How the overview shows a change; an area that was opened again shows nothing."""
SAID = {
    Change.RETIRE: StatusKind.RETIRED.text,
    Change.CLOSE: StatusKind.ACCESS_CLOSED.text,
    Change.REOPEN: Phrase("Åben", "Open"),
}


class AreaEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an area, or of one product of it, from its first day on; `text` is the answer to who asks for it."""

    id: str = ""
    area: str
    change: Change
    since: date
    text: Phrase
    product: Product | None = None
    written: datetime | None = None

    @property
    def notice(self) -> Notice:
        """As a state of the area."""
        return Notice(kind=KINDS[self.change], text=self.text, product=self.product, since=self.since)


def record(state: State, new: AreaEvent) -> AreaEvent:
    """Write an event down; the one that was written last of the same area and product, said again, stands there.

    Raises:
        NotFoundError: there is no such area.
        UsageError: the area is not published as the product, or the text is missing.
    """
    known = area(new.area)
    if new.product is not None and new.product not in known.products:
        listed = ", ".join(known.products)
        raise UsageError(f"{new.area} is not published as {new.product}.", hint=f"Its products: {listed}.")
    if not new.text.da.strip():
        raise UsageError("Say with --text what those who ask for the area are told.")
    if not new.text.en.strip():
        new = msgspec.structs.replace(new, text=Phrase(new.text.da, f"{SAID[new.change].en}."))
    before = events(state)
    last = next((e for e in reversed(before) if e.area == new.area and _meets(e, new)), None)
    if last and msgspec.structs.replace(last, id="", written=None) == new:
        return last
    with writing(NAME):
        _folder(state).mkdir(parents=True, exist_ok=True)
        for number in count(len(before) + 1):
            kept = msgspec.structs.replace(new, id=f"{number:04}", written=clock.moment().replace(microsecond=0))
            if create(_folder(state) / f"{kept.id}.json", _encoded(kept)):
                break
    return kept


def _meets(one: AreaEvent, other: AreaEvent) -> bool:
    """Whether what one event says is also said of what another is about."""
    return one.product is None or other.product is None or one.product is other.product


def events(state: State) -> list[AreaEvent]:
    """All events, in the order in which they were written down.

    Raises:
        StateError: one of the files is damaged.
    """
    return [_read(file) for file in sorted(_folder(state).glob("*.json")) if not file.name.startswith(".")]


def closed(state: State, day: date) -> dict[str, list[AreaEvent]]:
    """Per area, what is retired or closed on `day`: the whole area, or products of it.

    Events count from their first day on; of the same day the one that was written last. An event of the whole area ends
    what was said of its products before.
    """
    found: dict[str, dict[Product | None, AreaEvent]] = {}
    for event in sorted(events(state), key=lambda e: (e.since, e.id)):
        if event.since <= day:
            held = found.setdefault(event.area, {})
            if event.product is None:
                held.clear()
            held[event.product] = event
    return {
        name: [event for event in held.values() if event.change is not Change.REOPEN] for name, held in found.items()
    }


def closed_cubes(state: State, day: date) -> dict[str, FlisError]:
    """The areas whose cube is retired or closed on `day`, and the answer to whoever asks for it."""
    return {
        name: NotFoundError(f"{_named(name)}: {SAID[event.change].en.lower()} since {event.since}. {event.text.en}")
        for name, found in closed(state, day).items()
        for event in found
        if event.product in {None, Product.DAP_CUBE}
    }


def _named(name: str) -> str:
    """What people call an area; its id where its folder is gone or cannot be read."""
    with suppress(FlisError):
        return area(name).name.en
    return name


def retired(state: State, day: date) -> dict[str, AreaEvent]:
    """The areas that get no further data on `day`, each with the event that says so."""
    return {
        name: event
        for name, held in closed(state, day).items()
        for event in held
        if event.product is None and event.change is Change.RETIRE
    }


def _read(file: Path) -> AreaEvent:
    try:
        return msgspec.json.decode(file.read_bytes(), type=AreaEvent)
    except msgspec.MsgspecError:
        raise StateError(f"The event {file.stem} of the data areas is damaged.") from None


def _encoded(event: AreaEvent) -> bytes:
    return msgspec.json.format(msgspec.json.encode(event), indent=1)


def _folder(state: State) -> Path:
    return state.operations / "areas"
