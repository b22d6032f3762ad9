"""Requests answered: Discover, Execute, sessions, cancel; from a parsed request to the pieces of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flis.errors import ForbiddenError, LaterError, NotFoundError, UsageError, suggest
from flis.query.database import Options
from flis.query.languages.mdx import parse
from flis.query.languages.mdx.syntax import SchemaSelect
from flis.query.limits import CancelToken, Gate, Watch
from flis.query.result import CellSet, Rowset
from flis.serve.xmla import definitions
from flis.serve.xmla.dataset import Layout, dataset
from flis.serve.xmla.envelope import EMPTY_ROOT, answer
from flis.serve.xmla.properties import DANISH, check, language_of, locale, number
from flis.serve.xmla.rowsets import Asking, columns, find, rows
from flis.serve.xmla.rowsets.asking import stamp
from flis.serve.xmla.rowsets.select import select_rows
from flis.serve.xmla.rowsets.writer import SentContent, rowset, table
from flis.serve.xmla.soap import Cancel, Discover, Execute
from flis.serve.xmla.tabular import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flis.access import Principal
    from flis.serve.xmla.backend import Backend, Opened
    from flis.serve.xmla.sessions import Session, Sessions
    from flis.serve.xmla.soap import Request

__all__ = ["Call", "Service"]

# Whoever could choose these would choose whose data to see.
REFUSED = ("EffectiveUserName", "EffectiveRoles", "Roles")
SYSTEM = re.compile(r"\$SYSTEM\b|\bSYSTEMRESTRICTSCHEMA\b", re.IGNORECASE)


@dataclass
class Call:
    """One request on its way: who asks, and what stops it."""

    principal: Principal | None
    url: str = ""
    at_once: bool = False  # nobody may wait: whatever can take longer than a moment is done later
    token: CancelToken = field(default_factory=CancelToken)
    session: Session | None = None  # set once known: whoever waits can look whether it was cancelled

    @property
    def name(self) -> str:
        """The name of who asks, empty where nobody signs in."""
        return self.principal.name if self.principal else ""


class Service:
    """Answers requests for one backend; safe to share between threads."""

    def __init__(self, backend: Backend, sessions: Sessions) -> None:
        self._backend = backend
        self._gate = Gate()
        self.sessions = sessions

    def answer(self, request: Request, call: Call) -> Iterator[bytes]:
        """The answer in pieces. What can fail is done before the first one; the request counts as running to the last.

        Raises:
            FlisError: whatever is wrong with the request, for a fault.
            LaterError: it is to be done at once, and can take longer than a moment.
        """
        method = request.method
        if call.at_once and (not isinstance(method, Execute) or request.session.kind in {"begin", "end"}):
            raise LaterError("Only statements are answered at once.")
        for name in REFUSED:
            if method.properties.get(name):
                raise ForbiddenError(f"The property {name} is not taken.", hint="Sign in as whom you ask for.")
        session = self._session(request, call)
        call.session = session
        if isinstance(method, Cancel):
            return self._cancel(method, call, session)
        name = call.name
        self._gate.enter(name, self._backend.limits)
        try:
            return self._counted(self._answer(request, method, call, session), name)
        except BaseException:
            self._gate.leave(name)
            raise

    def _counted(self, parts: Iterator[bytes], principal: str) -> Iterator[bytes]:
        """The pieces of a request that counts as running until the last is taken, or until nobody wants any more."""
        try:
            yield from parts
        finally:
            self._gate.leave(principal)

    def _answer(
        self, request: Request, method: Discover | Execute, call: Call, session: Session | None
    ) -> Iterator[bytes]:
        catalog = self._catalog(method, call, session)
        check(method.properties)
        lcid = locale(method.properties) or (session.lcid if session else 0) or DANISH
        if session is not None and request.session.kind != "end":
            self.sessions.touch(session, catalog, lcid)
        watch = Watch(self._backend.limits, call.token, max(number(method.properties, "Timeout"), 0))
        work = Work(self._backend, self.sessions, call, session, catalog, lcid, watch)
        said = session.id if session and request.session.kind != "end" else ""
        content = work.discover(method) if isinstance(method, Discover) else work.execute(method)
        if request.session.kind == "end" and session is not None:
            self.sessions.end(session.id, session.principal)
        return answer(type(method).__name__, content, said)

    def _session(self, request: Request, call: Call) -> Session | None:
        name = call.name
        properties = request.method.properties
        if request.session.kind == "begin":
            catalog = self._known(properties.get("Catalog", ""), call)
            return self.sessions.begin(name, catalog, locale(properties), properties.get("SspropInitAppName", ""))
        if request.session.kind:
            return self.sessions.find(request.session.id, name)
        return None

    def _cancel(self, method: Cancel, call: Call, session: Session | None) -> Iterator[bytes]:
        name = call.name
        wanted = method.session
        if method.spid:
            wanted = next((s.id for s in self.sessions.of(name) if s.spid == method.spid), "")
        if not wanted and not method.spid and session is not None:
            wanted = session.id
        if not wanted:
            raise UsageError("Cancel names no open session.", hint="Send it in the session whose work shall stop.")
        self.sessions.cancel(wanted, name)
        return answer("Execute", (EMPTY_ROOT,), session.id if session else "")

    def _catalog(self, method: Discover | Execute, call: Call, session: Session | None) -> str:
        given = self._known(method.properties.get("Catalog", ""), call)
        return given or (session.catalog if session else "") or next(iter(self._backend.catalogs(call.principal)), "")

    def _known(self, catalog: str, call: Call) -> str:
        """A database under its own name, empty where none is given."""
        known = self._backend.catalogs(call.principal)
        if not catalog or catalog in known:
            return catalog
        found = next((c for c in known if c.casefold() == catalog.casefold()), None)
        if found is None:
            raise NotFoundError(f"There is no database {catalog[:100]}.", hint=suggest(catalog, known))
        return found


@dataclass(frozen=True)
class Work:
    """One request's work, its session, database and language known."""

    backend: Backend
    sessions: Sessions
    call: Call
    session: Session | None
    catalog: str
    lcid: int
    watch: Watch

    def discover(self, method: Discover) -> Iterable[str]:
        """A rowset."""
        wanted = find(method.rowset)
        asking = self._asking(method.properties)
        found = rows(wanted, asking, method.restrictions)
        held = columns(wanted, asking, method.restrictions)
        return rowset(held, found, SentContent.named(method.properties.get("Content", "")))

    def execute(self, method: Execute) -> Iterable[str]:
        """What a statement asks for; its session notes when it runs."""
        if not method.statement.strip():
            return (EMPTY_ROOT,)
        content = SentContent.named(method.properties.get("Content", ""))
        if SYSTEM.search(method.statement):
            if self.call.at_once:
                raise LaterError("Rowsets may be long.")
            statement = parse(method.statement)
            if isinstance(statement, SchemaSelect):
                return table(*select_rows(statement, self._asking(method.properties), method.parameters), content)
        opened = self.backend.open(self.call.principal, self.catalog)
        if self.call.at_once and not opened.quick(method.statement):
            raise LaterError("The statement is not known to be quick.")
        if self.session is None:
            return self._written(opened, self._run(opened, method), method, content)
        self.sessions.start(self.session, method.statement, self.catalog)
        try:
            result = self._run(opened, method)
        finally:
            self.sessions.finish(self.session)
        return self._written(opened, result, method, content)

    def _run(self, opened: Opened, method: Execute) -> CellSet | Rowset | None:
        language = language_of(self.lcid)
        names = definitions.read(self.session.state) if self.session else None
        options = Options(
            lcid=self.lcid if language == "en" else DANISH,
            language=language,
            parameters=method.parameters,
            session=names,
            limits=self.watch.limits,
            token=self.call.token,
            seconds=self.watch.seconds,
            flat=method.properties.get("Format", "").casefold() == "tabular",
            cube=method.properties.get("Cube", ""),
            calculated_in_subselects=number(method.properties, "DbpropMsmdSubqueries"),
            missing=method.properties.get("MdxMissingMemberMode", "").strip().casefold() == "ignore",
        )
        result = opened.run(method.statement, options)
        if result is None and self.session is not None and names is not None:
            self.sessions.define(self.session, definitions.write(names))
        return result

    def _written(
        self, opened: Opened, result: CellSet | Rowset | None, method: Execute, content: SentContent
    ) -> Iterable[str]:
        if result is None:
            return (EMPTY_ROOT,)
        if isinstance(result, Rowset):
            return table(columns_of(result), result.rows(), content)
        properties = method.properties
        layout = Layout(
            clusters=properties.get("AxisFormat", "").casefold() == "clusterformat",
            first=max(number(properties, "BeginRange", -1), 0),
            last=number(properties, "EndRange", -1),
            updated=stamp(opened.updated),
        )
        return dataset(result, content, layout)

    def _asking(self, properties: Mapping[str, str]) -> Asking:
        principal = self.call.principal
        return Asking(
            catalogs=self.backend.catalogs(principal),
            catalog=self.catalog,
            views=lambda catalog: self.backend.open(principal, catalog).views,
            updated=lambda catalog: self.backend.open(principal, catalog).updated,
            language=language_of(self.lcid),
            lcid=self.lcid,
            principal=self.call.name,
            url=self.call.url,
            sessions=tuple(self.sessions.of(self.call.name)) if self.session else (),
            definitions=definitions.listed(self.session.state) if self.session else (),
            properties=properties,
            watch=self.watch,
        )
