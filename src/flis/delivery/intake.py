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
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from flis.errors import DeliveryError, NotFoundError, UsageError
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date, datetime
    from pathlib import Path

    from flis.config import State
    from flis.delivery.model import Header

__all__ = ["CHECKSUM", "contents", "free_id", "identity", "inbox", "receive", "sender_of", "shown", "staged"]

BLOCK = 1 << 20
HEAD = 4096
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
    with _opened(path) as source, lock(state), staged(state) as staging:
        head = source.read(HEAD)
        source.seek(0)
        found = recognise(head, path.name)
        ours = _in_inbox(state, path)
        if not found and (joined := _joined(state, path, head)):
            if ours:
                _remove(path, source)
            return joined
        if not head and not ours:
            raise DeliveryError("The file is empty.", hint="Ask its sender for another one.")
        if not found and (still := unreadable()):
            raise DeliveryError(
                f"No contract knows the file, and that of {', '.join(still)} cannot be read.",
                hint=str(next(iter(still.values()))),
            )
        if not found and not ours:
            # In the inbox such a file is taken all the same: who knows what it holds, and it lies there in the clear.
            raise DeliveryError(
                "The form of the file is unknown.",
                hint=tried(),
            )
        companion = companions.beside(path, found.contract) if found else None
        copy = _encrypt(state, source, staging, _Copy(found, shown(path), companion=companion))
        step("receive.encrypted")
        taken = names(state)
        ends = (f"-{copy.sha256[:length]}" for length in CHECKSUMS)
        alike = (delivery_in(state, name, taken[name]) for end in ends for name in taken if name.endswith(end))
        same = next((d for d in alike if isinstance(d, Delivery) and _is_same(d.manifest, copy)), None)
        copy = replace(copy, received=arrival(state, arrived, len(taken)))
        if arrived:
            mark_simulated(state)
            go_on_to(state, arrived)
        delivery = replace(same, again=True) if same else _settle_in(state, staging, copy, taken)
        if ours:
            _remove(path, source)
            if companion and not same:
                companion.unlink(missing_ok=True)
        step("receive.cleared")
        return delivery


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
class _Copy:
    """What is known of a received file before it is read."""

    found: Recognised | None
    file: str
    sha256: str = ""
    size: int = 0
    companion: Path | None = None
    received: datetime | None = None


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


def _is_same(known: Manifest, copy: _Copy) -> bool:
    """Whether a file had come before: the same bytes, and of sender, period and sequence what its name tells."""
    if known.sha256 != copy.sha256:
        return False
    found = copy.found
    if not (found and known.interface):
        return True
    told = (found.contract.interface, found.sender, found.period, found.told.get("sekvens", "").lstrip("0"))
    mine = (known.interface, known.sender, known.period, str(known.number))
    return all(not a or a == b for a, b in zip(told, mine, strict=True))


def _settle_in(state: State, staging: Path, copy: _Copy, taken: Collection[str]) -> Delivery:
    """Read the encrypted file, write the manifest, and move the folder to where it belongs."""
    content = FileContent()
    if copy.found:
        with (staging / FILE).open("rb") as source:
            told = companions.read_companion(copy.companion) if copy.companion else None
            content = read_into(staging, unseal(archive_key(state), source), person_key(state), copy.found, told)
        if told is not None:
            companions.keep_companion(state, staging, told)
        write(staging / NAME, copy.file.encode())
    manifest = Manifest(
        id=free_id(content.header, copy.found, copy.sha256, taken),
        area=copy.found.contract.area if copy.found else "",
        file=copy.file,
        sha256=copy.sha256,
        size=copy.size,
        received=copy.received or clock.moment(),
        **(msgspec.structs.asdict(content.header) | {"sender": content.header.sender or sender_of(copy.found)}),
    )
    write(staging / "faults.json", msgspec.json.encode(content.faults))
    write_manifest(staging, manifest)
    sync_tree(staging)
    step("receive.read")
    folder = home(state, DeliveryState.RECEIVED, manifest.id)
    move(staging, folder)
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


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, opened before the lock is asked for: who comes second still knows what it was to take."""
    try:
        # without waiting: a named pipe that nobody writes to would hold us for ever
        source = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    except FileNotFoundError:
        raise NotFoundError("There is no such file.") from None
    except OSError as e:
        raise UsageError(f"The file cannot be read: {e.strerror}.") from None
    with source:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise UsageError("This is no ordinary file.")
        yield source


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


def _encrypt(state: State, source: BinaryIO, staging: Path, copy: _Copy) -> _Copy:
    """Copy the source encrypted into the folder, and note its checksum and size."""
    before = os.fstat(source.fileno())
    digest = hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        while block := source.read(BLOCK):
            digest.update(block)
            yield block

    with (staging / FILE).open("wb") as out:
        seal(archive_key(state), blocks(), out)
    after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or source.tell() != after.st_size:
        raise DeliveryError("The file is still being written.", hint="Try again when the sender is done.")
    return replace(copy, sha256=digest.hexdigest(), size=after.st_size)


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
