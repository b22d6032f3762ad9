"""From nodes to values: blocks of contexts, sets in columns, cells read in as few grouped queries as possible."""

from __future__ import annotations

__all__: list[str] = []
