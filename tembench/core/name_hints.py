"""Remedies for a name that is not found: what comes with tembench, and what it looks like."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path

from tembench.core.paths import recipe_names


def known_name(given: str | Path, names: Collection[str], kind: str) -> str:
    """A remedy that names one of `names`, if `given` ends in it or is close to it; else "".

    Parameters
    ----------
    given : str or Path
        What was not found.
    names : collection of str
        What there is under a name.
    kind : str
        What they are: "recipe", "method".
    """
    stem = Path(given).name.removesuffix(".toml")
    if stem in names:
        return f"'{stem}' is a {kind} that comes with tembench: give the name alone"
    close = difflib.get_close_matches(stem, names, n=1)
    return f"Did you mean '{close[0]}'?" if close else ""


def store_remedy(given: Path) -> str:
    """What to do where a data set is not found."""
    name = given.name.removesuffix(".zarr")
    for other in (
        given.parent / f"{given.name}.zarr",
        Path("runs") / name / "store.zarr",
        given.parent / "runs" / name / "store.zarr",
        given / "store.zarr",
    ):
        if (other / "zarr.json").is_file():
            return f"Did you mean {other}?"
    recipe = name if name in recipe_names() else "RECIPE"
    store = f"{name}.zarr" if name in recipe_names() else "STORE"
    return f"Make one with 'tembench generate {recipe} --out {store}'"
