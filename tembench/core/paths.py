"""Where recipes and baselines lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def recipes_folder() -> Path:
    """Folder of the recipes that come with tembench."""
    return _find("recipes")


def baselines_folder() -> Path:
    """Folder of the methods that come with tembench."""
    return _find("baselines")


def recipe_names() -> list[str]:
    """Names of the recipes that come with tembench, ascending."""
    return sorted(path.stem for path in recipes_folder().glob("*.toml"))


def method_names() -> list[str]:
    """Names of the methods that come with tembench, ascending."""
    return sorted(path.parent.name for path in baselines_folder().glob("*/method.toml"))


def quick_method_names() -> list[str]:
    """Names of those that `tembench run` takes without being asked, controls apart."""
    tables = {name: _description(name) for name in method_names()}
    return [n for n, t in tables.items() if "quick" in t and t.get("kind") != "control"]


def _description(method: str) -> dict[str, Any]:
    return tomllib.loads((baselines_folder() / method / "method.toml").read_text("utf-8"))


def _find(name: str) -> Path:
    checkout = _PACKAGE.parent / name
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    return _PACKAGE / "_data" / name
