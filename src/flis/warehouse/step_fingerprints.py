"""Fingerprints: hashes of all that an area's history and facts depend on beside its deliveries, by kind and name.

A step's fingerprint includes those of its inputs, as far as they are made in the platform: the steps, the contract, the
lists of codes and the definition that it reads.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flis.catalog.area_paths import folder_of, remembered
from flis.warehouse.definitions import definition
from flis.warehouse.dimensions import described
from flis.warehouse.given import code_list
from flis.warehouse.graph import KNOWN, followers, ordered, source_of
from flis.warehouse.step import area_steps, step_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from flis.warehouse.step import Step

__all__ = ["Fingerprints", "fingerprints", "loading"]

Fingerprints = dict[str, dict[str, str]]
"""By kind (step, contract, codes, definition, policy) and name; of another area the name begins with `AREA.`, of a
table of the dimensions that cubes share with `dim.`"""
LENGTH = 16  # hexadecimal digits: they tell changes from each other, and prove nothing
DEFINITION = "definition"


@remembered
def fingerprints(area: str) -> Fingerprints:
    """The fingerprints of an area's steps and files, and of those of the area whose deliveries it is made of."""
    found: Fingerprints = {"codes": dict(_shared())}
    for source in dict.fromkeys((area, source_of(area))):
        prefix = "" if source == area else f"{source}."
        for step in ordered(source):
            found.setdefault("step", {})[prefix + step.name] = _of_step(source, step.name)
        for kind, file in _files(source):
            found.setdefault(kind, {})[prefix + file.name.rpartition(".")[0]] = _hash(file.read_bytes())
    return {kind: dict(sorted(names.items())) for kind, names in sorted(found.items())}


@remembered
def _shared() -> dict[str, str]:
    """Of the tables of the dimensions that cubes share."""
    return {f"dim.{name}": _hash(repr(rows.to_pylist()).encode()) for name, rows in described().items()}


@remembered
def loading(source: str) -> dict[str, str]:
    """The fingerprints of all steps by which the deliveries of an area are loaded: its own and its followers'."""
    return {
        f"{area}.{step.name}": _of_step(area, step.name)
        for area in followers(source)
        for step in ordered(area)
        if step.kind.loads
    }


@remembered
def _of_step(area: str, name: str) -> str:
    step = step_named(area, name)
    return _hash(_text(step) + repr(sorted(set(_inputs(step)))).encode())


def _text(step: Step) -> bytes:
    """What a step says, without its comments and line breaks."""
    said = (step.inputs, step.output, str(step.kind), step.keys, step.newest, str(step.place), step.stores, step.owner)
    named = (step.public,) if step.public else ()
    return repr(((*said, *named), step.select.split())).encode()


def _inputs(step: Step) -> Iterator[str]:
    """The fingerprints of what a step reads; of another area's tables, of all steps that load that area.

    Areas may read each other's tables in a circle, steps of one area may not.
    """
    source = source_of(step.area)
    for name in step.inputs:
        other, _, table = name.rpartition(".")
        maker, area = table.removesuffix(KNOWN), other or step.area
        if code_list(table):
            yield from (_hash(f.read_bytes()) for k, f in _files(step.area, source) if k == "codes" and _is(f, table))
        elif table == DEFINITION:  # a step reads these two numbers of it, and no age groups
            rules = definition(step.area)
            yield _hash(repr((rules.citizenship, rules.entered_from)).encode())
        elif area not in {step.area, source}:
            yield from (_hash(_text(one)) for one in area_steps(area) if one.kind.loads)
        elif maker in {s.name for s in area_steps(area)}:
            yield _of_step(area, maker)
        elif area == source:
            yield from (_hash(f.read_bytes()) for k, f in _files(area) if k == "contract")


def _is(file: Traversable, table: str) -> bool:
    return file.name == f"{code_list(table)}.csv"


def _files(*areas: str) -> Iterator[tuple[str, Traversable]]:
    """The files that steps and facts depend on, with their kinds."""
    for area in areas:
        folder = folder_of(area)
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            kind = next((k for k in ("contract", DEFINITION, "policy") if file.name.startswith(k)), "")
            if kind and file.name.endswith(".yaml"):
                yield kind, file
        codes = folder / "codes"
        for file in sorted(codes.iterdir(), key=lambda one: one.name) if codes.is_dir() else ():
            if file.name.endswith(".csv"):
                yield "codes", file


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:LENGTH]
