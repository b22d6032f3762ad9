"""Connect with Microsoft's object model (TOM) and print the databases that it lists. Imports the kit's `adomd`."""

from __future__ import annotations

import sys


def main() -> None:
    """`tom_connect.py URL USER PASSWORD`."""
    import adomd

    url, user, password = sys.argv[1:]
    _, tom = adomd.load(tabular=True)
    server = tom.Server()
    server.Connect(adomd.connection_string(url, None, user, password, 1033))
    print(server.Name, server.Version, *[d.Name for d in server.Databases], sep="\n")
    server.Disconnect()


if __name__ == "__main__":
    main()
