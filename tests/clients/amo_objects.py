"""Read a server's databases with Microsoft's object model (AMO) and print them. Imports the kit's `adomd`."""

from __future__ import annotations

import sys
from typing import Any


def main() -> None:
    """`amo_objects.py URL USER PASSWORD`."""
    import adomd

    url, user, password = sys.argv[1:]
    adomd.load()
    import clr

    library = adomd.folder("semantic-link-sempy", "sempy/lib", "ADOMD_LIB")
    for name in ("Microsoft.AnalysisServices.Core", "Microsoft.AnalysisServices"):
        clr.AddReference(str(library / f"{name}.dll"))
    from Microsoft.AnalysisServices import Server

    server = Server()
    server.Connect(adomd.connection_string(url, None, user, password, 1033))
    for database in server.Databases:
        for dimension in database.Dimensions:
            names = [a.Name for a in dimension.Attributes], [h.Name for h in dimension.Hierarchies]
            say("dimension", dimension, *names)
        for cube in database.Cubes:
            say("cube", cube, [d.Dimension.Name for d in cube.Dimensions], [k.Name for k in cube.Kpis])
            for group in cube.MeasureGroups:
                say("group", group, [m.Name for m in group.Measures], [d.CubeDimensionID for d in group.Dimensions])
    server.Disconnect()


def say(kind: str, one: Any, *parts: object) -> None:
    """One object: its kind, name, state, and what is in it."""
    print(kind, one.Name, one.State, *parts, sep="|")


if __name__ == "__main__":
    main()
