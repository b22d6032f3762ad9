from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flis.config import State
from flis.serve.web.ukraine.current_figures import CurrentFigures
from tests.release.sample import build_sample
from tests.serve.web.asking import Web

if TYPE_CHECKING:
    from pathlib import Path

    from flis.serve.web.ukraine.figures import Figures


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> State:
    """Two releases of made-up facts; not to be changed by a test."""
    return build_sample(tmp_path_factory.mktemp("sample"), releases=2)


@pytest.fixture(scope="session")
def web(sample: State) -> Web:
    return Web.of(sample)


@pytest.fixture(scope="session")
def figures(sample: State) -> Figures:
    found = CurrentFigures(sample).figures()
    assert found
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Web:
    """A server before the first release."""
    return Web.of(State(tmp_path, tmp_path / "keys"))
