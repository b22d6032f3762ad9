"""The properties of XML for Analysis: what a request may carry, and what this server answers for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import flis
from flis.errors import UsageError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DANISH",
    "NAMED_VALUES",
    "PRODUCT",
    "PROPERTIES",
    "VERSION",
    "XmlaProperty",
    "check",
    "current",
    "language_of",
    "locale",
    "number",
]

PRODUCT = "FLIS"
# Clients decide by the first number what they may ask: from 9 on key figures, from 10.50 on Excel's own subselects.
VERSION = "13.0.5026.0"
DANISH, ENGLISH = 1030, 1033
READ, WRITE, BOTH = "Read", "Write", "ReadWrite"


@dataclass(frozen=True, slots=True)
class XmlaProperty:
    """A property; `value` is what the server says when a request gives none."""

    name: str
    type: str
    access: str
    value: str
    english: str
    danish: str


PROPERTIES: tuple[XmlaProperty, ...] = (
    XmlaProperty("AxisFormat", "string", WRITE, "TupleFormat", "The form of axes.", "Aksernes form."),
    XmlaProperty("BeginRange", "int", WRITE, "-1", "The first cell wanted.", "Den første ønskede celle."),
    XmlaProperty("Catalog", "string", BOTH, "", "The current database.", "Den aktuelle database."),
    XmlaProperty("ClientProcessID", "int", BOTH, "0", "The client's own number.", "Klientens eget nummer."),
    XmlaProperty("Content", "string", WRITE, "SchemaData", "Schema, data or both.", "Skema, data eller begge."),
    XmlaProperty("Cube", "string", WRITE, "", "The cube of the context.", "Kuben, som spørges."),
    XmlaProperty("DataSourceInfo", "string", BOTH, PRODUCT, "The data source.", "Datakilden."),
    XmlaProperty("DBMSVersion", "string", READ, VERSION, "The version answered for.", "Versionen, der svares for."),
    XmlaProperty("DbpropCatalogTerm", "string", READ, "Database", "The word for catalogue.", "Ordet for katalog."),
    XmlaProperty("DbpropMsmdActivityID", "string", BOTH, "", "The client's activity.", "Klientens aktivitet."),
    XmlaProperty("DbpropMsmdCurrentActivityID", "string", BOTH, "", "The client's activity.", "Klientens aktivitet."),
    XmlaProperty("DbpropMsmdRequestID", "string", BOTH, "", "The client's request.", "Klientens forespørgsel."),
    XmlaProperty("DbpropMsmdAutoexists", "int", BOTH, "1", "How sets restrict each other.", "Mængders samspil."),
    XmlaProperty(
        "DbpropMsmdFlattened2", "boolean", BOTH, "false", "Parent-child in one column.", "Træer i én kolonne."
    ),
    XmlaProperty("DbpropMsmdMDXCompatibility", "int", BOTH, "1", "Placeholder members.", "Pladsholdere."),
    XmlaProperty("DbpropMsmdMDXUniqueNameStyle", "int", BOTH, "3", "Names stay the same.", "Navne ændres ikke."),
    XmlaProperty("DbpropMsmdOptimizeResponse", "int", BOTH, "0", "Shorter answers.", "Kortere svar."),
    XmlaProperty("DbpropMsmdSubqueries", "int", BOTH, "0", "Calculated members in subselects.", "Underudvalg."),
    XmlaProperty("DbpropTableTerm", "string", READ, "Cube", "The word for table.", "Ordet for tabel."),
    XmlaProperty("ApplicationContext", "string", BOTH, "", "The client's context.", "Klientens sammenhæng."),
    XmlaProperty("Dialect", "string", BOTH, "MDX", "The statement language.", "Sproget."),
    XmlaProperty("EndRange", "int", WRITE, "-1", "The last cell wanted.", "Den sidste ønskede celle."),
    XmlaProperty("Format", "string", WRITE, "Native", "Cell set or table.", "Celler eller tabel."),
    XmlaProperty("LocaleIdentifier", "int", BOTH, "", "The language of texts.", "Teksternes sprog."),
    XmlaProperty("MdpropAxes", "int", READ, "2147483647", "Axes of a statement.", "Akser i en sætning."),
    XmlaProperty("MdpropFlatteningSupport", "int", READ, "1", "Tables from cell sets.", "Tabeller af celler."),
    XmlaProperty("MdpropMdxCaseSupport", "int", READ, "3", "CASE in statements.", "CASE i sætninger."),
    XmlaProperty("MdpropMdxDdlExtensions", "int", READ, "15", "Session definitions.", "Definitioner i en session."),
    XmlaProperty("MdpropMdxDescFlags", "int", READ, "7", "Flags of Descendants.", "Flag i Descendants."),
    XmlaProperty("MdpropMdxDrillFunctions", "int", READ, "7", "Drill functions.", "Bore-funktioner."),
    XmlaProperty("MdpropMdxFormulas", "int", READ, "63", "Where members and sets are made.", "Hvor formler kan stå."),
    XmlaProperty("MdpropMdxJoinCubes", "int", READ, "1", "One cube in a statement.", "Én kube pr. sætning."),
    XmlaProperty("MdpropMdxMemberFunctions", "int", READ, "15", "Member functions.", "Medlemsfunktioner."),
    XmlaProperty("MdpropMdxNamedSets", "int", READ, "15", "Named sets.", "Navngivne mængder."),
    XmlaProperty("MdpropMdxNumericFunctions", "int", READ, "2047", "Numeric functions.", "Talfunktioner."),
    XmlaProperty("MdpropMdxObjQualification", "int", READ, "496", "How names are qualified.", "Navnes kvalificering."),
    XmlaProperty("MdpropMdxOuterReference", "int", READ, "0", "References to outer queries.", "Ydre henvisninger."),
    XmlaProperty("MdpropMdxSetFunctions", "int", READ, "524287", "Set functions.", "Mængdefunktioner."),
    XmlaProperty("MdpropMdxSlicer", "int", READ, "2", "Sets in WHERE.", "Mængder i WHERE."),
    XmlaProperty("MdpropMdxStringCompop", "int", READ, "15", "Comparisons of texts.", "Sammenligning af tekst."),
    XmlaProperty("MdpropMdxSubqueries", "int", READ, "31", "Subselects.", "Underudvalg."),
    XmlaProperty("MdpropNamedLevels", "int", READ, "3", "Levels by name and number.", "Niveauer ved navn og nummer."),
    XmlaProperty("MDXSupport", "string", READ, "Core", "Support of MDX.", "Understøttelse af MDX."),
    XmlaProperty(
        "MdxMissingMemberMode",
        "string",
        WRITE,
        "Error",
        "Members that are not there: an error that says what may be meant, or with Ignore no members.",
        "Ukendte medlemmer: en fejl som siger hvad der kan være ment, eller med Ignore ingen medlemmer.",
    ),
    XmlaProperty("ProviderName", "string", READ, PRODUCT, "The name of this server.", "Serverens navn."),
    XmlaProperty("ProviderType", "int", READ, "6", "The kind of data source.", "Datakildens art."),
    XmlaProperty("ProviderVersion", "string", READ, VERSION, "The version answered for.", "Versionen, der svares for."),
    XmlaProperty("ReadOnlySession", "int", BOTH, "1", "Nothing can be written.", "Der kan ikke skrives."),
    XmlaProperty("SafetyOptions", "int", BOTH, "2", "No foreign code is run.", "Fremmed kode køres ikke."),
    XmlaProperty(
        "ServerName", "string", READ, f"{PRODUCT} {flis.__version__}", "Product and version.", "Navn og version."
    ),
    XmlaProperty("ShowHiddenCubes", "boolean", BOTH, "false", "Hidden cubes too.", "Også skjulte kuber."),
    XmlaProperty("SspropInitAppName", "string", BOTH, "", "The client's name.", "Klientens navn."),
    XmlaProperty("StateSupport", "string", READ, "Sessions", "Support of sessions.", "Understøttelse af sessioner."),
    XmlaProperty("Timeout", "int", BOTH, "0", "Seconds that a statement may take.", "Sekunder, en sætning må tage."),
    XmlaProperty("VisualMode", "int", WRITE, "0", "Visual totals.", "Synlige totaler."),
)

NAMED_VALUES: Mapping[str, Mapping[str, str]] = {
    "ProviderType": {"TDP": "TDP", "MDP": "MDP", "DMP": "DMP"},
    "AuthenticationMode": {
        "Unauthenticated": "Unauthenticated",
        "Authenticated": "Authenticated",
        "Integrated": "Integrated",
    },
    "PropertyAccessType": {"Read": "Read", "Write": "Write", "ReadWrite": "ReadWrite"},
    "StateSupport": {"None": "None", "Sessions": "Sessions"},
    "MDXSupport": {"Core": "Core"},
    "AxisFormat": {"TupleFormat": "TupleFormat", "ClusterFormat": "ClusterFormat", "CustomFormat": "CustomFormat"},
    "Content": {"None": "None", "Schema": "Schema", "Data": "Data", "SchemaData": "SchemaData"},
    "Format": {"Tabular": "Tabular", "Multidimensional": "Multidimensional", "Native": "Native"},
    "MdxMissingMemberMode": {"Default": "Default", "Error": "Error", "Ignore": "Ignore"},
    "TreeOp": {
        "MDTREEOP_CHILDREN": "1",
        "MDTREEOP_SIBLINGS": "2",
        "MDTREEOP_PARENT": "4",
        "MDTREEOP_SELF": "8",
        "MDTREEOP_DESCENDANTS": "16",
        "MDTREEOP_ANCESTORS": "32",
    },
}
"""Enumerations of DISCOVER_ENUMERATORS."""


def current(found: XmlaProperty, given: Mapping[str, str], catalog: str, lcid: int) -> str:
    """A property's value in a request: catalogue and language of its session, else what it gave, else the default."""
    if found.name == "Catalog":
        return catalog
    if found.name == "LocaleIdentifier":
        return str(lcid)
    return found.value if found.access == READ else given.get(found.name, found.value)


