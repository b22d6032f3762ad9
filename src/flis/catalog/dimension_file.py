"""The file of a dimension: which fields it may have, what each one means, and how they become the model.

What is written shorter than the model: `attributes` (an attribute hierarchy per line).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flis.catalog import cube as m
from flis.catalog.forms import FLAG, WORD, Record, listing, named, plain

if TYPE_CHECKING:
    from flis.catalog.yaml import YamlEntry

__all__ = [
    "CAPTION", "DESCRIPTION", "DIMENSION", "DIMENSION_USE", "FOLDER", "NAME", "VISIBLE", "DimensionUse", "columns_of",
    "unique_names",
]  # fmt: skip

CAPTION = "What clients show instead of the name: one text, or one by language (da, en)."
DESCRIPTION = "What clients show as explanation: one text, or one by language."
FOLDER = "The display folder; a backslash between nested ones."
VISIBLE = "Whether clients list it; it can be asked for either way."
NAME = "The name, as it stands in unique names; it never changes."


@dataclass(frozen=True, slots=True)
class DimensionUse:
    """A dimension in a cube, before the shared one is found; one that no other cube has is `described`."""

    name: str
    dimension: str = ""
    described: m.Dimension | None = None
    role: str = ""
    own: bool | None = None
    caption: m.Text = field(default_factory=dict)
    description: m.Text = field(default_factory=dict)
    visible: bool = True


PROPERTY = Record(
    "property",
    m.Property,
    {
        "name": "The name by which MDX asks for it.",
        "column": "The column that holds it.",
        "type": "The type of its values.",
        "caption": CAPTION,
    },
    plain(m.Property),
)
LEVEL_FIELDS: dict[str, Any] = {
    "name": NAME,
    "key": "The column of the key: `column` of the dimension's table, or `table.column` of a joined one.",
    "unique": "Whether the key alone names a member; false where only the ancestors' keys with it do.",
    "key_type": "The type of the key; it decides how members are sorted.",
    "name_column": "The column of the member's name; default the key.",
    "caption_columns": "The columns of the member's caption, by language; default the name.",
    "order": "The column to sort by; default the name where keys are texts, else the key.",
    "type": "What the level means to time functions and clients.",
    "hide": "When a member is hidden, which makes the hierarchy ragged.",
    "properties": (listing(PROPERTY.form), "Member properties."),
    "caption": CAPTION,
    "description": DESCRIPTION,
    "visible": VISIBLE,
}
LEVEL = Record("level", m.Level, LEVEL_FIELDS, plain(m.Level))
CLOSURE = Record(
    "closure",
    m.Closure,
    {
        "table": "The table of all (ancestor, descendant) pairs, each member with itself among them.",
        "parent": "Its column of the ancestor's key.",
        "child": "Its column of the descendant's key.",
    },
    plain(m.Closure),
)
PARENT_CHILD = Record(
    "parent-child",
    m.ParentChild,
    {
        "parent": "The column that holds the key of a member's parent.",
        "root_value": "The parent value of a root, where it is not null.",
        "closure": (CLOSURE.form, "A table with all ancestors of every member; without it they are worked out."),
    },
    plain(m.ParentChild),
)
ALL_FIELDS: dict[str, Any] = {
    "all_name": "The name of the All member, `All` where nothing is said; null for a hierarchy without it.",
    "all_caption": "What clients show for the All member.",
    "default_member": "An MDX member expression; default the All member, else the first one.",
    "folder": FOLDER,
}


def _hierarchy(entry: YamlEntry, **found: Any) -> m.Hierarchy:
    names = [level.name for level in found["levels"]]
    if not names:
        raise entry.error("this hierarchy has no level.")
    unique_names(entry, names, f"two levels of {found['name']} are called")
    if found.get("parent_child") and len(names) > 1:
        raise entry.error("a parent-child hierarchy has one level, which refers to itself.")
    return m.Hierarchy(**found)


HIERARCHY = Record(
    "hierarchy",
    m.Hierarchy,
    {
        "name": NAME,
        "levels": (listing(LEVEL.form), "The levels, top first, without the All level."),
        **ALL_FIELDS,
        "all_level_name": "The name of the level of the All member.",
        "parent_child": (PARENT_CHILD.form, "For one level that refers to itself."),
        "caption": CAPTION,
        "description": DESCRIPTION,
        "visible": VISIBLE,
    },
    _hierarchy,
    required=("levels",),
)
SAID = ("caption", "description")
OF_THE_LEVEL = tuple(name for name in LEVEL_FIELDS if name not in (*SAID, "visible"))


def _attribute(_: YamlEntry, **found: Any) -> m.Hierarchy:
    level = m.Level(**{name: found[name] for name in (*OF_THE_LEVEL, *SAID) if name in found})
    rest = {name: value for name, value in found.items() if name not in OF_THE_LEVEL or name == "name"}
    return m.Hierarchy(levels=(level,), attribute=True, **rest)


ATTRIBUTE = Record(
    "attribute",
    m.Level,
    {**LEVEL_FIELDS, **{name: (HIERARCHY.fields[name].form, text) for name, text in ALL_FIELDS.items()}},
    _attribute,
)
JOIN = Record(
    "join",
    m.Join,
    {
        "table": "The further table.",
        "left": "The column known so far (`table.column`, or `column` of the dimension's table) that points at it.",
        "right": "The column of the further table that it points at.",
    },
    plain(m.Join),
)


def _unknown(_: YamlEntry, **found: Any) -> m.UnknownMember:
    if "name" in found:
        found.setdefault("caption", {})
    return m.UnknownMember(**found)


UNKNOWN_MEMBER = Record(
    "unknown member",
    m.UnknownMember,
    {
        "visible": "Whether it is listed with the others; default false: only `.UnknownMember` leads to it.",
        "name": "The name, as it stands in statements; default `Unknown`.",
        "caption": "What clients show; default `Ukendt` in Danish and `Unknown` in English, else the name.",
    },
    _unknown,
)
ROLE = Record(
    "role",
    m.DimensionRole,
    {
        "name": "The name in cubes that give none of their own.",
        "caption": CAPTION,
        "description": DESCRIPTION,
    },
    plain(m.DimensionRole),
)
DIMENSION_FIELDS: dict[str, Any] = {
    "table": "The table; without one the levels are columns of the fact (a degenerate dimension).",
    "key": "The column of the table that facts point at.",
    "joins": (listing(JOIN.form), "Further tables of a snowflake."),
    "time": "Whether this is time: semi-additive measures and time functions go by it.",
    "date": "Of time: the column with the date of each row; default the key of a level of days whose type is date.",
    "unknown_member": (
        UNKNOWN_MEMBER.form,
        "The member, on every level, of facts whose key is null or not in the table; All counts them either way.",
    ),
    "hierarchies": (listing(HIERARCHY.form), "User hierarchies: ways down through several levels."),
    "attributes": (listing(ATTRIBUTE.form), "Attribute hierarchies: one level below All, named like the attribute."),
    "caption": CAPTION,
    "description": DESCRIPTION,
}


def dimension_of(entry: YamlEntry, name: str, found: dict[str, Any]) -> m.Dimension:
    """The dimension of that name made from its fields."""
    hierarchies = (*found.pop("hierarchies", ()), *found.pop("attributes", ()))
    if not hierarchies:
        raise entry.error(f"the dimension {name} has neither hierarchies nor attributes.")
    unique_names(entry, [h.name for h in hierarchies], f"two hierarchies of {name} are called")
    dimension = m.Dimension(name, hierarchies, **found)
    if bool(dimension.table) != bool(dimension.key):
        raise entry.error(f"the dimension {name} needs both a table and its key, or neither.")
    if "unknown_member" in found and not dimension.table:
        hint = "Leave out unknown_member: its members are the values that the facts have."
        raise entry.error(f"{name} is degenerate: no key of it can be unknown.", hint)
    if dimension.date and not dimension.time:
        raise entry.fields()["date"].error(f"{name} is not time: only a dimension with `time: true` has a date.")
    known = {"", dimension.table}
    for join in dimension.joins:
        _known_table(entry, join.left, known)
        known.add(join.table)
    for column in columns_of(dimension):
        _known_table(entry, column, known)
    return dimension


def columns_of(dimension: m.Dimension) -> list[str]:
    """Every column that the dimension's hierarchies name."""
    found: list[str] = [dimension.date]
    for hierarchy in dimension.hierarchies:
        for level in hierarchy.levels:
            found += [level.key, level.name_column, level.order, *level.caption_columns.values()]
            found += [prop.column for prop in level.properties]
        if hierarchy.parent_child:
            found.append(hierarchy.parent_child.parent)
    return found


