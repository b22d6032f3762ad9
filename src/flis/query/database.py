"""`Database`: a catalogue bound to the data that one Scope may read at one release; and `execute`, which asks it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from flis.catalog.cube import Catalogue, say
from flis.errors import ForbiddenError, NotFoundError, StatementError, suggest
from flis.query.binding.formulas import check
from flis.query.cubes.cube import BoundCube
from flis.query.cubes.own import own_catalogue_for
from flis.query.cubes.source import FolderSource, ReleaseSource, TableSource
from flis.query.cubes.store import Store
from flis.query.definitions import definitions
from flis.query.evaluation.cells import ENDLESS
from flis.query.evaluation.evaluate import Evaluator
from flis.query.evaluation.segments import Segments
from flis.query.languages.mdx import parse_expression
from flis.query.languages.mdx import syntax as s
from flis.query.limits import TURNS, CancelToken, Limits, Watch
from flis.query.prepare import prepare
from flis.query.select import no_cube, run_select, source_name, wrong_cube
from flis.query.statements import KnownStatement, Statements
from flis.query.unsupported import refused, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from flis.access import Scope
    from flis.query.evaluation.values import Values
    from flis.query.prepare import Prepared
    from flis.query.result import CellSet, Rowset
    from flis.query.session import SessionNames
    from flis.release import Release

__all__ = ["Database", "Databases", "Options", "execute", "language_of"]

ENGLISH = 9


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
    """A catalogue over one source. Made once per release and set of stores; statements of many threads ask it."""

    def __init__(self, catalogue: Catalogue, source: TableSource, scope: Scope, *, cache: int = 256 << 20) -> None:
        self.catalogue = own_catalogue_for(catalogue) if scope.kind == "municipal" else catalogue
        self.source = source
        self.scope = scope
        self.name = catalogue.name
        self.store = Store(source, catalogue.null_name)
        self.segments = Segments(cache)
        self.statements = Statements()

    @property
    def release(self) -> int:
        """The release's number, 0 for data without releases."""
        return self.source.release

    @cached_property
    def last_update(self) -> datetime:
        """When the data last changed before they were opened, in UTC."""
        return self.source.last_update

    def description(self, language: str) -> str:
        """The catalogue's description, and the release."""
        said = say(self.catalogue.description, language)
        return f"{said} (release {self.release})".strip() if self.release else said

    @cached_property
    def cubes(self) -> tuple[BoundCube, ...]:
        """All cubes, in the catalogue's order."""
        names = self.catalogue.path_names
        return tuple(BoundCube(c, self.store, catalog=self.name, path_names=names) for c in self.catalogue.cubes)

    def cube(self, name: str) -> BoundCube:
        """A cube (or a perspective of one) by name.

        Raises:
            NotFoundError: there is none.
        """
        for cube in self.cubes:
            if cube.name.casefold() == name.casefold():
                return cube
        for cube in self.cubes:
            if cube.perspective(name) is not None:
                return cube
        known = [c.name for c in self.cubes]
        raise NotFoundError(f"There is no cube {name} in {self.name}.", hint=suggest(name, known))

    def find_cube(self, name: str) -> BoundCube | None:
        """A cube, perspective or `$Dimension` by name, None where there is none."""
        try:
            return self.cube(name)
        except NotFoundError:
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
            CatalogError: a formula of the catalogue is wrong.
        """
        for cube in self.cubes:
            check(cube)
            for hierarchy in cube.hierarchies:
                _ = hierarchy.table
            for group in cube.groups.values():
                _ = group.facts

    def close(self) -> None:
        """Free the data."""
        self.store.close()
        self.segments.clear()


class Databases:
    """The open databases of a process: one per release and set of stores, the oldest closed when a new one comes."""

    def __init__(self, bound: int = 8) -> None:
        self.bound = bound
        self._open: OrderedDict[tuple[object, ...], Database] = OrderedDict()
        self._lock = threading.Lock()

    def of_release(self, scope: Scope, release: Release, catalogue: Catalogue) -> Database:
        """FLIS's own catalogue at a release, as a scope may read it.

        Raises:
            DamagedError: a file of its stores is not as it was published.
        """
        if release.number != scope.release:
            raise ForbiddenError("The scope was made for another release.")
        source = ReleaseSource(release, scope)
        if self._key(catalogue, source) not in self._open:
            for store in scope.stores:
                release.store(store)
        return self._get(catalogue, source, scope)

    def of_folder(self, scope: Scope, folder: Path, catalogue: Catalogue) -> Database:
        """Any catalogue over a folder of Parquet files."""
        if scope.kind != "open":
            raise ForbiddenError("A folder of files is read with an open scope.")
        return self._get(catalogue, FolderSource(folder), scope)

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    @staticmethod
    def _key(catalogue: Catalogue, source: TableSource) -> tuple[object, ...]:
        return (catalogue.name, id(catalogue), *source.identity)

    def _get(self, catalogue: Catalogue, source: TableSource, scope: Scope) -> Database:
        key = self._key(catalogue, source)
        with self._lock:
            found = self._open.get(key)
            if found is None:
                found = self._open[key] = Database(catalogue, source, scope)
                while len(self._open) > self.bound:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return found


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
        case s.Drillthrough():
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
            definitions(database, tree, options)
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
        if isinstance(known.tree, s.Drillthrough):
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
    ev = Evaluator(prepared.binder, database.segments, watch, language)
    ev.user, ev.name = scope.principal, name
    ev.figures = not database.is_dimension(name)
    ev.look_through(name)

    def elsewhere(other: str, expression: str) -> Values:
        select = s.Select((), (), s.Identifier((s.Segment(other.strip("[]")),)))
        _, cube = _source(database, select, Options())
        there = _evaluator(scope, database, cube.name, prepare(cube, select), watch, language)
        return there.values(there.binder.scalar(parse_expression(expression)), there.base)

    ev.others = elsewhere
    return ev


@lru_cache(maxsize=1)
def databases() -> Databases:
    """The process's open databases."""
    return Databases()
