"""What short commands import: they answer at once because they leave the heavy libraries alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flis.lazy import on_demand
from tests.release.sample import build_sample

if TYPE_CHECKING:
    from flis.config import State

HEAVY = {
    *("argon2", "asyncio", "babel", "cryptography", "duckdb", "importlib.metadata", "jinja2", "lxml", "numpy"),
    *("pyarrow", "sqlglot", "starlette", "uvicorn", "vl_convert", "xlsxwriter"),
}
"""Each of them takes longer to import than `flis status` takes to read all states."""
LIGHT = """
import sys
from flis.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, sep="\\n", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> State:
    return build_sample(tmp_path_factory.mktemp("light") / "state", releases=1)


@pytest.mark.parametrize("words", [["--help"], ["status"], ["status", "--json"], ["incident", "list"]], ids=" ".join)
def test_a_short_command_imports_nothing_heavy(words: list[str], published: State) -> None:
    where = [] if words == ["--help"] else ["--state", str(published.root)]
    told = subprocess.run([sys.executable, "-c", LIGHT, *words, *where], capture_output=True, text=True, check=True)
    assert told.stdout
    imported = set(told.stderr.splitlines())
    assert "flis.cli" in imported
    assert not HEAVY & imported


def test_a_name_that_the_package_lacks_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'flis\.delivery' has no attribute 'recieve'"):
        on_demand("flis.delivery", intake=("receive",))("recieve")