def _known_table(entry: YamlEntry, column: str, known: set[str]) -> None:
    table = column.rpartition(".")[0]
    if table not in known:
        names = ", ".join(sorted(known - {""})) or "none: it is degenerate"
        raise entry.error(f"{column} is of a table that the dimension does not have.", f"Its tables: {names}.")


def unique_names(entry: YamlEntry, names: list[str], what: str) -> None:
    """Raise CatalogError where two names are the same but for case; `what` begins the sentence."""
    folded = [name.casefold() for name in names]
    for place, name in enumerate(folded):
        if name in folded[:place]:
            raise entry.error(f"{what} {names[place]}.")


def _dimension(entry: YamlEntry, dimension: str, **found: Any) -> m.Dimension:
    made = dimension_of(entry, dimension, found)
    if made.whole_table and (made.joins or any("." in column for column in columns_of(made))):
        text = f"{dimension} has a whole_table: its columns are of both tables, so they are written without a table."
        raise entry.fields()["whole_table"].error(text)
    return made


DIMENSION = Record(
    "dimension file",
    m.Dimension,
    {
        "dimension": (WORD, "The dimension's name."),
        **DIMENSION_FIELDS,
        "roles": (named(ROLE.form), "The roles that facts give it, by the word with which a cube takes one."),
        "whole_table": (
            WORD,
            "The table with all rows, where a municipal store has its own in `table`: for roles that own no rows.",
        ),
    },
    _dimension,
    required=("dimension",),
)


