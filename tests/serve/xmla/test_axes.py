"""Axes as they are written, against a text put together member by member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.access import operator_scope
from flis.catalog.cubes import own_catalogue
from flis.query.database import Databases, execute
from flis.query.result import DRILLED_DOWN, SAME_PARENT, CellSet
from flis.release import current
from flis.serve.xmla.dataset.axes import axis_tuples
from flis.serve.xmla.escaping import text
from tests.release.sample import build_sample

if TYPE_CHECKING:
    from pathlib import Path

    from flis.query.result import Axis

CUBE = "[Ukraine Statistik]"
AGES = "[Alder].[Alder].[Alder].Members"
STATEMENTS = {
    "a set in WHERE": f"SELECT {{[Measures].[Antal personer]}} ON 0 FROM {CUBE} WHERE {AGES}",
    "a product in WHERE": f"SELECT FROM {CUBE} WHERE {AGES} * [Køn].[Køn].[Køn].Members",
    "two members": f"SELECT {{[Køn].[Køn].&[K], [Køn].[Køn].&[M]}} ON 0 FROM {CUBE} WHERE {{[Alder].[Alder].&[3]}}",
    "one tuple": f"SELECT FROM {CUBE}",
    "levels": f"SELECT [Kommune].[Geografi].Members ON 0 FROM {CUBE}",
    "drilled": f"SELECT [Køn].[Køn].Members * [Kommune].[Geografi].Members ON 0 FROM {CUBE}",
    "the same outside": f"SELECT {{[Køn].[Køn].&[K]}} * [Kommune].[Geografi].Members ON 0 FROM {CUBE}",
    "the same inside": f"SELECT [Kommune].[Geografi].Members * {{[Køn].[Køn].&[K]}} ON 0 FROM {CUBE}",
    "twice": f"SELECT {{[Køn].[Køn].&[K], [Køn].[Køn].&[K], [Køn].[Køn].&[K]}} ON 0 FROM {CUBE}",
}


def expected(axis: Axis) -> str:
    """Every member of every tuple, one after the other."""
    columns = [column.tolist() for column in axis.columns]
    shown = [on.members for on in axis.hierarchies]
    parents = [m.parents(column).tolist() for m, column in zip(shown, axis.columns, strict=True)]
    children = [m.children_counts(column).tolist() for m, column in zip(shown, axis.columns, strict=True)]
    told = [
        (axis.unique_names(h), axis.captions(h), axis.level_names(h), axis.level_numbers(h).tolist())
        for h in range(len(columns))
    ]
    tuples = []
    for n in range(len(axis)):
        written = ""
        for h, column in enumerate(columns):
            info = min(children[h][n], 0xFFFF)
            outer = [c[n] for c in columns[:h]]
            if n + 1 < len(axis) and outer == [c[n + 1] for c in columns[:h]] and parents[h][n + 1] == column[n]:
                info |= DRILLED_DOWN
            if n and outer == [c[n - 1] for c in columns[:h]] and parents[h][n] == parents[h][n - 1]:
                info |= SAME_PARENT
            name, caption, level, number = (values[n] for values in told[h])
            written += (
                f'<Member Hierarchy="{axis.hierarchies[h].unique_name}"><UName>{text(name)}</UName>'
                f"<Caption>{text(caption)}</Caption><LName>{text(level)}</LName><LNum>{number}</LNum>"
                f"<DisplayInfo>{info}</DisplayInfo></Member>"
            )
        tuples.append(f"<Tuple>{written}</Tuple>")
    return f'<Axis name="A"><Tuples>{"".join(tuples)}</Tuples></Axis>'


@pytest.mark.parametrize("name", STATEMENTS)
def test_tuples_are_written_as_their_members_one_by_one(tmp_path: Path, name: str) -> None:
    release = current(build_sample(tmp_path / "state", releases=1))
    assert release is not None
    scope = operator_scope(release.number)
    found = execute(scope, Databases().of_release(scope, release, own_catalogue()), STATEMENTS[name])
    assert isinstance(found, CellSet)
    for axis in (*found.axes, found.slicer):
        if axis.hierarchies:
            assert "".join(axis_tuples("A", axis, "da")) == expected(axis)
