"""CREATE and DROP: the statements that change what a session has defined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from flis.errors import NameStatementError, StatementError
from flis.query.binding.bind import Binder
from flis.query.languages.mdx import syntax as s
from flis.query.languages.mdx import to_text
from flis.query.prepared import prepare
from flis.query.session import SessionNames, Subcube

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flis.query.cubes.cube import BoundCube

__all__ = ["create_or_drop"]


class OpenCubes(Protocol):
    """Where the cubes of a session are."""

    @property
    def cubes(self) -> Sequence[BoundCube]:
        """All of them, the first where none is named."""
        ...

    def find_cube(self, name: str) -> BoundCube | None:
        """The cube of a name; None where there is none."""
        ...


class StatementPlace(Protocol):
    """What comes with the statement: the session, and its cube where the statement names none."""

    @property
    def session(self) -> SessionNames | None:
        """What the session has defined; None without one."""
        ...

    @property
    def cube(self) -> str:
        """The cube of the session."""
        ...


def create_or_drop(database: OpenCubes, tree: s.Statement, options: StatementPlace) -> None:
    """CREATE and DROP of members, sets and subcubes of the session."""
    session = options.session
    if session is None:
        raise StatementError("Members, sets and subcubes are created in a session; there is none.")
    if isinstance(tree, (s.CreateSubcube, s.DropSubcube)):
        _subcube(database, tree, session)
    elif isinstance(tree, (s.CreateMember, s.CreateSet)):
        cube, name = _placed(database, tree.definition.name, options)
        held = session.created.setdefault(cube.name.casefold(), [])
        if any(_said(x.name) == _said(name) for x in held):
            raise StatementError(f"{to_text(name)} exists already.", line=name.line, column=name.column)
        hidden = (s.PropertyDefinition("VISIBLE", s.Number(0)),) if tree.hidden else ()
        properties = (*tree.definition.properties, *hidden)
        made: s.MemberDefinition | s.SetDefinition = replace(tree.definition, name=name, properties=properties)
        held.append(made)
        try:
            _check(session, cube, made)
        except StatementError:
            held.remove(made)
            raise
    elif isinstance(tree, (s.DropMember, s.DropSet)):
        for written in tree.names:
            cube, name = _placed(database, written, options)
            held = session.created.get(cube.name.casefold(), [])
            found = [x for x in held if _said(x.name) == _said(name)]
            if not found:
                raise NameStatementError(
                    f"The session has no {to_text(name)}.", line=written.line, column=written.column
                )
            at = held.index(found[0])
            held.remove(found[0])
            subcubes = session.subcubes.get(cube.name.casefold(), [])
            subcubes[:] = [replace(x, before=x.before - (at < x.before)) for x in subcubes]


def _subcube(database: OpenCubes, tree: s.CreateSubcube | s.DropSubcube, session: SessionNames) -> None:
    """CREATE SUBCUBE, which is bound at once, and DROP SUBCUBE, with which go the members and sets made since."""
    cube = database.find_cube(tree.cube.segments[-1].text)
    if cube is None:
        raise NameStatementError(f"There is no cube {to_text(tree.cube)}.", line=tree.line, column=tree.column)
    key = cube.name.casefold()
    held = session.created.get(key, [])
    if isinstance(tree, s.CreateSubcube):
        prepare(cube, s.Select((), (), tree.subselect), session)
        session.subcubes.setdefault(key, []).append(Subcube(tree, len(held)))
        return
    subcubes = session.subcubes.get(key)
    if not subcubes:
        raise NameStatementError(
            f"The session has no subcube of {to_text(tree.cube)}.", line=tree.line, column=tree.column
        )
    del held[subcubes.pop().before :]


def _check(session: SessionNames, cube: BoundCube, made: s.MemberDefinition | s.SetDefinition) -> None:
    """Bind what was created, so that a name that is none is told at once and not by later statements."""
    names, sets = session.names(cube, ())
    binder = Binder(cube, names, sets=sets)
    if isinstance(made, s.SetDefinition):
        binder.named_set(made.name.segments[-1].text.casefold(), made)
        return
    for calculations in list(names.calculated.values()):
        for calculation in list(calculations):
            if calculation.expression is made.expression:
                binder.formula(calculation)


def _said(name: s.Identifier) -> tuple[str, ...]:
    return tuple(x.text.casefold() for x in name.segments)


def _placed(database: OpenCubes, name: s.Identifier, options: StatementPlace) -> tuple[BoundCube, s.Identifier]:
    """The cube that a name begins with (or CURRENTCUBE, or the session's cube), and the rest of the name."""
    first = name.segments[0].text
    cube = database.find_cube(first) if len(name.segments) > 1 else None
    if first.upper() == "CURRENTCUBE" or (
        cube is not None and not (options.cube and _is_dimension(database, options.cube, first))
    ):
        rest = s.Identifier(name.segments[1:], line=name.line, column=name.column)
    else:
        cube, rest = None, name
    if cube is None:
        cube = database.find_cube(options.cube) if options.cube else database.cubes[0]
    if cube is None:
        raise NameStatementError(f"There is no cube {options.cube}.", line=name.line, column=name.column)
    return cube, rest


def _is_dimension(database: OpenCubes, cube: str, name: str) -> bool:
    found = database.find_cube(cube)
    return found is not None and any(d.name.casefold() == name.casefold() for d in found.dimensions)
