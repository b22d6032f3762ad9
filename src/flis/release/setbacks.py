"""Set back: an earlier release serves in place of the newest, and what may be published meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis import clock
from flis.catalog.area_file import Phrase
from flis.catalog.area_file import area as area_of
from flis.release.reader import pointer, release

if TYPE_CHECKING:
    from datetime import date

    from flis.config import State
    from flis.release.reader import Hold, Pointer

__all__ = ["held", "setback"]


def held(state: State, today: date | None = None) -> tuple[Hold, ...]:
    """The holds of roll-backs that stop new releases of their areas today; none where all may be published."""
    at, day = pointer(state), today or clock.today()
    return tuple(hold for hold in at.holds if hold.holds(day)) if at else ()


def setback(state: State, today: date | None = None, area: str = "") -> Phrase | None:
    """In words that an earlier release serves (of `area`, where one is given), since when and why; None: the newest.

    Raises:
        DamagedError: the pointer or a release that it leads to is lost or was changed.
    """
    at = pointer(state)
    if at is None:
        return None
    day = today or clock.today()
    whole = next((hold for hold in at.holds if hold.as_of is None), None)
    said = [(_whole(state, at), whole)] if at.current != at.newest else []
    said += [
        (_area(state, one, hold), hold) for hold in at.holds for one in hold.areas if area in {"", one} and hold.as_of
    ]
    told = [part for served, hold in said for part in (served, _why(hold), _until(hold, day))]
    if not told:
        return None
    return Phrase(*(" ".join(part[language] for part in told) for language in ("da", "en", "uk")))


def _whole(state: State, at: Pointer) -> Phrase:
    """Which release serves in place of the newest."""
    through = release(state, at.current).data_through
    since = clock.day_of(at.since) if at.since else None
    return Phrase(
        f"Udgivelse {at.current} (data til og med {through}) vises{f' siden {since}' if since else ''} i stedet for "
        f"udgivelse {at.newest}.",
        f"Release {at.current} (data through {through}) serves{f' since {since}' if since else ''} in place of "
        f"release {at.newest}.",
        f"{f'З {since} п' if since else 'П'}оказується випуск {at.current} (дані по {through}) замість випуску "
        f"{at.newest}.",
    )


def _area(state: State, name: str, hold: Hold) -> Phrase:
    """As of which release one area serves."""
    through = release(state, hold.as_of or 0).area(name).tree.data_through
    since = clock.day_of(hold.since) if hold.since else None
    called = area_of(name).name
    return Phrase(
        f"{called.da} vises{f' siden {since}' if since else ''} som i udgivelse {hold.as_of} (data til og med "
        f"{through}).",
        f"{called.en} serves{f' since {since}' if since else ''} as of release {hold.as_of} (data through {through}).",
        f"{called['uk']}:{f' з {since}' if since else ''} показується, як у випуску {hold.as_of} (дані по {through}).",
    )


def _why(hold: Hold | None) -> Phrase:
    if hold is None or not hold.reason:
        return Phrase("Der er ikke angivet en årsag.", "No reason was given.", "Причину не вказано.")
    reason, english = hold.reason, hold.reason_en or hold.reason
    return Phrase(f"Årsag: {_ended(reason)}", f"Reason: {_ended(english)}", f"Причина: {_ended(english)}")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _until(hold: Hold | None, day: date) -> Phrase:
    if hold is None or not hold.holds(day):
        return Phrase("Næste kørsel udgiver igen.", "The next run publishes again.", "Наступний запуск знову публікує.")
    if hold.until is None:
        return Phrase(
            "Der udgives intet nyt indtil videre.",
            "Nothing new is published until further notice.",
            "До подальшого повідомлення нічого нового не публікується.",
        )
    return Phrase(
        f"Der udgives intet nyt til og med {hold.until}.",
        f"Nothing new is published through {hold.until}.",
        f"По {hold.until} включно нічого нового не публікується.",
    )
