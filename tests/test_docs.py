"""The documentation is true: every command in it runs, every link leads somewhere."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.demo import SCALES, flis

if TYPE_CHECKING:
    from tests.demo import Demo

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(p for p in ROOT.glob("docs/**/*.md") if p.parent.name != "reference")])
ALL_PAGES = sorted([*PAGES, *ROOT.glob("docs/reference/*.md")])
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```\w+\n(?:#|--) ([\w./-]+\.(?:yaml|toml|sql|csv))\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
SERVES = {"serve"}  # commands that go on until they are stopped: their options are checked, tests/serve runs them


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    lines = "".join(BLOCK.findall(text)).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("page", ALL_PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if not link.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / link).exists(), f"{name(page)} links to {link}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    named = {line.split()[1] for line in commands(page) if line.startswith("make ")}
    named |= set(re.findall(r"`make ([a-z-]+)", page.read_text("utf-8")))
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert named <= known


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if any(c.startswith("flis") for c in commands(p))], ids=name)
def test_commands_run(page: Path, demo: Demo, tmp_path: Path) -> None:
    shutil.copytree(demo.state, tmp_path / "state")
    _next_delivery(tmp_path)
    _write_files(page, tmp_path)
    deliveries = json.loads(flis("deliveries", "list", "--json", folder=tmp_path).stdout)
    placeholders = {"ID": deliveries[0]["id"], "AREA": deliveries[0]["area"]}
    for line in commands(page):
        if not line.startswith("flis "):
            continue
        words = [placeholders.get(w, w) for w in shlex.split(line)[1:]]
        if words[0] in SERVES:
            words = [words[0], "--help"]
        ended = flis(*words, folder=tmp_path)
        assert ended.returncode == 0, f"{name(page)}: {line}\n{ended.stdout}{ended.stderr}"


def test_the_guide_of_a_data_area_comes_to_the_figures_that_it_shows(tmp_path: Path) -> None:
    """From its files to its cube, in a state that holds nothing else."""
    page = ROOT / "docs" / "guides" / "add-a-data-area.md"
    _write_files(page, tmp_path)
    wanted = [line for line in commands(page) if line.startswith(("flis catalog", "flis run", "flis query"))]
    ended = [flis(*shlex.split(line)[1:], folder=tmp_path) for line in wanted]
    assert [one.returncode for one in ended] == [0, 0, 0], "".join(one.stdout + one.stderr for one in ended)
    shown = re.findall(r"^```text\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert ended[-1].stdout.strip() == shown[-1].strip()


def _write_files(page: Path, folder: Path) -> None:
    """The files that a guide has its reader write: blocks whose first line is a comment with the file's name."""
    for path, content in FILE.findall(page.read_text("utf-8")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, "utf-8")


def _next_delivery(folder: Path) -> None:
    """The file that the guides receive: the day after the demo's last."""
    made = folder / "made"
    ended = flis("simulate", "borger", "--out", str(made), "--from", "2022-08-01", "--to", "2022-08-17", *SCALES)
    assert ended.returncode == 0, ended.stderr
    shutil.move(max(made.iterdir(), key=lambda f: f.name), folder / "D220817.L431101")


def test_other_blocks_are_no_commands() -> None:
    for page in PAGES:
        for line in commands(page):
            assert line.split()[0] in {"flis", "make", "apt-get", "export", "source", "python", "git"}, (
                f"{name(page)}: {line}"
            )


def test_pages_are_listed() -> None:
    """Every page of the shelves is reached from the contents page."""
    contents = (ROOT / "docs" / "README.md").read_text("utf-8")
    for page in PAGES:
        if page.parent.name in {"getting-started", "guides", "concepts"}:
            assert page.relative_to(ROOT / "docs").as_posix() in contents


def test_reference_is_written_from_the_code() -> None:
    ended = subprocess.run(
        ["make", "--no-print-directory", "docs-check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_examples_are_python(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        compile(block, name(page), "exec")
