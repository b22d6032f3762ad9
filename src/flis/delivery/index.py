"""An index of the deliveries, derived from where their folders lie and what their manifests say: `deliveries/.index`.

It spares everybody the reading of a hundred thousand manifests. It says nothing that is not said elsewhere: where it
is missing, damaged, or cannot be written, it is made anew, in memory if need be. Before each look it is brought up to
date: of the folder of a state that has changed since, the names are compared; and some manifests, each in its turn, are
proven to be as they were, so that one that was damaged where it lies is found.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import islice
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING, Any

import msgspec

from flis import clock
from flis.delivery.model import DeliveryState, Manifest
from flis.disk import is_settled, proven, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flis.config import State

__all__ = ["MANIFEST", "NOT_WHOLE", "forget", "generation", "interfaces", "look"]

MANIFEST = "manifest.json"
FILE = ".index"
VERSION = 2
"""To be raised with each change of the tables below: an index of another version is made anew."""
PROVEN = 2_000
"""So many manifests are proven before each look."""
TOGETHER = 1_000
"""So many rows are written at once."""
NOT_WHOLE = "(state IN ('quarantined', 'waiting') OR (state = 'loaded' AND faults > 0))"
"""The deliveries for which something may be missing in what is loaded."""
TABLES = f"""
CREATE TABLE generation (number INTEGER NOT NULL, boot TEXT NOT NULL);
CREATE TABLE folder (state TEXT PRIMARY KEY, stamp TEXT NOT NULL);
CREATE TABLE delivery (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL, state TEXT NOT NULL, stamp TEXT NOT NULL, manifest BLOB,
    area TEXT, interface TEXT, sender TEXT, period TEXT, number INTEGER, sequence TEXT, produced TEXT, received TEXT,
    arrived TEXT, sha256 TEXT, warnings INTEGER, faults INTEGER
);
CREATE UNIQUE INDEX by_id ON delivery (id);
CREATE INDEX by_sha256 ON delivery (sha256);
CREATE INDEX by_state ON delivery (state);
CREATE INDEX by_chain ON delivery (interface, state, area, sender, produced, arrived);
CREATE INDEX by_period ON delivery (interface, period, sender, state, arrived, produced, received, number);
CREATE INDEX by_sender ON delivery (interface, sender, period, number, state, arrived, produced);
CREATE INDEX warned ON delivery (interface, sender, period, number) WHERE warnings > 0;
CREATE INDEX lost ON delivery (id) WHERE manifest IS NULL;
CREATE INDEX not_whole ON delivery (area) WHERE {NOT_WHOLE};
"""
"""Days are written as in ISO 8601, `arrived` is the day in Copenhagen, `received` the moment in UTC; a delivery whose
manifest is lost or damaged has none, and no more is known of it than its id and state."""
COLUMNS = ("area", "interface", "sender", "period", "number", "sequence", "sha256")
INSERT = f"""
INSERT INTO delivery ({", ".join(COLUMNS)}, id, state, stamp, manifest, produced, received, arrived, warnings, faults)
VALUES ({", ".join("?" * (len(COLUMNS) + 9))})
"""
BOOT = Path("/proc/sys/kernel/random/boot_id")
NOTHING = ("",) * len(COLUMNS)
UNREAD = (None, None, None, None, 0, 0)

_memory: dict[Path, tuple[threading.RLock, sqlite3.Connection]] = {}
_turn: dict[Path, int] = {}


def generation(index: sqlite3.Connection) -> int:
    """A number that is another one whenever anything in the index has changed."""
    ((number,),) = index.execute("SELECT number FROM generation").fetchall()
    return int(number)


def interfaces(index: sqlite3.Connection) -> list[str]:
    """The interfaces through which anything has come ('': unknown ones); found by going from one to the next."""
    query = "SELECT min(interface) FROM delivery WHERE interface > ?"
    found: list[str] = []
    (name,) = index.execute("SELECT min(interface) FROM delivery").fetchone()
    while name is not None:
        found.append(name)
        (name,) = index.execute(query, (name,)).fetchone()
    return found


@contextmanager
def look(state: State) -> Iterator[sqlite3.Connection]:
    """The index, as the folders are now: the tables of `TABLES`, to be read."""
    with _opened(state) as (connection, in_memory):
        try:
            _bring_up(state, connection)
        except sqlite3.Error:
            if in_memory:
                raise
        else:
            yield connection
            return
    with _in_memory(state) as connection:
        _bring_up(state, connection)
        yield connection


def forget(folder: Path) -> None:
    """Have the manifest in the folder of a delivery read again: it was written anew in its place."""
    state, name = folder.parent, folder.name
    file = state.parent / FILE
    with suppress(sqlite3.Error):
        connections = [_memory[root] for root in _memory if root == state.parent.parent]
        for lock, connection in connections:
            with lock:
                _forget(connection, state.name, name)
        if file.exists() and (opened := _connected(file)):
            with closing(opened):
                _forget(opened, state.name, name)


def _forget(connection: sqlite3.Connection, state: str, name: str) -> None:
    with _transaction(connection):
        connection.execute("DELETE FROM delivery WHERE id = ?", (name,))
        connection.execute("DELETE FROM folder WHERE state = ?", (state,))


@contextmanager
def _opened(state: State) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """The index on the disk; the one in memory where there is none and none can be made."""
    file = state.deliveries / FILE
    connection = _connected(file) if state.deliveries.is_dir() else None
    if connection is None:
        with _in_memory(state) as kept:
            yield kept, True
        return
    try:
        yield connection, False
    finally:
        connection.close()


def _connected(file: Path) -> sqlite3.Connection | None:
    """The index in a file, made or made anew where need be; None where that is not possible."""
    for _ in range(2):
        connection = None
        try:
            connection = sqlite3.connect(file, isolation_level=None, timeout=30, check_same_thread=False)
            _prepare(connection)
        except sqlite3.DatabaseError as e:
            if connection:
                connection.close()
            if isinstance(e, sqlite3.OperationalError):
                return None
            with suppress(OSError):
                file.unlink()
        else:
            return connection
    return None


@contextmanager
def _in_memory(state: State) -> Iterator[sqlite3.Connection]:
    """The index of an installation that this process keeps in memory, for one thread at a time."""
    if state.root not in _memory:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _prepare(connection)
        _memory.setdefault(state.root, (threading.RLock(), connection))
    lock, connection = _memory[state.root]
    with lock:
        yield connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, unless they are there in this version and were made since the machine was started.

    The disk is not waited for: after a power cut the index is made anew.
    """
    connection.execute("PRAGMA synchronous = OFF")
    if _is_of_now(connection):
        return
    with _transaction(connection):
        if _is_of_now(connection):
            return
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            connection.execute(f"DROP TABLE {name}")
        for statement in filter(str.strip, TABLES.split(";")):
            connection.execute(statement)
        connection.execute("INSERT INTO generation VALUES (abs(random()) / 2, ?)", (_boot(),))
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _is_of_now(connection: sqlite3.Connection) -> bool:
    if connection.execute("PRAGMA user_version").fetchone() != (VERSION,):
        return False
    return bool(connection.execute("SELECT boot = ? FROM generation", (_boot(),)).fetchone()[0])