def language_of(lcid: int) -> str:
    """The language of a locale identifier: English for every English one, else Danish.

    >>> [language_of(n) for n in (1030, 6, 9, 1033, 2057, 127, 3072)]
    ['da', 'da', 'en', 'en', 'en', 'da', 'da']
    """
    return "en" if lcid & 0x3FF == ENGLISH & 0x3FF else "da"


def locale(given: Mapping[str, str]) -> int:
    """The locale identifier that a request gives, 0 where it gives none.

    Raises:
        UsageError: it is no number.
    """
    text = given.get("LocaleIdentifier", "").strip()
    if text and not (text.isdecimal() and len(text) < 12):
        raise UsageError(
            "The property LocaleIdentifier takes a whole number.", hint="1030 is Danish, 1033 English; or leave it out."
        )
    return int(text or 0)


def check(given: Mapping[str, str]) -> None:
    """Look at the properties whose values have names, and at those that are counted.

    Raises:
        UsageError: one has a value that it does not know.
    """
    for name in ("BeginRange", "EndRange", "Timeout"):
        if (value := given.get(name, "").strip()) and not value.removeprefix("-").isdecimal():
            raise UsageError(f"The property {name} takes a whole number.", hint="Or leave it out.")
    for name in ("AxisFormat", "Content", "Format", "MdxMissingMemberMode"):
        value, known = given.get(name, "").strip(), NAMED_VALUES[name]
        if value and value not in known and value.casefold() not in {k.casefold() for k in known}:
            hint = suggest(value, known) or f"It takes {', '.join(known)}."
            raise UsageError(f"The property {name} does not take {value}.", hint=hint)


def number(given: Mapping[str, str], name: str, default: int = 0) -> int:
    """A property that is a whole number; the default where it is missing or none."""
    text = given.get(name, "").strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 12 else default
