"""From a sender's clear file to a delivery: encrypted, read, and in the state `received`.

Everything is prepared in one hidden folder and moved into place by one rename, so a run that dies leaves either
nothing but that folder, which the next run clears away, or a whole delivery. The clear file of the inbox is removed
last; a run that dies just before finds it again, knows its checksum, and only removes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import threading
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from flis import clock
from flis.catalog.contract import FileFormat
from flis.catalog.contracts import all_contracts, unreadable
from flis.catalog.sender_file import national_sender
from flis.delivery import companions
from flis.delivery.folders import deliveries, delivery_in, home, names, write_manifest
from flis.delivery.keys import archive_key, person_key
from flis.delivery.locking import lock
from flis.delivery.model import Delivery, DeliveryState, Manifest
from flis.delivery.reading import FileContent, read_into
from flis.delivery.recognition import Recognised, recognise, tried
from flis.delivery.simulation import arrival, go_on_to, mark_simulated
from flis.delivery.vault import seal, unseal
from flis.disk import move, sync, sync_tree, write
from flis.errors import DeliveryError, FlisError, NotFoundError, StorageError, UsageError
from flis.steps import step
from flis.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import date, datetime
    from pathlib import Path

    from flis.config import State
    from flis.delivery.model import Header

__all__ = [
    "CHECKSUM",
    "contents",
    "free_id",
    "identity",
    "inbox",
    "receive",
    "receive_all",
    "sender_of",
    "shown",
    "staged",
]

BLOCK = 1 << 20
HEAD = 4096
TOGETHER = 32
"""So many files are taken in under one lock."""
FILE = "file.enc"
NAME = "name.txt"
"""The file's name, as it may be kept: a contract may know the file by it."""
STAGING = ".intake"
CPR_NAME = re.compile(r"[Dd]\d{6}\.[Ll]\d{6}")
"""How CPR names a change extract: its day and the number of the task."""
EXTENSIONS = {".txt", ".dat", ".csv", ".xml", ".json", ".zip", ".gz", ".pdf", ".xls", ".xlsx", ".doc", ".docx"}
CHECKSUM = 8
CHECKSUMS = (CHECKSUM, 16, 64)
"""An id ends with so many characters of the checksum; with more where others have the fewer ones."""
_KEYS = threading.Lock()
"""A thread at a time asks for the keys: whoever is first makes them."""
UNFINISHED = (".part", ".partial", ".filepart", ".tmp")


def inbox(state: State) -> list[Path]:
    """The files that senders have put into the inbox whole, by name; hidden and half-sent ones are left out.

    Those in folders of it are among them: whatever lies in the inbox lies there in the clear. A companion is left out
    while its file has not come, and where it is taken along with it.
    """
    found = [f for f in state.inbox.rglob("*") if f.is_file() and not f.name.startswith(".")]
    whole = sorted(f for f in found if f.suffix.lower() not in UNFINISHED)
    return list(companions.ready(whole, lambda: deliveries(state)))


def receive(state: State, path: Path, arrived: date | None = None) -> Delivery:
    """Take a file in. The same file again changes nothing: the delivery as it lies now comes back, marked `again`.

    A clear file in the inbox is gone afterwards; a file outside the state folder is the sender's own. With the day on
    which it is said to have `arrived`, the state folder is a simulated one, or becomes one with its first delivery.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it is no ordinary file, or lies in the state folder outside the inbox.
        DeliveryError: its form is unknown, or it is still being written.
        RefusedError: a day is given in a state folder with deliveries that came without one.
        StorageError: the state folder cannot be written.
    """
    ((_, taken),) = receive_all(state, [path], arrived)
    if isinstance(taken, FlisError):
        raise taken
    return taken


