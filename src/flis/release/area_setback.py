"""Set single areas back: a new release in which their trees are those of an earlier one, beside the others' of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flis import __version__, clock
from flis.errors import DamagedError, ReleaseError
from flis.release.publishing import carry_over, point, write_root
from flis.release.reader import current, pointer, readable, release, releases
from flis.release.tree import Root
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.config import State
    from flis.release.reader import Hold, Release

__all__ = ["areas_back"]


def areas_back(state: State, areas: Iterable[str], number: int | None, hold: Hold) -> int:
    """Publish a release in which `areas` are as in `number`, or as in the release before theirs; its own number.

    Raises:
        NotFoundError: there is no such release, or it holds nothing of an area.
        DamagedError: it is not whole.
        ReleaseError: there is no earlier one that is, or no release serves.
    """
    at, serving = pointer(state), current(state)
    if at is None or serving is None:
        raise ReleaseError("There is no release to go back to.", hint="`flis release apply` makes the first.")
    carry_over(state)
    wanted = {area: _wanted(state, serving, area, number) for area in areas}
    trees = {area: one.root.areas[area] for area, one in wanted.items()}
    moment = clock.moment().replace(microsecond=0)
    root = Root(
        number=at.newest + 1,
        previous=at.current,
        applied=moment,
        version=__version__,
        areas=dict(sorted({**serving.root.areas, **trees}.items())),
        shown=serving.root.shown,
    )
    others = [msgspec.structs.replace(h, areas=tuple(a for a in h.areas if a not in wanted)) for h in at.holds]
    kept = [h if h.as_of else msgspec.structs.replace(h, as_of=at.current, since=at.since) for h in others if h.areas]
    newest = _newest(state)
    mine = [
        msgspec.structs.replace(hold, areas=(area,), as_of=one.number, since=moment)
        for area, one in wanted.items()
        if trees[area] != newest.get(area)
    ]
    write_root(state, root)
    step("release.root")
    point(state, root.number, root.number, moment, (*kept, *mine))
    return root.number


def _wanted(state: State, serving: Release, area: str, number: int | None) -> Release:
    """The release whose tree of the area is to serve."""
    if number is not None:
        found = release(state, number)
        if damaged := found.area(area).damage():
            raise DamagedError(
                f"Release {number} is damaged (of {area}: {', '.join(damaged[:3])}).", hint="Name another release."
            )
        return found
    for found in _before(state, serving, area):
        if not found.area(area).damage():
            return found
    raise ReleaseError(f"There is no earlier release of {area} to go back to.")


def _before(state: State, serving: Release, area: str) -> Iterator[Release]:
    """The releases that held another tree of the area before the one that serves first did, the newest first."""
    serves = serving.root.areas.get(area)
    found = next((one for one in releases(state) if one.root.areas.get(area) == serves), None)
    while found is not None and found.root.previous:
        found = readable(state, found.root.previous)
        if found and found.root.areas.get(area) not in {None, serves}:
            yield found


def _newest(state: State) -> dict[str, str]:
    """The tree of each area that was published last for the first time: that one is never held."""
    first = {(area, tree): None for one in releases(state) for area, tree in one.root.areas.items()}
    return dict(first.keys())
