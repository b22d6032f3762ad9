"""The recorded answers of FoodMart, with ours instead where Analysis Services is documented otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

__all__ = ["FILE", "differences", "known", "recorded"]

FILE = Path(__file__).with_name("differences.yaml")
ERROR = "_error"


def recorded(folder: Path) -> list[dict[str, Any]]:
    """The cases as Mondrian answers them."""
    found: list[dict[str, Any]] = json.loads((folder / "cases.json").read_text("utf-8"))["cases"]
    return found


def differences() -> list[dict[str, Any]]:
    """The entries of the file of differences."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))["differences"]
    return found


def known(folder: Path) -> list[dict[str, Any]]:
    """The cases as they are to be answered."""
    ours = {d["case"]: d["answer"] for d in differences()}
    return [_answered(c, ours[c["id"]]) if c["id"] in ours else c for c in recorded(folder)]


def _answered(case: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    kind = case["kind"].removesuffix(ERROR)
    return case | {"kind": kind + ERROR if "error" in answer else kind, "expected": answer}
