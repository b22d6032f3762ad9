"""The local store of principals: one JSON file, replaced as a whole."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
from argon2 import PasswordHasher

from flis.access.model import BearerToken, Grant, Principal
from flis.disk import cached_by_stamp, locked, tidy, write, writing
from flis.errors import DamagedError, NotFoundError, UsageError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from flis.config import State

__all__ = ["Principals"]

NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
HASHER = PasswordHasher()
ANEW = (
    "Put access/principals.json back from a backup, or begin with an empty table: `flis user reset`, `flis user add`."
)


class Principals:
    """The principals of one state folder; reads follow changes made by other processes."""

    def __init__(self, state: State) -> None:
        self._file = state.access / "principals.json"

    def all(self) -> list[Principal]:
        """Everybody, by name."""
        return sorted(self._read().values(), key=lambda p: p.name)

    def find(self, name: str) -> Principal | None:
        """The principal of that name; names are compared without case."""
        return self._read().get(name.casefold())

    def add(self, name: str, password: str, grants: tuple[Grant, ...] = ()) -> Principal:
        """Add a principal.

        Raises:
            UsageError: the name is taken or not of the form, or the password is shorter than 12 characters.
        """
        if not NAME.fullmatch(name):
            raise UsageError("A user name is 1–64 letters, digits or . @ _ -, and begins with a letter or digit.")
        principal = Principal(name=name, password=_hashed(password), grants=grants)

        def change(known: dict[str, Principal]) -> None:
            if name.casefold() in known:
                raise UsageError(f"There is already a user {name}.")
            known[name.casefold()] = principal

        self._change(change)
        return principal

    def password(self, name: str, password: str) -> Principal:
        """Give a principal another password; tokens made under the old one end.

        Raises:
            UsageError: the password is shorter than 12 characters.
        """
        hashed = _hashed(password)
        return self._replace(name, lambda _: {"password": hashed, "tokens": ()})

    def grant(self, name: str, grants: tuple[Grant, ...]) -> Principal:
        """Give further rights; a grant for the same municipality replaces the older one."""
        given = {g.municipality for g in grants}
        return self._replace(
            name, lambda p: {"grants": (*(g for g in p.grants if g.municipality not in given), *grants)}
        )

    def revoke(self, name: str, municipalities: tuple[str, ...] | None = None) -> Principal:
        """Take rights back: those named, or (None) every right and token."""
        if municipalities is None:
            return self._replace(name, lambda _: {"grants": (), "tokens": ()})
        return self._replace(
            name, lambda p: {"grants": tuple(g for g in p.grants if g.municipality not in municipalities)}
        )

    def token(self, name: str, until: date) -> str:
        """A new bearer token; it is shown once and kept only as its digest."""
        value = f"flis_{secrets.token_urlsafe(32)}"
        token = BearerToken(id=secrets.token_hex(4), digest=digest(value), until=until)
        self._replace(name, lambda p: {"tokens": (*p.tokens, token)})
        return value

    def _replace(self, name: str, change: Callable[[Principal], dict[str, object]]) -> Principal:
        def apply(known: dict[str, Principal]) -> None:
            if name.casefold() not in known:
                hint = suggest(name, [p.name for p in known.values()])
                raise NotFoundError(f"There is no user {name}.", hint=hint)
            known[name.casefold()] = msgspec.structs.replace(known[name.casefold()], **change(known[name.casefold()]))

        return self._change(apply)[name.casefold()]

    def _read(self) -> Mapping[str, Principal]:
        try:
            return _people(self._file)
        except FileNotFoundError:
            if self._mark.exists():
                raise DamagedError("The table of users is lost.", hint=ANEW) from None
            return {}

    def _change(self, change: Callable[[dict[str, Principal]], None]) -> dict[str, Principal]:
        with self._lock():
            known = dict(self._read())
            change(known)
            content = msgspec.json.format(msgspec.json.encode(list(known.values())), indent=1)
            write(self._file, content, mode=0o600)
            self._mark.write_text("written\n", "ascii")
        return known

    def reset(self) -> bool:
        """Begin an empty table where this one is lost or damaged, which is kept beside it; False where it is neither.

        Nobody has any right afterwards.
        """
        with self._lock():
            try:
                self._read()
            except DamagedError:
                self._mark.unlink(missing_ok=True)
                if self._file.exists():
                    self._file.replace(self._file.with_suffix(".damaged"))
                return True
        return False

    @property
    def _mark(self) -> Path:
        """A file that is there once there was a table: without it a lost table would be taken for none yet."""
        return self._file.with_suffix(".written")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with writing("the users"):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(self._file.parent / "lock"):
                tidy(self._file.parent)
                yield


@cached_by_stamp(8)
def _people(file: Path) -> Mapping[str, Principal]:
    try:
        people = msgspec.json.decode(file.read_bytes(), type=list[Principal])
    except msgspec.MsgspecError:
        raise DamagedError("The table of users is damaged.", hint=ANEW) from None
    return {p.name.casefold(): p for p in people}


def _hashed(password: str) -> str:
    if len(password) < 12:
        raise UsageError("A password has at least 12 characters.")
    return HASHER.hash(password)


def digest(token: str) -> str:
    """SHA-256 of a token: enough for 256 random bits, and cheap for every request."""
    return hashlib.sha256(token.encode()).hexdigest()
