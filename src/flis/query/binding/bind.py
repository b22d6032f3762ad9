"""Binding: syntax trees to nodes. Every name is resolved here, every kind known, every implied conversion made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flis.errors import NameStatementError, StatementError, SyntaxStatementError, suggest
from flis.query.binding.call_forms import usual_form
from flis.query.binding.calls import fit, made
from flis.query.binding.choices import case, of_each
from flis.query.binding.conversion import (
    absent_member,
    as_set,
    convert,
    dimension_node,
    failing,
    hierarchy_node,
    is_set,
    level_node,
    literal,
    member_node,
    names_of,
    tuple_of,
)
from flis.query.binding.nodes import Evaluation, Node, ResultKind
from flis.query.binding.operators import operation, unary
from flis.query.binding.set_operators import braces, cross_join
from flis.query.cubes.calculations import Calculation, SetFormula
from flis.query.cubes.names import SHARED, MemberName, Named, Names, SetName, hierarchy_named
from flis.query.cubes.structure import MEASURES, BoundDimension, BoundGroup, BoundHierarchy, BoundLevel
from flis.query.evaluation.exists import existing
from flis.query.functions import Function, Signature, functions
from flis.query.languages.mdx import syntax as s
from flis.query.languages.mdx import to_text
from flis.query.unsupported_constructs import BY_NAME, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from flis.catalog.cube import Kpi
    from flis.query.cubes.cube import BoundCube
    from flis.query.evaluation.values import Context, TupleSet

__all__ = ["Binder"]

TRUTH = {"TRUE": True, "FALSE": False}


class Binder:
    """Binds the expressions of one statement against a cube and the names that the statement knows."""

    def __init__(
        self,
        cube: BoundCube,
        names: Names,
        *,
        sets: Mapping[str, SetFormula] | None = None,
        parameters: Mapping[str, Any] | None = None,
        statement: s.SyntaxNode | None = None,
        missing: bool = False,
    ) -> None:
        self.names = names
        self.cube = cube
        self.count = len(cube.hierarchies)
        self.parameters = {n.casefold(): v for n, v in (parameters or {}).items()}
        self.sets = {n.casefold(): formula for n, formula in (sets or {}).items()}
        self._written = {n.casefold(): n for n in sets or {}}  # the names of sets as they are written
        self.table = functions()
        self._formulas: dict[Calculation, Node] = {}
        self._aggregated: dict[Calculation, Node] = {}
        self._property_nodes: dict[tuple[Calculation, str], Node] = {}
        self._set_nodes: dict[str, Node] = {}
        self._open: set[str] = set()
        self.failures: list[StatementError] = []
        self._aliases: dict[str, Node] = {}
        self._measures: set[int] = set()
        self._statement = statement
        self._missing = missing  # whether a member that is not there is none, in place of an error

    # what the evaluator asks for

    def formula(self, calculation: Calculation) -> Node:
        """The bound formula of a calculated member: a scalar."""
        if calculation not in self._formulas:
            aliases, self._aliases = self._aliases, {}
            try:
                self._formulas[calculation] = self.scalar(calculation.expression)
            finally:
                self._aliases = aliases
        return self._formulas[calculation]

    def formula_if_asked(self, calculation: Calculation) -> None:
        """Bind a formula; where a constant in it means nothing, that is an error of the cells that ask for it.

        Raises:
            StatementError: it is wrong in another way.
        """
        try:
            self.formula(calculation)
        except StatementError as error:
            if not any(error is failure for failure in self.failures):
                raise
            self._formulas[calculation] = failing(error)

    def failing(self, error: StatementError) -> Node:
        """The node of a constant that means nothing."""
        self.failures.append(error)
        return failing(error)

    def aggregated_set(self, calculation: Calculation) -> Node | None:
        """The bound set of a calculated member `Aggregate({…})`, None for any other."""
        called = calculation.expression
        while isinstance(called, s.Parenthesis) and len(called.elements) == 1:
            called = called.elements[0]
        if not isinstance(called, s.FunctionCall) or called.name.upper() != "AGGREGATE" or not called.arguments:
            return None
        if calculation not in self._aggregated:
            self._aggregated[calculation] = self.bound_set(called.arguments[0])
        return self._aggregated[calculation]

    def property(self, calculation: Calculation, name: str) -> Node | None:
        """A bound cell property of a calculated member."""
        expression = calculation.properties.get(name)
        if expression is None:
            return None
        key = calculation, name
        if key not in self._property_nodes:
            self._property_nodes[key] = self.scalar(expression)
        return self._property_nodes[key]

    def kpi_member(self, kpi: Kpi, part: str, expression: s.Expression) -> Node:
        """A part of a key performance indicator, as a calculated measure of its own (or the measure it names)."""
        node = self.bind(expression)
        if node.kind is ResultKind.MEMBER and node.constant is not None:
            return node
        name = kpi.name if part == "value" else f"{kpi.name} {part.replace('_', ' ').title()}"
        own: dict[str, s.Expression] = {} if part in ("value", "goal") else {"FORMAT_STRING": s.String("")}
        calculation = Calculation(name, MEASURES, -1, 0, expression, properties=own)
        known = self.names.calculated.setdefault(MEASURES, [])
        known.append(calculation)
        hierarchy = self.cube.hierarchies[MEASURES]
        ordinal = hierarchy.table.size + len(hierarchy.calculations) + len(known) - 1
        return member_node(hierarchy, ordinal)

    def measures_of(self, group: BoundGroup) -> list[str]:
        """The measures of a group that the statement names anywhere: worth loading together."""
        stored = {base for m in self._measures for base in self.cube.stored_measures(m)}
        return [self.cube.measures[m][1].name for m in sorted(stored) if self.cube.measures[m][0] is group]

    # expressions

    def bound_set(self, expression: s.Expression) -> Node:
        """An expression that has to be a set."""
        node = self.bind(expression)
        made = as_set(node)
        if made is None:
            raise self._wrong(expression, node, "a set")
        return made

    def scalar(self, expression: s.Expression) -> Node:
        """An expression that has to be a number, text or truth value, or to point at a cell."""
        node = self.bind(expression)
        made = convert(node, ResultKind.VALUE, self.count)
        if made is None:
            raise self._wrong(expression, node, "a value")
        return made[0]

    def logical(self, expression: s.Expression) -> Node:
        """A condition."""
        node = self.bind(expression)
        made = convert(node, ResultKind.LOGICAL, self.count)
        if made is None:
            raise self._wrong(expression, node, "a condition")
        return made[0]

    def _wrong(self, expression: s.Expression, node: Node, wanted: str) -> StatementError:
        return node.failure or StatementError(
            f"{to_text(expression)} is a {node.kind}; here stands {wanted}.",
            line=expression.line,
            column=expression.column,
        )

    def bind(self, expression: s.Expression) -> Node:
        """Any expression."""
        node = self._bind(expression)
        if node.line or not expression.line:
            return node
        return node.placed(expression.line, expression.column)

    def _bind(self, e: s.Expression) -> Node:
        match e:
            case s.Number() | s.String() | s.Null() | s.Missing() | s.NamedParameter():
                return self._literal(e)
            case s.SetExpression():
                return braces(self, e, [self.bind(x) for x in e.elements])
            case s.Unary():
                return unary(self, e, self.bind(e.operand))
            case s.Operation():
                return operation(self, e, [self.bind(x) for x in e.operands])
            case s.Case():
                return case(self, e)
        own: dict[type, Callable[[Any], Node]] = {
            s.Identifier: self._identifier,
            s.Parenthesis: self._parenthesis,
            s.FunctionCall: self._call,
            s.Alias: self._alias,
        }
        return own[type(e)](e)

    def _literal(self, e: s.Number | s.String | s.Null | s.Missing | s.NamedParameter) -> Node:
        match e:
            case s.Number():
                return literal(ResultKind.NUMBER, e.value)
            case s.String():
                return literal(ResultKind.STRING, e.text)
            case s.Null():
                return literal(ResultKind.NULL, None)
            case s.NamedParameter():
                return self._parameter(e)
        return Node(ResultKind.MISSING, _nothing)

    def _alias(self, e: s.Alias) -> Node:
        made = self.bound_set(e.expression)
        name = e.name.casefold()
        self._aliases[name] = replace(made, constant=("set", name, *names_of(made)))
        return self._aliases[name]

    def _parameter(self, e: s.NamedParameter) -> Node:
        if e.name.casefold() not in self.parameters:
            raise NameStatementError(
                f"The statement's parameter @{e.name} has no value.",
                line=e.line,
                column=e.column,
                hint=suggest(e.name, self.parameters),
            )
        value = self.parameters[e.name.casefold()]
        if value is None:
            return literal(ResultKind.NULL, None)
        if isinstance(value, bool):
            return literal(ResultKind.LOGICAL, value)
        if isinstance(value, date):
            return literal(ResultKind.VALUE, value)
        return literal(ResultKind.STRING, value) if isinstance(value, str) else literal(ResultKind.NUMBER, value)

    def _parenthesis(self, e: s.Parenthesis) -> Node:
        nodes = [self.bind(x) for x in e.elements]
        if len(nodes) == 1:
            return nodes[0]
        if any(is_set(n) for n in nodes):
            return cross_join(self, e, nodes)
        return self._tuple(e, nodes)

    def _tuple(self, e: s.Parenthesis, nodes: list[Node]) -> Node:
        if any(n.choice is not None for n in nodes):
            return of_each(self, e, nodes, lambda given: self._tuple(e, given))
        members = []
        for x, node in zip(e.elements, nodes, strict=True):
            made = convert(node, ResultKind.TUPLE, self.count)
            if made is None:
                raise self._wrong(x, node, "a member")
            members.append(made[0])
        self.once(e, [h for m in members for h in m.hierarchies])
        return tuple_of(tuple(members))

    def once(self, e: s.SyntaxNode, hierarchies: Sequence[int]) -> None:
        """Raise StatementError where a hierarchy comes twice in a tuple."""
        for h in hierarchies:
            if hierarchies.count(h) > 1:
                name = self.cube.hierarchies[h].unique_name
                raise StatementError(
                    f"A tuple has more than one member of hierarchy {name}.", line=e.line, column=e.column
                )

    # names

    def _identifier(self, e: s.Identifier) -> Node:
        first = e.segments[0]
        alias = self._aliases.get(first.text.casefold()) if not first.keys else None
        if alias is not None:
            return self._properties(e, alias, 1)
        found = self.names.resolve(e.segments)
        if found is not None:
            named, used = found
            rest = e.segments[used:]
            if rest and not self._counts(rest, "LEVELS") and self._property(rest[0]) is None:
                return self._absent(e, used, named)
            return self._properties(e, self._named(self._meant(named, e.segments, used), e, used), used)
        if len(e.segments) == 1 and not first.quoted:
            if (truth := TRUTH.get(first.text.upper())) is not None:
                return literal(ResultKind.LOGICAL, truth)
            if niladic := self.table.get(first.text.upper()):
                return self._invoke(e, niladic, [], "function")
            if (known := BY_NAME.get(first.text.upper())) and not known.construct.isupper():
                raise unsupported(first.text, e)
        if self._counts(e.segments, "DIMENSIONS"):
            return literal(ResultKind.NUMBER, len(self.cube.hierarchies))
        raise self._unknown(e, 0)

    def names_set(self, name: str) -> bool:
        """Whether a word names a set: one that is given its name where it stands, or one defined elsewhere."""
        name = name.casefold()
        return name in self._aliases or (name in self.sets and name not in self._open)

    def names_member(self, e: s.Identifier) -> bool:
        """Whether a path is the name of a member and no more; so is one that names nothing at all."""
        found = self.names.resolve(e.segments)
        if found is None or found[1] < len(e.segments):
            return found is None or self._property(e.segments[found[1]]) is None
        return isinstance(found[0], MemberName)

    @staticmethod
    def _counts(rest: Sequence[s.NameSegment], what: str) -> bool:
        """Whether the rest of a path is `Levels.Count`, or `Dimensions.Count`."""
        return [x.text.upper() for x in rest if not x.quoted] == [what, "COUNT"] and len(rest) == 2

    def _unknown(self, e: s.Identifier, used: int) -> NameStatementError:
        error = self.names.unknown(e, used)
        if not error.hint and not e.segments[min(used, len(e.segments) - 1)].quoted:
            error.hint = suggest(e.segments[used].text, [f.name for f in self.table.values()])
        return error

    def _absent(self, e: s.Identifier, used: int, named: Named) -> Node:
        """A member that is not there, below what the first `used` parts name. Raises: NameStatementError."""
        hierarchy = hierarchy_named(named)
        if not self._missing or hierarchy is None:
            raise self._unknown(e, used)
        at = used + 1
        while at < len(e.segments) and self._property(e.segments[at]) is None:
            at += 1
        return self._properties(e, absent_member(hierarchy), at)

    def _property(self, segment: s.NameSegment) -> Function | None:
        if segment.quoted or segment.keys:
            return None
        found = self.table.get(segment.text.upper())
        if found and any(x.style == "property" for x in found.signatures):
            return found
        return None

    def _properties(self, e: s.Identifier, node: Node, used: int) -> Node:
        """`.Children`, `.Name` and the like behind a name; after one of them, further ones."""
        for at, segment in enumerate(e.segments[used:], used):
            if self._counts(e.segments[at:], "LEVELS"):
                return self._invoke(segment, self.table["LEVELSCOUNT"], [node], "function")
            function = self._property(segment)
            if function is None:
                raise self._unknown(e, used)
            node = self._invoke(segment, function, [node], "property")
        return node

    def _meant(self, named: Named, segments: Sequence[s.NameSegment], used: int) -> Named:
        """The hierarchy, where a level that shares its name is asked for all members and nobody lists All himself.

        `[Gender].[Gender]` is the level in the answers that were recorded with names as paths; components that write
        `{[Gender].[Gender].AllMembers}` show All's cell as the total, while Excel names All where it wants it.
        """
        if not isinstance(named, BoundLevel) or not named.shares_name or used > SHARED:
            return named
        if [x.text.upper() for x in segments[used:]] != ["ALLMEMBERS"] or named.hierarchy.index in self._alls:
            return named
        return named.hierarchy

    @cached_property
    def _alls(self) -> frozenset[int]:
        """The hierarchies whose All the statement names anywhere."""
        found = (self.names.resolve(x.segments) for x in _identifiers(self._statement))
        named = (f[0] for f in found if f is not None)
        alls = (m.hierarchy for m in named if isinstance(m, MemberName) and m.ordinal == 0)
        return frozenset(h.index for h in alls if h.has_all)

    def _named(self, named: Named, e: s.Identifier, used: int) -> Node:
        if isinstance(named, SetName):
            return self.named_set(named.name, e)
        if isinstance(named, BoundDimension):
            return dimension_node(named)
        if isinstance(named, BoundHierarchy):
            return hierarchy_node(named)
        if isinstance(named, BoundLevel):
            return level_node(named, sure=used > SHARED)
        return self._member(named)

    def _member(self, named: MemberName) -> Node:
        node = member_node(named.hierarchy, named.ordinal)
        if named.hierarchy.is_measures:
            if named.ordinal < named.hierarchy.table.size:
                self._measures.add(named.ordinal)
            else:
                calculation = self.names.calculations(named.hierarchy)[named.ordinal - named.hierarchy.table.size]
                self._note_measures(calculation.expression)
        return node

    def _note_measures(self, expression: s.Expression) -> None:
        """Remember the stored measures of a formula, found in the syntax alone: worth loading together."""
        for at in _identifiers(expression):
            found = self.names.resolve(at.segments)
            named = found[0] if found else None
            if isinstance(named, MemberName) and named.ordinal < self._stored_measures(named.hierarchy):
                self._measures.add(named.ordinal)

    @staticmethod
    def _stored_measures(hierarchy: BoundHierarchy) -> int:
        return hierarchy.table.size if hierarchy.is_measures else 0

    def named_set(self, name: str, e: s.SyntaxNode) -> Node:
        """A named set: evaluated once, in the context of the slicer unless it is a static one."""
        run = _as_created if self.sets[name].static else _at_base
        return self._set_once(name, f"The named set {self._written[name]}", e, lambda: self._defined_set(name), run)

    def axis(self, number: int, e: s.SyntaxNode) -> Node:
        """The set of an axis of the statement, as it is before what is empty is left out."""
        axes = self._statement.axes if isinstance(self._statement, s.Select) else ()
        found = next((a.expression for a in axes if a.number == number), None)
        if found is None:
            raise StatementError(f"The statement has no axis {number}.", line=e.line, column=e.column)
        return self._set_once(f"Axis({number})", f"Axis {number}", e, lambda: self.bound_set(found), _at_base)

    def _set_once(
        self, name: str, said: str, e: s.SyntaxNode, bound: Callable[[], Node], run: Callable[[Node], Any]
    ) -> Node:
        """A set that is the same in every cell, bound once by its name."""
        if name not in self._set_nodes:
            if name in self._open:
                raise StatementError(f"{said} refers to itself.", line=e.line, column=e.column)
            self._open.add(name)
            aliases, self._aliases = self._aliases, {}
            try:
                body = bound()
            finally:
                self._open.discard(name)
                self._aliases = aliases
            self._set_nodes[name] = Node(
                ResultKind.SET, run(body), body.hierarchies, constant=("set", name), measure=body.measure
            )
        return self._set_nodes[name]

    def _defined_set(self, name: str) -> Node:
        """What a named set is defined as: a set, and not what elsewhere would stand for one."""
        expression = self.sets[name].expression
        node = self.bind(expression)
        if node.kind is not ResultKind.SET and node.crossed is None:
            error = self._wrong(expression, node, "a set")
            error.hint = "Put braces about a member, tuple or level to make it a set."
            raise error
        return self.bound_set(expression)

    # functions

    def _call(self, e: s.FunctionCall) -> Node:
        e = usual_form(self, e)
        name = e.name.upper()
        if name == "COUNT" and (of := _levels_of(e)) is not None:
            return self._invoke(e, self.table["LEVELSCOUNT"], [self.bind(of)], "function")
        function = self.table.get(name)
        if function is None and name in BY_NAME:
            raise unsupported(name, e, said=e.name)
        if function is None:
            raise NameStatementError(
                f"There is no function {e.name}.",
                line=e.line,
                column=e.column,
                hint=suggest(e.name, [f.name for f in self.table.values()]),
            )
        words = {w for x in function.signatures for p in x.parameters for w in p.words}
        nodes = []
        for argument in e.arguments:
            word = self._word(argument, words)
            nodes.append(word if word is not None else self.bind(argument))
        style = "function" if e.style is s.CallStyle.FUNCTION else str(e.style.value)
        return self._invoke(e, function, nodes, style)

    def _word(self, argument: s.Expression, words: set[str]) -> Node | None:
        if isinstance(argument, s.Identifier) and len(argument.segments) == 1 and not argument.segments[0].quoted:
            text = argument.segments[0].text.upper()
            if text in words:
                return Node(ResultKind.WORD, _nothing, constant=text, text=text)
        return None

    def _invoke(self, e: s.SyntaxNode, function: Function, nodes: list[Node], style: str) -> Node:
        best: tuple[int, Signature, list[Node | None]] | None = None
        for signature in function.signatures:
            if signature.style != style and not (signature.style == "method" and style == "function"):
                continue
            fitted = fit(signature, nodes, self.count)
            if fitted is not None and (best is None or fitted[0] < best[0]):
                best = fitted[0], signature, fitted[1]
        if best is None and any(n.choice is not None for n in nodes) and not any(is_set(n) for n in nodes[1:]):
            return of_each(self, e, nodes, lambda given: self._invoke(e, function, given, style))
        if best is None and (failed := next((n for n in nodes if n.failure is not None), None)) is not None:
            return failed
        if best is None:
            kinds = ", ".join(n.kind.value for n in nodes)
            raise StatementError(
                f"{function.name} does not take ({kinds}).",
                line=e.line,
                column=e.column,
                hint="It is written " + " or ".join(x.text.split(" ->")[0] for x in function.signatures) + ".",
            )
        _, signature, arguments = best
        return made(self, e, function, signature, arguments)


def _levels_of(e: s.FunctionCall) -> s.Expression | None:
    """The hierarchy of `hierarchy.Levels.Count`."""
    of = e.arguments[0] if e.arguments else None
    if isinstance(of, s.FunctionCall) and of.style is s.CallStyle.PROPERTY and of.name.upper() == "LEVELS":
        return of.arguments[0]
    return None


def _nothing(_ev: Evaluation, _context: Context) -> None:
    return None


def _at_base(body: Node) -> Any:
    def run(ev: Evaluation, _context: Context) -> TupleSet:
        with ev.on_axis():
            return existing(ev, ev.tuples(body, ev.base))

    return run


def _as_created(body: Node) -> Any:
    def run(ev: Evaluation, _context: Context) -> TupleSet:
        with ev.as_created():
            return ev.tuples(body, ev.base)

    return run


def syntax_error(e: s.SyntaxNode, text: str) -> SyntaxStatementError:
    """An error at a place of the statement."""
    return SyntaxStatementError(text, line=e.line, column=e.column)


def _identifiers(node: s.SyntaxNode | None) -> Iterator[s.Identifier]:
    """Every path in a piece of syntax."""
    stack: list[Any] = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, s.Identifier):
            yield at
        elif isinstance(at, s.SyntaxNode):
            for part in (getattr(at, f) for f in at.__dataclass_fields__):
                stack += part if isinstance(part, tuple) else [part]
