"""Drawn charts, kept by content: a folder per release, bounded in size, dropped with its release.

A chart that a new release has in common with the one before is linked into the new folder, not drawn again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections import OrderedDict
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from multiprocessing import get_context
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import vl_convert

from flis.disk import draft, writing
from flis.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from flis.config import State

__all__ = ["Drawings"]

DRAWER = version("vl-convert-python")
LIMIT = 128 * 2**20  # bytes on disk
HELD = 512  # drawings kept in memory
MANY = 48  # drawings that are worth the start of further processes
ROOT = re.compile(r"<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>")
ROLES = re.compile(r" (?:role|aria-\w+)=\"[^\"]*\"")
ATTRIBUTE = re.compile(r'="[^"]*"')
DECIMALS = re.compile(r"(\d\.\d)\d+")


class Drawings:
    """The cache of drawings of one state folder; several processes may use it at once."""

    def __init__(self, state: State, *, limit: int = LIMIT) -> None:
        self._folder = state.cache / "charts"
        self._limit = limit
        self._held: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()
        self._size: int | None = None

    def svg(self, specification: dict[str, Any], release: int) -> str:
        """The drawing of a Vega specification: from memory, from disk, or drawn now."""
        name, text = _named(specification)
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        svg = self._kept(name, release)
        if svg is None:
            svg = _drawn(text)
            self._keep(name, svg, release)
        with self._lock:
            self._held[name] = svg
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return svg

    def draw(self, specifications: Sequence[dict[str, Any]], release: int) -> None:
        """Draw what is not drawn yet, on all processors where it is much."""
        wanted = {name: text for name, text in map(_named, specifications) if self._kept(name, release) is None}
        for name, svg in zip(wanted, _all_drawn(list(wanted.values())), strict=True):
            self._keep(name, svg, release)

    def warm(self) -> None:
        """Start the drawing library beside, so that the first reader does not wait for it."""
        Thread(target=vl_convert.vega_to_svg, args=('{"width": 1, "height": 1}',), daemon=True).start()

    def drop(self, *, keep: int) -> None:
        """Drop the drawings of all releases but `keep`."""
        for folder in self._folders():
            if folder.name != str(keep):
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return sorted(self._folder.iterdir()) if self._folder.is_dir() else []

    def _kept(self, name: str, release: int) -> str | None:
        own = self._folder / str(release) / f"{name}.svg"
        try:
            return own.read_text("utf-8")
        except OSError:
            pass
        for folder in self._folders():
            try:
                svg = (folder / own.name).read_text("utf-8")
            except OSError:
                continue
            # another process was faster or dropped that release, or the disk takes nothing: the drawing is at hand
            with suppress(OSError):
                own.parent.mkdir(parents=True, exist_ok=True)
                os.link(folder / own.name, own)
            return svg
        return None

    def _keep(self, name: str, svg: str, release: int) -> None:
        """Put a drawing by; where the disk takes none it is drawn again by whoever asks for it next."""
        own = self._folder / str(release) / f"{name}.svg"
        with suppress(StorageError, FileNotFoundError), writing("the charts"):
            own.parent.mkdir(parents=True, exist_ok=True)
            with draft(own, durable=False) as out:
                out.write(svg.encode())
            self._bound(len(svg))

    def _bound(self, added: int) -> None:
        """Keep the folder under its limit: the drawings written longest ago go first."""
        with self._lock:
            files = None if self._size is not None else self._files()
            self._size = sum(size for _, size, _ in files) if files is not None else (self._size or 0) + added
            if self._size <= self._limit:
                return
            for _, size, path in files or self._files():
                path.unlink(missing_ok=True)
                self._size -= size
                if self._size <= self._limit * 3 // 4:
                    return

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for folder in self._folders():
            for path in folder.glob("*.svg"):
                try:
                    stat = path.stat()
                except OSError:
                    continue
                found.append((stat.st_mtime, stat.st_size, path))
        return sorted(found)


def _named(specification: dict[str, Any]) -> tuple[str, str]:
    """A specification's text, and the hash that names its drawing."""
    text = json.dumps(specification, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{DRAWER} {text}".encode()).hexdigest(), text


def _all_drawn(texts: Sequence[str]) -> Iterable[str]:
    if len(texts) < MANY:
        return map(_drawn, texts)
    with ProcessPoolExecutor(min(4, os.cpu_count() or 1), get_context("spawn")) as pool:
        return [_tidied(svg) for svg in pool.map(vl_convert.vega_to_svg, texts, chunksize=8)]


def _drawn(text: str) -> str:
    return _tidied(vl_convert.vega_to_svg(text))


def _tidied(svg: str) -> str:
    """A drawing fit for a page: no fixed size, no needless decimals, no roles (the page says what it shows)."""
    short = ATTRIBUTE.sub(lambda a: DECIMALS.sub(r"\1", a[0]), ROLES.sub("", svg))
    return ROOT.sub(r"<svg \1>", short, count=1)
