"""What a method was made for: the sampling and the dose of the images it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.core import MethodError
from tembench.methods.method import Method
from tembench.methods.training.records import FIT, TRAINING, fit_record, training_record
from tembench.recipe import Recipe, list_recipes, load_recipe


@dataclass(frozen=True, kw_only=True)
class Domain:
    """What a method was trained at, or its parameters tuned at.

    Attributes
    ----------
    pixel_size_A, dose_e_per_px : float or None
        None where the method does not say.
    recipe : Recipe or None
        Of the images, where it is one that comes with tembench.
    """

    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    recipe: Recipe | None = None


def domain_of(method: Method, weights: Path | None) -> Domain:
    """Return what a method was made for.

    Parameters
    ----------
    method : Method
        A trained one is described by the records beside its weights, another by the recipe that
        its parameters were tuned on.
    weights : pathlib.Path or None
        Folder of the weights.

    Raises
    ------
    MethodError
        If the method does not denoise single images, a record cannot be read, or the training is
        not finished or another method's.
    """
    if method.input != "noisy":
        raise MethodError(
            "does not denoise single noisy images",
            where=f"method {method.name}",
            expected='a method of input "noisy"',
            got=f'"{method.input}"',
            remedy="tembench methods lists the others",
        )
    if weights is None:
        return _of_recipe(str(method.tuned.get("recipe", "")).partition(" ")[0])
    record = _usable_record(method, weights)
    domain = _of_recipe(str(record.get("recipe", "")))
    fit = fit_record(weights) if (weights / FIT).is_file() else {}
    stated = fit.get("identity", {})
    return Domain(
        pixel_size_A=_positive(stated, "pixel_size_A") or domain.pixel_size_A,
        dose_e_per_px=_positive(stated, "dose_e_per_px") or domain.dose_e_per_px,
        recipe=domain.recipe,
    )


def _usable_record(method: Method, weights: Path) -> dict[str, Any]:
    """Return the record of finished training by the method or its base; empty without a record."""
    record = training_record(weights) if (weights / TRAINING).is_file() else {}
    if record and not record.get("complete", True):
        raise MethodError(
            "training is not finished",
            where=str(weights),
            remedy="run tembench train again to go on",
        )
    trained = method.base or method
    if record and record.get("method") != trained.name:
        raise MethodError(
            f"trained by method {record.get('method')}",
            where=str(weights),
            remedy="name its own weights",
        )
    return record


def _positive(stated: Mapping[str, Any], key: str) -> float | None:
    value = stated.get(key)
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _of_recipe(name: str) -> Domain:
    if name not in list_recipes():
        return Domain()
    recipe = load_recipe(name)
    return Domain(
        pixel_size_A=recipe.box.pixel_size_A,
        dose_e_per_px=recipe.microscope.dose_e_per_px,
        recipe=recipe,
    )
