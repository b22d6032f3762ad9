"""Check areas whole, before any data come: every file of them, and what the files say of each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flis.catalog import codes, sender_file
from flis.catalog.area_file import read_area
from flis.catalog.area_paths import MARK, area_folders, instead, shared_dimensions, step_place, steps_of
from flis.catalog.break_file import read_breaks
from flis.catalog.contract_file import parse
from flis.catalog.contracts import of_area
from flis.catalog.cubes import load as load_catalogue
from flis.catalog.cubes import read_dimensions
from flis.errors import CatalogError, FlisError, suggest
from flis.operations.area_check import break_problems, pattern_problems
from flis.operations.cube_check import check_cubes
from flis.operations.name_check import CONTRACT, FILES, files_in, name_problems
from flis.release.counting import counting_steps
from flis.release.policies import policy
from flis.simulate.drawing.drawing_check import drawing_problems
from flis.simulate.drawing.plan_file import FILE as DRAWING_FILE
from flis.simulate.drawing.plan_file import drawing
from flis.validation.row_conditions import MUNICIPALITY
from flis.warehouse.definitions import definition
from flis.warehouse.graph import input_problems, linked, ordered, source_of
from flis.warehouse.keeping import parted_table
from flis.warehouse.step import STORES, StepKind, all_of_kind, area_steps, step_named
from flis.warehouse.step_check import condition_problem, select_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.resources.abc import Traversable

__all__ = ["CatalogFinding", "check", "check_folder"]


@dataclass(frozen=True, slots=True)
class CatalogFinding:
    """One thing that is wrong: the file and line (0: the whole file), what it is, and what was probably meant."""

    file: str
    line: int
    message: str
    hint: str = ""


def check() -> list[CatalogFinding]:
    """What is wrong with the areas of the package and of the folders that the settings name."""
    return _check(dict(area_folders()))


def check_folder(folder: Path) -> list[CatalogFinding]:
    """What is wrong with a folder: an area, a folder of areas, or a cube catalogue.

    Its areas are looked at in place of those of the same id.
    """
    if (folder / "catalogue.yaml").is_file() and (folder / "cubes").is_dir():
        return [_shown(e, {"": folder}) for e in _raised(lambda: load_catalogue(folder))]
    below = sorted(f for f in folder.iterdir() if f.is_dir() and not f.name.startswith((".", "__")))
    single = any((folder / name).exists() for name in (*FILES, "steps", "codes"))
    found = [] if single else [_no_area(f) for f in below if f.name != "dimensions" and not (f / MARK).is_file()]
    areas = [folder.resolve()] if single else [f.resolve() for f in below if (f / MARK).is_file()]
    if not areas and not found and not (folder / "dimensions").is_dir():
        return [
            CatalogFinding(str(folder), 0, "there is no data area in this folder.", f"Each is a folder with an {MARK}.")
        ]
    shelf = folder.resolve().parent if single else folder.resolve()
    with instead(areas, shelf):
        return found + _check({one.name: one for one in areas})


def _no_area(folder: Path) -> CatalogFinding:
    near = [f.name for f in folder.iterdir()]
    return CatalogFinding(str(folder), 0, f"this folder has no {MARK}: it is no data area.", suggest(MARK, near))


def _check(areas: dict[str, Traversable]) -> list[CatalogFinding]:
    places = {**{f"areas/{name}": folder for name, folder in areas.items()}, **shared_dimensions()}
    problems = [problem for name, folder in areas.items() for problem in _area_problems(name, folder)]
    broken = _raised(lambda: read_dimensions(shared_dimensions()))
    problems += broken or check_cubes(list(areas))
    found = [_shown(problem, places) for problem in problems]
    return sorted(dict.fromkeys(found), key=lambda f: (f.file, f.line))


def _area_problems(name: str, folder: Traversable) -> Iterator[CatalogError]:
    where = f"areas/{name}"
    present = {file.name for file in folder.iterdir()}
    yield from name_problems(name, folder)
    broken = _raised(lambda: read_area(folder, where))
    yield from broken
    lists = list(files_in(folder / "codes", ".csv"))
    wrong = list(_contract_problems(name, folder, [file.name.removesuffix(".csv") for file in lists]))
    yield from wrong
    broken += wrong
    for listed in lists:
        place = f"{where}/codes/{listed.name}"
        yield from _raised(partial(codes.parse, listed, listed.name.removesuffix(".csv"), place))
    if "breaks.yaml" in present:
        wrong = _raised(lambda: read_breaks(folder / "breaks.yaml", f"{where}/breaks.yaml"))
        yield from wrong or (() if broken else break_problems(name))
    if sender_file.FILE in present:
        wrong = _raised(lambda: sender_file.senders(name))
        yield from wrong or (() if broken else sender_file.problems(name, of_area(name)))
    if "definition.yaml" in present:
        yield from _raised(lambda: definition(name))
    if "policy.yaml" in present:
        wrong = _raised(lambda: policy(name))
        yield from wrong or _raised(lambda: counting_steps(name))
    for step, sql in steps_of(folder).items():
        wrong = list(_step_problems(name, step, sql))
        yield from wrong
        broken += wrong
    if not broken:
        yield from _graph_problems(name)
    if DRAWING_FILE in present:
        wrong = _raised(lambda: drawing(name))
        yield from wrong or (() if broken else drawing_problems(name))
    if "policy.yaml" not in present:  # it makes public figures of facts that go to no store themselves
        yield from _unpublished(name)


def _contract_problems(name: str, folder: Traversable, lists: list[str]) -> Iterator[CatalogError]:
    """What is wrong with each contract of an area, and where none is, with all of them together."""
    sound = True
    for file in sorted(file.name for file in folder.iterdir() if CONTRACT.fullmatch(file.name)):
        place = f"areas/{name}/{file}"
        wrong = _raised(partial(parse, folder / file, place, codes=[MUNICIPALITY, *lists]))
        sound = sound and not wrong
        yield from wrong or _rule_problems(folder / file, place)
    if sound:
        yield from _raised(lambda: of_area(name)) or pattern_problems(name)


def _graph_problems(area: str) -> list[CatalogError]:
    """What is wrong between the steps of an area, whose files are sound: inputs, circles, parts."""
    try:
        source = source_of(area)
        problems = input_problems(area)
    except FlisError:  # a file that these follow from is told by itself
        return []
    if not of_area(source):
        return []
    kept = all_of_kind(area_steps(area), StepKind.KEPT) if not linked(source) else []
    return (
        problems + [p for s in kept for p in _raised(partial(parted_table, s, source))] + _raised(lambda: ordered(area))
    )


def _rule_problems(file: Traversable, place: str) -> Iterator[CatalogError]:
    """What is wrong with the quality rules of a contract."""
    contract = parse(file, place)
    for table in contract.tables:
        for rule in table.quality:
            told = condition_problem(rule.condition, contract.columns_of(table), rule.each)
            if told:
                yield CatalogError(f"the rule {rule.id}: {told}", file=place, line=rule.line)


def _step_problems(area: str, name: str, file: Traversable) -> Iterator[CatalogError]:
    found: list[tuple[str, int]] = []
    broken = _raised(lambda: found.append(select_problem(step_named(area, name))))
    yield from broken
    told, line = found[0] if found else ("", 0)
    if told:
        step = step_named(area, name)
        yield CatalogError(told, file=step_place(area, file), line=step.lines["select"] + line - 1)


def _unpublished(area: str) -> Iterator[CatalogError]:
    """Facts that go to no store and that no other step reads: nobody ever sees them."""
    try:
        steps = area_steps(area) if of_area(source_of(area)) else []  # without deliveries nothing is published yet
    except FlisError:  # told of the file
        return
    read = {name for step in steps for name in step.inputs}
    for step in all_of_kind(steps, StepKind.FACT):
        if not step.stores and step.name not in read:
            yield step.error(
                f"the fact {step.name} goes to no store, so nothing of it is published.",
                "kind",
                f"Say to which: `-- store municipal, national`, or one of: {', '.join(STORES)}.",
            )


def _raised(read: Callable[[], object]) -> list[CatalogError]:
    """What `read` complains about: nothing, or one thing."""
    try:
        read()
    except CatalogError as problem:
        return [problem]
    except FlisError as problem:
        return [CatalogError(problem.message, hint=problem.hint)]
    return []


def _shown(problem: CatalogError, places: dict[str, Traversable]) -> CatalogFinding:
    """A complaint with the path of its file on this machine."""
    for prefix, path in places.items():
        if problem.file == prefix or problem.file.startswith(f"{prefix}/" if prefix else ""):
            file = str(path) + problem.file.removeprefix(prefix) if prefix else str(Path(str(path)) / problem.file)
            return CatalogFinding(_near(file), problem.line, problem.complaint, problem.hint)
    return CatalogFinding(problem.file, problem.line, problem.complaint, problem.hint)


def _near(file: str) -> str:
    """A path from the working folder on, where the file lies below it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
