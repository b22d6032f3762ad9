"""Companion files: they come before or after a file, and tell its name, number of records and sums.

One that comes before its file waits in the inbox. One that comes with it is taken along; one that comes after it is
joined to the delivery, which waits for it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from flis.catalog.contracts import all_contracts
from flis.delivery.folders import note
from flis.delivery.keys import archive_key
from flis.delivery.readers.control import Counted, check_companion
from flis.delivery.reading import COUNTED
from flis.delivery.vault import seal, unseal
from flis.disk import draft, write
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flis.catalog.contract import Contract
    from flis.config import State
    from flis.delivery.model import Delivery

__all__ = [
    "Companion",
    "beside",
    "companion_named",
    "join",
    "keep_companion",
    "kept_companion",
    "read_companion",
    "ready",
]

LARGEST = 1 << 12
"""No companion has so many bytes; what is behind them is not looked at."""
FILE = "companion.enc"


class Companion(NamedTuple):
    """What the name of a companion tells: the contract, and the name of its file."""

    contract: Contract
    file: str


def companion_named(name: str) -> Companion | None:
    """What the name of a file tells, where it is one of a companion: the file's name, or that without its ending.

    `X.csv.kontrol` and `X.kontrol` belong to `X.csv`.
    """
    for contract in all_contracts():
        ending = contract.dialect.companion
        if not ending or not name.lower().endswith(ending.lower()):
            continue
        bare = name[: -len(ending)]
        for file in (bare, bare + Path(contract.recognition.name).suffix):
            if contract.recognition.name and contract.recognition.match(file) is not None:
                return Companion(contract, file)
    return None


def beside(path: Path, contract: Contract) -> Path | None:
    """The companion that lies beside a file."""
    if not contract.dialect.companion:
        return None
    for other in sorted(path.parent.iterdir()):
        found = companion_named(other.name) if other.is_file() and not other.is_symlink() else None
        if found and found.file.casefold() == path.name.casefold():
            return other
    return None


def ready(files: Iterable[Path], known: Callable[[], Iterable[Delivery]]) -> Iterator[Path]:
    """Files without those companions that are taken along with their file, or wait until it comes."""
    files = list(files)
    named = {file: companion_named(file.name) for file in files}
    there = {f.name.casefold() for f, companion in named.items() if companion is None}
    came: set[str] | None = None
    for file, companion in named.items():
        if companion is None:
            yield file
        elif companion.file.casefold() not in there:
            came = {d.manifest.file.casefold() for d in known()} if came is None else came
            if companion.file.casefold() in came:
                yield file


def read_companion(path: Path) -> bytes:
    """The bytes of a companion."""
    with path.open("rb") as source:
        return source.read(LARGEST)


def keep_companion(state: State, folder: Path, content: bytes) -> None:
    """Keep a companion beside its file, encrypted."""
    with draft(folder / FILE) as out:
        seal(archive_key(state), [content], out)


def kept_companion(state: State, folder: Path) -> bytes | None:
    """The companion that is kept in the folder of a delivery; None where none has come."""
    try:
        source = (folder / FILE).open("rb")
    except FileNotFoundError:
        return None
    with source:
        return b"".join(unseal(archive_key(state), source))


def join(state: State, delivery: Delivery, contract: Contract, content: bytes) -> Delivery:
    """Hold a companion against the delivery that waits for it; doing it again comes to the same."""
    counted = msgspec.json.decode((delivery.folder / COUNTED).read_bytes(), type=Counted)
    notices = check_companion(content, contract, delivery.manifest.file, counted)
    keep_companion(state, delivery.folder, content)
    step("companion.kept")
    faults = (*delivery.faults, *(fault for fault in notices.listed if fault not in delivery.faults))
    write(delivery.folder / "faults.json", msgspec.json.encode(faults))
    step("companion.held")
    told = dict(Counter(delivery.manifest.faults) + notices.totals)
    return note(delivery, msgspec.structs.replace(delivery.manifest, faults=told, awaits=""))
