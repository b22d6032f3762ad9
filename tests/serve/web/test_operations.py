from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from flis.catalog.areas import Phrase, areas
from flis.operations import Incident, Kind, add, today
from flis.release import current
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

TOLD = Phrase("To kommuners sager <mangler>.", "The cases of two municipalities are missing.")


def test_every_area_is_in_the_overview(empty: Web) -> None:
    page, data = empty.get("/drift").text, empty.get("/drift.json").json()
    assert [a["id"] for a in data["areas"]] == [a.id for a in areas()]
    assert data["release"] is None
    for area in areas():
        assert f'id="{area.id}"' in page


def test_the_overview_shows_how_far_the_data_reach(web: Web) -> None:
    release = current(web.state)
    assert release
    assert "16. august 2022" in web.get("/drift").text
    assert web.get("/drift.json").json()["release"] == release.number
    row = next(a for a in web.get("/drift.json").json()["areas"] if a["id"] == "ukraine")
    assert row["data_through"] == release.manifest.data_through.isoformat()


def test_an_incident_is_told_in_the_readers_language(empty: Web) -> None:
    since = today(empty.state) - timedelta(days=1)
    told = add(
        empty.state,
        Incident(kind=Kind.FAULTY, areas=("ky",), text=TOLD, since=since, municipalities=("0101", "0461")),
    )
    assert isinstance(told.since, date)
    danish, english = empty.get("/drift").text, empty.get("/en/drift").text
    assert "To kommuners sager &lt;mangler&gt;." in danish
    assert "København, Odense" in danish
    assert TOLD.en in english
    assert f'href="/en/drift/{told.id}"' in english
    for prefix, says in (("", "KY"), ("/en", TOLD.en), ("/uk", TOLD.en)):
        answer = empty.get(f"{prefix}/drift/{told.id}")
        assert answer.status_code == 200
        assert says in answer.text


def test_a_notice_names_the_release(tmp_path: Path) -> None:
    web = Web.of(build_sample(tmp_path, releases=1))
    told = add(web.state, Incident(kind=Kind.FAULTY, areas=("ky",), text=TOLD, since=today(web.state)))
    assert "Release 1, sat i drift" in web.get(f"/drift/{told.id}").text
