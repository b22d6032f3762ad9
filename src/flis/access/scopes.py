"""From a principal to a Scope: which stores of a release are opened.

Rights are read anew for every request, so a revoked or ended grant works at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis import clock
from flis.access.model import Principal, Scope
from flis.errors import ForbiddenError

if TYPE_CHECKING:
    from datetime import date

__all__ = ["open_scope", "operator_scope", "scope"]


def scope(principal: Principal, release: int, *, today: date | None = None) -> Scope:
    """What `principal` may read of the release with that number.

    Raises:
        ForbiddenError: no grant holds today.
    """
    day = today or clock.today()
    held = {g.municipality for g in principal.grants if g.holds(day)}
    if not held:
        raise ForbiddenError("You have no rights to this cube.", hint="Ask your FLIS administrator for a grant.")
    if "" in held:
        return Scope(principal.name, release, ("national",), "national")
    own = tuple(sorted(held))
    return Scope(principal.name, release, tuple(f"kommune-{code}" for code in own), "municipal", own)


def operator_scope(release: int) -> Scope:
    """The Scope of whoever runs `flis` on the machine that holds the state folder: the national store."""
    return Scope("operator", release, ("national",), "national")


def open_scope() -> Scope:
    """The Scope of a catalogue that is served without sign-in (never FLIS's own)."""
    return Scope("", 0, ("*",), "open")
