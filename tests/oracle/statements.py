"""Random statements on the tiny cube: every name is there, every expression has the type that its place asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.oracle.mdx import World

__all__ = ["Writer"]

LINKED = ["Amount", "Count", "Least", "Most", "Mean", "Buyers", "Last", "First", "Final", "Initial", "Daily"]
STORED = [*LINKED, "Goal", "Target"]
SETS_DEPTH = 2
FLAGS = ["ASC", "DESC", "BASC", "BDESC"]


@dataclass(frozen=True)
class Named:
    """A hierarchy as statements write it: its name, levels, members by level; `All` first."""

    name: str
    dimension: str
    levels: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    parents: tuple[str, ...]  # members with children
    unknown: tuple[str, ...]  # members of unknown keys, hidden or not
    parent_child: bool


class Writer:
    """Strategies of texts, made from the members of a world."""

    def __init__(self, world: World) -> None:
        self.hierarchies: list[Named] = []
        for line in world.lines[1:]:
            name = f"[{line.name[0]}].[{line.name[1]}]"
            levels = tuple(f"{name}.[{level}]" for level in line.levels)
            members = tuple(
                tuple(
                    f"{name}.[{m.name}]" if not number else f"{levels[number]}.[{m.name}]"
                    for m in line.members
                    if m.level == number
                )
                for number in range(len(levels))
            )
            parents = tuple(
                text
                for number, level in enumerate(members)
                for text, m in zip(level, (m for m in line.members if m.level == number), strict=True)
                if m.children
            )
            top = f"{name}.[{line.members[0].name}]"
            unknown = tuple(f"{top}{'.UNKNOWNMEMBER' * (n + 1)}" for n in range(len(line.unknown)))
            self.hierarchies.append(
                Named(name, line.name[0], levels, members, parents, unknown, line.name[0] == "Staff")
            )

    # Members and sets of one hierarchy

    def member(self, h: Named) -> st.SearchStrategy[str]:
        """A member that is there."""
        return st.sampled_from([*(m for level in h.members for m in level), *h.unknown])

    def maybe_member(self, h: Named) -> st.SearchStrategy[str]:
        """A member that may be none."""
        ways = ["Parent", "FirstChild", "LastChild", *([] if h.parent_child else ["PrevMember", "NextMember"])]
        step = st.tuples(self.member(h), st.sampled_from(ways)).map(".".join)
        return st.one_of(self.member(h), self.member(h), step)

    def level(self, h: Named) -> st.SearchStrategy[str]:
        """A level below All."""
        return st.sampled_from(h.levels[1:])

    def plain_set(self, h: Named) -> st.SearchStrategy[str]:
        """A set that asks for no cell."""
        listed = st.lists(self.maybe_member(h), min_size=1, max_size=3).map(lambda found: f"{{{', '.join(found)}}}")
        choices = [
            listed,
            self.level(h).map(lambda level: f"{level}.Members"),
            st.just(f"{h.name}.Members"),
            st.sampled_from(h.parents).map(lambda member: f"{member}.Children"),
        ]
        if not h.parent_child:
            flags = st.sampled_from(["", ", SELF", ", AFTER", ", BEFORE", ", SELF_AND_BEFORE", ", SELF_AND_AFTER"])
            choices.append(
                st.tuples(self.member(h), self.level(h), flags).map(lambda p: f"Descendants({p[0]}, {p[1]}{p[2]})")
            )
            inside = st.sampled_from([level for level in h.members if len(level) > 1])
            choices.append(
                inside.flatmap(lambda level: st.tuples(st.sampled_from(level), st.sampled_from(level))).map(
                    lambda p: f"{{{p[0]} : {p[1]}}}"
                )
            )
        return st.one_of(choices)

    def set(self, h: Named, depth: int = SETS_DEPTH) -> st.SearchStrategy[str]:
        """Any set of one hierarchy."""
        if not depth:
            return self.plain_set(h)
        inner = self.set(h, depth - 1)
        number = self.number(h, 1)
        size = st.integers(1, 4)
        return st.one_of(
            self.plain_set(h),
            st.tuples(inner, self.condition(h, 1)).map(lambda p: f"Filter({', '.join(p)})"),
            st.tuples(inner, number, st.sampled_from(FLAGS)).map(lambda p: f"Order({', '.join(p)})"),
            st.tuples(st.sampled_from(["TopCount", "BottomCount"]), inner, size, number).map(
                lambda p: f"{p[0]}({p[1]}, {p[2]}, {p[3]})"
            ),
            st.tuples(st.sampled_from(["Head", "Tail"]), inner, size).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
            st.tuples(st.sampled_from(["Union", "Except", "Intersect"]), inner, inner).map(
                lambda p: f"{p[0]}({p[1]}, {p[2]})"
            ),
            st.tuples(st.sampled_from(["Union", "Intersect"]), inner, inner).map(
                lambda p: f"{p[0]}({p[1]}, {p[2]}, ALL)"
            ),
            st.tuples(inner, inner, inner, st.sampled_from(["", ", ALL"])).map(
                lambda p: f"Union({p[0]}, {p[1]}, {p[2]}{p[3]})"
            ),
            st.tuples(inner, st.sampled_from(["", ", POST"])).map(lambda p: f"Hierarchize({p[0]}{p[1]})"),
            inner.map(lambda text: f"Distinct({text})"),
            st.tuples(inner, self.measure()).map(lambda p: f"NonEmpty({p[0]}, {{{p[1]}}})"),
            inner.map(lambda text: f"Generate({text}, {{{h.name}.CurrentMember, {h.name}.CurrentMember.Children}})"),
        )

    # Numbers

    def measure(self, names: list[str] = STORED) -> st.SearchStrategy[str]:
        """A stored measure."""
        return st.sampled_from([f"[Measures].[{name}]" for name in names])

    def number(self, h: Named, depth: int = 1) -> st.SearchStrategy[str]:
        """A number, in the context of a member of `h`."""
        measure = self.measure()
        here = st.sampled_from([f"{h.name}.CurrentMember", f"{h.name}.CurrentMember.Parent"])
        leaves = st.one_of(
            measure,
            measure,
            st.integers(0, 9).map(str),
            st.tuples(self.member(h), measure).map(lambda p: f"({p[0]}, {p[1]})"),
            st.tuples(here, measure).map(lambda p: f"({p[0]}, {p[1]})"),
        )
        if not depth:
            return leaves
        inner = self.number(h, depth - 1)
        folds = st.sampled_from(["Sum", "Avg", "Min", "Max"])
        over = self.plain_set(h)
        return st.one_of(
            leaves,
            st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
            inner.map(lambda text: f"(-{text})"),
            inner.map(lambda text: f"({text} / 4)"),
            st.tuples(folds, over, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
            over.map(lambda text: f"Count({text})"),
            st.tuples(self.condition(h, depth - 1), inner, inner).map(lambda p: f"IIf({', '.join(p)})"),
            st.tuples(measure, inner).map(lambda p: f"IIf(IsEmpty({p[0]}), {p[1]}, {p[0]})"),
            st.tuples(measure, inner).map(lambda p: f"CoalesceEmpty({p[0]}, {p[1]})"),
        )

    def condition(self, h: Named, depth: int) -> st.SearchStrategy[str]:
        """A comparison; what is empty counts as 0."""
        number = self.number(h, depth)
        return st.tuples(number, st.sampled_from("<>="), st.one_of(st.integers(-2, 5).map(str), number)).map(" ".join)

    def formula(self, h: Named, *, together: bool) -> st.SearchStrategy[str]:
        """The formula of a member of `h`, with its solve order; `together` allows Aggregate, once in a statement."""
        pair = st.tuples(self.member(h), self.member(h)).map(lambda p: f"{p[0]} - {p[1]}, SOLVE_ORDER = 5")
        inside = st.sampled_from(h.members[1:])
        union = inside.flatmap(lambda level: st.sets(st.sampled_from(level), min_size=1, max_size=3)).map(
            lambda found: f"Aggregate({{{', '.join(sorted(found))}}}), SOLVE_ORDER = 3"
        )
        return st.one_of(pair, union) if together and not h.parent_child else pair

    # Statements

    def some(self, h: Named) -> st.SearchStrategy[str]:
        """A few members, in braces."""
        return st.sets(self.member(h), min_size=1, max_size=3).map(lambda found: f"{{{', '.join(sorted(found))}}}")

    def statement(self) -> st.SearchStrategy[str]:
        """A SELECT."""
        return _statement(self)


@st.composite
def _statement(draw: st.DrawFn, writer: Writer) -> str:
    free: list[Named] = list(draw(st.permutations(writer.hierarchies)))
    definitions, measures = [], [f"[Measures].[{name}]" for name in draw(st.sets(st.sampled_from(STORED), max_size=2))]
    if draw(st.booleans()):
        formula = draw(writer.number(free[0], 2))
        definitions.append(f"MEMBER [Measures].[calc] AS {formula}, SOLVE_ORDER = 10")
        measures.append("[Measures].[calc]")
    measures = measures or ["[Measures].[Amount]"]
    sets = []
    for number in range(draw(st.integers(1, 2))):
        parts = []
        for _ in range(draw(st.integers(1, 2)) if number == 0 else 1):
            h = free.pop(0)
            text = draw(writer.set(h))
            if draw(st.integers(0, 5)) == 0 and not h.parent_child:
                definitions.append(f"MEMBER {h.name}.[calc] AS {draw(writer.formula(h, together=not definitions))}")
                text = f"{{{text}, {h.name}.[calc]}}"
            parts.append(text)
        text = " * ".join(parts)
        if len(parts) > 1 and draw(st.booleans()):
            text = f"Order({text}, {draw(writer.measure())}, {draw(st.sampled_from(FLAGS))})"
        sets.append(text)
    if draw(st.booleans()):
        definitions.append(f"SET [named] AS {sets[0]}")
        sets[0] = "[named]"
    axes = [f"{{{', '.join(measures)}}}", *sets] if len(sets) == 1 or len(measures) > 1 else sets
    slicer = [] if axes is not sets else [measures[0]]
    source, where = "[Tiny]", ""
    if draw(st.integers(0, 2)) == 0:
        visual = draw(st.sampled_from(["", "NON VISUAL "]))
        source = f"{visual}(SELECT {draw(writer.some(draw(st.sampled_from(writer.hierarchies))))} ON 0 FROM [Tiny])"
    if draw(st.booleans()) and free:
        h = free.pop()
        if slicer:
            slicer.append(draw(writer.member(h)))
        else:
            where = f" WHERE {draw(writer.some(h))}"
    where = where or (f" WHERE ({', '.join(slicer)})" if slicer else "")
    empty = draw(st.sampled_from(["", "NON EMPTY "]))
    written = ", ".join(f"{empty}{axis} ON {number}" for number, axis in enumerate(axes))
    head = f"WITH {' '.join(definitions)} " if definitions else ""
    return f"{head}SELECT {written} FROM {source}{where}"
