"""`Database`: a catalogue bound to the data that one Scope may read at one release; and `execute`, which asks it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from flis.catalog.cube import say
from flis.errors import DamagedError, FlisError, ForbiddenError, NotFoundError, StatementError
from flis.query.binding.formulas import check
from flis.query.cubes.own import country_cubes, own_cubes, owners_tables
from flis.query.cubes.source import FolderSource, ReleaseSource
from flis.query.definitions import create_or_drop
from flis.query.evaluation.cell_values import ENDLESS
from flis.query.evaluation.evaluate import Evaluator
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s
from flis.query.limits import TURNS, CancelToken, Limits, Watch
from flis.query.prepared import prepare
from flis.query.sections import CubeSection
from flis.query.select import cubes_hint, no_cube, run_select, source_name, wrong_cube
from flis.query.statements import KnownStatement, Statements
from flis.query.unsupported_constructs import refused, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from flis.access import Scope
    from flis.catalog.cube import Catalogue, Cube
    from flis.query.cubes.cube import BoundCube
    from flis.query.cubes.source import TableSource
    from flis.query.evaluation.segments import Segments
    from flis.query.evaluation.values import Values
    from flis.query.prepared import Prepared
    from flis.query.result import CellSet, Rowset
    from flis.query.session import SessionNames
    from flis.release import Release

__all__ = ["Database", "Databases", "Options", "execute", "language_of"]

ENGLISH = 9
CACHE = 256 << 20  # bytes of the segments of one section
DATABASES = 256  # open at a time: each is small, its sections are shared
LOG = logging.getLogger("flis.query")


def language_of(lcid: int) -> str:
    """The language of a locale identifier: English for 9 and the English ones (1033, 2057 …), else Danish.

    >>> language_of(1033), language_of(1030), language_of(127)
    ('en', 'da', 'da')
    """
    return "en" if lcid & 0x3FF == ENGLISH else "da"


@dataclass(frozen=True, slots=True)
class Options:
    """What comes with a statement."""

    lcid: int = 1030
    language: str = ""  # default: by `lcid`
    parameters: Mapping[str, Any] = field(default_factory=dict)
    session: SessionNames | None = None  # members and sets created in the session; CREATE and DROP change it
    limits: Limits = field(default_factory=Limits)
    token: CancelToken | None = None
    seconds: float = 0.0  # the client's own time limit, 0 for none
    flat: bool = False  # answer with a rowset in place of a cell set
    cube: str = ""  # the cube of a statement that names none
    calculated_in_subselects: int = 0  # as DbpropMsmdSubqueries: 0 none, 1 without what lies above them, 2 with it
    missing: bool = False  # whether members that are not there are left out, in place of an error
    schema_rowset: Callable[[s.SchemaSelect], Rowset] | None = None  # answers SELECT … FROM $SYSTEM

    @property
    def said(self) -> str:
        """The language of captions."""
        return self.language or language_of(self.lcid)


class Database:
    """A catalogue over the sections of one Scope at one release; statements of many threads ask it.

    Cubes without data are no part of it. `absent` says why, by name: that is the answer to whoever asks for one.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        sections: Sequence[CubeSection],
        scope: Scope,
        last_update: datetime,
        release: int = 0,
    ) -> None:
        self.scope = scope
        self.name = catalogue.name
        self.release = release  # its number, 0 for data without releases
        self.last_update = last_update  # when the data last changed before they were opened, in UTC
        self.sections = tuple(sections)
        self.absent: dict[str, FlisError] = {unread.name: unread.fault for unread in catalogue.unread}
        self.absent |= {n: e for section in sections for n, e in section.broken.items()}
        self.statements = Statements()
        self._catalogue = catalogue
        self._sections = {cube: section for section in sections for cube in section.cubes}
        named = {cube.name: cube for cube in self._sections}
        self.cubes: tuple[BoundCube, ...] = tuple(named[c.name] for c in catalogue.cubes if c.name in named)
        """All cubes that have data, in the catalogue's order."""

    @classmethod
    def over(cls, catalogue: Catalogue, source: TableSource, scope: Scope, last_update: datetime) -> Database:
        """All cubes of a catalogue over one source without releases."""
        return cls(catalogue, [CubeSection(catalogue, catalogue.cubes, source, CACHE)], scope, last_update)

    def segments_of(self, cube: BoundCube) -> Segments:
        """The segments of a cube's figures."""
        return self._sections[cube].segments

    def forget(self) -> None:
        """Forget the figures that were asked; data that were loaded stay."""
        for section in self.sections:
            section.segments.clear()

    def description(self, language: str) -> str:
        """The catalogue's description, and the release."""
        said = say(self._catalogue.description, language)
        return f"{said} (release {self.release})".strip() if self.release else said

    def cube(self, name: str) -> BoundCube:
        """A cube (or a perspective of one) by name.

        Raises:
            NotFoundError: there is none, or nothing of its area is released.
            CatalogError: its tables lack something; DamagedError: its files are not as they were published.
        """
        for cube in self.cubes:
            if cube.name.casefold() == name.casefold():
                return cube
        for cube in self.cubes:
            if cube.perspective(name) is not None:
                return cube
        for definition in self._catalogue.cubes:
            known = (definition.name, *(p.name for p in definition.perspectives))
            if definition.name in self.absent and name.casefold() in {n.casefold() for n in known}:
                raise self.absent[definition.name]
        for absent, why in self.absent.items():
            if absent.casefold() == name.casefold():
                raise why
        raise UnknownCubeError(
            f"There is no cube {name} in {self.name}.", hint=cubes_hint(name, [c.name for c in self.cubes])
        )

    def find_cube(self, name: str) -> BoundCube | None:
        """A cube, perspective or `$Dimension` by name, None where there is none. Raises as `cube` does else."""
        try:
            return self.cube(name)
        except UnknownCubeError:
            if name.startswith("$"):
                for cube in self.cubes:
                    if any(d.name.casefold() == name[1:].casefold() for d in cube.dimensions):
                        return cube
            return None

    def is_dimension(self, name: str) -> bool:
        """Whether a name is that of a dimension's own cube, `$Store`: members and no figures."""
        known = {c.name.casefold() for c in self.cubes}
        return name.startswith("$") and name.casefold() not in known

    def warm(self) -> None:
        """Load every dimension and measure group now, so that no statement has to wait for them.

        Raises:
            CatalogError: a formula or a table of a cube is wrong; all the others are loaded.
        """
        failed: FlisError | None = None
        for cube in self.cubes:
            try:
                _warm(cube)
            except FlisError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def close(self) -> None:
        """Free the data."""
        for section in self.sections:
            section.close()


