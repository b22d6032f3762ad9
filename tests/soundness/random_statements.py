"""Random statements on FoodMart: every function, operator and clause, one inside the other, with odd things in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flis.query.binding.nodes import SCALARS, ResultKind
from flis.query.functions import functions

if TYPE_CHECKING:
    import random

    from flis.query.functions import Function, Parameter, Signature

__all__ = ["MOST_MEMBERS", "Writer"]

MOST_MEMBERS = 3  # defined in one statement


@dataclass(frozen=True)
class Named:
    """What statements name of a hierarchy: members stored and calculated, levels, sets."""

    name: str
    members: tuple[str, ...]
    calculated: tuple[str, ...]
    levels: tuple[str, ...]
    sets: tuple[str, ...]


PLACES = (
    Named(
        "[Store]",
        ("[Store].[USA]", "[Store].[USA].[CA]", "[Store].[USA].[OR].[Salem].[Store 13]", "[Store].[All Stores]",
         "[Store].[All Stores].Parent", "[Store].CurrentMember", "[Store].[USA].[WA].[Seattle]"),
        ("[Store].[USA].[X1]", "[Store].[X2]", "[Store].[USA].[OR].[Salem].[X3]"),
        ("[Store].[Store City]", "[Store].[Store Country]", "[Store].[Store Name]", "[Store].[(All)]"),
        ("[Store].[USA].Children", "[Store].[Store State].Members", "[Store].AllMembers", "{[Store].[USA]}"),
    ),
    Named(
        "[Time]",
        ("[Time].[1997]", "[Time].[1997].[Q1]", "[Time].[1997].[Q2].[5]", "[Time].[1998]", "[Time].CurrentMember",
         "[Time].[1997].[Q1].PrevMember", "[Time].[1998].[Q4].[12].NextMember"),
        ("[Time].[X4]", "[Time].[1997].[X5]", "[Time].[1997].[Q1].[X6]"),
        ("[Time].[Month]", "[Time].[Quarter]", "[Time].[Year]"),
        ("[Time].[Quarter].Members", "{[Time].[1997], [Time].[1998]}", "[Time].AllMembers"),
    ),
    Named(
        "[Product]",
        ("[Product].[Drink]", "[Product].[Food].[Deli]", "[Product].[All Products]", "[Product].CurrentMember",
         "[Product].CurrentMember.Parent", "[Product].[Non-Consumable]"),
        ("[Product].[X7]", "[Product].[Drink].[X8]"),
        ("[Product].[Product Family]", "[Product].[Product Department]", "[Product].[Brand Name]"),
        ("[Product].[Product Family].Members", "[Product].[Product Department].AllMembers"),
    ),
    Named(
        "[Marital Status]",
        ("[Marital Status].[S]", "[Marital Status].[M]", "[Marital Status].[All Marital Status]"),
        ("[Marital Status].[X9]", "[Marital Status].[All Marital Status].[X9]"),
        ("[Marital Status].[Marital Status]", "[Marital Status].[(All)]"),
        ("[Marital Status].Members", "[Marital Status].AllMembers", "{[Marital Status].[S]}"),
    ),
    Named(
        "[Gender]",
        ("[Gender].[F]", "[Gender].[M]", "[Gender].[All Gender]", "[Gender].CurrentMember", "[Gender].DefaultMember"),
        ("[Gender].[X10]", "[Gender].[All Gender].[X11]"),
        ("[Gender].[Gender]", "[Gender].[(All)]"),
        ("[Gender].Members", "[Gender].AllMembers", "{[Gender].[M], [Gender].[F], [Gender].[F]}", "{}"),
    ),
    Named(
        "[Measures]",
        ("[Measures].[Unit Sales]", "[Measures].[Customer Count]", "[Measures].[Profit]", "[Measures].CurrentMember"),
        ("[Measures].[X12]", "[Measures].[X13]"),
        ("[Measures].[MeasuresLevel]",),
        ("[Measures].Members", "[Measures].AllMembers", "{[Measures].[Store Cost], [Measures].[Profit Growth]}"),
    ),
    Named(
        "[Time].[Weekly]",
        ("[Time].[Weekly].[1997]", "[Time].[Weekly].CurrentMember", "[Time].[Weekly].[All Weeklys]"),
        ("[Time].[Weekly].[X14]",),
        ("[Time].[Weekly].[Week]", "[Time].[Weekly].[Year]"),
        ("[Time].[Weekly].[Year].Members", "[Time].[Weekly].[1997].Children"),
    ),
)  # fmt: skip
LOWEST = ("[Marital Status].[S].[X15]", "[Store].[USA].[OR].[Salem].[Store 13].[X16]", "[Time].[1997].[Q1].[1].[X17]")
LEAVES = {
    ResultKind.NUMBER: ["null", "0", "-1", "1", "2", "1.5", "1e300", "[Measures].[Unit Sales]", "[Measures].[Profit]"],
    ResultKind.STRING: [
        "null",
        "''",
        "'x'",
        "'12'",
        "'[Gender].[F]'",
        "'{[Gender].[F]}'",
        "[Gender].CurrentMember.Name",
    ],
    ResultKind.VALUE: ["null", "1", "'x'", "True", "[Measures].[Unit Sales]", "([Gender].[F], [Measures].[Profit])"],
    ResultKind.LOGICAL: ["null", "True", "1 = 0", "[Measures].[Unit Sales] > 1000"],
}
ANY = [
    ResultKind.NUMBER,
    ResultKind.STRING,
    ResultKind.LOGICAL,
    ResultKind.VALUE,
    ResultKind.MEMBER,
    ResultKind.SET,
    ResultKind.TUPLE,
    ResultKind.LEVEL,
]
MADE = {
    ResultKind.SET: [
        "{%m, %m}", "{%s, %m}", "%s * %S", "(%s, %M)", "%s + %s", "%s - %s", "{%m : %m}", "{NULL : %m}", "EXISTING %s",
        "-%s", "{%t, %t}", "IIf(%b, %s, %s)", "IIf(%b, %s, NULL)", "Filter(%s AS [A], [A].CurrentOrdinal > %n)",
        "Generate(%s AS [A], {[A].Current})", "StrToSet('%s')", "Filter(%s, %m IS %m)", "Extract(%s * %S, %h)",
        "VisualTotals({%m, %s})", "Hierarchize(%s, POST)", "Descendants(%s, %l)", "Descendants(%m, %n)",
    ],
    ResultKind.MEMBER: ["IIf(%b, %m, %m)", "CASE WHEN %b THEN %m END", "%s.Item(0).Item(0)", "%h.CurrentMember"],
    ResultKind.TUPLE: ["(%m, %M)", "(%t, %M)", "%s.Item(%n)", "IIf(%b, %t, NULL)"],
    ResultKind.NUMBER: ["%n + %n", "%n * %n", "%n / %n", "-%n", "%n ^ %n", "IIf(%b, %n, %n)", "%v", "%t"],
    ResultKind.STRING: ["%w || %w", "%w + %v", "IIf(%b, %w, %v)", "%m.Name", "%m.Properties(%w)", "SetToStr(%s)"],
    ResultKind.LOGICAL: ["%v = %v", "%v <> %v", "%n < %n", "%w >= %w", "%m IS %m", "%m IS NULL", "%M IN %s", "NOT %b",
                         "%b AND %b", "%b OR %b", "%b XOR %b", "%m IS %M", "%l IS %l", "%t IS EMPTY"],
    ResultKind.VALUE: ["%v + %v", "IIf(%b, %v, %v)", "CASE %v WHEN %v THEN %v ELSE %m END", "IIf(%b, %a, %a)", "%t",
                       "%m", "%n", "%w", "CASE WHEN %b THEN %n WHEN %b THEN %w END", "StrToValue('%n')"],
    ResultKind.LEVEL: ["%m.Level", "%h.Levels(%n)", "IIf(%b, %l, %l)"],
    ResultKind.HIERARCHY: ["%m.Hierarchy", "Dimensions(%n)", "%l.Hierarchy", "%m.Dimension"],
}  # fmt: skip
LETTERS = {
    "m": ResultKind.MEMBER, "s": ResultKind.SET, "t": ResultKind.TUPLE, "n": ResultKind.NUMBER,
    "w": ResultKind.STRING, "b": ResultKind.LOGICAL,
    "v": ResultKind.VALUE, "l": ResultKind.LEVEL, "h": ResultKind.HIERARCHY,
}  # fmt: skip
PROPERTIES = ["", "", ", FORMAT_STRING = 'Standard'", ", SOLVE_ORDER = 7", ", FORMAT_STRING = %w", ", LANGUAGE = %n",
              ", BACK_COLOR = %v", ", VISIBLE = 0", ", CAPTION = 'c'"]  # fmt: skip
DIMENSION_PROPERTIES = [
    "",
    "",
    " DIMENSION PROPERTIES MEMBER_TYPE, PARENT_UNIQUE_NAME, KEY0, MEMBER_VALUE, LEVEL_NUMBER",
]
CELL_PROPERTIES = [
    "",
    "",
    " CELL PROPERTIES VALUE, FORMATTED_VALUE, FORMAT, UPDATEABLE, LANGUAGE, BACK_COLOR, SOLVE_ORDER",
]
HIDDEN = frozenset({"Now", "Date", "Time", "Rnd"})


class Writer:
    """Writes statements by chance; the same ones for the same seed. Of another cube where `places` and `leaves` are."""

    cube = "[Sales]"
    places: ClassVar[tuple[Named, ...]] = PLACES
    lowest: ClassVar[tuple[str, ...]] = LOWEST
    leaves: ClassVar[dict[ResultKind, list[str]]] = LEAVES

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.at = self.places[0]  # the hierarchy that is written about
        self.own: list[str] = []  # calculated members of the statement
        self.made: dict[ResultKind, list[tuple[Function, Signature]]] = {}
        for function in sorted({f.name: f for f in functions().values()}.values(), key=lambda f: f.name):
            for signature in function.signatures:
                if function.name not in HIDDEN:
                    self.made.setdefault(signature.result, []).append((function, signature))

    def statement(self, depth: int) -> str:
        """A SELECT with expressions of some depth."""
        chance = self.chance
        places = chance.sample(self.places, 3)
        every = [m for p in self.places for m in p.calculated]
        self.own = chance.sample(every, chance.randint(0, MOST_MEMBERS))
        if chance.random() < 0.15:
            self.own.append(chance.choice(self.lowest))
        if self.own and chance.random() < 0.5:  # what is calculated stands on an axis
            about = max((p for p in self.places if self.own[-1].startswith(f"{p.name}.")), key=lambda p: len(p.name))
            places = [about, *(p for p in places if p is not about)]
        begin = []
        for m in self.own:
            self.at = chance.choice(self.places)
            formula = self.expression(ResultKind.VALUE, depth)
            begin.append(f"MEMBER {m} AS {formula}{self.filled(chance.choice(PROPERTIES), 0)}")
        axes = []
        for number in range(chance.randint(1, 2)):
            self.at = places[number]
            empty = chance.choice(["", "", "NON EMPTY "])
            text = self.expression(ResultKind.SET, depth)
            if number == 0 and chance.random() < 0.3:
                begin.append(f"SET [S] AS {{{text}}}")
                text = "[S]"
            having = f" HAVING {self.expression(ResultKind.LOGICAL, 1)}" if chance.random() < 0.1 else ""
            axes.append(f"{empty}{text}{having}{chance.choice(DIMENSION_PROPERTIES)} ON {number}")
        self.at = chance.choice(self.places)
        source = self.cube
        if chance.random() < 0.25:
            visual = chance.choice(["", "NON VISUAL "])
            source = f"{visual}(SELECT {self.expression(ResultKind.SET, 1)} ON 0 FROM {source})"
        self.at = places[2]
        where = f" WHERE {self.expression(chance.choice([ResultKind.MEMBER, ResultKind.SET, ResultKind.TUPLE]), 1)}"
        where = where if chance.random() < 0.5 else ""
        defined = f"WITH {' '.join(begin)} " if begin else ""
        return f"{defined}SELECT {', '.join(axes)} FROM {source}{where}{chance.choice(CELL_PROPERTIES)}"

    def expression(self, kind: ResultKind, depth: int) -> str:
        """An expression that is of a kind, or should be."""
        chance = self.chance
        if kind is ResultKind.ANY:
            kind = chance.choice(ANY)
        if depth <= 0 or chance.random() < 0.15:
            return self.leaf(kind)
        if kind in MADE and chance.random() < 0.4:
            return self.filled(chance.choice(MADE[kind]), depth - 1)
        if kind not in self.made:
            return self.leaf(kind)
        function, signature = chance.choice(self.made[kind])
        return self.call(function, signature, depth - 1)

    def leaf(self, kind: ResultKind) -> str:
        """A name or a literal."""
        chance, at = self.chance, self.at
        mine = [m for m in self.own if m in at.calculated or (m.startswith(f"{at.name}.") and m in self.lowest)]
        if mine and kind in {ResultKind.MEMBER, ResultKind.SET} and chance.random() < 0.4:
            own = chance.choice(mine)
            return own if kind is ResultKind.MEMBER else f"{{{own}, {chance.choice(at.members)}}}"
        if kind is ResultKind.TUPLE:
            return f"({chance.choice(at.members)}, {chance.choice(self.other().members)})"
        named = {ResultKind.MEMBER: at.members, ResultKind.SET: at.sets, ResultKind.LEVEL: at.levels}
        return (
            at.name
            if kind in {ResultKind.HIERARCHY, ResultKind.DIMENSION}
            else chance.choice(named.get(kind) or self.leaves[kind])
        )

    def other(self) -> Named:
        """Another hierarchy than the one that is written about."""
        return self.chance.choice([p for p in self.places if p is not self.at])

    def filled(self, template: str, depth: int) -> str:
        """A template with expressions for its signs; a capital is of another hierarchy."""
        out, rest = "", template
        while "%" in rest:
            text, _, rest = rest.partition("%")
            kind = self.chance.choice(ANY) if rest[0] == "a" else LETTERS[rest[0].lower()]
            before = self.at
            if rest[0].isupper() or (kind in SCALARS and self.chance.random() < 0.3):
                self.at = self.other()
            inner = self.expression(kind, depth)
            self.at = before
            out += text + (inner.replace("'", "''") if text.endswith("'") else inner)
            rest = rest[1:]
        return out + rest

    def call(self, function: Function, signature: Signature, depth: int) -> str:
        """A call of a function."""
        given: list[str] = []
        for parameter in signature.parameters:
            if parameter.optional and self.chance.random() < 0.5:
                break
            times = 1 + (parameter.repeated and self.chance.random() < 0.5)
            given += [self.argument(parameter, depth) for _ in range(times)]
        if signature.style == "property":
            return f"{given[0]}.{function.name}"
        if signature.style == "method":
            return f"{given[0]}.{function.name}({', '.join(given[1:])})"
        return f"{function.name}({', '.join(given)})"

    def argument(self, parameter: Parameter, depth: int) -> str:
        """An argument; seldom one of another kind."""
        if parameter.words and (parameter.kind is ResultKind.WORD or self.chance.random() < 0.5):
            return self.chance.choice(sorted(parameter.words))
        kind = self.chance.choice(ANY) if self.chance.random() < 0.03 else parameter.kind
        return self.expression(kind, depth)
