"""The members, sets and subcubes of a session as text, so that every worker process can take them up."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flis.query.languages.mdx import parse, parse_expression, to_text
from flis.query.languages.mdx.syntax import (
    CreateSubcube,
    Identifier,
    MemberDefinition,
    PropertyDefinition,
    SetDefinition,
    String,
)
from flis.query.session import SessionNames, Subcube
from flis.serve.xmla.rowsets.asking import SessionDefinition

if TYPE_CHECKING:
    from flis.query.languages.mdx.syntax import Expression

SUBCUBES = ""  # beside the names of cubes, of which none is empty

__all__ = ["listed", "read", "write"]


def write(names: SessionNames) -> str:
    """All definitions of a session; empty where there are none."""
    found: dict[str, Any] = {cube: [_plain(d) for d in held] for cube, held in names.created.items() if held}
    subcubes = {
        cube: [[to_text(x.definition), x.before] for x in held] for cube, held in names.subcubes.items() if held
    }
    if subcubes:
        found[SUBCUBES] = subcubes
    return json.dumps(found) if found else ""


def read(text: str) -> SessionNames:
    """The definitions that `write` wrote, for a statement to use or to add to."""
    created, subcubes = _read(text)
    return SessionNames(
        {cube: list(held) for cube, held in created.items()}, {cube: list(held) for cube, held in subcubes.items()}
    )


def listed(text: str) -> list[SessionDefinition]:
    """The definitions for the metadata."""
    found = []
    for cube, held in _read(text)[0].items():
        for definition in held:
            name = definition.name.segments[-1].text
            kind = "set" if isinstance(definition, SetDefinition) else _kind(definition.name)
            own = {p.name.upper(): _said(p.value) for p in definition.properties}
            dynamic = isinstance(definition, SetDefinition) and definition.dynamic
            member = definition if isinstance(definition, MemberDefinition) else None
            found.append(SessionDefinition(cube, name, to_text(definition.expression), kind, own, dynamic, member))
    return found


def _said(value: Expression) -> str:
    """A property's value: a literal text without its quotes."""
    return value.text if isinstance(value, String) else to_text(value)


def _kind(name: Identifier) -> str:
    return "measure" if name.segments[0].text.casefold() == "measures" or len(name.segments) == 1 else "member"


def _plain(definition: MemberDefinition | SetDefinition) -> list[Any]:
    mode = definition.mode if isinstance(definition, SetDefinition) else None
    properties = [[p.name, to_text(p.value)] for p in definition.properties]
    return [to_text(definition.name), to_text(definition.expression), properties, mode]


@lru_cache(maxsize=1000)
def _read(
    text: str,
) -> tuple[dict[str, tuple[MemberDefinition | SetDefinition, ...]], dict[str, tuple[Subcube, ...]]]:
    if not text:
        return {}, {}
    found = json.loads(text)
    subcubes = found.pop(SUBCUBES, {})
    return (
        {cube: tuple(_definition(*plain) for plain in held) for cube, held in found.items()},
        {cube: tuple(_subcube(*plain) for plain in held) for cube, held in subcubes.items()},
    )


def _subcube(text: str, before: int) -> Subcube:
    definition = parse(text)
    assert isinstance(definition, CreateSubcube)  # noqa: S101 - written by `write`
    return Subcube(definition, before)


def _definition(
    name: str, expression: str, properties: list[list[str]], mode: str | None
) -> MemberDefinition | SetDefinition:
    called = parse_expression(name)
    assert isinstance(called, Identifier)  # noqa: S101 - written by `write`
    formula = parse_expression(expression)
    own = tuple(PropertyDefinition(n, parse_expression(v)) for n, v in properties)
    if mode is None:
        return MemberDefinition(called, formula, own)
    return SetDefinition(called, formula, own, mode)
