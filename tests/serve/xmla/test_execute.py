"""Statements answered as cell sets and tables, in every form a request may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from flis.errors import (
    CancelledError,
    ForbiddenError,
    NameStatementError,
    NotFoundError,
    SyntaxStatementError,
    UsageError,
)
from flis.query.limits import CancelToken
from flis.serve.xmla import Call
from flis.serve.xmla.faults import CELL_ERROR
from flis.serve.xmla.names import DATASET, EXCEPTION, ROWSET
from flis.serve.xmla.soap import read
from tests.serve.xmla.asking import execute, root_of, validate

if TYPE_CHECKING:
    from lxml import etree

    from flis.serve.xmla import Service
    from tests.serve.xmla.asking import Asker

D = f"{{{DATASET}}}"
PIVOT = (
    "SELECT {[Measures].[Revenue], [Measures].[Orders]} ON 0, "
    "CrossJoin([Segment].[Segment].[Segment].Members, [Date].[Date].[Year].Members) "
    "DIMENSION PROPERTIES PARENT_UNIQUE_NAME, MEMBER_TYPE ON 1 FROM [Sales] WHERE [Territory].[Territory].&[1]"
)
STATEMENTS = [
    PIVOT,
    "SELECT FROM [Sales]",
    "SELECT {} ON 0, [Measures].Members ON 1 FROM [Sales]",
    (
        "SELECT NON EMPTY [Territory].[Territory].Members DIMENSION PROPERTIES "
        "[Territory].[Territory].[Territory].[Area] ON 0 FROM [Sales] CELL PROPERTIES VALUE, FORMATTED_VALUE, "
        "FORMAT_STRING, LANGUAGE, BACK_COLOR, CELL_ORDINAL"
    ),
    "SELECT [Segment].[Segment].Members ON 0 FROM [Sales] CELL PROPERTIES CELL_ORDINAL",
    'WITH MEMBER Measures.A AS 1/0 MEMBER Measures.B AS "a<b" SELECT {Measures.A, Measures.B} ON 0 FROM [Sales]',
]


def names(root: etree._Element, path: str) -> list[str]:
    return [e.get("name", "") for e in root.findall(path)]


def members(root: etree._Element, axis: str) -> list[list[str]]:
    found = root.find(f"{D}Axes/{D}Axis[@name='{axis}']")
    assert found is not None
    return [[m.findtext(f"{D}UName") or "" for m in t] for t in found.iter(f"{D}Tuple")]


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("axis_format", ["TupleFormat", "ClusterFormat", "CustomFormat", ""])
def test_a_cell_set_is_valid_against_its_own_schema(ask: Asker, statement: str, axis_format: str) -> None:
    answer = ask.post(execute(statement, Format="Multidimensional", AxisFormat=axis_format, Content="SchemaData"))
    assert validate(answer) == 3


@pytest.mark.parametrize("statement", STATEMENTS[:4])
def test_a_table_is_valid_against_its_own_schema(ask: Asker, statement: str) -> None:
    validate(ask.post(execute(statement, Format="Tabular", Content="SchemaData")))


@pytest.mark.parametrize("content", ["None", "Schema", "Data", "SchemaData"])
def test_content(ask: Asker, content: str) -> None:
    root = ask.cells(PIVOT, Content=content)
    assert any(str(e.tag).endswith("}schema") for e in root) == content.startswith("Schema")
    assert (root.find(f"{D}OlapInfo") is not None) == content.endswith("Data")


def test_a_pivot(ask: Asker) -> None:
    root = ask.cells(PIVOT, LocaleIdentifier=1033)
    assert names(root, f"{D}OlapInfo/{D}AxesInfo/{D}AxisInfo") == ["Axis0", "Axis1", "SlicerAxis"]
    assert members(root, "Axis0") == [["[Measures].[Revenue]"], ["[Measures].[Orders]"]]
    rows = members(root, "Axis1")
    assert len(rows) == 6
    assert rows[0] == ["[Segment].[Segment].&[Consumer]", "[Date].[Date].[Year].&[2021]"]
    assert members(root, "SlicerAxis")[0][0] == "[Territory].[Territory].&[1]"
    cells = {c.get("CellOrdinal"): c for c in root.iter(f"{D}Cell")}
    assert cells["1"].findtext(f"{D}Value") == "12"
    assert cells["1"].findtext(f"{D}FmtValue") == "12"
    assert cells["0"].findtext(f"{D}FmtValue") == "789.00"


def test_the_order_of_a_members_children(ask: Asker) -> None:
    root = ask.cells(PIVOT)
    info = root.find(f"{D}OlapInfo/{D}AxesInfo/{D}AxisInfo[@name='Axis1']/{D}HierarchyInfo")
    assert info is not None
    declared = [str(e.tag).rpartition("}")[2] for e in info]
    assert declared == ["UName", "Caption", "LName", "LNum", "DisplayInfo", "PARENT_UNIQUE_NAME", "MEMBER_TYPE"]
    for member in root.iter(f"{D}Member"):
        own = [str(e.tag).rpartition("}")[2] for e in member]
        assert own[:5] == declared[:5]
        assert set(own) <= set(declared)


def test_formats_follow_the_language(ask: Asker) -> None:
    def said(lcid: int) -> str:
        root = ask.cells("SELECT FROM [Sales]", LocaleIdentifier=lcid)
        return root.findtext(f"{D}CellData/{D}Cell/{D}FmtValue") or ""

    assert said(1033) == "18,876.00"
    assert said(1030) == "18.876,00"
    assert said(127) == "18.876,00"


@pytest.mark.parametrize("written", ["abc", "10 30", "-1", "0x406", "1030.0"])
def test_a_language_that_is_no_number_is_refused(ask: Asker, written: str) -> None:
    with pytest.raises(UsageError, match="LocaleIdentifier takes a whole number"):
        ask.cells("SELECT FROM [Sales]", LocaleIdentifier=written)


@pytest.mark.parametrize(
    ("name", "written", "hint"),
    [
        ("Format", "Tabluar", "Did you mean Tabular?"),
        ("AxisFormat", "TuplesFormat", "Did you mean TupleFormat"),
        ("Content", "x", "It takes None, Schema, Data, SchemaData."),
    ],
)
def test_a_property_of_named_values_takes_no_other(ask: Asker, name: str, written: str, hint: str) -> None:
    with pytest.raises(UsageError, match=rf"The property {name} does not take {written}\.") as refused:
        ask.cells("SELECT FROM [Sales]", **{name: written})
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "meant"), [("Sales_Analytic", "SALES_ANALYTICS"), ("salesanalytics", "SALES_ANALYTICS")]
)
def test_a_mistyped_database_is_asked_about(ask: Asker, typed: str, meant: str) -> None:
    with pytest.raises(NotFoundError, match=rf"There is no database {typed}\.") as refused:
        ask.cells("SELECT FROM [Sales]", Catalog=typed)
    assert refused.value.hint == f"Did you mean {meant}?"


def test_a_mistyped_restriction_is_asked_about(ask: Asker) -> None:
    with pytest.raises(NotFoundError, match="has no restriction CUBENAME") as refused:
        ask.rows("MDSCHEMA_CUBES", {"CUBENAME": "Sales"})
    assert refused.value.hint.startswith("Did you mean CUBE_NAME")


def test_clusters_hold_the_same_tuples(ask: Asker) -> None:
    def clusters(statement: str) -> list[list[int]]:
        root = ask.cells(statement, AxisFormat="ClusterFormat")
        axis = root.find(f"{D}Axes/{D}Axis[@name='Axis0']")
        assert axis is not None
        return [[len(m) for m in product] for product in axis.findall(f"{D}CrossProduct")]

    assert clusters("SELECT [Segment].[Segment].Members * [Date].[Date].[Year].Members ON 0 FROM [Sales]") == [[4, 2]]
    assert clusters(
        "SELECT {([Segment].[Segment].&[Consumer], [Date].[Date].[Year].&[2021]), "
        "([Segment].[Segment].&[Corporate], [Date].[Date].[Year].&[2021]), "
        "([Segment].[Segment].&[Corporate], [Date].[Date].[Year].&[2022])} ON 0 FROM [Sales]"
    ) == [[1, 1], [1, 2]]


def test_a_range_of_cells(ask: Asker) -> None:
    root = ask.cells(PIVOT, BeginRange=2, EndRange=4)
    assert [c.get("CellOrdinal") for c in root.iter(f"{D}Cell")] == ["2", "3", "4"]


def test_a_table(ask: Asker) -> None:
    rows = ask.table(
        "SELECT {[Measures].[Orders]} ON 0, [Territory].[Territory].[Territory].Members ON 1 FROM [Sales]",
        Format="Tabular",
        LocaleIdentifier=1033,
    )
    assert [list(r.values()) for r in rows] == [["North", "72"], ["South", "72"]]


def test_drillthrough_is_a_table(ask: Asker) -> None:
    rows = ask.table("DRILLTHROUGH MAXROWS 5 SELECT {[Measures].[Revenue]} ON 0 FROM [Sales]", Format="Tabular")
    assert len(rows) == 5


def test_statements_without_a_result(ask: Asker) -> None:
    for statement in ("", "  ", "REFRESH CUBE [Sales]"):
        root = root_of(ask.post(execute(statement)))
        assert root.tag == "{urn:schemas-microsoft-com:xml-analysis:empty}root"
        assert len(root) == 0


@pytest.mark.parametrize("name", ["Timeout", "BeginRange", "EndRange"])
def test_counted_properties_take_numbers(ask: Asker, name: str) -> None:
    ask.cells("SELECT FROM [Sales]", **{name: " 1 "})
    ask.cells("SELECT FROM [Sales]", **{name: ""})
    with pytest.raises(UsageError, match=f"{name} takes a whole number"):
        ask.cells("SELECT FROM [Sales]", **{name: "soon"})


def test_a_table_says_what_could_not_be_calculated(ask: Asker) -> None:
    wrong = "[Segment].[Segment].CurrentMember IS [Segment].[Segment].&[Consumer]"
    text = f"WITH MEMBER Measures.A AS IIf({wrong}, Error('a<b'), 'x')"
    answer = ask.post(
        execute(
            f"{text} SELECT Measures.A ON 0, [Segment].[Segment].[Segment].Members ON 1 FROM [Sales]", Format="Tabular"
        )
    )
    rows = list(answer.iter(f"{{{ROWSET}}}row"))
    error = rows[0][-1].find(f"{{{EXCEPTION}}}Error")
    assert error is not None
    assert error.findtext(f"{{{EXCEPTION}}}Description") == "a<b"
    assert error.findtext(f"{{{EXCEPTION}}}ErrorCode") == str(CELL_ERROR.number)
    assert [row[-1].text for row in rows[1:]] == ["x", "x"]
    assert validate(answer) == 3


def test_a_date_is_a_date(ask: Asker) -> None:
    value = '<Value xsi:type="xsd:dateTime">2024-02-29T10:20:30</Value>'
    listed = f"<Parameter><Name>p</Name>{value}</Parameter>"
    extra = f'<Parameters xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{listed}</Parameters>'
    members = "MEMBER Measures.A AS @p MEMBER Measures.B AS Format(@p, 'yyyy') "
    members += "MEMBER Measures.C AS @p < CDate('2024-03-01')"
    root = ask.cells(
        f"WITH {members} SELECT {{Measures.A, Measures.B, Measures.C}} ON 0 FROM [Sales]",
        extra=extra,
        LocaleIdentifier=1033,
    )
    values = root.iterfind(f"{D}CellData/{D}Cell/{D}Value")
    assert [e.text for e in values] == ["2024-02-29T10:20:30", "2024", "true"]


def test_parameters(ask: Asker) -> None:
    listed = "<Parameters><Parameter><Name>m</Name><Value>[Measures].[Orders]</Value></Parameter></Parameters>"
    root = ask.cells("SELECT {StrToMember(@m)} ON 0 FROM [Sales]", extra=listed)
    assert members(root, "Axis0") == [["[Measures].[Orders]"]]


def test_no_white_space_between_tags(service: Service) -> None:
    for statement in STATEMENTS:
        answer = b"".join(service.answer(read(execute(statement)), Call(None)))
        assert b"> <" not in answer
        assert b">\n" not in answer
        assert b"<Tuple/>" not in answer


@pytest.mark.parametrize(
    ("statement", "error", "place"),
    [
        ("SELEC nothing", SyntaxStatementError, (1, 1)),
        ("SELECT {[No such thing]} ON 0 FROM [Sales]", NameStatementError, (1, 9)),
        ("SELECT\n{[Measures].[Revenu]} ON 0 FROM [Sales]", NameStatementError, (2, 13)),
        ("SELECT FROM [No such cube]", NameStatementError, (1, 13)),
    ],
)
def test_errors_name_their_place(ask: Asker, statement: str, error: type[Exception], place: tuple[int, int]) -> None:
    with pytest.raises(error) as raised:
        ask.cells(statement)
    assert (getattr(raised.value, "line", 0), getattr(raised.value, "column", 0)) == place


def test_a_near_name_is_suggested(ask: Asker) -> None:
    with pytest.raises(NameStatementError, match=r"Did you mean .*Revenue"):
        ask.cells("SELECT {[Measures].[Revenu]} ON 0 FROM [Sales]")


@pytest.mark.parametrize("name", ["EffectiveUserName", "EffectiveRoles", "Roles"])
@pytest.mark.parametrize("value", ["admin", "*", "x;y"])
def test_nobody_becomes_somebody_else(ask: Asker, name: str, value: str) -> None:
    with pytest.raises(ForbiddenError):
        ask.cells("SELECT FROM [Sales]", **{name: value})
    ask.cells("SELECT FROM [Sales]", CustomData=value, UserName=value, Password=value, **{name: ""})


def test_an_unknown_database_is_told(ask: Asker) -> None:
    with pytest.raises(NotFoundError, match="SALES_ANALYTICS"):
        ask.cells("SELECT FROM [Sales]", Catalog="SALES_ANALYTIC")
    ask.cells("SELECT FROM [Sales]", Catalog="sales_analytics")


def test_a_cancelled_statement_stops(service: Service) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        service.answer(read(execute("SELECT FROM [Sales]")), Call(None, token=token))
