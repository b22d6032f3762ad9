"""Set back: an earlier release serves in place of the newest, and what may be published meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis import clock
from flis.catalog.areas import Phrase
from flis.release.reader import pointer, release

if TYPE_CHECKING:
    from datetime import date

    from flis.config import State
    from flis.release.reader import Hold, Pointer

__all__ = ["held", "setback"]


def held(state: State, today: date | None = None) -> Hold | None:
    """The hold of a roll-back that stops new releases today; None where new ones may be published."""
    at = pointer(state)
    return at.hold if at and at.hold and at.hold.holds(today or clock.today()) else None


def setback(state: State, today: date | None = None) -> Phrase | None:
    """In words that an earlier release serves, since when and why; None where the newest one serves."""
    at = pointer(state)
    if at is None or (at.current == at.newest and at.hold is None):
        return None
    through = release(state, at.current).data_through
    since = clock.day_of(at.since) if at.since else None
    served = Phrase(
        f"Udgivelse {at.current} (data til og med {through}) vises{f' siden {since}' if since else ''} i stedet for "
        f"udgivelse {at.newest}.",
        f"Release {at.current} (data through {through}) serves{f' since {since}' if since else ''} in place of "
        f"release {at.newest}.",
        f"{f'З {since} п' if since else 'П'}оказується випуск {at.current} (дані по {through}) замість випуску "
        f"{at.newest}.",
    )
    parts = (served, _why(at), _until(held(state, today)))
    return Phrase(*(" ".join(filter(None, (part[language] for part in parts))) for language in ("da", "en", "uk")))


def _why(at: Pointer) -> Phrase:
    if at.hold is None or not at.hold.reason:
        return Phrase("Der er ikke angivet en årsag.", "No reason was given.", "Причину не вказано.")
    reason, english = at.hold.reason, at.hold.reason_en or at.hold.reason
    return Phrase(f"Årsag: {_ended(reason)}", f"Reason: {_ended(english)}", f"Причина: {_ended(english)}")


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _until(hold: Hold | None) -> Phrase:
    if hold is None:
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
