"""Open the facts of an area: of an area with a policy the protected ones, else those of its steps."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flis.release.exact import exact_facts
from flis.release.policies import is_protected
from flis.release.protected import protected_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.config import State
    from flis.release.source import Source

__all__ = ["opened"]


@contextmanager
def opened(state: State, area: str, *, make_key: bool = False) -> Iterator[Source | None]:
    """The facts of an area; None while nothing of it is loaded.

    `make_key`: the key of disclosure is made where there is none yet.
    """
    if is_protected(area):
        with protected_facts(state, area, make_key=make_key) as found:
            yield found
    else:
        with exact_facts(state, area) as found:
            yield found
