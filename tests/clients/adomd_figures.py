"""Print, as JSON, what ADOMD.NET sees of a statement: cells, or rows of DRILLTHROUGH. Imports the kit's `adomd`."""

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
        if line.startswith("DRILLTHROUGH"):
            names, rows = adomd.rows(client.AdomdCommand(line, connection).ExecuteReader())
            print(json.dumps({"names": names, "rows": [[None if v is None else str(v) for v in row] for row in rows]}))
            continue
        cells = client.AdomdCommand(line, connection).ExecuteCellSet()
        values = [None if c.Value is None else float(str(c.Value)) for c in cells.Cells]
        captions = [[[m.Caption for m in t.Members] for t in a.Set.Tuples] for a in cells.Axes]
        said = {"axes": adomd.axes(cells), "captions": captions, "values": values, "formatted": adomd.cells(cells)}
        print(json.dumps(said), flush=True)
    connection.Close()


if __name__ == "__main__":
    main()
