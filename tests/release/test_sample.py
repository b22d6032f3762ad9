"""The sample that other tests stand on keeps its promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from flis.release import current, releases
from flis.warehouse.dimensions import DAY, MUNICIPALITY, described
from tests.release.sample import LAST, PUBLIC_TABLES, build_sample, star

if TYPE_CHECKING:
    from pathlib import Path


def test_the_newest_release_serves(tmp_path: Path) -> None:
    state = build_sample(tmp_path)
    release = current(state)
    assert release is not None
    assert release.number == 2
    assert release.data_through == LAST
    assert [r.number for r in releases(state)] == [1, 2]


def test_every_store_has_its_tables(tmp_path: Path) -> None:
    release = current(build_sample(tmp_path, releases=1))
    assert release is not None
    assert len(release.stores) == 99 + 3
    own = {**{name: star(name) for name in ("stock", "flow", "crossing")}, "dim.kommune": MUNICIPALITY}
    shared = {"dim.dato": DAY, **{f"dim.{name}": rows.schema for name, rows in described().items()}}
    assert set(shared) == {
        f"dim.{n}" for n in ("dato", "alder", "koen", "civilstand", "statsborgerskab", "indrejseland")
    }
    for store in release.stores:
        schemas = {"public": PUBLIC_TABLES, "shared": shared}.get(store, own)
        tables = release.area("ukraine").store(store).tables
        assert set(tables) == set(schemas)
        for table, files in tables.items():
            assert pq.read_table(files[0]).schema.equals(schemas[table])


def test_a_municipal_store_holds_its_own_rows_only(tmp_path: Path) -> None:
    release = current(build_sample(tmp_path, releases=1))
    assert release is not None
    own = pq.read_table(list(release.area("ukraine").store("kommune-0461").tables["stock"]))
    national = pq.read_table(list(release.area("ukraine").store("national").tables["stock"]))
    assert own.num_rows
    assert pc.unique(own["kommune"]).to_pylist() == ["0461"]
    same = national.filter(pc.field("kommune") == "0461")
    assert own.sort_by("dato").num_rows == same.num_rows
    assert pc.sum(own["antal"]).as_py() == pc.sum(same["antal"]).as_py()
