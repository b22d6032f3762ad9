"""A cell set as MDDataSet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flis.serve.xmla.dataset.axes import axis_clusters, axis_info, axis_tuples
from flis.serve.xmla.dataset.cells import cell_data, cell_info
from flis.serve.xmla.dataset.schema import SCHEMA
from flis.serve.xmla.escaping import text
from flis.serve.xmla.names import DATASET, ENGINE, XSD, XSI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flis.query.result import CellSet
    from flis.serve.xmla.rowsets.writer import SentContent

__all__ = ["Layout", "dataset"]

ROOT = f'<root xmlns="{DATASET}" xmlns:xsi="{XSI}" xmlns:xsd="{XSD}">'


@dataclass(frozen=True, slots=True)
class Layout:
    """How a request wants its cell set: the properties AxisFormat, BeginRange and EndRange."""

    clusters: bool = False
    first: int = 0
    last: int = -1
    updated: str = ""  # the time of the cube's data, as XML Schema writes it


def dataset(result: CellSet, content: SentContent, layout: Layout) -> Iterator[str]:
    """The cell set as XML, in pieces, without white space between tags."""
    yield f"{ROOT}{SCHEMA}" if content.schema else ROOT
    if content.data:
        yield _info(result, layout)
        yield from _axes(result, layout)
        yield "<CellData>"
        yield from cell_data(result, layout.first, layout.last)
        yield "</CellData>"
    yield "</root>"


def _info(result: CellSet, layout: Layout) -> str:
    axes = [axis_info(f"Axis{number}", axis) for number, axis in enumerate(result.axes)]
    return (
        f"<OlapInfo><CubeInfo>{_cube(result.cube, layout.updated)}</CubeInfo>"
        f"<AxesInfo>{''.join(axes)}{axis_info('SlicerAxis', result.slicer)}</AxesInfo>"
        f"<CellInfo>{cell_info(result.cell_properties)}</CellInfo></OlapInfo>"
    )


@lru_cache(maxsize=64)
def _cube(name: str, updated: str) -> str:
    tags = ("LastDataUpdate", "LastSchemaUpdate") if updated else ()
    times = [f'<{tag} xmlns="{ENGINE}">{updated}</{tag}>' for tag in tags]
    return f"<Cube><CubeName>{text(name)}</CubeName>{''.join(times)}</Cube>"


def _axes(result: CellSet, layout: Layout) -> Iterator[str]:
    write = axis_clusters if layout.clusters else axis_tuples
    yield "<Axes>"
    for number, axis in enumerate(result.axes):
        yield from write(f"Axis{number}", axis, result.language)
    yield from axis_tuples("SlicerAxis", result.slicer, result.language)
    yield "</Axes>"
