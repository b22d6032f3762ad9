"""MDX expressions by brute force, one context at a time: sets are lists of tuples of members."""

from __future__ import annotations

import math
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from flis.query.languages.mdx import syntax as s
from tests.oracle.members import Level, Member, Set, Tuple, Where, collect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.mdx import World

__all__ = ["Evaluator"]


class Evaluator:
    """Expressions in one context."""

    def __init__(self, world: World, where: Where) -> None:
        self.world = world
        self.where = where

    def inside(self, one: Tuple) -> Evaluator:
        """In the context of a tuple."""
        return Evaluator(self.world, self.where.at(one))

    # Kinds of values

    def value(self, node: s.Expression) -> Any:
        """Whatever the expression is: a set, a tuple, a member, a level, a number, a truth, None for nothing.

        A hierarchy is its number.
        """
        return KINDS[type(node)](self, node)

    def braces(self, node: s.SetExpression) -> Set:
        return self.world.visible([one for element in node.elements for one in self.set(element)])

    def parenthesis(self, node: s.Parenthesis) -> Any:
        if len(node.elements) == 1:
            return self.value(node.elements[0])
        members = [self.value(element) for element in node.elements]
        return None if None in members else tuple(self.of(member) for member in members)

    def unary(self, node: s.Unary) -> Any:
        if node.operator == "NOT":
            return not self.value(node.operand)
        number = self.number(node.operand)
        return None if number is None else -number

    def call(self, node: s.FunctionCall) -> Any:
        return FUNCTIONS[node.name.casefold()](self, *node.arguments)

    def set(self, node: s.Expression) -> Set:
        """The expression as a set."""
        value = self.value(node)
        if isinstance(value, list):
            return value
        if isinstance(value, int):  # a hierarchy: its current member
            value = self.where.members[value]
        return [(value,) if isinstance(value, Member) else value] if value is not None else []

    def member(self, node: s.Expression) -> Member:
        """The expression as a member."""
        value = self.value(node)
        member = self.where.members[value] if isinstance(value, int) else value
        assert isinstance(member, Member), node
        return member

    def number(self, node: s.Expression) -> Any:
        """The expression as a number or nothing: members and tuples by their cell."""
        value = self.value(node)
        if isinstance(value, Member | tuple):
            return self.world.cell(self.where.at((value,) if isinstance(value, Member) else value))
        return value

    # Names

    def path(self, node: s.Identifier) -> Any:
        """`[D].[H]…`, `[Measures].[m]`, the name of a set, and properties after them."""
        words = [part.text for part in node.segments]
        if len(words) == 1:
            return self.where.sets[words[0].casefold()]
        if words[0] == "Measures":
            found: Any = next((m for m in self.world.lines[0].members if m.name == words[1]), None)
            return found or self.tail(0, words[1:])
        number = next(i for i, line in enumerate(self.world.lines) if line.name == (words[0], words[1]))
        return self.tail(number, words[2:])

    def tail(self, number: int, words: list[str]) -> Any:
        line = self.world.lines[number]
        value: Any = number
        for word in words:
            if isinstance(value, Level):
                inside = [m for m in line.members if m.level == value.number and m.name == word]
                value = inside[0] if inside else PROPERTIES[word.casefold()](self, value)
            elif isinstance(value, int) and word in line.levels:
                value = Level(number, line.levels.index(word))
            elif isinstance(value, int) and any(m.name == word for m in line.members):
                value = next(m for m in line.members if m.name == word)
            else:
                value = PROPERTIES[word.casefold()](self, value)
        return value

    def of(self, value: Any) -> Member:
        """A member, or the current one of a hierarchy."""
        return self.where.members[value] if isinstance(value, int) else value

    # Operators

    def operation(self, node: s.Operation) -> Any:
        if node.operator in ("AND", "OR"):
            return (all if node.operator == "AND" else any)([self.value(one) for one in node.operands])
        if node.operator == ":":
            return self.between(self.member(node.operands[0]), self.member(node.operands[1]))
        if node.operator == "*" and isinstance(self.value(node.operands[0]), list):
            return self.cross([self.set(one) for one in node.operands])
        numbers = [self.number(one) for one in node.operands]
        value = numbers[0]
        for other in numbers[1:]:
            value = OPERATORS[node.operator](value, other)
        return value

    def cross(self, sets: list[Set]) -> Set:
        found: Set = [()]
        for one in sets:
            found = [(*left, *right) for left in found for right in one]
        return self.world.visible(found, () if self.where.formula else self.where.shown)

    def shown(self, tuples: Set) -> Set:
        """What is there, and left by subselects and slicer."""
        return self.world.visible(tuples, self.where.shown)

    def below(self, member: Member, found: list[Member]) -> Set:
        """Descendants of a member; of one that subselects and slicer leave, only those that they leave too."""
        tuples: Set = [(m,) for m in found]
        return self.shown(tuples) if self.shown([(member,)]) else tuples

    def first_child(self, member: Member, place: int) -> Member | None:
        """The first child, or the last one (-1), of those that subselects leave; of any where they hide the member."""
        seen = self.world.visible([(member,)], self.where.left)
        children = self.world.visible([(m,) for m in member.children], self.where.left if seen else ())
        return children[place][0] if children else None

    def between(self, first: Member, last: Member) -> Set:
        inside = [m for m in self.world.lines[first.hierarchy].members if m.level == first.level and not m.formula]
        a, b = sorted((inside.index(first), inside.index(last)))
        return [(member,) for member in inside[a : b + 1]]

    def ordered(self, tuples: Set, node: s.Expression, *, down: bool) -> Set:
        """By value, nothing right before zero, equal ones as they were. (Microsoft, Working with Empty Values)"""
        values = [self.inside(one).number(node) for one in tuples]

        def compare(a: int, b: int) -> int:
            x, y = values[a] or 0, values[b] or 0
            order = 0 if math.isclose(x, y, rel_tol=1e-12) else (x > y) - (x < y)
            if not x and not y:
                order = (values[a] is not None) - (values[b] is not None)
            return (-order if down else order) or a - b

        return [tuples[place] for place in sorted(range(len(tuples)), key=cmp_to_key(compare))]

    def collected(self, tuples: Set, node: s.Expression | None) -> list[Any]:
        """The values over a set that are not nothing."""
        found = [self.inside(one).number(node) if node else self.world.cell(self.where.at(one)) for one in tuples]
        return [value for value in found if value is not None]