def _warm(cube: BoundCube) -> None:
    check(cube)
    for hierarchy in cube.hierarchies:
        _ = hierarchy.table
    for group in cube.groups.values():
        _ = group.facts


class UnknownCubeError(NotFoundError):
    """No cube has that name."""


class Databases:
    """The open databases of a process.

    Sections are opened once per tree and stores, and shared by the databases of all releases that hold the tree. When
    all of them hold more than `bound` bytes, those asked least recently are dropped; what uses one keeps it open.
    """

    def __init__(self, bound: int = 1 << 30) -> None:
        self.bound = bound
        self._sections: OrderedDict[tuple[object, ...], CubeSection] = OrderedDict()
        self._open: OrderedDict[tuple[object, ...], Database] = OrderedDict()
        self._lock = threading.Lock()
        self._opening = threading.Lock()  # reading the files of a section takes its time: others go on meanwhile

    def of_release(
        self, scope: Scope, release: Release, catalogue: Catalogue, closed: Mapping[str, FlisError] | None = None
    ) -> Database:
        """FLIS's own catalogue at a release, as a scope may read it; cubes of areas that are `closed` answer so."""
        closed = closed or {}
        if release.number != scope.release:
            raise ForbiddenError("The scope was made for another release.")
        key = (id(catalogue), str(release.folder), *release.root.areas.items(), release.root.shown, scope.stores)
        key = (*key, *((area, str(why)) for area, why in sorted(closed.items())))
        if (known := self._known(key)) is not None:
            return known
        with self._opening:
            if (known := self._known(key)) is not None:
                return known
            made = self._opened(scope, release, catalogue, closed)
            with self._lock:
                if not any(isinstance(error, DamagedError) for error in made.absent.values()):
                    self._open[key] = made
                self._trim(made)
            return made

    def _known(self, key: tuple[object, ...]) -> Database | None:
        with self._lock:
            found = self._open.get(key)
            if found is not None:
                self._open.move_to_end(key)
                for at in [at for at, section in self._sections.items() if section in found.sections]:
                    self._sections.move_to_end(at)
                self._trim(found)
            return found

    def _opened(
        self, scope: Scope, release: Release, catalogue: Catalogue, closed: Mapping[str, FlisError]
    ) -> Database:
        sections: list[CubeSection] = []
        absent: dict[str, FlisError] = {}
        by_area: dict[str, list[Cube]] = {}
        for cube in catalogue.cubes:
            by_area.setdefault(cube.area, []).append(cube)
        for area, cubes in by_area.items():
            try:
                if area in closed:
                    raise closed[area]
                sections.append(self._section(scope, release, catalogue, cubes))
            except FlisError as error:
                absent |= dict.fromkeys((c.name for c in cubes), _absent(area, release, error))
        made = Database(catalogue, sections, scope, _utc(release.root.applied), release.number)
        made.absent |= absent
        for name, why in made.absent.items():  # a cube whose area has not come yet is nothing to warn of
            log = LOG.info if isinstance(why, NotFoundError) else LOG.warning
            log("The cube %s is not open: %s", name, why)
        return made

    def _section(self, scope: Scope, release: Release, catalogue: Catalogue, cubes: list[Cube]) -> CubeSection:
        from flis.release.reader import SHARED  # whoever made the release has loaded it; a folder's reader need not

        of = release.area(cubes[0].area)
        shown = bool(release.root.shown)
        key = (id(catalogue), str(of.folder), of.area, of.sha256, of.earlier, shown, scope.kind, scope.stores)
        with self._lock:
            found = self._sections.get(key)
        if found is None:
            for store in (*scope.stores, SHARED):
                of.store(store)
            if scope.kind == "municipal":
                seen, withheld = own_cubes(cubes), frozenset[str]()
            else:
                seen, withheld = country_cubes(cubes), owners_tables(cubes)
            found = CubeSection(catalogue, seen, ReleaseSource(of, scope, shown, withheld), CACHE)
        with self._lock:
            self._sections[key] = found
            self._sections.move_to_end(key)
        return found

    def of_folder(self, scope: Scope, folder: Path, catalogue: Catalogue) -> Database:
        """Any catalogue over a folder of Parquet files."""
        if scope.kind != "open":
            raise ForbiddenError("A folder of files is read with an open scope.")
        source = FolderSource(folder)
        return Database.over(catalogue, source, scope, source.last_update)

    def holds(self, database: Database) -> bool:
        """Whether a database is open still, and not dropped for others."""
        return any(found is database for found in self._open.values())

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            self._open.clear()
            while self._sections:
                self._sections.popitem()[1].close()

    def _trim(self, asked: Database) -> None:
        """Drop the sections asked least recently, with the databases of them, until the bound is kept."""
        while sum(section.size for section in self._sections.values()) > self.bound:
            key, section = next(iter(self._sections.items()))
            if section in asked.sections:
                break
            del self._sections[key]
            for name in [name for name, one in self._open.items() if section in one.sections]:
                del self._open[name]
        while len(self._open) > DATABASES:
            self._open.popitem(last=False)