def _use(entry: YamlEntry, name: str = "", dimension: str = "", **found: Any) -> DimensionUse:
    about = {word: found[word] for word in ("caption", "description") if word in found}
    visible, role, own = found.pop("visible", True), found.pop("role", ""), found.pop("own", None)
    described = {word for word in found if word not in ("caption", "description")}
    if not (name or (role and dimension)):
        raise entry.error("this dimension has no name.", "name: " + NAME)
    if (dimension or role) and described:
        listed = ", ".join(sorted(described))
        raise entry.error(f"{name} is the dimension {dimension or name}: it cannot have {listed} of its own.")
    if described:
        return DimensionUse(name, described=dimension_of(entry, name, found), visible=visible)
    return DimensionUse(name, dimension or name, role=role, own=own, visible=visible, **about)


DIMENSION_USE = Record(
    "dimension",
    m.Dimension,
    {
        "name": (WORD, "The name in this cube; default that of the role."),
        "dimension": (WORD, "The shared dimension meant; default the one of this name."),
        "role": (
            WORD,
            "The role in which facts point at it, of those that the dimension lists: gives name and caption.",
        ),
        "own": (
            FLAG,
            "Of the one role that says whose a row is: municipal stores hold their own rows of it only.",
        ),
        **DIMENSION_FIELDS,
        "visible": (FLAG, VISIBLE),
    },
    _use,
)
