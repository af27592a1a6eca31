"""Content of a data card: facts of a store, its uses and its limits, for every format."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pandas as pd

from tembench.core import absolute, list_recipes
from tembench.dataset.reports.describe import describe_store
from tembench.dataset.splits import UNUSED
from tembench.dataset.store import Store
from tembench.recipe import DRAWN_PARTS, PARTS, TEST_PARTS, Recipe, load_recipe, recipe_id

CITATION = """@article{mohan2022deep,
  title   = {Deep Denoising for Scientific Discovery: A Case Study in Electron Microscopy},
  author  = {Mohan, Sreyas and Manzorro, Ramon and Vincent, Joshua L. and Tang, Binh and
             Sheth, Dev Y. and Simoncelli, Eero P. and Matteson, David S. and
             Crozier, Peter A. and Fernandez-Granda, Carlos},
  journal = {IEEE Transactions on Computational Imaging},
  volume  = {8},
  pages   = {585--597},
  year    = {2022},
  doi     = {10.1109/TCI.2022.3176536}
}"""
"""The paper that CITATION.cff prefers, as BibTeX."""

_USES = (
    "Training and comparing methods that denoise atomic-resolution electron-microscope images of "
    "low dose",
    "Measuring which atomic columns a method keeps, misses or invents, by the true columns of "
    "every specimen that has them",
)
_OUT_OF_SCOPE = (
    "Claims about recorded micrographs without a check on recorded micrographs",
    "Claims about materials, orientations, doses or microscopes outside the ranges below",
    "Measurements of materials: specimens are composed for their images, not relaxed or sampled "
    "from nature",
)
_THERMAL = {
    "absorbed": "electrons scattered thermally are absorbed",
    "ignored": "the loss by thermal scattering is ignored",
    "background": "electrons scattered thermally are an even background",
}
# Whose shares say what the images mostly show.
_SHARES = ("material", "contrast", "support", "microscope", "detector")


def card_content(
    store: Store, *, creator: str = "", url: str = "", published: str = ""
) -> dict[str, Any]:
    """Return what a data card says of a store, as plain values.

    Parameters
    ----------
    store : Store
        A complete store, or one that is complete in some parts.
    creator, url, published : str
        Who publishes it, where, and on which date (ISO 8601); none of it is in the store.

    Returns
    -------
    dict
        That of `describe_store`, and: ``store`` (name of its folder), ``stored_images``,
        ``stored_specimens``, ``reference``, ``focus_reference``, ``arrays``, ``values``,
        ``split_parts``, ``uses``, ``out_of_scope``, ``limits``, ``biases``, ``commands``, and
        the parameters.
    """
    content = describe_store(store)
    attributes = store.files.group.attrs
    table = store.table
    if store.files.parts:
        table = table[table["split_model"].isin(store.files.parts)]
    arrays = list(_arrays(store))
    split_parts = list(_split_parts(table))
    return {
        **content,
        "store": absolute(store.path).name,
        "stored_images": len(table),
        "stored_specimens": int(table["model"].nunique()),
        "reference": str(attributes.get("references", "")),
        "focus_reference": str(attributes.get("focus_reference", "")),
        "arrays": arrays,
        "values": list(_values(table, {array["name"]: array["units"] for array in arrays})),
        "split_parts": split_parts,
        "uses": list(_USES),
        "out_of_scope": [*_OUT_OF_SCOPE, *_untested(split_parts)],
        "limits": list(_limits(store, content)),
        "biases": [*_shares(table), *_shared_specimens(table)],
        "commands": _commands(store),
        "creator": creator,
        "url": url,
        "published": published,
    }


def _arrays(store: Store) -> Iterator[dict[str, Any]]:
    """Arrays of the store and its columns; not its digests, nor what it keeps twice."""
    group: Any = store.files.group
    inner = ((f"columns/{name}", array) for name, array in group["columns"].arrays())
    for name, array in sorted([*group.arrays(), *inner]):
        if not name.startswith("test_") or name == "test_image":
            yield {
                "name": name,
                "axes": list(array.metadata.dimension_names),
                "shape": list(array.shape),
                "dtype": "text" if array.dtype.kind in "OUT" else str(array.dtype),
                "units": str(array.attrs.get("units", "")),
                "scale_factor": array.attrs.get("scale_factor"),
                "meaning": str(array.attrs.get("long_name", "")),
            }


def _values(table: pd.DataFrame, units: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Name, unit and range of each factor: numbers by their quantiles, texts by their counts."""
    for name in table.columns:
        if name == "model" or name.startswith("split_"):
            continue
        values = table[name]
        row = {"name": name, "units": units.get(name, "")}
        if values.dtype.kind in "OUTb":
            counts = values[values != ""].value_counts()
            if len(counts):
                yield {**row, "counts": {str(value): int(n) for value, n in counts.items()}}
        elif len(known := values.dropna()):
            least, median, largest = known.astype(float).quantile([0, 0.5, 1]).tolist()
            yield {**row, "range": {"least": least, "median": median, "largest": largest}}


