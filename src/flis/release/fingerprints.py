"""Fingerprints: hashes of all that an area's figures depend on beside its deliveries, by kind and name.

A release keeps those that it was made by. One that has changed since is a reason to lay the area out anew, and the plan
names it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flis import __version__
from flis.catalog.area_folders import folder_of, remembered
from flis.catalog.areas import area as area_of
from flis.warehouse.step import area_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

__all__ = ["Fingerprints", "changed", "fingerprints", "software"]

Fingerprints = dict[str, dict[str, str]]
LENGTH = 16  # hexadecimal digits: they tell changes from each other, and prove nothing


@remembered
def fingerprints(area: str) -> Fingerprints:
    """The fingerprints of `area`, and of every area that its steps read: names of those begin with the area's."""
    found: Fingerprints = {}
    for source in _read_by(area):
        for kind, name, content in _parts(source):
            named = name if source == area else f"{source}.{name}"
            found.setdefault(kind, {})[named] = hashlib.sha256(content).hexdigest()[:LENGTH]
    return {kind: dict(sorted(names.items())) for kind, names in sorted(found.items())}


def software() -> Fingerprints:
    """The version by which files are laid out."""
    return {"software": {"flis": __version__}}


def changed(before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Kind and name of every fingerprint that is another one now, or stands on one side alone.

    A tree of an earlier version has none: then it is the software that changed.
    """
    if not before:
        yield "software", "flis"
        return
    for kind in sorted({*before, *now}):
        old, new = before.get(kind, {}), now.get(kind, {})
        yield from ((kind, name) for name in sorted({*old, *new}) if old.get(name) != new.get(name))


def _read_by(area: str) -> list[str]:
    """The areas whose steps and files an area depends on: itself, its source, and those whose tables a step reads."""
    found, open_ones = [area], [area]
    while open_ones:
        one = open_ones.pop()
        read = {name.rpartition(".")[0] for step in area_steps(one) for name in step.inputs if "." in name}
        new = sorted({area_of(one).delivered_as, *read}.difference(found))
        found += new
        open_ones += new
    return found


def _parts(area: str) -> Iterator[tuple[str, str, bytes]]:
    """What an area's folder says, in parts: a step without its comments and line breaks, other files as they are."""
    for step in area_steps(area):
        said = (step.inputs, step.output, str(step.kind), step.keys, step.place, step.stores, step.select.split())
        yield "step", step.name, repr(said).encode()
    for file in folder_of(area).iterdir():
        stem = file.name.rpartition(".")[0]
        if stem in {"definition", "policy"} or stem.startswith("contract"):
            yield stem.split("-", maxsplit=1)[0], stem, file.read_bytes()
        if file.name == "codes":
            yield from (("codes", one.name.removesuffix(".csv"), one.read_bytes()) for one in _lists(file))


def _lists(folder: Traversable) -> list[Traversable]:
    return sorted((one for one in folder.iterdir() if one.name.endswith(".csv")), key=lambda one: one.name)
