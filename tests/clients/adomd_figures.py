"""Print, as JSON, what ADOMD.NET sees of a statement: axes, values, formatted values. Imports the kit's `adomd`."""

from __future__ import annotations

import json
import sys


def main() -> None:
    """`adomd_figures.py URL USER PASSWORD LCID`, statements one per line on standard input."""
    import adomd

    url, user, password, lcid = sys.argv[1:]
    client = adomd.load()
    connection = client.AdomdConnection(adomd.connection_string(url, "FLIS", user, password, int(lcid)))
    connection.Open()
    for line in sys.stdin:
        cells = client.AdomdCommand(line, connection).ExecuteCellSet()
        values = [None if c.Value is None else float(str(c.Value)) for c in cells.Cells]
        captions = [[[m.Caption for m in t.Members] for t in a.Set.Tuples] for a in cells.Axes]
        said = {"axes": adomd.axes(cells), "captions": captions, "values": values, "formatted": adomd.cells(cells)}
        print(json.dumps(said), flush=True)
    connection.Close()


if __name__ == "__main__":
    main()