def _split_parts(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Images and specimens of each part of each split, the parts in their usual order."""
    parts = dict.fromkeys((*PARTS, *DRAWN_PARTS, *TEST_PARTS, UNUSED))
    for column in (name for name in table.columns if name.startswith("split_")):
        for part in parts:
            images = table[table[column] == part]
            if len(images):
                yield {
                    "split": column.removeprefix("split_"),
                    "part": part,
                    "images": len(images),
                    "specimens": int(images["model"].nunique()),
                }


def _untested(split_parts: list[dict[str, Any]]) -> Iterator[str]:
    if "test" not in {row["part"] for row in split_parts}:
        yield "Ranking methods: this store has no test part"


def _limits(store: Store, content: dict[str, Any]) -> Iterator[str]:
    yield (
        "Simulated: contamination, beam damage, charging, and whatever the recipe does not "
        "describe are absent. A method that does well here may fail on a micrograph"
    )
    if isinstance(store.recipe, Recipe):
        yield f"Thermal motion: {_THERMAL[store.recipe.simulation.thermal_scattering]}"
        yield (
            "All specimens share their place, zone axis and microscope: a look-up among training "
            "images may do well on the test, so a score also measures knowledge of this scene"
        )
    else:
        physics = store.recipe.physics
        phonons = physics.frozen_phonons
        thermal = f"{phonons} frozen phonons" if phonons else _THERMAL[physics.thermal_scattering]
        yield f"Thermal motion: {thermal}"
        with_columns = content["drawn"]["specimens_with_columns"]
        yield (
            f"{with_columns} of the specimens have true columns; off-zone crystals and films have "
            "none, and metrics of columns are not defined there"
        )
        yield "The ranges are the recipe's choice, not a survey of what laboratories record"
    yield (
        "Images of one specimen share what they show: count specimens, not images, as independent"
    )
    if not content.get("commitment"):
        yield "The seed is open: whoever has the recipe can simulate the truth of every image"


def _shares(table: pd.DataFrame) -> Iterator[str]:
    """Shares of images, where one value could dominate a mean."""
    for name in _SHARES:
        values = table.get(name)
        if values is not None and values.nunique() > 1:
            shares = values.value_counts(normalize=True)
            shown = ", ".join(f"{value} {share:.1%}" for value, share in shares.head(6).items())
            yield f"Share of images by {name}: {shown}{', ...' if len(shares) > 6 else ''}"


def _shared_specimens(table: pd.DataFrame) -> Iterator[str]:
    """Splits whose test shows specimens that the training has too."""
    for column in (name for name in table.columns if name.startswith("split_")):
        train, test = (set(table["model"][table[column] == part]) for part in ("train", "test"))
        if train & test:
            yield (
                f"Split {column.removeprefix('split_')}: {len(train & test)} of {len(test)} "
                "specimens under test are in the training too; for comparison only"
            )


def _commands(store: Store) -> list[str]:
    """Command lines that make the store again and compare it."""
    recipe, name = store.recipe, shlex.quote(absolute(store.path).name)
    own = recipe.name in list_recipes() and recipe_id(load_recipe(recipe.name)) == store.recipe_id
    source = recipe.name if own else "RECIPE"
    seal = "" if isinstance(recipe, Recipe) or not recipe.is_sealed else " --seal SEEDFILE"
    # A seed file draws the test and nothing else.
    parts = f" --parts {','.join(store.files.parts)}" if store.files.parts and not seal else ""
    return [
        f"tembench generate {source}{seal}{parts} --out {name}",
        f"tembench verify {name}{seal} --sample 1",
    ]
