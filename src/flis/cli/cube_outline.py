"""What a cube has to ask for: dimensions, hierarchies, levels, measures, and a statement to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flis.catalog.cube import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.query.cubes.cube import BoundCube

__all__ = ["example", "outline", "outline_as_json"]


def outline(cube: BoundCube, language: str) -> Iterator[list[str]]:
    """Rows of a kind, the name in MDX and a caption, each hierarchy's levels below it."""
    for dimension in cube.dimensions[1:]:
        yield ["dimension", f"[{dimension.name}]", dimension.caption(language)]
        for hierarchy in dimension.hierarchies:
            yield ["hierarchy", hierarchy.unique_name, hierarchy.caption(language)]
            for level in hierarchy.levels:
                yield ["level", level.unique_name, level.caption(language)]
    captions = {measure.name: say(measure.caption, language, measure.name) for _, measure in cube.measures}
    for name in cube.measure_names:
        yield ["measure", f"[Measures].[{name}]", captions.get(name, name)]


def outline_as_json(cube: BoundCube, language: str) -> dict[str, object]:
    """The same for programs, with an example."""
    rows = [dict(zip(("kind", "name", "caption"), row, strict=True)) for row in outline(cube, language)]
    return {"cube": cube.name, "has": rows, "example": example(cube)}


def example(cube: BoundCube) -> str:
    """A statement that answers: the first measure by the highest level of the first hierarchy."""
    hierarchy = cube.dimensions[1].hierarchies[0]
    level = hierarchy.levels[1 if hierarchy.has_all else 0]
    return (
        f"SELECT {{[Measures].[{cube.measure_names[0]}]}} ON 0, "
        f"NON EMPTY {level.unique_name}.Members ON 1 FROM [{cube.name}]"
    )
