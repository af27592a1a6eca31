"""Training domain of a method: the pixel size, dose and recipe of the images it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.core import MethodError, list_recipes
from tembench.methods import FIT, TRAINING, Method, finished_record, fit_record
from tembench.recipe import Recipe, load_recipe

_BENCHMARK = "ptceo2-18k"


@dataclass(frozen=True, kw_only=True)
class Domain:
    """Images that a method was trained on, or that its parameters were tuned on.

    Attributes
    ----------
    pixel_size_A, dose_e_per_px : float or None
        Pixel size, and electrons per pixel in vacuum; None if the method does not state them, or
        was trained on images of many.
    coarsest_A : float or None
        Largest pixel size of a method that bins images of any smaller one by itself.
    recipe : Recipe or None
        Recipe of the images, if it is one of models that is shipped with tembench.
    assumed : Recipe or None
        Recipe whose lattice gives the pixel size of a clean image that states none.
    """

    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    coarsest_A: float | None = None
    recipe: Recipe | None = None
    assumed: Recipe | None = None


def domain_of(method: Method, weights: Path | None) -> Domain:
    """Return the images that a method was trained or tuned on.

    Parameters
    ----------
    method : Method
        Trained methods are described by the records beside their weights, others by the recipe
        that their parameters were tuned on.
    weights : pathlib.Path or None
        Folder of the weights.

    Raises
    ------
    MethodError
        If the method does not denoise noisy images, a record cannot be read, or the training is
        unfinished or that of another method.
    """
    if method.input == "clean":
        raise MethodError(
            "does not denoise image files",
            where=f"method {method.name}",
            expected='a method of input "noisy" or "series"',
            got=f'"{method.input}"',
            remedy="tembench methods lists the others",
        )
    if weights is None:
        return _of_recipe(str(method.tuned.get("recipe", "")).partition(" ")[0])
    record = finished_record(method, weights) if (weights / TRAINING).is_file() else {}
    domain = _of_recipe(str(record.get("recipe", "")))
    fit = fit_record(weights) if (weights / FIT).is_file() else {}
    stated = fit.get("identity", {})
    if bin_A := _positive(stated, "bin_A"):
        # Bins of two pixels or more are within a fifth of the size that the network knows.
        benchmark = load_recipe(_BENCHMARK)
        return Domain(
            coarsest_A=bin_A / 2, assumed=benchmark if isinstance(benchmark, Recipe) else None
        )
    return Domain(
        pixel_size_A=_positive(stated, "pixel_size_A") or domain.pixel_size_A,
        dose_e_per_px=_positive(stated, "dose_e_per_px") or domain.dose_e_per_px,
        recipe=domain.recipe,
        assumed=domain.recipe,
    )


def _positive(stated: Mapping[str, Any], key: str) -> float | None:
    value = stated.get(key)
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _of_recipe(name: str) -> Domain:
    if name not in list_recipes():
        return Domain()
    recipe = load_recipe(name)
    if not isinstance(recipe, Recipe):
        # Drawn specimens have no one lattice; sizes and dose stand beside the weights.
        return Domain()
    return Domain(
        pixel_size_A=recipe.box.pixel_size_A,
        dose_e_per_px=recipe.microscope.dose_e_per_px,
        recipe=recipe,
        assumed=recipe,
    )
