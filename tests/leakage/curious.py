"""Requests by chance of somebody who wants to learn of other municipalities: every protocol, the same for a seed."""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from flis.serve.xmla.rowsets import ROWSETS
from flis.serve.xmla.rowsets.table import Restriction, Type
from tests.leakage.requests import CUBE, NAMES, OTHER, OWN
from tests.serve.xmla.asking import discover, execute
from tests.serve.xmla.test_sessions import BEGIN, within
from tests.soundness.random_statements import LEAVES, Named, Writer

if TYPE_CHECKING:
    from flis.query.binding.nodes import ResultKind

__all__ = ["Curious"]

KOMMUNE, GEOGRAPHY, DAY = "[Kommune].[Kommune]", "[Kommune].[Geografi]", "[Dato].[Dag]"
MEASURES = ("[Antal personer]", "[Født i Danmark]", "[Indrejste minus udrejste]", "[Indrejste]", "[Tilflyttede]")

PLACES = (
    Named(
        KOMMUNE,
        (OWN, OTHER, f"{KOMMUNE}.[All]", f"{KOMMUNE}.CurrentMember", f"{KOMMUNE}.[Odense]", f"{OWN}.NextMember",
         f"{KOMMUNE}.&[9999]", f"{KOMMUNE}.[Kommune].[København]", f"{OWN}.Parent.LastChild"),
        (f"{KOMMUNE}.[X1]", f"{KOMMUNE}.[All].[X2]"),
        (f"{KOMMUNE}.[Kommune]", f"{KOMMUNE}.[(All)]"),
        (f"{KOMMUNE}.Members", f"{OWN}.Siblings", f"{{{OWN}, {OTHER}}}", f"{KOMMUNE}.[Kommune].AllMembers"),
    ),
    Named(
        GEOGRAPHY,
        (f"{GEOGRAPHY}.[All]", f"{GEOGRAPHY}.[Region].&[1084]", f"{GEOGRAPHY}.[Kommune].&[0461]",
         f"{GEOGRAPHY}.[Kommune].&[0101]", f"{GEOGRAPHY}.CurrentMember.Parent", f"{GEOGRAPHY}.[All].FirstChild"),
        (f"{GEOGRAPHY}.[X3]", f"{GEOGRAPHY}.[All].[X4]"),
        (f"{GEOGRAPHY}.[Region]", f"{GEOGRAPHY}.[Landsdel]", f"{GEOGRAPHY}.[Kommune]"),
        (f"{GEOGRAPHY}.Members", f"Descendants({GEOGRAPHY}.[All])", f"{GEOGRAPHY}.[Landsdel].Members"),
    ),
    Named(
        DAY,
        (f"{DAY}.&[2022-08-16]", f"{DAY}.&[2022-07-11]", f"{DAY}.&[2022-07-19]", f"{DAY}.[All]", f"{DAY}.CurrentMember",
         f"{DAY}.&[2022-08-01].NextMember"),
        (f"{DAY}.[X5]",),
        (f"{DAY}.[Dag]",),
        (f"{DAY}.Members", f"{{{DAY}.&[2022-07-11] : {DAY}.&[2022-07-20]}}", f"Tail({DAY}.Members, 3)"),
    ),
    Named(
        "[Civilstand].[Civilstand]",
        ("[Civilstand].[Civilstand].[All]", "[Civilstand].[Civilstand].&[U]", "[Civilstand].[Civilstand].&[F]",
         "[Civilstand].[Civilstand].CurrentMember"),
        ("[Civilstand].[Civilstand].[X6]",),
        ("[Civilstand].[Civilstand].[Civilstand]",),
        ("[Civilstand].[Civilstand].Members", "[Civilstand].[Civilstand].Children"),
    ),
    Named(
        "[Alder].[Aldersgrupper]",
        ("[Alder].[Aldersgrupper].[All]", "[Alder].[Aldersgrupper].CurrentMember", "[Alder].[Alder].&[30]",
         "[Alder].[Aldersgrupper].[Aldersgruppe].&[20-66]"),
        ("[Alder].[Aldersgrupper].[X7]",),
        ("[Alder].[Aldersgrupper].[Aldersgruppe]", "[Alder].[Aldersgrupper].[Alder]"),
        ("[Alder].[Aldersgrupper].[Aldersgruppe].Members", "[Alder].[Aldersgrupper].Children"),
    ),
    Named(
        "[Measures]",
        (*(f"[Measures].{m}" for m in MEASURES), "[Measures].CurrentMember"),
        ("[Measures].[X8]", "[Measures].[X9]"),
        ("[Measures].[MeasuresLevel]",),
        ("[Measures].Members", "[Measures].AllMembers", "{[Measures].[Udrejste], [Measures].[Øvrige]}"),
    ),
)  # fmt: skip