def receive_all(
    state: State, paths: Sequence[Path], arrived: date | None = None
) -> Iterator[tuple[Path, Delivery | FlisError]]:
    """Take files in, one after the other: each with its delivery, or with what `receive` raises for it.

    While one is taken in, the next ones are encrypted and read. One that is refused stops no other.

    Raises:
        StorageError: the state folder cannot be written.
    """
    if not paths and (state.deliveries / STAGING).exists():  # a killed run's; else the first file clears it
        with lock(state):
            shutil.rmtree(state.deliveries / STAGING, ignore_errors=True)
    for begin in range(0, len(paths), TOGETHER):
        some = paths[begin : begin + TOGETHER]
        # opened before the lock is asked for: who comes second still knows what it was to take
        with ExitStack() as stack:
            sources = [_opened(path, stack) for path in some]
            with lock(state), staged(state) as staging:
                before = names(state)
                taken = dict(before)
                files = (_begun(state, *one, staging / str(n)) for n, one in enumerate(zip(some, sources, strict=True)))
                with closing(side_by_side(partial(_read_known, state, before), files)) as read:
                    for path, (file, reading) in zip(some, read, strict=True):
                        yield path, _outcome(state, file, reading, arrived, taken)


def contents(state: State, delivery: Delivery) -> Iterator[bytes]:
    """The received file in the clear, in chunks.

    Raises:
        NotFoundError: its retention is over.
        StateError: the file is damaged.
    """
    try:
        source = delivery.encrypted.open("rb")
    except FileNotFoundError:
        raise NotFoundError(f"The file of the delivery {delivery.id} is no longer kept.") from None
    with source:
        yield from unseal(archive_key(state), source)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is to be taken in: opened, begun, and what it is; `ours` where it lies in the inbox."""

    path: Path
    source: BinaryIO
    folder: Path
    head: bytes
    found: Recognised | None
    ours: bool


@dataclass(frozen=True, slots=True)
class _Copy:
    """A file that was encrypted and, where it had not come before, read."""

    sha256: str
    size: int
    content: FileContent | None = None
    companion: Path | None = None
    told: bytes | None = None
    """What the companion says."""


def _begun(state: State, path: Path, source: BinaryIO | FlisError, folder: Path) -> _File | FlisError:
    """What a file is by its first bytes and its name; or why it is not taken."""
    if isinstance(source, FlisError):
        return source
    try:
        ours = _in_inbox(state, path)
        head = source.read(HEAD)
        source.seek(0)
        found = recognise(head, path.name)
    except FlisError as refused:
        return refused
    return _empty() if found and not head and not ours else _File(path, source, folder, head, found, ours)


def _read_known(state: State, before: Mapping[str, DeliveryState], file: _File | FlisError) -> _Copy | None:
    """Encrypt and read a file whose form is known; nothing that lies elsewhere changes."""
    return _read(state, file, before) if isinstance(file, _File) and file.found else None


def _outcome(
    state: State,
    file: _File | FlisError,
    reading: Future[_Copy | None],
    arrived: date | None,
    taken: dict[str, DeliveryState],
) -> Delivery | FlisError:
    """The delivery that a file became, which is one of those taken then; or why it became none."""
    if isinstance(file, FlisError):
        return file
    try:
        delivery = _take(state, file, reading.result(), arrived, taken)
    except StorageError:
        raise
    except FlisError as refused:
        return refused
    taken[delivery.id] = delivery.state
    return delivery


def _take(
    state: State, file: _File, copy: _Copy | None, arrived: date | None, taken: Mapping[str, DeliveryState]
) -> Delivery:
    """Put a file that was read where it belongs, or find what it belongs to."""
    if copy is None:
        if joined := _joined(state, file.path, file.head):
            if file.ours:
                _remove(file.path, file.source)
            return joined
        _check_takable(file)
        copy = _read(state, file, taken)
    same = _known(state, file, copy.sha256, taken)
    received = arrival(state, arrived, len(taken))
    if arrived:
        mark_simulated(state)
        go_on_to(state, arrived)
    delivery = replace(same, again=True) if same else _settle_in(state, file, copy, received, taken)
    if file.ours:
        _remove(file.path, file.source)
        if copy.companion and not same:
            copy.companion.unlink(missing_ok=True)
    step("receive.cleared")
    return delivery


def _empty() -> DeliveryError:
    return DeliveryError("The file is empty.", hint="Ask its sender for another one.")


def _check_takable(file: _File) -> None:
    """Refuse a file of unknown form; in the inbox it is taken all the same.

    Who knows what it holds, and it lies there in the clear.
    """
    if not file.head and not file.ours:
        raise _empty()
    if still := unreadable():
        raise DeliveryError(
            f"No contract knows the file, and that of {', '.join(still)} cannot be read.",
            hint=str(next(iter(still.values()))),
        )
    if not file.ours:
        raise DeliveryError("The form of the file is unknown.", hint=tried())


def _read(state: State, file: _File, taken: Mapping[str, DeliveryState]) -> _Copy:
    """Encrypt a file into its folder; where its form is known and it is new, read it from there."""
    with _KEYS:
        archive, person = archive_key(state), person_key(state) if file.found else b""
    file.folder.mkdir(mode=0o700)
    companion = companions.beside(file.path, file.found.contract) if file.found else None
    sha256, size = _encrypt(archive, file.source, file.folder)
    step("receive.encrypted")
    if file.found is None:
        return _Copy(sha256, size, FileContent())
    if _known(state, file, sha256, taken):
        return _Copy(sha256, size)
    with (file.folder / FILE).open("rb") as source:
        told = companions.read_companion(companion) if companion else None
        content = read_into(file.folder, unseal(archive, source), person, file.found, told)
    return _Copy(sha256, size, content, companion, told)


def _known(state: State, file: _File, sha256: str, taken: Mapping[str, DeliveryState]) -> Delivery | None:
    """The delivery that this very file had become before."""
    ends = (f"-{sha256[:length]}" for length in CHECKSUMS)
    alike = (delivery_in(state, name, taken[name]) for end in ends for name in taken if name.endswith(end))
    return next((d for d in alike if isinstance(d, Delivery) and _is_same(d.manifest, file.found, sha256)), None)


def _joined(state: State, path: Path, content: bytes) -> Delivery | None:
    """The delivery that a companion belongs to, with it; None where the file is none, or one that nobody awaits.

    Raises:
        DeliveryError: its file has not come yet.
    """
    companion = companions.companion_named(path.name)
    if companion is None:
        return None
    contract, file = companion
    mine = [d for d in deliveries(state) if d.manifest.file.casefold() == file.casefold()]
    if not mine:
        raise DeliveryError(f"The file {file}, to which it belongs, has not come yet.", hint="Send that file, too.")
    waiting = next((d for d in mine if d.manifest.awaits), None)
    if waiting:
        return companions.join(state, waiting, contract, content)
    same = (d for d in mine if companions.kept_companion(state, d.folder) == content)
    return next((replace(d, again=True) for d in same), None)


def _is_same(known: Manifest, found: Recognised | None, sha256: str) -> bool:
    """Whether a file had come before: the same bytes, and of sender, period and sequence what its name tells."""
    if known.sha256 != sha256:
        return False
    if not (found and known.interface):
        return True
    told = (found.contract.interface, found.sender, found.period, found.told.get("sekvens", "").lstrip("0"))
    mine = (known.interface, known.sender, known.period, str(known.number))
    return all(not a or a == b for a, b in zip(told, mine, strict=True))


def _settle_in(state: State, file: _File, copy: _Copy, received: datetime | None, taken: Collection[str]) -> Delivery:
    """Write the manifest of a file that was read, and move its folder to where it belongs."""
    assert copy.content  # noqa: S101 - only a file that had come before is not read
    header, found, name = copy.content.header, file.found, shown(file.path)
    if copy.told is not None:
        companions.keep_companion(state, file.folder, copy.told)
    if found:
        write(file.folder / NAME, name.encode())
    manifest = Manifest(
        id=free_id(header, found, copy.sha256, taken),
        area=found.contract.area if found else "",
        file=name,
        sha256=copy.sha256,
        size=copy.size,
        received=received or clock.moment(),
        **(msgspec.structs.asdict(header) | {"sender": header.sender or sender_of(found)}),
    )
    write(file.folder / "faults.json", msgspec.json.encode(copy.content.faults))
    write_manifest(file.folder, manifest)
    sync_tree(file.folder)
    step("receive.read")
    folder = home(state, DeliveryState.RECEIVED, manifest.id)
    move(file.folder, folder)
    step("receive.taken")
    return Delivery(manifest.id, folder, manifest, DeliveryState.RECEIVED)


def _in_inbox(state: State, path: Path) -> bool:
    """Whether a file lies in the inbox, all links followed; nothing else of the installation is ever taken.

    Raises:
        UsageError: it is one of the installation's own files, or a link from the inbox to elsewhere.
    """
    real = path.resolve()
    if real.is_relative_to(state.inbox.resolve()):
        return True
    if any(real.is_relative_to(own.resolve()) for own in (state.root, state.keys)):
        raise UsageError("The file belongs to the state folder.", hint="Put files to receive into its inbox.")
    if path.parent.resolve().is_relative_to(state.inbox.resolve()):
        raise UsageError("A link in the inbox is not followed.", hint="Put the file itself there.")
    return False


def _opened(path: Path, stack: ExitStack) -> BinaryIO | FlisError:
    """The file, closed with the stack; or why it is not to be read."""
    try:
        # without waiting: a named pipe that nobody writes to would hold us for ever
        source = stack.enter_context(os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb"))
    except FileNotFoundError:
        return NotFoundError("There is no such file.")
    except OSError as e:
        return UsageError(f"The file cannot be read: {e.strerror}.")
    if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        return UsageError("This is no ordinary file.")
    return source


@contextmanager
def staged(state: State) -> Iterator[Path]:
    """An empty folder for the work, gone afterwards whatever happens; what a killed run left in it goes first."""
    folder = state.deliveries / STAGING
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _encrypt(key: bytes, source: BinaryIO, folder: Path) -> tuple[str, int]:
    """Copy the source encrypted into the folder; its checksum and size."""
    before = os.fstat(source.fileno())
    digest = hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        while block := source.read(BLOCK):
            digest.update(block)
            yield block

    with (folder / FILE).open("wb") as out:
        seal(key, blocks(), out)
    after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or source.tell() != after.st_size:
        raise DeliveryError("The file is still being written.", hint="Try again when the sender is done.")
    return digest.hexdigest(), after.st_size


def free_id(header: Header, found: Recognised | None, sha256: str, taken: Collection[str]) -> str:
    """What the file is, and the first of its checksum; parts that the file does not tell are left out.

    `cpr-<OPGAVENR>-<PRODDTO>-…` for CPR, `<contract>-<sender>-<period>-<sequence>-…` for others.
    """
    if found and found.contract.format is not FileFormat.CPR:
        begin = identity(found.contract.interface, header.sender or found.sender, header.period, header.number)
    else:
        day = f"{header.produced:%Y%m%d}" if header.produced else ""
        begin = "".join(f"{part}-" for part in ("cpr" if found else "file", header.sequence, day) if part)
    return next(i for i in (begin + sha256[:length] for length in CHECKSUMS) if i not in taken)


def identity(interface: str, sender: str = "", period: str = "", number: int = 0) -> str:
    """How the id of a delivery begins that is no link of a chain; parts that come last may be left out.

    >>> identity("oko-opus/2", "0101", "2025-08", 1), identity("oko-opus/2")
    ('oko-opus-0101-202508-1-', 'oko-opus-')
    """
    parts = (interface.partition("/")[0], sender.lower(), period.replace("-", ""), str(number or ""))
    return "".join(f"{part}-" for part in parts if part)


def sender_of(found: Recognised | None) -> str:
    """The municipality or body that sends a file, else the area's source in Danish; '' where nobody knows."""
    if found is None:
        return ""
    return found.sender or national_sender(found.contract)


def _remove(path: Path, source: BinaryIO) -> None:
    """Remove the clear file, unless the sender has put another one in its place."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return
    if os.path.samestat(there, os.fstat(source.fileno())):
        path.unlink()
        sync(path.parent)


def shown(path: Path) -> str:
    """The file's name, as it may be shown and kept: CPR's own or a contract's, else nothing but a usual extension.

    A sender may have put anything into a name, a person's among it.

    >>> from pathlib import Path
    >>> shown(Path("D220103.L431101")), shown(Path("Kim Hansen.txt")), shown(Path("brev.Hansen"))
    ('D220103.L431101', '….txt', '…')
    """
    by_name = [c.recognition for c in all_contracts() if c.recognition.name]
    if CPR_NAME.fullmatch(path.name) or any(r.match(path.name) is not None for r in by_name):
        return path.name
    extension = path.suffix.lower()
    return f"…{extension}" if extension in EXTENSIONS else "…"
