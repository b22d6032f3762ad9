"""One function per reference page: it returns the page's text."""

from __future__ import annotations

import dataclasses
import inspect
import json
from typing import TYPE_CHECKING

import click

import flis.errors
from flis.catalog.area_file import AREA, areas
from flis.catalog.area_paths import is_own
from flis.catalog.break_file import BREAKS
from flis.catalog.contract import Dialect, FileFormat
from flis.catalog.contract_file import CONTRACT, CUSTOM_PROPERTIES
from flis.catalog.cube_file import CATALOGUE, CUBE
from flis.catalog.dialects import DATES, DIALECT, PROFILES
from flis.catalog.dimension_file import DIMENSION
from flis.catalog.dimension_table_file import TABLE
from flis.catalog.forms import schema_of
from flis.cli import COMMANDS, root
from flis.config import Settings
from flis.disclosure.policy import POLICY
from flis.query.drillthrough import DEFAULT_ROWS
from flis.query.functions import functions
from flis.query.limits import Limits
from flis.query.unsupported_constructs import UNSUPPORTED
from flis.serve.web.site.texts import LANGUAGES, texts_of
from flis.serve.web.ukraine.report_tables import COLUMNS
from flis.serve.xmla.properties import PROPERTIES
from flis.serve.xmla.rowsets import ROWSETS
from flis.simulate import FAULTS, MUTATIONS
from flis.simulate.drawing.plan_file import DRAWING, drawing, drawn_areas
from flis.validation import RULES
from flis.warehouse.definitions import DEFINITION
from flis.warehouse.graph import ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flis.catalog.forms import HasSchema

