"""The structure that the concepts page promises, held against the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import flis
import flis.errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(flis.__file__).parent
REPOSITORY = ROOT.parents[1]
FILES = sorted(f for f in ROOT.rglob("*.py") if "node_modules" not in f.parts)
KEPT = {
    *(".ci", ".gitignore", "bench", "docs", "requirements", "src", "tests", "tools"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "pyproject.toml"),
}
STAGES = ["catalog", "delivery", "validation", "warehouse", "disclosure", "release", "access", "query", "serve", "cli"]
FREE = {"errors", "config", "steps", "disk", "lazy", "version", "__init__"}
"""Every stage may import these; they import no stage."""
BESIDE = {
    # operations reads states and checks areas, simulate makes deliveries: neither is on the way of the data
    "operations": {"catalog", "delivery", "validation", "warehouse", "release", "simulate"},
    "simulate": {"catalog", "delivery"},
}
LIBRARIES = {
    "duckdb": (
        "engine.py",
        "validation/",
        "warehouse/",
        "query/",
        "simulate/drawing/",
    ),  # rules and drawings of areas are SQL
    "lxml": ("serve/xmla/", "delivery/readers/"),
    "argon2": ("access/",),
    "vl_convert": ("serve/web/",),
    "click": ("cli/",),
}

HOSTS = {
    *("127.0.0.1", "[::1]", "localhost"),
    # standards, and the names that they give their XML and JSON
    *("www.w3.org", "schemas.xmlsoap.org", "schemas.microsoft.com", "json-schema.org", "vega.github.io"),
    # documentation, sources of data and licences
    *(
        "learn.microsoft.com",
        "www.dst.dk",
        "www.nationalbanken.dk",
        "www.cpr.dk",
        "cpr.dk",
        "www.retsinformation.dk",
        "www.sqlite.org",
        "scripts.sil.org",
    ),
    # whom locked libraries name as their makers
    *("github.com", "opencollective.com"),
}
RESERVED = (".example", ".example.dk", ".test", "example.org")  # for examples; `example.dk` stands for the reader's own


@cache
def place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def text_of(file: Path) -> str:
    return file.read_text("utf-8")


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(text_of(file))


@cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(file)))


@cache
def imports(file: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes_of(file):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def of_each_file(check: Callable[[Path], None]) -> Callable[[], None]:
    """A test that holds a check against every file, and tells all that are wrong."""

    def test() -> None:
        wrong = []
        for file in FILES:
            try:
                check(file)
            except AssertionError as error:
                wrong.append(f"{place(file)}: {error}")
        assert not wrong, "\n".join(wrong)

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


def stage(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "flis" else ""


def allowed(home: str) -> set[str]:
    if home in BESIDE:
        return BESIDE[home] | {home}
    if home not in STAGES:
        return set()
    below = set(STAGES[: STAGES.index(home) + 1])
    return below | (set(BESIDE) if home in {"serve", "cli"} else set())


@of_each_file
def test_nothing_imports_upwards(file: Path) -> None:
    home = place(file).split("/")[0].removesuffix(".py")
    if home == "__main__":
        return
    known = set(STAGES) | set(BESIDE)
    found = {stage(m) for m in imports(file)} & known
    assert found <= allowed(home), f"{place(file)} imports {sorted(found - allowed(home))}"


@of_each_file
def test_libraries_stay_where_they_belong(file: Path) -> None:
    for module in imports(file):
        homes = LIBRARIES.get(module.split(".")[0])
        assert homes is None or place(file).startswith(homes), f"{place(file)} imports {module}"


def test_one_module_knows_where_areas_lie() -> None:
    found = [place(f) for f in FILES if re.search(r"""files\(["']flis\.areas["']\)|flis\.areas\.__""", text_of(f))]
    assert found == ["catalog/area_paths.py"]


KERNEL = {"flock", "lockf", "fsync", "fdatasync", "st_ino", "st_ctime_ns", "O_CREAT", "O_EXCL", "O_APPEND"}
"""What asks the kernel for a lock, for durability, or which file it is."""


@of_each_file
def test_one_room_locks_writes_and_knows_files_again(file: Path) -> None:
    if place(file).startswith("disk/"):
        return
    assert "fcntl" not in imports(file), "`flis.disk.locked` holds locks"
    for node in nodes_of(file):
        if isinstance(node, ast.Attribute):
            assert node.attr not in KERNEL, f"{place(file)}:{node.lineno} does by hand what `flis.disk` does"
            by_hand = node.attr in {"replace", "rename"} and ast.unparse(node) in {"os.replace", "os.rename"}
            assert not by_hand, f"{place(file)}:{node.lineno} replaces a file by hand: `flis.disk.write`, `draft`"


def test_one_module_opens_databases() -> None:
    """`flis.engine` does, so that no SQL lets DuckDB fetch an extension."""
    assert [place(file) for file in FILES if "duckdb.connect(" in text_of(file)] == ["engine.py"]


@of_each_file
def test_modules_and_functions_are_small(file: Path) -> None:
    text = text_of(file)
    assert text.count("\n") <= 600, f"{place(file)} has {text.count(chr(10))} lines"
    for node in nodes_of(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= 80, f"{place(file)}: {node.name} has {length} lines"


@of_each_file
def test_names_say_what_they_are(file: Path) -> None:
    assert not re.search(r"(^|_)(utils?|helpers?|manager|common|misc)(_|$)", file.stem)
    for node in nodes_of(file):
        if isinstance(node, ast.ClassDef):
            assert not re.search(r"(Manager|Helper|Utils?)$", node.name), node.name


def test_no_class_has_the_name_of_another() -> None:
    homes: dict[str, list[str]] = {}
    for file in FILES:
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(place(file))
    shared = {name: where for name, where in homes.items() if len(where) > 1}
    assert not shared, "one name, two things"


@of_each_file
def test_no_function_is_called_as_its_module(file: Path) -> None:
    """A package that hands the function on would hide the module; a command of the command line is both."""
    if place(file).startswith("cli/"):
        return
    assert file.stem not in {node.name for node in tree_of(file).body if isinstance(node, ast.FunctionDef)}


@of_each_file
def test_every_public_name_is_documented(file: Path) -> None:
    name = "flis." + place(file).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    if name in {"flis.__init__", "flis.__main__"}:
        return
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} does not say what it is"
    for public in getattr(module, "__all__", []):
        thing = getattr(module, public)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, f"{name}.{public} has no docstring"


def test_every_module_exports_by_hand() -> None:
    bare = [place(f) for f in FILES if "__all__" not in text_of(f) and place(f) != "__main__.py"]
    assert not bare


def test_every_top_folder_says_what_it_owns() -> None:
    silent = [
        d.name for d in ROOT.iterdir() if d.is_dir() and d.name != "__pycache__" and not (d / "CONTEXT.md").exists()
    ]
    assert not silent


def test_only_what_belongs_to_the_project_is_kept() -> None:
    """A run beside the sources leaves a state folder, whatever it is called; it is never committed."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("the sources are no clone")
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    kept = {name.split("/")[0].strip('"') for name in listed.splitlines()}
    assert kept <= KEPT


def test_imports_have_no_cycles() -> None:
    graph = {
        "flis." + place(f).removesuffix(".py").replace("/", ".").removesuffix(".__init__"): _module_imports(f)
        for f in FILES
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a cycle: {' -> '.join((*path, name))}"
        if name in done:
            return
        for target in graph.get(name, set()) & set(graph):
            visit(target, (*path, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_import_circles_count_type_imports_too() -> None:
    """A circle of types is a knot as well: nobody can read one module of it, or test it, without the others."""
    graph = {_module(f): _module_imports(f, for_types=True) for f in FILES}
    assert not _circles(graph), "import one another, if only for types; a small Protocol opens the circle"


def test_circles_are_found() -> None:
    made = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d", "f"}, "f": set[str]()}
    assert sorted(map(sorted, _circles(made))) == [["a", "b", "c"], ["d", "e"]]


def _circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The largest sets of modules each of which leads to every other one."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        found, open_ = set[str](), [start]
        while open_:
            new = (graph[open_.pop()] & set(graph)) - found
            found |= new
            open_ += new
        reached[start] = found
    circles = {frozenset(other for other in found if name in reached[other]) for name, found in reached.items()}
    return [set(circle) for circle in circles if len(circle) > 1]


def _module(file: Path) -> str:
    return "flis." + place(file).removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def _module_imports(file: Path, *, for_types: bool = False) -> set[str]:
    """Modules that it imports, at once or within a function, and those `for_types` only; not a package's own parts."""
    package = "flis." + file.parent.relative_to(ROOT).as_posix().replace("/", ".")
    found: set[str] = set()
    for node in nodes_of(file) if for_types else _statements(tree_of(file)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("flis"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if (ROOT.parent / (whole.replace(".", "/") + ".py")).exists() else node.module
                # `from package import module` inside the package asks for the module alone
                if target != package or file.name == "__init__.py":
                    found.add(target)
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement below a node that runs."""
    for below in ast.iter_child_nodes(node):
        if not (isinstance(below, ast.If) and ast.unparse(below.test) == "TYPE_CHECKING"):
            yield below
            yield from _statements(below)


def test_the_error_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"^    ([│├└─ ]*)(\w+Error|FlisError)$", flis.errors.__doc__ or "", re.MULTILINE)
    pairs: set[tuple[str, str]] = set()
    path: list[str] = []
    for lines, name in drawn:
        depth = len(lines) // 4
        path = [*path[:depth], name]
        if depth:
            pairs.add((name, path[depth - 1]))
    real = {
        (name, cls.__mro__[1].__name__)
        for name, cls in inspect.getmembers(flis.errors, inspect.isclass)
        if issubclass(cls, flis.errors.FlisError) and cls is not flis.errors.FlisError
    }
    assert pairs == real


def test_all_errors_of_flis_are_in_the_tree() -> None:
    for file in FILES:
        if file.name == "errors.py" and file.parent == ROOT:
            continue
        for node in nodes_of(file):
            if isinstance(node, ast.ClassDef):
                bases = {getattr(b, "id", getattr(b, "attr", "")) for b in node.bases}
                assert not bases & {"Exception", "BaseException", "RuntimeError", "ValueError"}, (
                    f"{place(file)}: {node.name}"
                )


@cache
def written() -> tuple[tuple[str, str], ...]:
    """Every text file of the repository that people wrote: its place and its text."""
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".sql", ".sh", ".txt", ".html", ".css", ".mjs", ".js"}
    found = []
    for folder, below, names in os.walk(REPOSITORY):
        top = Path(folder) == REPOSITORY
        below[:] = [name for name in below if _is_ours(name) and not (top and name == "state")]
        for file in (Path(folder, name) for name in names if _is_ours(name)):
            where = file.relative_to(REPOSITORY)
            if (file.suffix in kinds or file.name == "Makefile" or where.parts[0] == ".ci") and file.is_file():
                found.append((where.as_posix(), file.read_text("utf-8", errors="replace")))
    return tuple(found)


def _is_ours(name: str) -> bool:
    """Whether people wrote what is in a folder of that name; hidden ones are made by tools, all but one."""
    return name == ".ci" or not (name.startswith(".") or name == "node_modules")


def test_addresses_lead_to_known_hosts_only() -> None:
    """An address may lead to a documentation, a standard, a source of data or an example, and nowhere else."""
    address = re.compile(r"\bhttps?://(?:[^\s/@\"'`<>]+@)?(\[[0-9a-fA-F:]+\]|[\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
    strange = {(place, host) for place, text in written() for host in address.findall(text) if not known_host(host)}
    assert not strange


def known_host(host: str) -> bool:
    name = host.lower()
    return name in HOSTS or any(name.endswith(end) for end in RESERVED)


def test_no_path_of_the_machine_it_was_written_on() -> None:
    own = Path(__file__).relative_to(REPOSITORY).as_posix()
    assert not [place for place, text in written() if place != own and "/work/" in text]


WALL = {"today", "now", "utcnow", "localtime", "gmtime", "ctime", "strftime"}
"""What asks the wall clock for a date, as methods of `date`, `datetime` and `time`."""


@of_each_file
def test_one_module_asks_the_wall_clock_for_a_date(file: Path) -> None:
    if place(file) == "clock.py":
        return
    assert "zoneinfo" not in imports(file), "the zone of Copenhagen is `flis.clock.COPENHAGEN`"
    for node in nodes_of(file):
        if isinstance(node, ast.Attribute) and node.attr in WALL:
            assert ast.unparse(node.value).split(".")[-1] not in {"date", "datetime", "dt", "time"}, (
                f"{place(file)}:{node.lineno} asks the wall clock: {ast.unparse(node)}"
            )
        if isinstance(node, ast.Call) and _called(node).endswith("fromtimestamp"):
            assert any(k.arg == "tz" for k in node.keywords), f"{place(file)}:{node.lineno} takes the machine's zone"


def _called(call: ast.Call) -> str:
    """The last part of the name of what is called; empty where that has no name."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_no_statement_asks_the_database_for_a_date() -> None:
    asks = re.compile(r"\b(current_date|current_timestamp|localtimestamp|today\(\)|now\(\))", re.IGNORECASE)
    for file in ROOT.rglob("*.sql"):
        assert not asks.search(file.read_text("utf-8")), place(file)


ROOMS_OF_AREAS = ("areas/", "serve/web/ukraine/", "simulate/", "delivery/readers/cpr/")
"""The rooms that may know one area: its folder, the report on it, the made-up register, the reader of CPR's form."""
AREA_WORDS = {
    "area": r"ukrain\w*|borger(?:_flex)?",
    "nationality": r"ukrainian|5704|Christiansø|0411",
    "table": r"stock|flow_(?:day|week|month)|crossing|imbalance|presence",
    "column": r"antal|indrejse?\w*|udrejse?\w*|tilflyttede|fraflyttede|foedt_i_danmark|aldersgruppe|koen|civilstand",
    "weekday": r"sundays?|saturdays?",
}
"""What belongs to one area: its name, whom it counts, its tables and columns, a day of the week as its rule."""
EXCEPTIONS = REPOSITORY / "tests" / "area_words.txt"


def area_words(text: str) -> int:
    """How often a text names what belongs to one area."""
    named = re.compile(rf"(?<![\wæøå])(?:{'|'.join(AREA_WORDS.values())})(?![\wæøå])", re.IGNORECASE)
    return len(named.findall(text))


def test_a_word_of_an_area_is_found_whole() -> None:
    assert area_words("SELECT antal FROM stock -- the stocks of Ukraine on a Sunday") == 4
    assert area_words("a general sentence on stocks, antallet, my_stock") == 0


def test_no_general_room_names_what_belongs_to_one_area() -> None:
    """The list of exceptions (count, file, reason) can only shrink: another count than the one on it fails."""
    listed = {}
    for line in EXCEPTIONS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            count, name, reason = line.split(maxsplit=2)
            assert reason
            listed[name] = int(count)
    kinds = {".py", ".sql", ".yaml", ".html", ".json"}
    files = (f for f in ROOT.rglob("*") if f.suffix in kinds and not place(f).startswith(ROOMS_OF_AREAS))
    found = {place(f): n for f in sorted(files) if (n := area_words(f.read_text("utf-8")))}
    grown = {name: (n, listed.get(name, 0)) for name, n in found.items() if n > listed.get(name, 0)}
    assert not grown, f"a general room names an area (found, allowed): {grown}"
    stale = {name: (found.get(name, 0), n) for name, n in listed.items() if found.get(name, 0) < n}
    assert not stale, f"fewer than tests/area_words.txt allows (found, allowed): lower the numbers there: {stale}"
