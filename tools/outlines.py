"""Turn the municipal outlines of the npm package `react-denmark-map` (MIT) into the report's map data.

Run once, the result is committed::

    npm pack react-denmark-map@1.0.0
    python -m tools.outlines react-denmark-map-1.0.0.tgz

The package draws with cubic curves in a fine grid. A screen map of some 600 pixels needs far less: the curves are
flattened, each ring is thinned (Douglas and Peucker), islets below a few pixels are left out, whole numbers remain.
"""

from __future__ import annotations

import argparse
import json
import re
import tarfile
from itertools import pairwise
from pathlib import Path

from flis.catalog.reference import municipalities

Point = tuple[float, float]
Ring = list[Point]

DATA = Path(__file__).parents[1] / "src/flis/serve/web/ukraine/data"
WIDTH, HEIGHT = 10116, 12289  # the package's own drawing area
SCALE = 0.2  # ours: two units are about half a pixel on a screen
TOLERANCE = 1.0  # how far a thinned border may lie from the drawn one
ISLET = 60.0  # square units; smaller rings are dropped unless a municipality has no other
STEPS = 6  # straight pieces per curve
AREA = re.compile(r'display_name:"[^"]*",code:"(\d{3})",d:"([^"]*)"')
TOKEN = re.compile(r"[MLCmlcZz]|-?\d*\.?\d+(?:e-?\d+)?")


def rings(path: str) -> list[Ring]:
    """The closed rings of an SVG path that uses M, m, l, c and Z, curves flattened, in our units."""
    tokens = TOKEN.findall(path)
    found: list[Ring] = []
    at: Point = (0.0, 0.0)
    command, i = "", 0

    def number() -> float:
        nonlocal i
        i += 1
        return float(tokens[i - 1]) * SCALE

    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
        if command in "Zz":
            at = found[-1][0]
        elif command in "Mm":
            base = at if command == "m" else (0.0, 0.0)
            at = (base[0] + number(), base[1] + number())
            found.append([at])
            command = "l" if command == "m" else "L"
        elif command in "lL":
            base = at if command == "l" else (0.0, 0.0)
            at = (base[0] + number(), base[1] + number())
            found[-1].append(at)
        else:
            base = at if command == "c" else (0.0, 0.0)
            bends = [(base[0] + number(), base[1] + number()) for _ in range(3)]
            found[-1] += [curve(at, *bends, t=step / STEPS) for step in range(1, STEPS + 1)]
            at = bends[2]
    return found


def curve(a: Point, b: Point, c: Point, d: Point, *, t: float) -> Point:
    """The point at `t` (0 to 1) of a cubic curve."""
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    return (
        sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
        sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
    )


def area(ring: Ring) -> float:
    """The area of a ring, in square units."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def thin(line: Ring) -> Ring:
    """The line without the points that lie within TOLERANCE of what remains (Douglas and Peucker)."""
    if len(line) < 3:
        return line
    (ax, ay), (bx, by) = line[0], line[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5

    def off(p: Point) -> float:
        if length == 0:
            return float(((p[0] - ax) ** 2 + (p[1] - ay) ** 2) ** 0.5)
        return float(abs((bx - ax) * (ay - p[1]) - (ax - p[0]) * (by - ay)) / length)

    far = max(range(1, len(line) - 1), key=lambda n: off(line[n]))
    if off(line[far]) <= TOLERANCE:
        return [line[0], line[-1]]
    return thin(line[: far + 1])[:-1] + thin(line[far:])


def drawn(ring: Ring) -> str:
    """A ring as a short path of whole numbers, relative after the first point."""
    points = [(round(x), round(y)) for x, y in thin([*ring, ring[0]])]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points[:-1]) if a != b]
    return f"M{points[0][0]} {points[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-") + "z"


def outline(path: str) -> str:
    """A municipality's path, its largest ring first, islets left out."""
    found = sorted(rings(path), key=area, reverse=True)
    return "".join(drawn(r) for n, r in enumerate(found) if n == 0 or area(r) >= ISLET)


def main() -> None:
    """Write `outlines.json` and the notice of its origin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the packed npm package")
    with tarfile.open(parser.parse_args().package) as package:
        script = package.extractfile("package/dist/esm/index.js")
        licence = package.extractfile("package/LICENSE.md")
        assert script
        assert licence
        text, notice = script.read().decode(), licence.read().decode()
    known = {m.code for m in municipalities()}
    outlines = {f"0{code}": outline(d) for code, d in AREA.findall(text) if f"0{code}" in known}
    box = [0, 0, round(WIDTH * SCALE), round(HEIGHT * SCALE)]
    lines = ",\n".join(f'  "{code}": "{outlines[code]}"' for code in sorted(outlines))
    DATA.mkdir(exist_ok=True)
    (DATA / "outlines.json").write_text(
        f'{{\n "view_box": {json.dumps(box)},\n "outlines": {{\n{lines}\n }}\n}}\n', encoding="utf-8"
    )
    (DATA / "NOTICE.md").write_text(
        "# Outlines of the municipalities\n\n"
        "`outlines.json` was made by `tools/outlines.py` from the npm package react-denmark-map 1.0.0:\n"
        "curves flattened, borders thinned, islets left out. Its licence:\n\n" + notice,
        encoding="utf-8",
    )
    print(f"{len(outlines)} outlines; without one: {sorted(known - set(outlines))}")


if __name__ == "__main__":
    main()
