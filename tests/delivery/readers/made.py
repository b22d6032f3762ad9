"""Contracts made by hand, and files read by them, outside of any state folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from flis.catalog import contracts
from flis.delivery.reading import READERS
from flis.delivery.recognition import Recognised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flis.catalog.contract import Contract
    from flis.delivery.model import Fault, Header

__all__ = ["KEY", "Read", "parsed", "read", "split"]

KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a file gave."""

    tables: dict[str, list[dict[str, Any]]]
    header: Header
    faults: tuple[Fault, ...]
    faulty: dict[tuple[str, str, str], list[int]]

    @property
    def kinds(self) -> list[str]:
        """The kinds of faults, each once."""
        return sorted({fault.kind for fault in self.faults})


def parsed(text: str) -> Contract:
    """The contract that a text is."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "contract.yaml"
        file.write_text(text, "utf-8")
        return contracts.parse(file)


def read(contract: Contract, content: bytes | Iterable[bytes], name: str = "") -> Read:
    """The rows of a file that is called `name`."""
    told = contract.recognition.match(name) if name else {}
    assert told is not None
    chunks = [content] if isinstance(content, bytes) else content
    records = READERS[contract.format](chunks, Recognised(contract, told), KEY)
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, batch in records.batches():
        batch.validate(full=True)
        tables.setdefault(table, []).extend(batch.to_pylist())
    faulty = {place: [int(n) for part in parts for n in part] for place, parts in records.faulty_rows.items()}
    return Read(tables, records.header, records.faults, faulty)


def split(content: bytes, size: int) -> list[bytes]:
    """A file in pieces of so many bytes."""
    return [content[start : start + size] for start in range(0, len(content), size)] or [b""]