def _absent(area: str, release: Release, error: FlisError) -> FlisError:
    """Why the cubes of an area are not there."""
    if isinstance(error, NotFoundError) and area not in release.areas:
        return NotFoundError(f"Nothing of the area {area} has been released yet.", hint="See: flis areas.")
    return error


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def execute(
    scope: Scope, database: Database, statement: str | s.Statement, options: Options | None = None
) -> CellSet | Rowset | None:
    """Run one statement for a scope; None where it has no result.

    Raises:
        StatementError: the statement is wrong; LimitError: it asks for too much; CancelledError: it was stopped;
        ForbiddenError: the scope is not the one that the database was opened for.
    """
    options = options or Options()
    if scope.stores != database.scope.stores or scope.release != database.scope.release:
        raise ForbiddenError("The scope does not open this database.")
    known = database.statements.known(statement) if isinstance(statement, str) else KnownStatement(statement)
    with TURNS.taken():
        began = time.thread_time()
        try:
            result = _run(scope, database, known, options)
        except RecursionError:
            raise StatementError(ENDLESS) from None
        known.took(time.thread_time() - began, result.extent if result is not None else 0)
        return result


def _run(scope: Scope, database: Database, known: KnownStatement, options: Options) -> CellSet | Rowset | None:
    tree = known.tree
    match tree:
        case s.Select():
            return _selected(scope, database, known, tree, options)
        case s.DrillthroughStatement():
            return _selected(scope, database, known, tree.select, options)
        case s.SchemaSelect():
            if options.schema_rowset is None:
                raise unsupported("A rowset here", tree, said=f"$SYSTEM.{tree.rowset} here")
            return options.schema_rowset(tree)
        case s.RefreshCube():
            name = tree.cube.segments[-1].text
            if database.find_cube(name) is None:
                raise wrong_cube(name, database.cubes, tree)
        case s.EmptyStatement() | s.Calculate():
            pass
        case s.Refused():
            raise refused(tree.name, tree)
        case _:
            create_or_drop(database, tree, options)
    return None


