"""Groups of images of a drawn table: by material, dose, defocus and orientation.

The mean of a table hides where a method fails. Images are therefore grouped by each of four factors
alone, and by all four together; a group counts if it has images of `LEAST_SPECIMENS` specimens or
more. All bins are defined here: the material as the recipe names it, a crystal on or off its zone
axis, thirds of the dose (halves where all four are crossed, so that groups stay large) and halves
of the distance from focus, with limits at the quantiles of the table's images.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

LEAST_SPECIMENS = 10
"""Specimens from which a group's mean is told; fewer give intervals as wide as the table."""
_ORIENTATIONS = {"none": "no crystal"}


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageGroup:
    """A group of images.

    Attributes
    ----------
    name : str
        What they have in common, such as ``"Pt on CeO2, dose < 128 e/Å²"``.
    images : array of bool (images,)
        Which images are in it.
    specimens : int
        Number of specimens that these show.
    """

    name: str
    images: np.ndarray
    specimens: int


def image_groups(scores: pd.DataFrame) -> list[ImageGroup]:
    """Groups of the images of a table that have enough specimens.

    Parameters
    ----------
    scores : pandas.DataFrame
        Columns model and, as far as they are known, material, dose_e_per_A2, C10_nm, orientation.

    Returns
    -------
    list of ImageGroup
        Groups by one factor, then by all factors together; images without a value are in none.
    """
    texts = {name: _by_text(scores, name) for name in ("material", "orientation") if name in scores}
    if "orientation" in texts:
        texts["orientation"] = _by_zone(texts["orientation"])
    numbers = {
        name: (scores[name].to_numpy(dtype=np.float64), words, unit)
        for name, words, unit in (
            ("dose_e_per_A2", "dose", "e/Å²"),
            ("C10_nm", "|defocus|", "nm"),
        )
        if name in scores
    }
    if "C10_nm" in numbers:
        defocus, *labels = numbers["C10_nm"]
        numbers["C10_nm"] = (np.abs(defocus), *labels)
    halves = {name: _by_quantile(*of, bins=2) for name, of in numbers.items()}
    alone = dict(texts) | halves
    if "dose_e_per_A2" in numbers:
        alone["dose_e_per_A2"] = _by_quantile(*numbers["dose_e_per_A2"], bins=3)
    order = ("material", "dose_e_per_A2", "C10_nm", "orientation")
    crossed = texts | halves
    factors = [crossed[name] for name in order if name in crossed]
    together = itertools.product(*factors) if len(factors) > 1 else []
    candidates = [
        *(group for name in order if name in alone for group in alone[name]),
        *(_all_of(parts) for parts in together),
    ]
    models = scores["model"].to_numpy()
    groups = [
        ImageGroup(name=name, images=images, specimens=len(set(models[images])))
        for name, images in candidates
    ]
    return [group for group in groups if group.specimens >= LEAST_SPECIMENS]


def _by_text(scores: pd.DataFrame, name: str) -> list[tuple[str, np.ndarray]]:
    values = scores[name].to_numpy()
    return [(str(value), values == value) for value in sorted(set(values) - {""})]


def _by_zone(named: Sequence[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """All zone axes, such as ``[1 1 0]``, as one group; other orientations by their names."""
    zones = [images for name, images in named if name.startswith("[")]
    others = [(_ORIENTATIONS.get(name, name), images) for name, images in named]
    together = [("on zone", np.logical_or.reduce(zones))] if zones else []
    return [*together, *(one for one in others if not one[0].startswith("["))]


def _by_quantile(
    values: np.ndarray, words: str, unit: str, *, bins: int
) -> list[tuple[str, np.ndarray]]:
    known = values[~np.isnan(values)]
    if not len(known) or known.min() == known.max():
        return []
    inner = np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])
    found = []
    for low, high in itertools.pairwise((-np.inf, *inner, np.inf)):
        if np.isinf(low):
            name = f"{words} < {high:.3g} {unit}"
        elif np.isinf(high):
            name = f"{words} ≥ {low:.3g} {unit}"
        else:
            name = f"{words} {low:.3g} to {high:.3g} {unit}"
        found.append((name, (values >= low) & (values < high)))
    return found


def _all_of(parts: Sequence[tuple[str, np.ndarray]]) -> tuple[str, np.ndarray]:
    names, images = zip(*parts, strict=True)
    return ", ".join(names), np.logical_and.reduce(images)
