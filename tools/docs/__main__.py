"""Write the reference pages, or with `--check` say which ones are not what the code says."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.docs.pages import PAGES

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code: change the code, not this page. -->\n\n"


def main() -> int:
    """The exit code: 1 where a page differs in `--check`."""
    check = "--check" in sys.argv
    wrong = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        file = FOLDER / name
        text = page() if name.endswith(".json") else NOTE + page()
        text = text.rstrip("\n") + "\n"
        if check and (not file.exists() or file.read_text("utf-8") != text):
            wrong.append(name)
        elif not check:
            file.write_text(text, "utf-8")
    if stale := sorted({f.name for f in FOLDER.iterdir()} - set(PAGES)):
        wrong += [f"{name} (no longer written)" for name in stale]
    if wrong:
        print("These reference pages are not what the code says; run `make docs`:", *wrong, sep="\n  ")
    return 1 if wrong else 0


sys.exit(main())
