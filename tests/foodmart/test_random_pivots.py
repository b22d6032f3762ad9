"""Random pivots as Excel writes them - nested and expanded fields, stacked filters - against SQL over the tables."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Any

import pytest

from tests.foodmart.facts import SALES, rows
from tests.soundness.foodmart import ask

MEASURES = {
    "Unit Sales": "sum(unit_sales)",
    "Store Sales": "sum(store_sales)",
    "Sales Count": "count(*)",
    "Customer Count": "count(DISTINCT customer_id)",
}


@dataclass(frozen=True)
class Hierarchy:
    """A hierarchy by the name that statements use, with the columns of its levels."""

    name: str
    top: str  # its All, or the member that it opens with
    levels: tuple[tuple[str, str], ...]  # (level, column)
    whole: bool = True  # whether the top is All


HIERARCHIES = (
    Hierarchy(
        "[Store]",
        "[All Stores]",
        (("Store Country", "store_country"), ("Store State", "store_state"), ("Store City", "store_city")),
    ),
    Hierarchy(
        "[Product]",
        "[All Products]",
        (
            ("Product Family", "product_family"),
            ("Product Department", "product_department"),
            ("Product Category", "product_category"),
        ),
    ),
    Hierarchy(
        "[Customers]",
        "[All Customers]",
        (("Country", "country"), ("State Province", "state_province"), ("City", "city")),
    ),
    Hierarchy("[Gender]", "[All Gender]", (("Gender", "gender"),)),
    Hierarchy("[Marital Status]", "[All Marital Status]", (("Marital Status", "marital_status"),)),
    Hierarchy("[Education Level]", "[All Education Levels]", (("Education Level", "education"),)),
    Hierarchy("[Time]", "[1997]", (("Quarter", "quarter"), ("Month", "month_of_year")), whole=False),
)
Path = tuple[str, ...]  # the names below the top


@dataclass
class Pivot:
    """A statement in the making, with the condition that its filters come to."""

    random: random.Random
    source: str = "[Sales]"
    condition: str = "true"

    def members(self, h: Hierarchy, depth: int) -> list[Path]:
        """The members of a depth that have facts."""
        columns = ", ".join(c for _, c in h.levels[:depth])
        return [tuple(map(str, r)) for r in rows(f"SELECT DISTINCT {columns} FROM {SALES} ORDER BY ALL")]

    def some(self, h: Hierarchy) -> list[Path]:
        depths = range(1, len(h.levels) + 1)
        known = [p for d in depths for p in self.members(h, d)[:12]]
        return self.random.sample(known, min(len(known), self.random.randint(1, 4)))

    def inside(self, condition: str, written: str) -> None:
        """One more filter around what is there."""
        self.source = f"(SELECT ({written}) ON COLUMNS FROM {self.source})"
        self.condition = f"{self.condition} AND ({condition})"

    def by_hand(self, h: Hierarchy) -> None:
        """Ticked members, or all but the unticked ones."""
        chosen = self.some(h)
        anyone = " OR ".join(below(h, p) for p in chosen)
        listed = ", ".join(written(h, p) for p in chosen)
        if self.random.random() < 0.4 and h.whole:
            self.inside(f"NOT ({anyone})", f"-{{{listed}}}")
        else:
            self.inside(anyone, f"{{{listed}}}")

    def by_label(self, h: Hierarchy) -> None:
        depth = self.random.randint(1, len(h.levels))
        level, column = h.levels[depth - 1]
        letter = self.random.choice("aesr1M")
        self.inside(
            f"contains(lower({column}::TEXT), lower('{letter}'))",
            f'Filter({h.name}.[{level}].Members, (InStr(1,{h.name}.CurrentMember.Member_Caption,"{letter}")>0))',
        )

    def by_value(self, h: Hierarchy) -> None:
        depth = self.random.randint(1, len(h.levels))
        level, _ = h.levels[depth - 1]
        measure = self.random.choice(list(MEASURES))
        found = self.figures(h, depth, measure)
        bound = round(self.random.uniform(0.2, 1.0) * max([float(v) for v in found.values()], default=1))
        kept = [p for p, v in found.items() if float(v) > bound]
        self.inside(
            " OR ".join(below(h, p) for p in kept) or "false",
            f"Filter(Hierarchize({h.name}.[{level}].Members), ([Measures].[{measure}]>{bound}))",
        )

    def by_rank(self, h: Hierarchy) -> None:
        """The highest or lowest below each member above, as Excel writes it for a field that is open so far."""
        measure = self.random.choice(["Unit Sales", "Store Sales"])
        depth = self.random.randint(1, len(h.levels))
        found = self.figures(h, depth, measure)
        count = self.random.randint(1, 3)
        function = self.random.choice(["TopCount", "BottomCount"])
        if len(set(found.values())) < len(found):
            return  # which of equal ones is left is nobody's to say
        beside: dict[Path, list[Path]] = {}
        for p in sorted(found, key=lambda p: float(found[p]), reverse=function == "TopCount"):
            beside.setdefault(p[:-1], []).append(p)
        kept = [p for those in beside.values() for p in those[:count]]
        above = f"{h.name}.[{h.levels[depth - 2][0]}].Members" if depth > 1 else f"{{{h.name}.{h.top}}}"
        self.inside(
            " OR ".join(below(h, p) for p in kept) or "false",
            f"Generate(Hierarchize({above}) AS [XL_Filter_Set_0],{function}(Filter(Except(DrilldownLevel("
            f"[XL_Filter_Set_0].Current AS [XL_Filter_HelperSet_0],,0),[XL_Filter_HelperSet_0]),"
            f"Not IsEmpty([Measures].[{measure}])),{count},[Measures].[{measure}]))",
        )

    def figures(self, h: Hierarchy, depth: int, measure: str) -> dict[Path, float]:
        columns = ", ".join(c for _, c in h.levels[:depth])
        found = rows(
            f"SELECT {columns}, {MEASURES[measure]} FROM {SALES} WHERE {self.condition} GROUP BY {columns} ORDER BY ALL"
        )
        return {tuple(map(str, r[:-1])): r[-1] for r in found}


def below(h: Hierarchy, path: Path) -> str:
    """The condition that facts lie below a member."""
    pairs = zip((c for _, c in h.levels), path, strict=False)
    return "(" + (" AND ".join(f"{c}::TEXT = $${v}$$" for c, v in pairs) or "true") + ")"


def written(h: Hierarchy, path: Path) -> str:
    start = h.name if h.whole else f"{h.name}.{h.top}"
    return ".".join([start, *(f"[{p}]" for p in path)]) if path else f"{h.name}.{h.top}"


def opened(pivot: Pivot, h: Hierarchy) -> tuple[str, list[Path]]:
    """A field with some of its items expanded: what Excel writes, and the members that it can show, in order."""
    text = f"{{DrilldownLevel({{{h.name}.{h.top}}},,,INCLUDE_CALC_MEMBERS)}}"
    shown: list[Path] = [(), *pivot.members(h, 1)]
    for depth in range(1, len(h.levels)):
        candidates = [p for p in shown if len(p) == depth]
        chosen = pivot.random.sample(candidates, min(len(candidates), pivot.random.randint(0, 2)))
        if not chosen:
            break
        listed = ",".join(written(h, p) for p in chosen)
        text = f"DrilldownMember({{{{{text}}}}}, {{{listed}}},,,INCLUDE_CALC_MEMBERS)"
        shown += [p for p in pivot.members(h, depth + 1) if p[:-1] in chosen]
    numbered = h.levels[-1][0] == "Month"
    return text, sorted(shown, key=lambda p: tuple(int(x) if numbered and i == 1 else x for i, x in enumerate(p)))


def cells(pivot: Pivot, fields: list[Hierarchy], tuples: list[tuple[Path, ...]], measure: str) -> dict[Any, float]:
    """The cells of the shown tuples, of those that have facts."""
    groups: dict[tuple[int, ...], dict[tuple[Path, ...], float]] = {}
    for depths in {tuple(map(len, t)) for t in tuples}:
        columns = [c for h, d in zip(fields, depths, strict=True) for _, c in h.levels[:d]]
        by = f" GROUP BY {', '.join(columns)}" if columns else " HAVING count(*) > 0"
        selected = ", ".join([*columns, MEASURES[measure]])
        groups[depths] = {
            cut(tuple(map(str, r[:-1])), depths): float(r[-1])
            for r in rows(f"SELECT {selected} FROM {SALES} WHERE {pivot.condition}{by}")
        }
    found = ((t, groups[tuple(map(len, t))].get(t)) for t in tuples)
    return {t: v for t, v in found if v is not None}


def cut(names: Path, lengths: tuple[int, ...]) -> tuple[Path, ...]:
    ends = list(itertools.accumulate(lengths))
    return tuple(names[end - n : end] for end, n in zip(ends, lengths, strict=True))


def one_in_another(pivot: Pivot, outer: Hierarchy, inner: Hierarchy) -> tuple[str, list[tuple[Path, ...]]]:
    """An inner field that is closed, but for some items of the outer one."""
    text, shown = opened(pivot, outer)
    chosen = pivot.random.sample(shown, min(len(shown), pivot.random.randint(1, 3)))
    listed = ", ".join(written(outer, p) for p in chosen)
    crossed = f"CrossJoin({text}, {{({inner.name}.{inner.top})}})"
    tuples: list[tuple[Path, ...]] = []
    for p in shown:
        tuples += [(p, ()), *((p, q) for q in pivot.members(inner, 1) if p in chosen)]
    return f"Hierarchize(DrilldownMember({crossed}, {{{listed}}}, {inner.name}))", tuples


@pytest.mark.parametrize("seed", range(60))
def test_a_random_pivot_shows_what_sql_finds(seed: int) -> None:
    pivot = Pivot(random.Random(seed))
    fields = pivot.random.sample(HIERARCHIES, pivot.random.randint(1, 2))
    for _ in range(pivot.random.randint(0, 3)):
        way = pivot.random.choice([pivot.by_hand, pivot.by_hand, pivot.by_label, pivot.by_value, pivot.by_rank])
        way(pivot.random.choice(HIERARCHIES))
    if len(fields) == 2 and pivot.random.random() < 0.5:
        on_rows, tuples = one_in_another(pivot, *fields)
    else:
        made = [opened(pivot, h) for h in fields]
        parts = [f"Hierarchize({text})" for text, _ in made]
        on_rows = parts[0] if len(parts) == 1 else f"CrossJoin({parts[0]}, {parts[1]})"
        tuples = list(itertools.product(*(shown for _, shown in made)))
    measure = pivot.random.choice(list(MEASURES))
    slicer = f"[Measures].[{measure}]"
    rest = [h for h in HIERARCHIES if h not in fields]
    if pivot.random.random() < 0.3:
        h = pivot.random.choice(rest)
        page = pivot.random.choice(pivot.members(h, 1))
        slicer = f"{written(h, page)},{slicer}"
        pivot.condition += f" AND {below(h, page)}"
    statement = (
        f"SELECT NON EMPTY {on_rows} DIMENSION PROPERTIES PARENT_UNIQUE_NAME,HIERARCHY_UNIQUE_NAME ON COLUMNS "
        f" FROM {pivot.source} WHERE ({slicer})"
        " CELL PROPERTIES VALUE, FORMAT_STRING, LANGUAGE, BACK_COLOR, FORE_COLOR, FONT_FLAGS"
    )
    found = ask(statement)
    got = list(zip(*(found.axes[0].captions(i, "en") for i in range(len(fields))), strict=True))
    tops = [h.top.strip("[]") for h in fields]
    want = cells(pivot, fields, tuples, measure)
    assert got == [tuple(p[-1] if p else top for p, top in zip(t, tops, strict=True)) for t in want], statement
    values = [found.cells.value(i) for i in range(len(found))]
    assert values == pytest.approx(list(want.values())), statement