@cache
def _boot() -> str:
    """By what Linux tells one start of the machine from the next."""
    try:
        return BOOT.read_text("ascii").strip()
    except OSError:
        return ""


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _bring_up(state: State, connection: sqlite3.Connection) -> None:
    """Bring the index up to date with the folders."""
    wrong = _unproven(state, connection)
    known = _stamps(connection)
    if not wrong and all(_stamp(state.deliveries / at) == known.get(at, "") for at in DeliveryState):
        return
    with _transaction(connection):
        before = connection.total_changes
        for at, name in wrong:
            connection.execute("DELETE FROM delivery WHERE id = ?", (name,))
            _add(state, connection, DeliveryState(at), [name])
        known = _stamps(connection)
        # in the order in which deliveries move, each folder as it is when its turn comes, so that none is missed; one
        # that goes back to be judged again is found in the first folder, which is looked at once more
        for at in (*DeliveryState, DeliveryState.RECEIVED):
            seen = _stamp(state.deliveries / at)
            if seen != known.get(at, ""):
                _compare(state, connection, at)
                known[at] = seen
        if connection.total_changes > before:
            connection.execute("UPDATE generation SET number = number + 1")
        connection.execute("DELETE FROM folder")
        settled = [(at, seen) for at, seen in known.items() if _is_settled(state.deliveries / at)]
        connection.executemany("INSERT INTO folder VALUES (?, ?)", settled)