class Statements(Writer):
    """Statements over the Ukraine cube: every function, operator and clause."""

    cube = CUBE
    places = PLACES
    lowest = ("[Kommune].[Kommune].[All].[X2]", "[Alder].[Aldersgrupper].[X7]")
    leaves: ClassVar[dict[ResultKind, list[str]]] = {
        kind: [
            text.replace("[Unit Sales]", "[Antal personer]").replace("[Profit]", "[Indrejste]").replace(
                "[Gender].[F]", OWN
            ).replace("[Gender]", KOMMUNE)
            for text in texts
        ]
        for kind, texts in LEAVES.items()
    }  # fmt: skip


WORTH = {
    "CATALOG_NAME": (NAMES["CATALOG_NAME"], "FoodMart"),
    "CUBE_NAME": (NAMES["CUBE_NAME"], "$Kommune", "[Ukraine]"),
    "TABLE_NAME": ("$Kommune", "Ukraine Statistik", "$Dato"),
    "DIMENSION_UNIQUE_NAME": ("[Kommune]", "[Dato]", "[Measures]", "[X]"),
    "HIERARCHY_UNIQUE_NAME": (KOMMUNE, GEOGRAPHY, DAY, "[Civilstand].[Civilstand]", "[X].[X]"),
    "LEVEL_UNIQUE_NAME": (f"{KOMMUNE}.[Kommune]", f"{GEOGRAPHY}.[Region]", f"{GEOGRAPHY}.[(All)]", f"{DAY}.[Dag]"),
    "MEMBER_UNIQUE_NAME": (OWN, OTHER, f"{KOMMUNE}.&[9999]", f"{GEOGRAPHY}.[All]", f"{GEOGRAPHY}.[Region].&[1084]"),
    "MEMBER_NAME": ("København", "Odense", "Aalborg", "9999", "All"),
    "MEMBER_CAPTION": ("København", "Odense", "Copenhagen", "Hele landet"),
    "MEASURE_UNIQUE_NAME": tuple(f"[Measures].{m}" for m in MEASURES),
    "TREE_OP": ("1", "2", "4", "8", "16", "32", "63"),
    "LEVEL_NUMBER": ("0", "1", "2", "3"),
    "CUBE_SOURCE": ("1", "2", "3"),
}
"""Values of restrictions and conditions that lead somewhere."""
DERIVED = ("[Øvrige]", "[Ændring på 7 dage]", "[Andel af landet]", "[Andel af området over]")
PIVOTED = (KOMMUNE, GEOGRAPHY, "[Kommune].[Region]", "[Alder].[Aldersgrupper]", "[Køn].[Køn]", "[Dato].[Måned]",
           "[Civilstand].[Civilstand]")  # fmt: skip
WAYS = (
    "{h}.Members",
    "{h}.Children",
    "Descendants({h}.[All])",
    "TopCount({h}.AllMembers, 4, {m})",
    "BottomPercent({h}.Members, 30, {m})",
    "Order({h}.Members, {m}, BASC)",
    "Filter({h}.Members, {m} > 20)",
    "Filter({h}.Members, IsEmpty({m}))",
    "NonEmpty({h}.Members, {m})",
    "Generate({h}.Members, {{{h}.CurrentMember.Parent, {h}.CurrentMember.LastChild}})",
    "ToggleDrillState({{{h}.[All]}}, {{{h}.[All]}})",
    "VisualTotals({{{h}.[All], {h}.Children}})",
    "Tail({h}.Members, 2)",
)
"""What pivot tables and reports put on an axis."""
ODD = ("", "0", "-1", "x", "Odense", "' OR 1=1 --", "2022-08-16", "4294967296")
PROPERTIES: tuple[dict[str, object], ...] = (
    {},
    {"Catalog": "FLIS"},
    {"Catalog": "FLIS", "LocaleIdentifier": 1033},
    {"Catalog": "FLIS", "Content": "Data"},
    {"Catalog": "FLIS", "Content": "Metadata"},
    {"Catalog": "FLIS", "Format": "Tabular"},
    {"Catalog": "FLIS", "AxisFormat": "ClusterFormat"},
    {"Catalog": "FLIS", "BeginRange": 1, "EndRange": 9},
    {"Catalog": "FLIS", "MdxMissingMemberMode": "Ignore"},
    {"Catalog": "FLIS", "DbpropMsmdSubqueries": 2},
)


