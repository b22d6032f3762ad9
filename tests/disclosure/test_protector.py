"""What is shown keeps the promises, and an auditor that does not trust the protector refuses one that breaks them."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from flis import disclosure
from flis.disclosure import Shown, Truth, audit, outsider, protect, protector
from flis.disclosure.cell_offsets import drawn
from flis.disclosure.model import SHOWN, empty
from flis.disclosure.policy import Rules
from tests.disclosure.made import AGES, SEXES, truth

if TYPE_CHECKING:
    from flis.disclosure import Division

KEY = bytes(range(32))
RULES = Rules()
NO_LOT = replace(RULES, held_one_in=10**9)
SEEDS = range(6)
EPOCH = date(1970, 1, 1).toordinal()


def figures(of: Truth, dimension: Division, rules: Rules = RULES, key: bytes = KEY) -> Shown:
    return protect(of, dimension, empty(len(dimension.groups)), rules, key)


def rules_broken(of: Truth, dimension: Division, shown: Shown) -> set[str]:
    return {fault.rule for fault in audit(of, dimension, empty(len(dimension.groups)), shown, RULES)}


@pytest.mark.parametrize("dimension", [SEXES, AGES], ids=lambda d: d.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_figures_are_near_the_truth_and_add_up(seed: int, dimension: Division) -> None:
    """Each rounded group is less than the base away; the sum is exact; nothing is shown of few persons."""
    of = truth(seed=seed)
    shown = figures(of, dimension)
    days = [m.day.toordinal() - EPOCH for m in of.moments]
    at = [days.index(d) for d in shown.day.tolist()]
    true = of.counts[dimension.name][at, shown.place]
    off = np.delete(shown.counts - true, dimension.rest, 1)
    assert len(shown.place) > 50
    assert np.abs(off).max() < RULES.base
    assert (shown.counts.sum(1) == true.sum(1)).all()
    assert true.sum(1).min() >= RULES.shown_from
    assert not rules_broken(of, dimension, shown)


def test_the_offset_of_a_cell_is_what_the_key_says() -> None:
    """The offset is a keyed hash of the cell's name, so it is the same in every release and nobody can guess it."""
    found = [drawn(KEY, 5, "offset", "place", f"p{n}", "koen", "M") for n in range(2000)]
    assert found == [drawn(KEY, 5, "offset", "place", f"p{n}", "koen", "M") for n in range(2000)]
    assert np.bincount(found, minlength=5).min() > 340
    assert found != [drawn(bytes(32), 5, "offset", "place", f"p{n}", "koen", "M") for n in range(2000)]


def test_a_tenth_of_the_refreshes_is_held_by_lot() -> None:
    of = truth(seed=1, places=60)
    with_lot, without = len(figures(of, SEXES).place), len(figures(of, SEXES, NO_LOT).place)
    assert 0.82 * without < with_lot < 0.97 * without


def test_a_refresh_comes_after_five_changes_and_a_figure_stays() -> None:
    """Week by week, each run knowing what was shown before: the same figures as in one run, none of them changed."""
    of = truth(seed=2)
    shown = empty(2)
    for week in range(1, len(of.moments) + 1):
        part = Truth(
            of.level, of.moments[:week], week - 1, {"koen": of.counts["koen"][week - 1 : week]}, of.came, of.went
        )
        new = protect(part, SEXES, shown, RULES, KEY)
        assert not audit(part, SEXES, shown, new, RULES)
        assert set(new.day.tolist()) <= {of.moments[week - 1].day.toordinal() - EPOCH}
        shown = shown.joined(new)
    at_once = figures(of, SEXES)
    assert (shown.counts == at_once.counts).all()
    assert (shown.day == at_once.day).all()
    refreshed = np.flatnonzero(np.append([False], np.diff(shown.place) == 0))
    assert (shown.came + shown.went)[refreshed].min() >= RULES.refresh_from


def test_figures_survive_the_register(tmp_path: Path) -> None:
    shown = figures(truth(seed=3), AGES)
    table = shown.rows(truth(seed=3).level, AGES)
    assert table.schema.equals(SHOWN)
    back = Shown.of(table, truth(seed=3).level, AGES)
    assert (back.counts == shown.counts).all()
    assert (back.day == shown.day).all()
    assert (back.place == shown.place).all()


