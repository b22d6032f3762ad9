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
from typing import Any, get_type_hints

from flis.errors import ConfigError, suggest

__all__ = ["Settings", "State"]


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
    port: int = field(default=8000, metadata={"doc": "the port to serve on"})
    workers: int = field(default=1, metadata={"doc": "server processes"})
    archive_days: int = field(default=400, metadata={"doc": "days that an accepted delivery's encrypted file is kept"})
    quarantine_days: int = field(default=90, metadata={"doc": "days that a refused delivery's encrypted file is kept"})
    tls_certificate: Path | None = field(
        default=None, metadata={"doc": "PEM certificate; with it the server speaks HTTPS"}
    )
    tls_key: Path | None = field(default=None, metadata={"doc": "PEM private key of the certificate"})

    @property
    def folders(self) -> State:
        """The state folder's layout."""
        return State(self.state, self.keys or self.state / "keys")

    @classmethod
    def load(cls, file: Path = Path("flis.toml"), **flags: Any) -> Settings:
        """Read file and environment, then let the given flags (None: not given) win.

        Raises:
            ConfigError: a name that is no setting, or a value of the wrong type.
        """
        values: dict[str, Any] = {}
        if file.exists():
            try:
                values.update(tomllib.loads(file.read_text("utf-8")))
            except tomllib.TOMLDecodeError as e:
                raise ConfigError(f"{file} is not TOML: {e}") from None
        names = {f.name for f in dataclasses.fields(cls)}
        values |= {n: os.environ[f"FLIS_{n.upper()}"] for n in names if f"FLIS_{n.upper()}" in os.environ}
        values |= {n: v for n, v in flags.items() if v is not None}
        for name in values:
            if name not in names:
                raise ConfigError(f"{name} is no setting.", hint=suggest(name, names))
        hints = get_type_hints(cls)
        return cls(**{n: _typed(n, v, hints[n]) for n, v in values.items()})


def _typed(name: str, value: Any, kind: Any) -> Any:
    if kind is int and not isinstance(value, int):
        try:
            return int(value)
        except ValueError:
            raise ConfigError(f"{name} takes a whole number.") from None
    if kind in (Path, Path | None) and not isinstance(value, Path):
        return Path(str(value))
    return value
