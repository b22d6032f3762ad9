"""Settings and the layout of the state folder.

A setting comes from `flis.toml` in the working folder, then from the environment (`FLIS_PORT=8080`), then
from a flag; the later one wins.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from flis.errors import ConfigError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "State"]

DAYS = 36_500
"""A hundred years: whoever wants to keep files for ever writes this."""


@dataclass(frozen=True, slots=True)
class State:
    """The folders of one installation; everything that flis keeps lies under `root`.

    Keys may lie elsewhere (`FLIS_KEYS`), so that a copy of the state is of no use without them.
    """

    root: Path
    keys: Path

    @property
    def inbox(self) -> Path:
        """Where senders put files for `flis run`."""
        return self.root / "inbox"

    @property
    def deliveries(self) -> Path:
        """One folder per state of a delivery, one folder per delivery in it."""
        return self.root / "deliveries"

    @property
    def warehouse(self) -> Path:
        """History and star tables."""
        return self.root / "warehouse"

    @property
    def releases(self) -> Path:
        """Published releases, and the pointer to the current one."""
        return self.root / "releases"

    @property
    def access(self) -> Path:
        """Principals, grants and sessions."""
        return self.root / "access"

    @property
    def operations(self) -> Path:
        """Incidents, run log and access log."""
        return self.root / "operations"

    @property
    def fingerprints(self) -> Path:
        """By what the keys that the state was made with are known again."""
        return self.root / "fingerprints.json"

    @property
    def cache(self) -> Path:
        """What can be made again: charts, compiled catalogues."""
        return self.root / "cache"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; the docs page of settings is written from these fields."""

    state: Path = field(default=Path("state"), metadata={"doc": "the folder of all state"})
    keys: Path | None = field(
        default=None, metadata={"doc": "the folder of the key files (default: `keys` in the state folder)"}
    )
    host: str = field(default="127.0.0.1", metadata={"doc": "the address to serve on"})
    port: int = field(
        default=8000, metadata={"doc": "the port to serve on; 0 takes any free one", "least": 0, "most": 65535}
    )
    workers: int = field(default=1, metadata={"doc": "server processes", "least": 1, "most": 64})
    archive_days: int = field(
        default=400,
        metadata={"doc": "days that an accepted delivery's encrypted file is kept", "least": 0, "most": DAYS},
    )
    quarantine_days: int = field(
        default=90,
        metadata={"doc": "days that a refused delivery's encrypted file is kept", "least": 0, "most": DAYS},
    )
    tls_certificate: Path | None = field(
        default=None, metadata={"doc": "PEM certificate; with it the server speaks HTTPS"}
    )
    tls_key: Path | None = field(default=None, metadata={"doc": "PEM private key of the certificate"})
    trusted_proxies: str = field(
        default="",
        metadata={"doc": "addresses or networks of proxies, with commas between; their X-Forwarded-For is believed"},
    )
    memory: int = field(
        default=2560,
        metadata={
            "doc": "MiB that a server process may hold; past it, statements that need much are ended",
            "least": 512,
            "most": 1 << 20,
        },
    )

    areas: tuple[Path, ...] = field(
        default=(),
        metadata={"doc": "folders in which further data areas lie; in the environment, with colons between"},
    )

    @property
    def folders(self) -> State:
        """The state folder's layout."""
        return State(self.state, self.keys or self.state / "keys")

    @classmethod
    def load(cls, file: Path = Path("flis.toml"), **flags: Any) -> Settings:
        """Read file and environment, then let the given flags (None: not given) win.

        Raises:
            ConfigError: a name that is no setting, or a value of the wrong type or outside its limits.
        """
        known = {f.name: f for f in dataclasses.fields(cls)}
        variables = {n: f"FLIS_{n.upper()}" for n in known}
        given = [_Given(n, v, f"{n} in {file}") for n, v in _written(file).items()]
        given += [_Given(n, os.environ[v], v) for n, v in variables.items() if v in os.environ]
        given += [_Given(n, v, f"--{n.replace('_', '-')}") for n, v in flags.items() if v is not None]
        for one in given:
            if one.name not in known:
                raise ConfigError(f"{one.name} is no setting.", hint=suggest(one.name, known))
        hints = get_type_hints(cls)
        return cls(**{one.name: _typed(one, hints[one.name], known[one.name].metadata) for one in given})


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that somebody gave a setting, and where."""

    name: str
    value: Any
    where: str


def _written(file: Path) -> dict[str, Any]:
    """What the file of settings says; nothing where there is none."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise ConfigError(f"{file} is not TOML: {e}") from None
    except OSError as e:
        raise ConfigError(f"{file} cannot be read: {e.strerror}.") from None


def _typed(given: _Given, kind: Any, limits: Mapping[str, Any]) -> Any:
    """The value in the type of its setting, within the setting's limits."""
    if kind is int:
        return _number(given, limits["least"], limits["most"])
    if kind == tuple[Path, ...]:
        return _paths(given)
    if not isinstance(given.value, str | Path):
        raise ConfigError(f"{given.where} takes a text.")
    text = str(given.value)
    if not text.strip() or "\0" in text:
        raise ConfigError(f"{given.where} is empty.")
    return text if kind is str else Path(text)


def _paths(given: _Given) -> tuple[Path, ...]:
    """The folders of a list, or of a text with colons between them."""
    written = given.value.split(os.pathsep) if isinstance(given.value, str) else given.value
    if not isinstance(written, list | tuple) or not all(isinstance(one, str | Path) for one in written):
        raise ConfigError(f"{given.where} takes a list of folders.")
    return tuple(Path(one) for one in dict.fromkeys(written) if str(one).strip())


def _number(given: _Given, least: int, most: int) -> int:
    value = given.value
    try:
        # neither 80.5 nor true is a whole number, though Python makes one of both
        number = int(value) if isinstance(value, str) or type(value) is int else None
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise ConfigError(f"{given.where} takes a whole number from {least} to {most}.")
    return number
