"""Principals, grants and the Scope of a query."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

__all__ = ["BearerToken", "Grant", "Kind", "Principal", "Scope"]

Kind = Literal["municipal", "national", "open"]


class Grant(msgspec.Struct, frozen=True):
    """A right: one municipality's own data, or the national store; it may end on a day."""

    municipality: str = ""  # a code; empty: national
    until: date | None = None  # the last day on which it holds

    def holds(self, today: date) -> bool:
        """Whether the grant holds on the day `today`."""
        return self.until is None or today <= self.until


class BearerToken(msgspec.Struct, frozen=True):
    """A bearer token, kept as its SHA-256 (the token itself is 256 random bits)."""

    id: str
    digest: str
    until: date


class Principal(msgspec.Struct, frozen=True):
    """Somebody who may sign in; `password` is an argon2id hash."""

    name: str
    password: str
    grants: tuple[Grant, ...] = ()
    tokens: tuple[BearerToken, ...] = ()


class Scope(msgspec.Struct, frozen=True):
    """What one query may read: the stores that are opened at all.

    Made by `flis.access` alone; a query takes it as its first argument. It is part of every cache key.
    """

    principal: str
    release: int
    stores: tuple[str, ...]
    kind: Kind
    municipalities: tuple[str, ...] = ()
