"""Folders and names of the recipes and baselines, and hints for a name that is not found.

The folders are beside the package in a checkout, inside it in a wheel.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def recipes_folder() -> Path:
    """Folder of the recipes that come with tembench."""
    return _find("recipes")


def baselines_folder() -> Path:
    """Folder of the methods that come with tembench."""
    return _find("baselines")


def list_recipes() -> list[str]:
    """Names of the recipes that come with tembench, in alphabetical order.

    Examples
    --------
    >>> import tembench as tb
    >>> "quickstart" in tb.list_recipes()
    True
    """
    return sorted(path.stem for path in recipes_folder().glob("*.toml"))


def list_methods() -> list[str]:
    """Names of the methods that come with tembench, in alphabetical order.

    Examples
    --------
    >>> import tembench as tb
    >>> "bm3d" in tb.list_methods()
    True
    """
    return sorted(path.parent.name for path in baselines_folder().glob("*/method.toml"))


def quick_method_names() -> list[str]:
    """Names of the methods that `tembench run` uses by default, without the controls."""
    tables = {name: _description(name) for name in list_methods()}
    return [n for n, t in tables.items() if "quick" in t and t.get("kind") != "control"]


def known_name(given: str | Path, names: Collection[str], kind: str) -> str:
    """Remedy that names one of `names` if `given` ends in it or is close to it; else "".

    Parameters
    ----------
    given : str or Path
        The name or path that was not found.
    names : collection of str
        The names that exist.
    kind : str
        The kind of thing they name: "recipe", "method".
    """
    stem = Path(given).name.removesuffix(".toml")
    if stem in names:
        return f"'{stem}' is a {kind} that comes with tembench: give the name alone"
    close = difflib.get_close_matches(stem, names, n=1)
    return f"Did you mean '{close[0]}'?" if close else ""


def store_remedy(given: Path) -> str:
    """Remedy for a data set that is not found: a similar path, or the command that makes one."""
    name = given.name.removesuffix(".zarr")
    for other in (
        given.parent / f"{given.name}.zarr",
        Path("runs") / name / "store.zarr",
        given.parent / "runs" / name / "store.zarr",
        given / "store.zarr",
    ):
        if (other / "zarr.json").is_file():
            return f"Did you mean {other}?"
    recipe = name if name in list_recipes() else "RECIPE"
    store = f"{name}.zarr" if name in list_recipes() else "STORE"
    return f"Make one with 'tembench generate {recipe} --out {store}'"


def _description(method: str) -> dict[str, Any]:
    return tomllib.loads((baselines_folder() / method / "method.toml").read_text("utf-8"))


def _find(name: str) -> Path:
    checkout = _PACKAGE.parent / name
    if checkout.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return checkout
    return _PACKAGE / "_data" / name