def _stamps(connection: sqlite3.Connection) -> dict[str, str]:
    """The stamps of the folders of the states as they were when the index was brought up to date with them."""
    return dict(connection.execute("SELECT state, stamp FROM folder").fetchall())


def _compare(state: State, connection: sqlite3.Connection, at: DeliveryState) -> None:
    """Have the index know what lies in the folder of a state, by name."""
    there: set[str] = set()
    with suppress(FileNotFoundError), os.scandir(state.deliveries / at) as entries:
        there = {entry.name for entry in entries if not entry.name.startswith(".")}
    known = {name for (name,) in connection.execute("SELECT id FROM delivery WHERE state = ?", (at.value,))}
    gone = [(name,) for name in known - there]
    connection.executemany("DELETE FROM delivery WHERE id = ?", gone)
    _add(state, connection, at, sorted(there - known))


def _add(state: State, connection: sqlite3.Connection, at: DeliveryState, names: Iterable[str]) -> None:
    """Add deliveries of a state; one that has moved on in the meantime is found there."""
    rows = (row for name in names if (row := _row(state.deliveries / at / name, at)))
    while some := list(islice(rows, TOGETHER)):
        connection.executemany("DELETE FROM delivery WHERE id = ?", [(row[len(COLUMNS)],) for row in some])
        connection.executemany(INSERT, some)


def _row(folder: Path, at: DeliveryState) -> tuple[Any, ...] | None:
    """What the index holds of a delivery; None where its folder is no longer there."""
    file = folder / MANIFEST
    seen = _stamp(file)  # before it is read: one that is replaced meanwhile is kept under a stamp that is gone
    try:
        told = msgspec.json.decode(proven(file.read_bytes()), type=Manifest)
    except FileNotFoundError:
        return (*NOTHING, folder.name, at.value, "", *UNREAD) if folder.is_dir() else None
    except ValueError:
        return (*NOTHING, folder.name, at.value, seen, *UNREAD)
    produced = told.produced.isoformat() if told.produced else None
    arrived = clock.day_of(told.received).isoformat()
    columns = tuple(getattr(told, name) for name in COLUMNS)
    days = (produced, told.received.isoformat(), arrived)
    return (*columns, folder.name, at.value, seen, msgspec.json.encode(told), *days, *_counts(told))


def _counts(told: Manifest) -> tuple[int, int]:
    """How many warnings judging found, and how many kinds of faults the reader noticed."""
    return told.findings.warning, len(told.faults)


def _unproven(state: State, connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Of the next manifests whose turn it is, those that are not as they were: state and id."""
    ((last,),) = connection.execute("SELECT coalesce(max(place), 0) FROM delivery").fetchall()
    turn = _turn.get(state.root, randbelow(last + 1))
    query = "SELECT place, state, id, stamp FROM delivery WHERE place > ? ORDER BY place LIMIT ?"
    rows = connection.execute(query, (turn, PROVEN)).fetchall()
    if len(rows) < PROVEN:  # and on from the beginning
        rest = connection.execute(query, (0, PROVEN - len(rows))).fetchall()
        rows += [row for row in rest if row[0] <= turn]
    _turn[state.root] = rows[-1][0] if rows else 0
    root = str(state.deliveries)
    return [(at, name) for _, at, name, seen in rows if _stamp(f"{root}/{at}/{name}/{MANIFEST}") != seen]


def _stamp(file: str | Path) -> str:
    """The stamp of a file or folder; empty where there is none."""
    try:
        return ".".join(map(str, stamp(file)))
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _is_settled(folder: Path) -> bool:
    """Whether a folder changed so long ago that a change after its stamp was taken has another stamp."""
    try:
        return is_settled(stamp(folder))
    except FileNotFoundError:
        return False
