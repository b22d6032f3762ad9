"""What was known of persons on an earlier day: a step that reads what is not kept cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.errors import CatalogError
from flis.warehouse import area_facts, load
from flis.warehouse.earlier import known_then
from flis.warehouse.fact_tables import FactsByHeads
from flis.warehouse.step import step_named
from tests.release.test_apply import DAYS, lives
from tests.warehouse.arrange import accept, new_state, write_chain

if TYPE_CHECKING:
    from pathlib import Path


def test_tables_are_as_they_were_known_and_gone_afterwards(tmp_path: Path) -> None:
    """The person who entered 0461 on 10 February was told of on 8 March."""
    state = new_state(tmp_path / "state")
    accept(state, write_chain(tmp_path / "files", DAYS, lives()))
    load(state)
    with area_facts(state, "ukraine") as known:
        assert isinstance(known, FactsByHeads)
        counts = [known.fact_then("recount", [DAYS[1]], day)["antal"].to_pylist() for day in DAYS[2:]]
        now = {row["kommune"]: row["antal"] for row in known.fact("stock", [DAYS[1]]).to_pylist()}
        assert sum(counts[1]) == sum(counts[0]) + 1
        assert set(now) == {"0101", "0461"}
        left = known.connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
        assert not {"residence", "citizenship", "member"} & {name for (name,) in left}
        with (
            pytest.raises(CatalogError, match=r"passage.sql:\d+: borger.address is not kept"),
            known_then(known.connection, step_named("ukraine", "stay"), DAYS[2], changed_alone=True),
        ):
            pass
        stays = known.stays("stay", "former_stay", [DAYS[2]]).to_pylist()
    assert {row["known_from"] for row in stays if row["known_to"].year < 9999} == {DAYS[2]}
