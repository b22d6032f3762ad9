"""What a server serves, and to whom; handed to its worker processes by environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from flis.catalog.area_paths import look_in
from flis.config import Settings

__all__ = ["Served", "served"]

CATALOG, DATA, SESSIONS, ORIGINS, USERS = "FLIS_CATALOG", "FLIS_DATA", "FLIS_SESSIONS", "FLIS_ORIGINS", "FLIS_USERS"


@dataclass(frozen=True, slots=True)
class Served:
    """FLIS's own catalogue over the releases of a state folder, or another catalogue over a folder of data."""

    settings: Settings
    catalog: Path | None = None
    data: Path | None = None
    sessions: Path | None = None  # the file of sessions; default: in the state folder
    users: bool = True  # whether clients sign in
    origins: tuple[str, ...] = ()  # whose pages may ask from a browser

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a worker process comes to the same."""
        found = {"FLIS_STATE": str(self.settings.state.resolve()), USERS: "1" if self.users else "0"}
        if self.settings.keys is not None:
            found["FLIS_KEYS"] = str(self.settings.keys.resolve())
        if self.settings.areas:
            found["FLIS_AREAS"] = os.pathsep.join(str(folder.resolve()) for folder in self.settings.areas)
        for name, path in ((CATALOG, self.catalog), (DATA, self.data), (SESSIONS, self.sessions)):
            if path is not None:
                found[name] = str(path.resolve())
        if self.origins:
            found[ORIGINS] = ",".join(self.origins)
        return found


def served() -> Served:
    """What the environment says; the areas that it names are known from here on."""
    settings = Settings.load()
    look_in(settings.areas)
    catalog, data, sessions = (Path(p) if (p := os.environ.get(n)) else None for n in (CATALOG, DATA, SESSIONS))
    origins = tuple(o for o in os.environ.get(ORIGINS, "").split(",") if o)
    return Served(settings, catalog, data, sessions, os.environ.get(USERS, "1") != "0", origins)