class Curious:
    """Draws requests; each method gives one of a protocol."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._writer = Statements(self._chance)

    def conversation(self) -> list[str]:
        """One request, or some of one session, in order; SESSION-ID stands for its number."""
        kind = self._chance.choices(
            (self.pivot, self.statement, self.drillthrough, self.discover, self.rows, self.session), (6, 8, 3, 4, 4, 1)
        )[0]
        found = kind()
        return found if isinstance(found, list) else [found.decode()]

    def pivot(self) -> bytes:
        """A SELECT over one or two hierarchies, with or without filters of several kinds."""
        chance = self._chance
        measure = f"[Measures].{chance.choice((*MEASURES, *DERIVED))}"
        axes = [
            f"{chance.choice(('', 'NON EMPTY '))}{chance.choice(WAYS).format(h=h, m=measure)} ON {n}"
            for n, h in enumerate(chance.sample(PIVOTED, chance.randint(1, 2)))
        ]
        source = chance.choice((CUBE, f"(SELECT {{{OWN}}} ON 0 FROM {CUBE})", f"(SELECT {{{OTHER}}} ON 0 FROM {CUBE})"))
        slicer = chance.choice(("", f", {OWN}", f", {DAY}.&[2022-08-16]", ", [Dato].[Kalender].[All]"))
        return execute(f"SELECT {', '.join(axes)} FROM {source} WHERE ({measure}{slicer})", Catalog="FLIS")

    def statement(self, **given: object) -> bytes:
        """A SELECT."""
        chance = self._chance
        text = self._writer.statement(chance.randint(1, 3))
        return execute(text, **(given or chance.choice(PROPERTIES)))

    def drillthrough(self) -> bytes:
        """Rows behind a cell."""
        chance = self._chance
        place = chance.choice(PLACES[:5])
        cell = f"([Measures].{chance.choice(MEASURES)}, {chance.choice(place.members)})"
        other = chance.choice([p for p in PLACES[:5] if p is not place])
        where = f" WHERE {chance.choice(other.members)}" if chance.random() < 0.5 else ""
        bound = chance.choice(("", "MAXROWS 20 ", "MAXROWS 0 ", "MAXROWS 3 ", "FIRSTROWSET 2 "))
        columns = chance.choice(("", "", " RETURN [Kommune].[Kommune], [Dato].[Dag]", " RETURN [Measures].[Indrejste]"))
        return execute(f"DRILLTHROUGH {bound}SELECT {cell} ON 0 FROM {CUBE}{where}{columns}", Catalog="FLIS")

    def discover(self, **given: object) -> bytes:
        """A rowset, restricted."""
        chance = self._chance
        rowset = chance.choice(self._rowsets)
        known = ROWSETS[rowset].restrictions
        picked = chance.sample(known, min(len(known), chance.randint(0, 3)))
        return discover(rowset, {r.name: self._value(r) for r in picked}, **(given or chance.choice(PROPERTIES)))

    def rows(self) -> bytes:
        """A rowset by a statement, with columns, conditions and an order."""
        chance = self._chance
        rowset = ROWSETS[chance.choice(self._rowsets)]
        columns = [c for c in rowset.columns if c.type is not Type.NESTED] or list(rowset.columns)
        listed = ", ".join(f"[{c.field}]" for c in chance.sample(columns, min(len(columns), chance.randint(1, 4))))
        asked = chance.choice(("*", listed, f"DISTINCT {listed}", f"TOP 3 {listed}"))
        conditions = []
        for c in chance.sample(columns, min(len(columns), chance.randint(0, 2))):
            value = chance.choice(WORTH.get(c.field, ODD)).replace("'", "''")
            conditions.append(f"[{c.field}] {chance.choice(('=', '<>', '<', '>', '='))} '{value}'")
        where = f" WHERE {chance.choice((' AND ', ' OR ')).join(conditions)}" if conditions else ""
        order = f" ORDER BY [{chance.choice(columns).field}]{chance.choice(('', ' DESC'))}"
        order = order if chance.random() < 0.3 else ""
        return execute(f"SELECT {asked} FROM $SYSTEM.{rowset.name}{where}{order}", **chance.choice(PROPERTIES))

    def session(self) -> list[str]:
        """A session that defines something, asks and ends."""
        chance = self._chance
        measure = f"[Measures].{chance.choice(MEASURES)}"
        place = chance.choice(PLACES[:5])
        made = (
            f"CREATE SESSION MEMBER {CUBE}.[Measures].[Mine] AS {measure} - ({measure}, {place.members[1]})",
            f"CREATE SESSION SET {CUBE}.[Kept] AS {chance.choice(place.sets)}",
            f"CREATE SESSION SET {CUBE}.[Kept] AS Order({place.sets[0]}, {measure}, BDESC)",
        )
        inside = within("SESSION-ID")
        bodies = [
            execute("", header=BEGIN, Catalog="FLIS"),
            execute(chance.choice(made), header=inside),
            execute(f"SELECT [Measures].[Mine] ON 0 FROM {CUBE}", header=inside),
            execute(f"SELECT [Kept] ON 0 FROM {CUBE} WHERE {measure}", header=inside),
            self.statement(header=inside),
            self.discover(header=inside),
            execute("", header=within("SESSION-ID", "End")),
            execute(f"SELECT FROM {CUBE}", header=inside),
        ]
        return [body.decode() for body in bodies]

    @cached_property
    def _rowsets(self) -> list[str]:
        return sorted(ROWSETS) + ["MDSCHEMA_MEMBERS"] * 10

    def _value(self, restriction: Restriction) -> object:
        chance = self._chance
        if chance.random() < 0.1:
            return chance.choice(ODD)
        return chance.choice(WORTH.get(restriction.name, ODD))
