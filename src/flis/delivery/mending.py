"""Lost or damaged manifests of deliveries, written anew from what is kept of them: the file itself, and its report."""

from __future__ import annotations

import hashlib
import logging
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from flis.delivery.companions import kept_companion
from flis.delivery.folders import broken, write_manifest
from flis.delivery.intake import FILE, HEAD, NAME, sender_of, staged
from flis.delivery.keys import archive_key, person_key
from flis.delivery.locking import lock
from flis.delivery.model import Counts, Manifest
from flis.delivery.reading import read_into
from flis.delivery.recognition import recognise
from flis.delivery.vault import unseal
from flis.errors import FlisError
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flis.config import State
    from flis.delivery.model import Broken

__all__ = ["mend"]

LOG = logging.getLogger("flis.delivery")


class _Report(msgspec.Struct):
    """Of a report, what the manifest repeats."""

    counts: Counts = Counts()


def mend(state: State) -> list[str]:
    """Write the manifests anew that are lost or damaged and whose files are kept; the ids of their deliveries."""
    done: list[str] = []
    if not broken(state):
        return done
    with lock(state):
        for one in broken(state):
            try:
                with staged(state) as staging:
                    write_manifest(one.folder, _manifest(state, one, staging))
            except (OSError, FlisError):
                LOG.warning("The manifest of the delivery %s is damaged; the delivery is set aside.", one.id)
                continue
            LOG.warning("The manifest of the delivery %s was damaged; it is written anew from its file.", one.id)
            step("mend.written")
            done.append(one.id)
    return done


def _manifest(state: State, one: Broken, staging: Path) -> Manifest:
    """The manifest of a delivery, as reading its kept file again gives it."""
    file = one.folder / FILE
    digest, size, head = hashlib.sha256(), 0, b""

    def clear() -> Iterator[bytes]:
        nonlocal size, head
        with file.open("rb") as source:
            for chunk in unseal(archive_key(state), source):
                digest.update(chunk)
                size += len(chunk)
                head = head or chunk[:HEAD]
                yield chunk

    for _ in clear():
        pass
    name = one.folder / NAME
    found = recognise(head, name.read_text("utf-8") if name.exists() else "")
    sha256, length = digest.hexdigest(), size
    told = kept_companion(state, one.folder)
    content = read_into(staging, clear(), person_key(state), found, told) if found else None
    shutil.rmtree(staging / "records", ignore_errors=True)
    header = msgspec.structs.asdict(content.header) if content else {"form": "", "sender": ""}
    header["sender"] = header["sender"] or sender_of(found)
    return Manifest(
        id=one.id,
        area=found.contract.area if found else "",
        file="…",
        sha256=sha256,
        size=length,
        received=datetime.fromtimestamp(file.stat().st_mtime, tz=UTC),
        findings=_counts(one.folder / "report.json"),
        **header,
    )


def _counts(report: Path) -> Counts:
    try:
        return msgspec.json.decode(report.read_bytes(), type=_Report).counts
    except (FileNotFoundError, msgspec.MsgspecError):
        return Counts()
