"""Functions of levels, hierarchies and dimensions, and what they and members are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flis.errors import NameStatementError, StatementError, suggest
from flis.query.binding.conversion import dimension_node, hierarchy_node, level_node
from flis.query.binding.nodes import Binding, Evaluation, Node
from flis.query.cubes.properties import typed_keys
from flis.query.evaluation.cell_values import gather
from flis.query.evaluation.member_properties import property_scalars
from flis.query.evaluation.values import Context, Values
from flis.query.functions.table import function

if TYPE_CHECKING:
    from flis.query.languages.mdx import syntax as s

__all__ = ["level_of"]


@function("member.Level -> level", group="Level", en="The level of a member.", da="Et medlems niveau.")
def level_of(ev: Evaluation, context: Context, of: Node) -> Any:
    """`.Level`; the top level for no member."""
    column = ev.column(of, context)
    found = np.maximum(ev.members[of.hierarchies[0]].level_numbers(column), 0)
    return found if context.size != 1 else int(found[0])


@function(
    "hierarchy.Levels(number) -> level",
    "hierarchy.Levels(string) -> level",
    group="Level",
    en="A level of a hierarchy by number or name.",
    da="Et hierarkis niveau efter nummer eller navn.",
    binds=True,
)
def levels_at(binder: Binding, e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`hierarchy.Levels(number)`."""
    hierarchy = binder.cube.hierarchies[arguments[0].hierarchies[0]]
    wanted = arguments[1].constant
    if isinstance(wanted, str):
        text = wanted.casefold().rsplit(".", 1)[-1].strip("[]")
        for level in hierarchy.levels:
            if level.name.casefold() == text:
                return level_node(level)
        hint = suggest(wanted, [level.name for level in hierarchy.levels])
        said = f"{hierarchy.unique_name} has no level {wanted}."
        return binder.failing(NameStatementError(said, line=e.line, column=e.column, hint=hint))
    if not isinstance(wanted, (int, float)) or not 0 <= int(wanted) < len(hierarchy.levels):
        last = len(hierarchy.levels) - 1
        said = f"The levels of {hierarchy.unique_name} count from 0 to {last}; {wanted} is outside."
        return binder.failing(StatementError(said, line=e.line, column=e.column))
    return level_node(hierarchy.levels[int(wanted)])


