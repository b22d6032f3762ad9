"""Work that follows the publishing of a release: each product of the web declares its own here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.serve.web.ukraine.newest_charts import draw_newest_charts

if TYPE_CHECKING:
    from collections.abc import Callable

    from flis.config import Settings

__all__ = ["after_release"]

HOOKS: tuple[Callable[[Settings], object], ...] = (draw_newest_charts,)


def after_release(settings: Settings) -> None:
    """Run every hook, in the order of the list; the release is public already if one raises."""
    for hook in HOOKS:
        hook(settings)
