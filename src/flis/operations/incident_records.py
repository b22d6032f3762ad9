"""Driftsinfo: what people add to the overview, one JSON file per incident."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from flis import clock
from flis.catalog.area_file import Phrase, Product, area
from flis.catalog.reference import municipalities
from flis.disk import create, write, writing
from flis.errors import NotFoundError, StateError, UsageError, suggest
from flis.operations.model import Notice, StatusKind

if TYPE_CHECKING:
    from pathlib import Path

    from flis.config import State

__all__ = ["Incident", "add", "close", "incident", "incidents", "update"]

NAME = "the incident"
LINK = re.compile(r"(https?://|/)\S+")


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A driftsinfo: its scope (areas, product, municipalities, period), kind, text, link, and its days.

    `until` is its last day as far as known; `closed` is the day on which somebody ended it.
    """

    id: str = ""
    kind: StatusKind
    areas: tuple[str, ...]
    text: Phrase
    since: date
    until: date | None = None
    product: Product | None = None
    municipalities: tuple[str, ...] = ()
    period: str = ""
    link: str = ""
    closed: date | None = None
    updated: datetime | None = None

    def open_at(self, day: date) -> bool:
        """Whether it holds on `day`."""
        ended = (self.until and day > self.until) or (self.closed and day >= self.closed)
        return self.since <= day and not ended

    @property
    def notice(self) -> Notice:
        """As a state of its areas."""
        return Notice(
            kind=self.kind,
            text=self.text,
            product=self.product,
            municipalities=self.municipalities,
            period=self.period,
            link=self.link or f"/drift/{self.id}",
            since=self.since,
            until=self.until,
            incident=self.id,
        )


def incidents(state: State) -> list[Incident]:
    """All incidents, the newest first.

    Raises:
        StateError: one of the files is damaged.
    """
    found = [_read(f) for f in _folder(state).glob("*.json") if not f.name.startswith(".")]
    return sorted(found, key=lambda i: (i.since, i.id), reverse=True)


def incident(state: State, name: str) -> Incident:
    """The incident with the id `name`.

    Raises:
        NotFoundError: there is none.
    """
    known = {i.id: i for i in incidents(state)}
    if name not in known:
        raise NotFoundError(f"There is no incident {name}.", hint=suggest(name, known) or "See `flis incident list`.")
    return known[name]


def add(state: State, new: Incident) -> Incident:
    """Keep a new incident under a free, readable id: its first day, its first area, and a number where needed.

    Raises:
        NotFoundError: an area or municipality does not exist.
        UsageError: the days, texts or link make no sense.
    """
    _check(new)
    with writing(NAME):
        _folder(state).mkdir(parents=True, exist_ok=True)
        for number in count(1):
            tail = f"-{number}" if number > 1 else ""
            name = f"{new.since}-{new.areas[0].replace('_', '-')}{tail}"
            kept = msgspec.structs.replace(new, id=name, updated=_now())
            if create(_file(state, kept.id), _encoded(kept)):
                break
    return kept


def update(state: State, name: str, **changes: object) -> Incident:
    """Change some fields of an incident.

    Raises:
        NotFoundError: the incident, an area or a municipality does not exist.
        UsageError: the days, texts or link make no sense.
    """
    changed = msgspec.structs.replace(incident(state, name), **changes, updated=_now())
    _check(changed)
    with writing(NAME):
        write(_file(state, name), _encoded(changed))
    return changed


def close(state: State, name: str, day: date) -> Incident:
    """End an incident: from `day` on it no longer holds.

    Raises:
        NotFoundError: there is none.
        UsageError: the day lies before its first one.
    """
    return update(state, name, closed=day)


def _check(told: Incident) -> None:
    for name in told.areas:
        area(name)
    codes = {m.code for m in municipalities()}
    for code in told.municipalities:
        if code not in codes:
            raise NotFoundError(f"There is no municipality {code}.", hint="Codes have four digits, such as 0101.")
    if not told.areas:
        raise UsageError("An incident is about at least one area.")
    if not (told.text.da.strip() and told.text.en.strip()):
        raise UsageError("An incident has a text in Danish and one in English.")
    if told.link and not LINK.fullmatch(told.link):
        raise UsageError("The link of an incident begins with http://, https:// or /.")
    for end in filter(None, (told.until, told.closed)):
        if end < told.since:
            raise UsageError(f"The incident would end on {end}, before it begins on {told.since}.")


def _read(file: Path) -> Incident:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Incident)
    except msgspec.MsgspecError:
        raise StateError(f"The incident {file.stem} is damaged.") from None


def _encoded(told: Incident) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=1)


def _folder(state: State) -> Path:
    return state.operations / "incidents"


def _file(state: State, name: str) -> Path:
    return _folder(state) / f"{name}.json"


def _now() -> datetime:
    return clock.moment().replace(microsecond=0)
