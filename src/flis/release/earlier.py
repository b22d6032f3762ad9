"""Releases of the earlier form, one manifest for all: read as a root with trees, and carried over to that form.

A manifest listed the files of all stores, its tables had no area in their names, and every store held the dimensions.
"""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from flis.disk import draft
from flis.release.damage import file_name
from flis.release.tree import DIMENSION, Entry, Root, Stores, Tree, encoded, folder_of
from flis.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MANIFEST", "carry_files", "clear", "place", "read"]

MANIFEST = "manifest.json"
NATIONAL, PUBLIC, SHARED = "national", "public", "shared"


class Delivered(msgspec.Struct, frozen=True):
    """The newest delivery that a manifest counted."""

    produced: date
    id: str


class EarlierManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `manifest.json`."""

    number: int
    areas: tuple[str, ...]
    data_through: date
    delivery: Delivered
    deliveries: int
    applied: datetime
    previous: int | None
    version: str
    policy: str
    stores: Stores
    shown: str = ""


def read(data: bytes) -> tuple[Root, dict[str, Tree]]:
    """A manifest as a root and its trees.

    Raises:
        ValueError: it is none.
    """
    found = msgspec.json.decode(data, type=EarlierManifest)
    trees = {area: _tree(found, area) for area in found.areas}
    root = Root(
        number=found.number,
        previous=found.previous,
        applied=found.applied,
        version=found.version,
        areas={area: encoded(tree)[0] for area, tree in trees.items()},
        shown=found.shown,
    )
    return root, trees


def _tree(found: EarlierManifest, area: str) -> Tree:
    return Tree(
        area=area,
        coverage={"": {"": (_first(found), found.data_through)}},
        known=found.delivery.produced,
        delivery=found.delivery.id,
        deliveries=found.deliveries,
        load=found.deliveries,
        policy=found.policy,
        fingerprints={},
        stores=_stores(found.stores),
    )


def _first(found: EarlierManifest) -> date:
    """The first day of the oldest month that a manifest names, its last day where it names none."""
    months = [part for tables in found.stores.values() for parts in tables.values() for part in parts if part]
    return date.fromisoformat(f"{min(months)}-01") if months else found.data_through


def _stores(found: Stores) -> Stores:
    """The stores as trees have them. Tables of one file were dimensions, shared where every store had the same file."""
    stars = {name: tables for name, tables in found.items() if name != PUBLIC}
    single = {table for tables in stars.values() for table, parts in tables.items() if set(parts) == {""}}
    shared = {t for t in single if all(tables.get(t) == found[NATIONAL].get(t) for tables in stars.values())}
    made = {
        name: {f"{DIMENSION}{t}" if t in single else t: parts for t, parts in tables.items() if t not in shared}
        for name, tables in stars.items()
    }
    common = {f"{DIMENSION}{t}": found[NATIONAL][t] for t in shared}
    return made | {name: found[name] for name in found if name == PUBLIC} | ({SHARED: common} if common else {})


def place(store: str, table: str) -> tuple[str, str]:
    """The store and the folder in which a table of a tree lay.

    >>> place("shared", "dim.kommune"), place("kommune-0101", "elever")
    (('national', 'kommune'), ('kommune-0101', 'elever'))
    """
    return (NATIONAL if store == SHARED else store), table.removeprefix(DIMENSION)


def carry_files(stores: Path, tree: Tree) -> None:
    """Let every file of a tree that was read from a manifest lie where a tree has it, too; the old names stay."""
    for store, table, entry in _entries(tree):
        name = file_name(entry.sha256)
        new = stores / store / folder_of(tree.area, table) / name
        old = stores.joinpath(*place(store, table), name)
        if new.exists() or not old.exists():
            continue
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(old, new)
        except OSError:  # the file system has no second names for a file
            with draft(new, durable=False) as out, old.open("rb") as file:
                shutil.copyfileobj(file, out)
    step("release.carried")


def _entries(tree: Tree) -> Iterator[tuple[str, str, Entry]]:
    for store, tables in tree.stores.items():
        for table, parts in tables.items():
            for entry in parts.values():
                yield store, table, entry


def clear(stores: Path) -> None:
    """Remove the folders of tables of the earlier form; only where no manifest names their files any more."""
    for folder in stores.glob("*/*"):
        if "." not in folder.name:
            shutil.rmtree(folder)
