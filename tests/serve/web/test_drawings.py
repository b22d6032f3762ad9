from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import vl_convert
from starlette.datastructures import QueryParams

from flis.config import Settings, State
from flis.serve.web.site.drawing_cache import Drawings
from flis.serve.web.site.texts import LANGUAGES, texts_of
from flis.serve.web.ukraine.chart_specifications import charts, label, specification
from flis.serve.web.ukraine.newest_charts import draw_newest_charts
from flis.serve.web.ukraine.report import Report
from flis.serve.web.ukraine.selection import select
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from flis.serve.web.ukraine.figures import Figures


def chart(people: int) -> dict[str, Any]:
    rows = [{"n": 0, "label": "{{g:K}}", "value": people, "text": f"{{{{n:{people}}}}}", "own": True, "bold": False}]
    return specification("groups", {"rows": rows}, top=max(1, people), height=34)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path, tmp_path / "keys")


def kept(state: State) -> dict[str, set[str]]:
    return {f.name: {d.name for d in f.iterdir()} for f in (state.cache / "charts").iterdir()}


def test_a_drawing_is_made_once_and_kept_by_content(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    svg = Drawings(state).svg(chart(5), 1)
    monkeypatch.setattr(vl_convert, "vega_to_svg", None)
    assert Drawings(state).svg(chart(5), 1) == svg
    assert len(kept(state)["1"]) == 1


def test_a_new_release_takes_over_the_drawings_that_it_shares(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    svg = Drawings(state).svg(chart(5), 1)
    monkeypatch.setattr(vl_convert, "vega_to_svg", None)
    drawings = Drawings(state)
    assert drawings.svg(chart(5), 2) == svg
    drawings.drop(keep=2)
    assert set(kept(state)) == {"2"}
    assert Drawings(state).svg(chart(5), 2) == svg


def test_drawings_are_bounded_on_disk(state: State) -> None:
    drawings = Drawings(state, limit=20_000)
    for people in range(30):
        drawings.svg(chart(people), 1)
    size = sum(f.stat().st_size for f in (state.cache / "charts" / "1").iterdir())
    assert 0 < size <= 20_000


def test_many_may_ask_for_the_same_drawing_at_once(state: State) -> None:
    """Each draws it; none of them finds its file gone."""
    drawings, together = Drawings(state), threading.Barrier(8)

    def draw(people: int) -> str:
        together.wait()
        return drawings.svg(chart(people), 1)

    with ThreadPoolExecutor(8) as pool:
        for people in range(1, 6):
            assert len({*pool.map(draw, [people] * 8)}) == 1
    assert len(kept(state)["1"]) == 5


def test_a_dropped_drawing_is_made_again(state: State) -> None:
    first = Drawings(state).svg(chart(7), 3)
    Drawings(state).drop(keep=4)
    assert Drawings(state).svg(chart(7), 3) == first


def test_a_drawing_has_no_words_and_no_style_of_its_own(figures: Figures, state: State) -> None:
    selection, known = select(QueryParams("kommune=0101&sammenlign=0461"), figures, texts_of("da"))
    made = charts(Report(figures, known, selection))
    assert len(made) == 6
    for specified in made.values():
        svg = Drawings(state).svg(specified, 1)
        assert "style=" not in svg
        assert "<style" not in svg
        assert all(text.startswith("{{") for text in re.findall(r"<text[^>]*>([^<]+)<", svg))
        for language in LANGUAGES:
            assert "{{" not in label(svg, texts_of(language))


def test_labels_are_in_the_language_and_escaped(figures: Figures) -> None:
    svg = "<text>{{n:12345}}</text><text>{{g:K}}</text><text>{{a:0000}}</text><text>{{s:1/4}}</text>"
    assert label(svg, texts_of("da")) == (
        "<text>12.345</text><text>Kvinder</text><text>Hele landet</text><text>1  (25\N{NO-BREAK SPACE}%)</text>"
    )
    assert "Women" in label(svg, texts_of("en"))
    assert "Жінки" in label(svg, texts_of("uk"))


def test_charts_ask_for_nothing_from_elsewhere() -> None:
    for name in ("line", "bars", "groups"):
        text = json.dumps(specification(name, {"days": [], "chosen": [], "bars": [], "rows": []}))
        assert '"url"' not in text


@pytest.mark.slow
def test_drawing_ahead_leaves_nothing_to_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = build_sample(tmp_path, releases=1)
    assert draw_newest_charts(Settings(state=tmp_path)) > 300
    monkeypatch.setattr(vl_convert, "vega_to_svg", None)
    web = Web.of(state)
    for address in ("/ukraine", "/ukraine?kommune=0101", "/uk/ukraine?kommune=0860", "/en/ukraine"):
        assert web.get(address).status_code == 200
    build_sample(tmp_path, releases=2)
    monkeypatch.undo()
    draw_newest_charts(Settings(state=tmp_path))
    assert set(kept(state)) == {"2"}


def test_there_is_nothing_to_draw_before_the_first_release(tmp_path: Path) -> None:
    assert draw_newest_charts(Settings(state=tmp_path)) == 0
