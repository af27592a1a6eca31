"""Where recipes and baselines lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def recipes_folder() -> Path:
    """Folder of the recipes that come with tembench."""
    return _find("recipes")


def baselines_folder() -> Path:
    """Folder of the methods that come with tembench."""
    return _find("baselines")


def _find(name: str) -> Path:
    checkout = _PACKAGE.parent / name
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    return _PACKAGE / "_data" / name