__all__ = ["PAGES"]


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [list(head), *([str(c).replace("|", "\\|").replace("\n", " ") for c in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def commands() -> str:
    """Every command with its help, as the terminal prints it."""
    parts = ["# Commands\n"]
    context = click.Context(root, info_name="flis", max_content_width=100, terminal_width=100)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        parts += _command(command, click.Context(command, parent=context, info_name=name), level=2)
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context, level: int) -> list[str]:
    parts = [f"{'#' * level} `{context.command_path}`\n", f"```text\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                parts += _command(below, click.Context(below, parent=context, info_name=name), level + 1)
    return parts


def settings() -> str:
    """Every setting with its environment variable and default."""
    rows = [
        (f"`{f.name}`", f"`FLIS_{f.name.upper()}`", f"`{f.default}`", f.metadata["doc"])
        for f in dataclasses.fields(Settings)
    ]
    head = "# Settings\n\nRead from `flis.toml`, then the environment, then flags; the later one wins.\n\n"
    return head + table(("`flis.toml`", "environment", "default", "what"), rows)


def errors() -> str:
    """Every error class with its code and exit code."""
    classes = [
        cls for _, cls in inspect.getmembers(flis.errors, inspect.isclass) if issubclass(cls, flis.errors.FlisError)
    ]
    rows = [
        (f"`{c.__name__}`", f"`{c.code}`", c.exit_code, (c.__doc__ or "").split("\n")[0])
        for c in sorted(classes, key=lambda c: c.__mro__[1].__name__ + c.__name__)
    ]
    return "# Errors\n\n" + table(("class", "code", "exit code", "when"), rows)


def validation_rules() -> str:
    """Every rule that a delivery is judged by."""
    rows = [(f"`{r.id}`", r.severity, r.level, r.status or "", r.en, r.da) for r in RULES]
    head = """# Validation rules

Fatal and error: the delivery goes to quarantine, the old release serves on. Warning: it goes on, and the report says
so; those with a status also show in the operations overview. Words in braces are filled in with places and counts,
never with values. A contract adds rules of its own (`quality:`).

"""
    return head + table(("rule", "severity", "looks at", "status", "message", "besked"), rows)


def data_areas() -> str:
    """Every data area of the overview."""
    rows = [
        (
            f"`{a.id}`",
            a.name.da,
            a.name.en,
            a.group.da if a.group else "",
            a.frequency,
            a.source.da if a.source else "",
            ", ".join(a.products),
        )
        for a in areas()
    ]
    head = ("id", "dataområde", "in English", "group", "frequency", "source", "products")
    return "# Data areas\n\n" + table(head, rows)


def transformations_page() -> str:
    """Every SQL transformation with its typed inputs and output."""
    parts = [
        "# Transformations\n",
        "Plain SQL files with typed inputs and one typed output, in the order in which they run.\n",
    ]
    for area in (a.id for a in areas() if ordered(a.id)):
        parts.append(f"## {area}\n")
        for one in ordered(area):
            parts.append(f"### `areas/{area}/steps/{one.name}.sql`\n")
            rows = [("in", f"`{name}`", _types(columns)) for name, columns in one.inputs.items()]
            rows.append((f"out, {one.kind}", f"`{one.name}`", _types(one.output)))
            parts.append(table(("", "table", "columns"), rows))
    return "\n".join(parts)


def _types(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def simulator_faults() -> str:
    """Every fault that the simulator can put into a delivery."""
    parts = [
        "# Faults of the simulator\n",
        "`flis simulate borger --fault NAME` or `NAME@2022-03-04`.\n",
        table(("name", "what happens"), [(f"`{n}`", f.text) for n, f in FAULTS.items()]),
        "## Of any area by its contracts\n",
        "`flis simulate AREA --fault NAME` strikes the first sender of each interface in the middle month,",
        "`NAME@2025-03` in that month, `NAME@2025-03/0461` that sender.\n",
        table(("name", "what happens"), [(f"`{n}`", m.text) for n, m in MUTATIONS.items()]),
    ]
    for area in drawn_areas():
        faults = drawing(area).faults
        if is_own(area) and faults:
            rows = [(f"`{n}`", f.sender, f.first or "any", f.text.en) for n, f in faults.items()]
            parts += [f"## {area}\n", table(("name", "sender", "from", "what happens"), rows)]
    return "\n".join(parts)


def mdx_functions() -> str:
    """Every MDX function, from the table that declares them."""
    parts = [
        "# MDX functions\n",
        "Optional arguments stand in brackets; `x...` may be repeated; `{A|B}` is one of the words.\n",
    ]
    everything = functions().values()
    for group in sorted({f.group for f in everything}):
        rows = [
            (f"`{f.name}`", "<br>".join(f"`{s.text}`" for s in f.signatures), f.english)
            for f in sorted(everything, key=lambda f: f.name)
            if f.group == group
        ]
        parts += [f"## {group}\n", table(("function", "signatures", "what it gives"), rows)]
    return "\n".join(parts)


def not_supported() -> str:
    """What of MDX is known and refused, and why."""
    rows = [(f"`{u.construct}`" if u.construct.isupper() else u.construct, u.why, u.instead) for u in UNSUPPORTED]
    head = (
        "# Not supported\n\nA statement with one of these gets a fault that names it and says why."
        " What is answered otherwise than in Analysis Services stands under"
        " [its own heading](../concepts/mdx-differences.md).\n\n"
    )
    return head + table(("construct", "why", "instead"), rows)


def xmla_rowsets() -> str:
    """Every schema rowset with its columns and restrictions."""
    parts = [
        "# XMLA rowsets\n",
        "Asked for by Discover, or by `SELECT … FROM $SYSTEM.NAME WHERE …`. Columns marked * are always filled.\n",
    ]
    for name, rowset in sorted(ROWSETS.items()):
        columns = ", ".join(f"`{c.field}`{'*' if c.required else ''}" for c in rowset.columns)
        restrictions = ", ".join(f"`{r.name}`" for r in rowset.restrictions) or "none"
        parts.append(f"## {name}\n\n{rowset.description}\n\nColumns: {columns}\n\nRestrictions: {restrictions}\n")
    return "\n".join(parts)


def xmla_properties() -> str:
    """Every XMLA property."""
    rows = [(f"`{p.name}`", p.type, p.access, f"`{p.value}`" if p.value else "", p.english) for p in PROPERTIES]
    return "# XMLA properties\n\n" + table(("property", "type", "access", "default", "what"), rows)


def limits() -> str:
    """Every limit of a statement."""
    rows = [(f"`{f.name}`", f"{f.default:,}") for f in dataclasses.fields(Limits)]
    head = "# Limits of a statement\n\nA statement that would go past one gets a fault that names it.\n\n"
    drilled = f"\nDRILLTHROUGH returns the first {DEFAULT_ROWS:,} rows unless MAXROWS says otherwise.\n"
    return head + table(("limit", "bound"), rows) + drilled


def downloads() -> str:
    """Every column of the report's files, by its id, with its heading in each language."""
    languages = {name: texts_of(name) for name in LANGUAGES}
    head = """# Files of the Ukraine report

`/ukraine.xlsx`, `/ukraine.csv` and `/ukraine.json` take the same questions as the page (`kommune`, `dato`, `kendt`,
`sammenlign`, `orden`) and show the same figures; `/en/…` and `/uk/…` are the other languages.

| file | for whom | form |
| --- | --- | --- |
| `ukraine.csv?tabel=NAME` | programs | UTF-8, comma, decimal point; the ids below as headings in every language |
| `ukraine.csv?form=excel&tabel=NAME` | spreadsheets, Danish settings | UTF-8 with a mark, semicolon, decimal comma |
| `ukraine.xlsx` | spreadsheets | notes, one sheet per table, and a sheet of headings and ids |
| `ukraine.json` | programs | everything about the chosen day, keys are the ids below |

In the form for spreadsheets, headings are of the language and no code stands alone, which would be taken for a number
or a day: a municipality is one column, `0760 Ringkøbing-Skjern`, and a group has its name.

Days are written `2022-08-16`; in the workbook they are dates. A missing value is empty. A rate has two decimals and a
share whole per cent (0.13); each is rounded once, a half up, and is the same number on the page, the map, the charts
and in every file. `aendring_7` is the change on 7 days. A text never begins as a formula does.

Every row of a CSV file ends with `opgjort_dato` (the day of the figures), `kendt` (as known on), `levering` and
`release`. Two further columns are there only where they say something: `spurgt_dato`, the day of a weekend that was
asked for before its file had come, and `simuleret`, where the persons are simulated.

`foerst_offentliggjort`, in the table `revisioner`, is the day from which a figure was known first: the production date
of the delivery that told it. The release that shows it may come later.

"""
    parts = [head]
    for name, columns in COLUMNS.items():
        titles = [words(f"report.sheet.{name}") for words in languages.values()]
        rows = [(f"`{c.name}`", c.kind, *(words(f"column.{c.name}") for words in languages.values())) for c in columns]
        parts.append(f"## `{name}`\n\n{' · '.join(titles)}\n\n{table(('id', 'kind', *LANGUAGES), rows)}\n")
    return "".join(parts).rstrip() + "\n"


def contract_properties() -> str:
    """What a contract says beside the fields of the standard: how files look, where values stand, what must hold."""
    head = f"""# Contracts

A contract is a file of the Open Data Contract Standard 3.1, one for each interface of an area. What the standard has no
field for stands in its `customProperties`, as `{{property: …, value: …}}`. The `format` of the server is one of
{", ".join(f"`{one}`" for one in FileFormat)}. Editors check a contract with [its JSON Schema](contract.schema.json).

"""
    parts = [head]
    for what, known in CUSTOM_PROPERTIES.items():
        rows = [(f"`{name}`", meaning) for name, (_, meaning) in known.items()]
        parts.append(f"## Of a {what}\n\n{table(('property', 'what it says'), rows)}\n")
    rows = [(f"`{name}`", field.meaning) for name, field in DIALECT.fields.items()]
    parts.append(f"## The dialect\n\n{table(('field', 'what it says'), rows)}\n")
    profiles = [(f"`{name}`", _differs(dialect)) for name, dialect in PROFILES.items()]
    usual_text = (
        "A profile is a set of them; what it does not name is as in a plain UTF-8 file with `;` between values."
    )
    parts.append(f"## Profiles\n\n{usual_text}\n\n{table(('profile', 'fields'), profiles)}\n")
    return "".join(parts)


def _differs(dialect: Dialect) -> str:
    """The fields of a dialect that are not as usual."""
    usual = Dialect()
    values = {f.name: getattr(dialect, f.name) for f in dataclasses.fields(Dialect)}
    for letters, code in DATES.items():
        values["dates"] = values["dates"].replace(code, letters)
    return ", ".join(
        f"`{name}: {value}`" for name, value in values.items() if getattr(dialect, name) != getattr(usual, name)
    )


def schema_page(kind: str, record: HasSchema) -> Callable[[], str]:
    """The JSON Schema of one kind of file, for editors."""

    def page() -> str:
        return json.dumps(schema_of(record, f"flis {kind} file"), indent=1, ensure_ascii=False)

    page.__doc__ = f"The JSON Schema of {kind}.yaml, for editors."
    return page


def contents() -> str:
    """The list of the reference pages."""
    rows = [(f"[{name}]({name})", (page.__doc__ or "").split("\n")[0]) for name, page in PAGES.items()]
    return "# Reference\n\n" + table(("page", "what"), [r for r in rows if "README" not in r[0]])


SCHEMAS: dict[str, HasSchema] = {
    "area": AREA,
    "definition": DEFINITION,
    "policy": POLICY,
    "breaks": BREAKS,
    "simulate": DRAWING,
    "contract": CONTRACT,
    "catalogue": CATALOGUE,
    "cube": CUBE,
    "dimension": DIMENSION,
    "dimension_table": TABLE,
}
PAGES: dict[str, Callable[[], str]] = {
    "README.md": contents,
    "commands.md": commands,
    "settings.md": settings,
    "errors.md": errors,
    "data-areas.md": data_areas,
    "validation-rules.md": validation_rules,
    "contracts.md": contract_properties,
    "transformations.md": transformations_page,
    "simulator-faults.md": simulator_faults,
    "mdx-functions.md": mdx_functions,
    "not-supported.md": not_supported,
    "xmla-rowsets.md": xmla_rowsets,
    "xmla-properties.md": xmla_properties,
    "limits.md": limits,
    "downloads.md": downloads,
    **{f"{kind}.schema.json": schema_page(kind, record) for kind, record in SCHEMAS.items()},
}