def arithmetic(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Nothing counts as zero in sums; nothing and nothing is nothing."""
    return lambda a, b: None if a is None and b is None else work(a or 0, b or 0)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": arithmetic(lambda a, b: a + b),
    "-": arithmetic(lambda a, b: a - b),
    "*": lambda a, b: None if a is None or b is None else a * b,
    "/": lambda a, b: None if a is None else a / b,
    ">": lambda a, b: (a or 0) > (b or 0),
    "<": lambda a, b: (a or 0) < (b or 0),
    "=": lambda a, b: (a or 0) == (b or 0),
}


def members_of(e: Evaluator, value: Any) -> Set:
    if isinstance(value, Level):
        line = e.world.lines[value.hierarchy]
        return e.shown([(m,) for m in line.members if m.level == value.number and not m.formula])
    return e.shown([(m,) for m in e.world.lines[value].members if not m.formula])


def siblings(e: Evaluator, member: Member) -> list[Member]:
    line = e.world.lines[member.hierarchy]
    return [m for m in line.members if m.level == member.level and not m.formula]


def shifted(e: Evaluator, member: Member, by: int) -> Member | None:
    inside = siblings(e, member)
    if member not in inside:  # a hidden one
        return None
    place = inside.index(member) + by
    return inside[place] if 0 <= place < len(inside) else None


PROPERTIES: dict[str, Callable[[Evaluator, Any], Any]] = {
    "members": members_of,
    "children": lambda e, v: e.below(e.of(v), e.of(v).children),
    "currentmember": lambda e, v: e.where.members[v],
    "parent": lambda e, v: e.of(v).parent,
    "firstchild": lambda e, v: e.first_child(e.of(v), 0),
    "lastchild": lambda e, v: e.first_child(e.of(v), -1),
    "prevmember": lambda e, v: shifted(e, e.of(v), -1),
    "nextmember": lambda e, v: shifted(e, e.of(v), 1),
}


def unknown(e: Evaluator, value: Any) -> Member | None:
    """The topmost unknown member of a hierarchy, or the one below a member."""
    if isinstance(value, int):
        return next(iter(e.world.lines[value].unknown), None)
    return next((m for m in e.world.lines[value.hierarchy].unknown if m.parent is value), None)


PROPERTIES["unknownmember"] = unknown
DEPTHS = {0: "SELF", 1: "AFTER", -1: "BEFORE"}


def descendants(e: Evaluator, member: s.Expression, level: s.Expression, flag: s.Expression | None = None) -> Set:
    start, target = e.member(member), e.value(level)
    word = flag.segments[0].text.upper() if isinstance(flag, s.Identifier) else "SELF"
    found: list[Member] = []
    collect(start, found)
    inside = [m for m in found if DEPTHS[(m.level > target.number) - (m.level < target.number)] in word.split("_")]
    return e.below(start, inside)


def unique(tuples: Set) -> Set:
    return list(dict.fromkeys(tuples))


def union(e: Evaluator, *parts: s.Expression) -> Set:
    """Of any number of sets; with ALL, duplicates stay. (Microsoft, Union)"""
    keep = is_all(parts[-1])
    found = [one for part in parts[: len(parts) - keep] for one in e.set(part)]
    return found if keep else unique(found)


def intersect(e: Evaluator, first: s.Expression, second: s.Expression, flag: s.Expression | None = None) -> Set:
    """What both have; with ALL, each duplicate that has one of the other set for itself. (Microsoft, Intersect)"""
    left, right = e.set(first), e.set(second)
    if flag is None:
        return [one for one in unique(left) if one in right]
    kept = []
    for one in left:
        if one in right:
            right = [*right[: right.index(one)], *right[right.index(one) + 1 :]]
            kept.append(one)
    return kept


def is_all(node: s.Expression) -> bool:
    return isinstance(node, s.Identifier) and [p.text.upper() for p in node.segments] == ["ALL"]


def order(e: Evaluator, over: s.Expression, by: s.Expression, flag: s.Expression) -> Set:
    """BASC and BDESC sort the tuples; ASC and DESC the members of the last hierarchy, each below its parent, where the
    others are equal: these stand as their hierarchies have them. (Microsoft, Order)
    """
    assert isinstance(flag, s.Identifier)
    word = flag.segments[0].text.upper()
    tuples = e.set(over)
    if word.startswith("B"):
        return e.ordered(tuples, by, down=word == "BDESC")
    found: Set = []
    for before in sorted({one[:-1] for one in tuples}, key=lambda one: [m.place for m in one]):
        found += below(e, None, before, [one for one in tuples if one[:-1] == before], by, down=word == "DESC")
    return found


def below(e: Evaluator, parent: Member | None, before: Tuple, tuples: Set, by: s.Expression, *, down: bool) -> Set:
    """The tuples whose last member lies below a member, that member's children in the order of their values."""
    lines: dict[Member, Set] = {}
    for one in tuples:
        line = [one[-1]]
        while line[0].parent is not parent:
            assert line[0].parent is not None
            line.insert(0, line[0].parent)
        lines.setdefault(line[0], []).append(one)
    tops = sorted(lines, key=lambda m: m.place)
    found: Set = []
    for one in e.ordered([(*before, top) for top in tops], by, down=down):
        top = one[-1]
        found += [x for x in lines[top] if x[-1] is top]
        found += below(e, top, before, [x for x in lines[top] if x[-1] is not top], by, down=down)
    return found


def hierarchize(tuples: Set, *, post: bool = False) -> Set:
    """Parents before their children; with POST behind them."""

    def key(member: Member) -> list[Any]:
        line = [member]
        while line[0].parent is not None:
            line.insert(0, line[0].parent)
        return [*((m.place, 0) for m in line), *([(math.inf, 0)] if post else [])]

    return sorted(tuples, key=lambda one: [key(m) for m in one])


def generate(e: Evaluator, over: s.Expression, what: s.Expression) -> Set:
    return unique([one for outer in e.set(over) for one in e.inside(outer).set(what)])


def non_empty(e: Evaluator, over: s.Expression, by: s.Expression) -> Set:
    return [one for one in e.set(over) if e.inside(one).collected(e.inside(one).set(by), None)]


def reduced(work: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def call(e: Evaluator, over: s.Expression, node: s.Expression | None = None) -> Any:
        found = e.collected(e.set(over), node)
        return work(found) if found else None

    return call


def aggregate(e: Evaluator, over: s.Expression) -> Any:
    """The current measure over the union; a calculated measure is worked out before, by its solve order."""
    tuples = e.set(over)
    where = e.where.at(e.world.lines[m.hierarchy].default for one in tuples[:1] for m in one)
    return e.world.stored(where, tuples) if tuples else None


def ancestor(e: Evaluator, member: s.Expression, level: s.Expression) -> Member | None:
    found: Member | None = e.member(member)
    target = e.value(level)
    while found is not None and found.level > target.number:
        found = found.parent
    return found if found is not None and found.level == target.number else None


def count(e: Evaluator, over: s.Expression, flag: s.Expression | None = None) -> int:
    tuples = e.set(over)
    return len(e.collected(tuples, None)) if flag is not None else len(tuples)


def is_empty(e: Evaluator, node: s.Expression) -> bool:
    return e.number(node) is None


def whole(e: Evaluator, node: s.Expression) -> int:
    return int(e.number(node))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "crossjoin": lambda e, *sets: e.cross([e.set(one) for one in sets]),
    "union": union,
    "except": lambda e, a, b: [one for one in unique(e.set(a)) if one not in e.set(b)],
    "intersect": intersect,
    "distinct": lambda e, a: unique(e.set(a)),
    "filter": lambda e, a, b: [one for one in e.set(a) if e.inside(one).value(b)],
    "order": order,
    "topcount": lambda e, a, n, b: e.ordered(e.set(a), b, down=True)[: whole(e, n)],
    "bottomcount": lambda e, a, n, b: e.ordered(e.set(a), b, down=False)[: whole(e, n)],
    "head": lambda e, a, n: e.set(a)[: whole(e, n)],
    "tail": lambda e, a, n: e.set(a)[len(e.set(a)) - min(whole(e, n), len(e.set(a))) :],
    "hierarchize": lambda e, a, flag=None: hierarchize(e.set(a), post=flag is not None),
    "generate": generate,
    "nonempty": non_empty,
    "descendants": descendants,
    "ancestor": ancestor,
    "sum": reduced(sum),
    "avg": reduced(lambda found: sum(found) / len(found)),
    "min": reduced(min),
    "max": reduced(max),
    "count": count,
    "aggregate": aggregate,
    "iif": lambda e, test, a, b: e.number(a if e.value(test) else b),
    "isempty": is_empty,
    "coalesceempty": lambda e, a, b: e.number(b) if e.number(a) is None else e.number(a),
}
KINDS: dict[type, Callable[[Evaluator, Any], Any]] = {
    s.Number: lambda _, node: node.value,
    s.Null: lambda _e, _n: None,
    s.Identifier: Evaluator.path,
    s.SetExpression: Evaluator.braces,
    s.Parenthesis: Evaluator.parenthesis,
    s.Unary: Evaluator.unary,
    s.Operation: Evaluator.operation,
    s.FunctionCall: Evaluator.call,
}
