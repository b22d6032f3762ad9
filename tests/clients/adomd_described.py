"""Print, as JSON, what ADOMD.NET reads of a cube's metadata: captions, descriptions, folders, formats."""

from __future__ import annotations

import json
import sys
from typing import Any


def said(thing: Any) -> dict[str, str]:
    """Name, caption and description of a part of a cube."""
    return {"name": thing.Name, "caption": thing.Caption, "description": thing.Description or ""}


def main() -> None:
    """`adomd_described.py URL USER PASSWORD LCID CUBE`."""
    import adomd

    url, user, password, lcid, name = sys.argv[1:]
    client = adomd.load()
    connection = client.AdomdConnection(adomd.connection_string(url, "FLIS", user, password, int(lcid)))
    connection.Open()
    cube = connection.Cubes[name]
    hierarchies = [
        said(h)
        | {
            "unique": h.UniqueName,
            "levels": [said(level) for level in h.Levels if level.LevelNumber or h.Levels.Count == 1],
        }
        for dimension in cube.Dimensions
        for h in dimension.Hierarchies
        if dimension.Name != "Measures"
    ]
    dimensions = [said(dimension) for dimension in cube.Dimensions if dimension.Name != "Measures"]
    measures = [
        said(m) | {"folder": m.DisplayFolder, "format": str(m.Properties["DEFAULT_FORMAT_STRING"].Value)}
        for m in cube.Measures
    ]
    found = {"cube": said(cube), "dimensions": dimensions, "hierarchies": hierarchies, "measures": measures}
    print(json.dumps(found))
    connection.Close()


if __name__ == "__main__":
    main()
