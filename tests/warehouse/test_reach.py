"""A step reads the tables that its head declares, and nothing else of the machine, of the warehouse, or of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import CatalogError
from flis.warehouse.reach import reads_of_scalar, reads_of_select
from flis.warehouse.step import step_named
from flis.warehouse.step_check import scalar_problem
from tests.made_areas import AreasIn, write_area

if TYPE_CHECKING:
    from pathlib import Path

TABLES, COLUMNS = frozenset({"t", "other.kept"}), frozenset({"a", "b"})
STEP = "-- in t: a VARCHAR\n-- out one: a VARCHAR\n-- kind fact\nSELECT a\nFROM "


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT a FROM '/etc/hostname'", "reads /etc/hostname"),
        ("SELECT a FROM 'keys/person.key'", "reads keys/person.key"),
        ('SELECT a FROM "facts.parquet"', "reads facts.parquet"),
        ("SELECT content FROM read_text('/etc/hostname')", "rows of read_text"),
        ("SELECT content FROM READ_BLOB('person.key')", "rows of read_blob"),
        ("SELECT a FROM read_csv('/etc/hostname', columns = {'a': 'VARCHAR'})", "rows of read_csv"),
        ("SELECT a FROM t, glob('*')", "rows of glob"),
        ("SELECT a FROM t WHERE a IN (SELECT content FROM read_text('x'))", "rows of read_text"),
        ("SELECT (SELECT max(content) FROM read_text('x')) AS a FROM t", "rows of read_text"),
        ("SELECT a FROM t, LATERAL (SELECT * FROM read_json(a))", "rows of read_json"),
        ("SELECT a FROM t ORDER BY (SELECT 1 FROM secret)", "reads secret"),
        ("SELECT a FROM t QUALIFY (SELECT true FROM secret)", "reads secret"),
        ("SELECT a FROM t UNION ALL FROM secret", "reads secret"),
        ("TABLE secret", "reads secret"),
        ("SELECT a FROM information_schema.tables", "reads information_schema.tables"),
        ("SELECT a FROM query('SELECT 1 AS a')", "rows of query"),
        ("SELECT a FROM query_table('secret')", "rows of query_table"),
        ("FROM duckdb_secrets()", "rows of duckdb_secrets"),
        ("SELECT * FROM (SUMMARIZE t)", "describes a table"),
        ("SELECT * FROM (SHOW TABLES)", "describes a table"),
        # a name that WITH gives holds where it is given, and not before it or beside it
        ("WITH secret AS (SELECT * FROM secret) FROM secret", "reads secret"),
        ("WITH one AS (FROM secret), secret AS (FROM t) FROM one", "reads secret"),
        ("SELECT 1 FROM (WITH secret AS (FROM t) FROM secret), secret", "reads secret"),
        ("SELECT getenv('HOME') AS a", "calls getenv"),
        ("SELECT current_setting('threads') AS a", "calls current_setting"),
        ("SELECT pg_catalog.current_query() AS a", "calls current_query"),
        ("SELECT random() AS a FROM t", "calls random"),
        ("SELECT list_transform([1], lambda x: uuid()) AS a FROM t", "calls uuid"),
        ("SELECT today() AS a FROM t", "calls today"),
        ("SELECT CURRENT_DATE AS a FROM t", "asks for current_date"),
        ("SELECT a FROM t USING SAMPLE 5", "takes a sample"),
        ("ATTACH 'other.duckdb'", "one SELECT"),
        ("PRAGMA database_list", "one SELECT"),
        ("COPY t TO 'file'", "one SELECT"),
        ("INSTALL httpfs", "one SELECT"),
        ("SET threads = 1", "one SELECT"),
        ("SELECT a FROM t; COPY t TO 'file'", "one SELECT"),
        ("SELECT a FROM t; SELECT a FROM t", "one SELECT"),
    ],
)
def test_a_select_reaches_no_further_than_its_head(select: str, said: str) -> None:
    found = reads_of_select(select, TABLES, COLUMNS)
    assert found is not None
    assert said in found[0]


@pytest.mark.parametrize(
    "select",
    [
        "SELECT a FROM t",
        "SELECT a FROM other.kept",
        "SELECT a FROM KEPT",
        "WITH one AS (FROM t), two AS (FROM one) SELECT a FROM two UNION FROM one",
        "WITH RECURSIVE up AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM up WHERE n < 9) SELECT n FROM up, t",
        "SELECT a, n FROM t, unnest([1, 2]) AS u(n)",
        "FROM range(3) AS r(n), t",
        "SELECT user FROM (SELECT a AS user FROM t)",
        "VALUES (1)",
    ],
)
def test_what_a_select_may_do(select: str) -> None:
    assert reads_of_select(select, TABLES, COLUMNS) is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(SELECT max(content) FROM read_text('x')) = a", "reads a table"),
        ("a IN (SELECT 1)", "reads a table"),
        ("EXISTS (FROM t)", "reads a table"),
        ("a) FROM read_text('x') --", "refuses"),
        ("a FROM read_text('x')", "one expression"),
        ("a, b", "one expression"),
        ("a; COPY t TO 'file'", "one expression"),
        ("a > current_date", "asks for current_date"),
        ("random() > a", "calls random"),
    ],
)
def test_an_expression_reads_its_row_alone(expression: str, said: str) -> None:
    assert said in reads_of_scalar(expression, COLUMNS)
    assert said in scalar_problem(expression, COLUMNS)


def test_an_expression_over_columns() -> None:
    assert reads_of_scalar("CASE WHEN a = 0 THEN 0 ELSE round(b, 2) END", COLUMNS) == ""


def test_no_running_system_takes_a_step_that_reads_more(tmp_path: Path, areas_in: AreasIn) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    write_area(tmp_path / "areas", "haver", **{"steps/one.sql": f"{STEP}read_text('{secret}')"})
    areas_in(tmp_path / "areas")
    with pytest.raises(CatalogError, match="rows of read_text") as refused:
        step_named("haver", "one")
    assert (refused.value.file, refused.value.line) == ("areas/haver/steps/one.sql", 5)