@function("Levels(string) -> level", group="Level", binds=True)
def any_level(binder: Binding, e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`Levels(string)`."""
    text = str(arguments[0].constant or "")
    for hierarchy in binder.cube.hierarchies:
        for level in hierarchy.levels:
            if text.casefold() in {x.casefold() for x in (level.name, level.unique_name, level.spoken_name)}:
                return level_node(level)
    names = [level.name for h in binder.cube.hierarchies for level in h.levels]
    said = f"There is no level {text}."
    return binder.failing(NameStatementError(said, line=e.line, column=e.column, hint=suggest(text, names)))


@function(
    "member.Hierarchy -> hierarchy",
    "level.Hierarchy -> hierarchy",
    "hierarchy.Hierarchy -> hierarchy",
    group="Hierarchy",
    en="The hierarchy of a member or level.",
    da="Hierarkiet som et medlem eller niveau hører til.",
    binds=True,
)
def hierarchy_of(binder: Binding, _e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`member.Hierarchy`."""
    made = hierarchy_node(binder.cube.hierarchies[arguments[0].hierarchies[0]])
    return Node(made.kind, made.run, made.hierarchies, constant=made.constant, notes=frozenset({"computed"}))


@function(
    "hierarchy.Dimension -> dimension",
    "member.Dimension -> dimension",
    "level.Dimension -> dimension",
    "dimension.Dimension -> dimension",
    group="Dimension",
    en="The dimension of a hierarchy, level or member.",
    da="Dimensionen som et hierarki, niveau eller medlem hører til.",
    binds=True,
)
def dimension_of(binder: Binding, _e: s.SyntaxNode, arguments: list[Node]) -> Node:
    """`hierarchy.Dimension`."""
    made = dimension_node(binder.cube.hierarchies[arguments[0].hierarchies[0]].dimension)
    return Node(made.kind, made.run, made.hierarchies, constant=made.constant, notes=frozenset({"computed"}))


def _level_texts(ev: Evaluation, context: Context, of: Node, what: str) -> Values:
    hierarchy = ev.cube.hierarchies[of.hierarchies[0]]
    numbers = np.atleast_1d(np.asarray(of.run(ev, context)))
    said = []
    for level in hierarchy.levels:
        if what == "unique":
            said.append(level.spoken_name)
        else:
            said.append(level.name if what == "name" else level.caption(ev.language))
    return Values.texts([said[n] for n in numbers.tolist()])


NAME = ("The name.", "Navnet.")
CAPTION = ("The caption.", "Teksten der vises.")
UNIQUE = ("The unique name.", "Det entydige navn.")


@function("member.Name -> string", group="String", en=NAME[0], da=NAME[1])
def member_name(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Name` of a member."""
    members, found = ev.placed(of, context)
    return Values.texts(members.names(found))


@function("member.Caption -> string", "member.Member_Caption -> string", group="String", en=CAPTION[0], da=CAPTION[1])
def member_caption(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Caption` of a member."""
    members, found = ev.placed(of, context)
    return Values.texts(members.captions(found, ev.language))


@function("member.UniqueName -> string", "member.Unique_Name -> string", group="String", en=UNIQUE[0], da=UNIQUE[1])
def member_unique(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.UniqueName` of a member."""
    members, found = ev.placed(of, context)
    return Values.texts(members.spoken_names(found))


@function(
    "member.Member_Key -> value",
    "member.MemberKey -> value",
    group="String",
    en="The key of a member.",
    da="Et medlems nøgle.",
)
def member_key(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Member_Key` of a member."""
    members, found = ev.placed(of, context)
    return Values.texts(list(members.keys(found)))


@function(
    "member.MemberValue -> value",
    "member.Member_Value -> value",
    group="Value",
    en="The value of a member: a number where its key is one, else its name.",
    da="Et medlems værdi: et tal hvor nøglen er et, ellers navnet.",
)
def member_value(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.MemberValue` of a member."""
    return typed_keys(*ev.placed(of, context))


@function(
    "member.OrderKey -> value",
    group="Value",
    en="What members of a level are sorted by.",
    da="Det som medlemmer af et niveau sorteres efter.",
)
def order_key(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.OrderKey` of a member: its key."""
    return typed_keys(*ev.placed(of, context))


def _intrinsic(written: str, kind: str, en: str, da: str) -> None:
    """A property that every member has, by its name behind a dot: `.Parent_Unique_Name`."""
    name = written.upper()

    def run(ev: Evaluation, context: Context, of: Node) -> Values:
        ordinals = np.atleast_1d(np.asarray(ev.member(of, context), dtype=np.int32))
        return property_scalars(ev.members[of.hierarchies[0]], name, ordinals, of, ev.language)

    group = "Numeric" if kind == "number" else "String"
    function(f"member.{written} -> {kind}", group=group, en=en, da=da)(run)


for _written, _kind, _en, _da in (
    ("Member_Name", "string", "The name of a member.", "Et medlems navn."),
    ("Member_Unique_Name", "string", "The unique name of a member.", "Et medlems entydige navn."),
    (
        "Parent_Unique_Name",
        "string",
        "The unique name of a member's parent.",
        "Det entydige navn på et medlems overordnede.",
    ),
    ("Level_Unique_Name", "string", "The unique name of a member's level.", "Det entydige navn på et medlems niveau."),
    (
        "Hierarchy_Unique_Name",
        "string",
        "The unique name of a member's hierarchy.",
        "Det entydige navn på et medlems hierarki.",
    ),
    (
        "Dimension_Unique_Name",
        "string",
        "The unique name of a member's dimension.",
        "Det entydige navn på et medlems dimension.",
    ),
    ("Level_Number", "number", "The number of a member's level.", "Nummeret på et medlems niveau."),
    (
        "Member_Type",
        "number",
        "What a member is: 1 regular, 2 All, 3 a measure, 4 calculated.",
        "Hvad et medlem er: 1 almindeligt, 2 All, 3 en måling, 4 beregnet.",
    ),
    ("Children_Cardinality", "number", "How many children a member has.", "Hvor mange underordnede et medlem har."),
):
    _intrinsic(_written, _kind, _en, _da)


@function("level.Name -> string", group="String", en=NAME[0], da=NAME[1])
def level_name(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Name` of a level."""
    return _level_texts(ev, context, of, "name")


@function("level.Caption -> string", group="String", en=CAPTION[0], da=CAPTION[1])
def level_caption(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Caption` of a level."""
    return _level_texts(ev, context, of, "caption")


@function("level.UniqueName -> string", "level.Unique_Name -> string", group="String", en=UNIQUE[0], da=UNIQUE[1])
def level_unique(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.UniqueName` of a level."""
    return _level_texts(ev, context, of, "unique")


@function("hierarchy.Name -> string", group="String", en=NAME[0], da=NAME[1])
def hierarchy_name(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.Name` of a hierarchy."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].name)


@function("hierarchy.Caption -> string", group="String", en=CAPTION[0], da=CAPTION[1])
def hierarchy_caption(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.Caption` of a hierarchy."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].caption(ev.language))


@function(
    "hierarchy.UniqueName -> string", "hierarchy.Unique_Name -> string", group="String", en=UNIQUE[0], da=UNIQUE[1]
)
def hierarchy_unique(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.UniqueName` of a hierarchy."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].spoken_name)


@function("dimension.Name -> string", group="String", en=NAME[0], da=NAME[1])
def dimension_name(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.Name` of a dimension."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].dimension.name)


@function("dimension.Caption -> string", group="String", en=CAPTION[0], da=CAPTION[1])
def dimension_caption(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.Caption` of a dimension."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].dimension.caption(ev.language))


@function(
    "dimension.UniqueName -> string", "dimension.Unique_Name -> string", group="String", en=UNIQUE[0], da=UNIQUE[1]
)
def dimension_unique(ev: Evaluation, _context: Context, of: Node) -> Values:
    """`.UniqueName` of a dimension."""
    return Values.of(ev.cube.hierarchies[of.hierarchies[0]].dimension.unique_name)


@function(
    "level.Ordinal -> number",
    group="Numeric",
    en="The number of a level, from the top.",
    da="Et niveaus nummer fra toppen.",
)
def level_ordinal(ev: Evaluation, context: Context, of: Node) -> Values:
    """`.Ordinal` of a level."""
    return Values.numbers(np.atleast_1d(np.asarray(of.run(ev, context), dtype=np.float64)))


@function(
    "LevelsCount(hierarchy) -> number",
    group="Numeric",
    en="How many levels a hierarchy has.",
    da="Hvor mange niveauer et hierarki har.",
)
def levels_count(ev: Evaluation, _context: Context, of: Node) -> Values:
    """How many levels."""
    return Values.of(len(ev.cube.hierarchies[of.hierarchies[0]].levels))


@function(
    "member.Properties(string, [{TYPED}]) -> value",
    group="String",
    en="A property of a member by name, as text; with TYPED as it is.",
    da="Et medlems egenskab efter navn, som tekst; med TYPED som den er.",
)
def properties(ev: Evaluation, context: Context, of: Node, name: Node, typed: Node | None) -> Values:
    """`.Properties("Name")`."""
    members, names = ev.members[of.hierarchies[0]], ev.values(name, context)
    ordinals = np.atleast_1d(np.asarray(ev.member(of, context), dtype=np.int32))
    if len(names) == 1:
        found = property_scalars(members, names.strings()[0], ordinals, of, ev.language)
        return found if typed is not None else found.as_texts()
    said = names.strings()
    wide = np.broadcast_to(ordinals, (len(said),))
    parts = [property_scalars(members, n, wide[i : i + 1], of, ev.language) for i, n in enumerate(said)]
    found = gather([(np.array([i]), p) for i, p in enumerate(parts)], len(said))
    return found if typed is not None else found.as_texts()