def unbalanced(counts: np.ndarray, secret: np.ndarray, base: int, rest: int) -> np.ndarray:
    del rest
    return np.asarray((counts + secret) // base * base)


def nearest(counts: np.ndarray, secret: np.ndarray, base: int, rest: int) -> np.ndarray:
    return protector_rounded(counts, np.full_like(secret, base // 2), base, rest)


def redrawn(counts: np.ndarray, secret: np.ndarray, base: int, rest: int) -> np.ndarray:
    draw = np.random.default_rng(int(counts.sum()))
    return protector_rounded(counts, draw.integers(0, base, secret.shape), base, rest)


protector_rounded = protector.rounded


@pytest.mark.parametrize(
    ("mutant", "rule"),
    [(unbalanced, "add up"), (nearest, "offsets are secret"), (redrawn, "offset of a cell stays")],
    ids=lambda x: getattr(x, "__name__", ""),
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_protector_that_rounds_otherwise_is_refused(
    mutant: object, rule: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protector, "rounded", mutant)
    of = truth(seed=seed, places=30)
    assert any(rule in broken for broken in rules_broken(of, SEXES, figures(of, SEXES)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_protector_that_refreshes_at_once_is_refused(seed: int) -> None:
    of = truth(seed=seed)
    shown = figures(of, SEXES, replace(RULES, refresh_from=1))
    assert any("after so many changes" in broken for broken in rules_broken(of, SEXES, shown))


def test_a_protector_that_computes_anew_is_refused() -> None:
    """The same days once more, with another key or the same: what was shown stays."""
    of = truth(seed=4)
    past = figures(of, SEXES)
    for key in (KEY, bytes(32)):
        again = figures(of, SEXES, key=key)
        assert {f.rule for f in audit(of, SEXES, past, again, RULES)} == {"a figure that was shown stays as it is"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_protector_that_asks_no_auditor_is_refused(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protector, "_passes", lambda _shown, new, *_: np.ones(len(new.place), bool))
    of = truth(seed=seed, places=40, persons=50)
    found = rules_broken(of, AGES, figures(of, AGES, NO_LOT))
    assert found <= {"a cell is told", "a change is told"}
    assert found


def aged(of: Truth) -> Truth:
    """The same lives, but that half of a group have a birthday in the middle of the time, in every place."""
    counts = of.counts[AGES.name].copy()
    later = counts[len(counts) // 2 :]
    moved = later[..., 1] // 2
    later[..., 1] -= moved
    later[..., 2] += moved
    return replace(of, counts={**of.counts, AGES.name: counts})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_that_tells_a_birthday_is_not_shown(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that shrinks by more than have left tells that somebody went into another one."""
    of = aged(truth(seed=seed))
    assert not rules_broken(of, AGES, figures(of, AGES))
    works_out = outsider.told
    monkeypatch.setattr(protector, "told", lambda of: replace(told := works_out(of), torn=np.zeros_like(told.torn)))
    assert rules_broken(of, AGES, figures(of, AGES)) == {"a change of groups is told"}


@pytest.mark.parametrize("rounds", [1, 2])
def test_work_that_does_not_settle_hides_more(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little time for working out what is told: figures are held, and none is shown that was not before."""
    of = truth(seed=6)
    whole = figures(of, AGES)
    monkeypatch.setattr(outsider, "ROUNDS", rounds)
    hasty = figures(of, AGES)
    assert len(hasty.place) < len(whole.place)
    monkeypatch.undo()
    assert not rules_broken(of, AGES, hasty)


def test_a_fault_names_the_cell_and_no_value() -> None:
    of = truth(seed=5)
    shown = figures(of, SEXES)
    shown.counts[0, 1] += 1
    (first, *_) = audit(of, SEXES, empty(2), shown, RULES)
    assert str(first).startswith(f"place p00 {first.day}, koen: ")
    assert not any(str(n) in first.rule for n in range(10))


def test_the_auditor_shares_no_code_with_the_protector() -> None:
    folder = Path(disclosure.__file__).parent
    for name in ("auditor", "outsider"):
        tree = ast.parse((folder / f"{name}.py").read_text("utf-8"))
        found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not found & {"flis.disclosure.protector", "flis.disclosure.cell_offsets", "flis.disclosure"}
