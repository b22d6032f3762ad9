"""From syntax to nodes: names resolved, kinds known, conversions made, before anything is evaluated."""

from __future__ import annotations

__all__: list[str] = []