def _selected(
    scope: Scope, database: Database, known: KnownStatement, select: s.Select, options: Options
) -> CellSet | Rowset:
    """A SELECT, or the facts behind the cell of one."""
    watch = Watch(options.limits, options.token, options.seconds)
    name, cube = _source(database, select, options)
    with _prepared(known, cube, select, options) as prepared:
        ev = _evaluator(scope, database, name, prepared, watch, options.said)
        ev.calculated_in_subselects = options.calculated_in_subselects
        if isinstance(known.tree, s.DrillthroughStatement):
            from flis.query.drillthrough import drill

            return drill(ev, known.tree, prepared)
        cells = run_select(ev, prepared, options.lcid)
    if options.flat:
        from flis.query.flatten import flattened

        return flattened(cells, options.limits)
    return cells


def _source(database: Database, select: s.Select, options: Options) -> tuple[str, BoundCube]:
    """The name that a statement asks by, and the cube behind it."""
    name = source_name(select.source) or options.cube
    if not name:
        raise no_cube(select)
    cube = database.find_cube(name)
    if cube is None:
        raise wrong_cube(name, database.cubes, select.source or select)
    return name, cube


def _prepared(
    known: KnownStatement, cube: BoundCube, select: s.Select, options: Options
) -> AbstractContextManager[Prepared]:
    """A bound statement; kept for the next time where only its text decides what it means."""

    def make() -> Prepared:
        return prepare(cube, select, options.session, options.parameters, missing=options.missing)

    if options.parameters or (options.session and not options.session.empty):
        return nullcontext(make())
    return known.prepared((cube, options.missing, options.calculated_in_subselects), make)


def _evaluator(  # noqa: PLR0917 - all that a statement is evaluated with
    scope: Scope, database: Database, name: str, prepared: Prepared, watch: Watch, language: str
) -> Evaluator:
    ev = Evaluator(prepared.binder, database.segments_of(prepared.binder.cube), watch, language)
    ev.user, ev.name = scope.principal, name
    ev.figures = not database.is_dimension(name)
    ev.look_through(name)

    def elsewhere(other: str, expression: str) -> Values:
        select = s.Select((), (), s.Identifier((s.NameSegment(other.strip("[]")),)))
        _, cube = _source(database, select, Options())
        prepared = prepare(cube, select)
        there = _evaluator(scope, database, cube.name, prepared, watch, language)
        return there.values(prepared.binder.scalar(parse_expression(expression)), there.base)

    ev.others = elsewhere
    return ev
