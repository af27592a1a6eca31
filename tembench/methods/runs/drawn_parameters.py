"""Parameters that suit the images of a drawn recipe: sampling, doses, symmetries.

The baselines' parameters were chosen on images of 0.0625 A/px at one dose, formed from exit waves.
Images of a drawn recipe have another sampling, a dose and optics of their own each, and no exit
waves that a network could form images from. Parameters that the user set, and those tuned on the
recipe itself, stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tembench.core import notice
from tembench.methods.counts.binning import bin_side
from tembench.methods.method import Method
from tembench.recipe import AnyRecipe, DrawnRecipe, RecipeName, limits_of, public_ids

CHOSEN_AT_A = 0.0625
"""Pixel size of the images that the baselines' parameters were chosen on."""
NETWORK_BIN_A = 0.6
"""Side of a network's bin.

Images of `srtio3`, `au-on-carbon` and `mos2` follow from their values at the centres of such bins
to 50 dB or better (peak 1 e/px at 0.45 e/px); smaller bins cost time and sight.
"""
# Sides of the bins, and widths of the Gaussian, to search among: the dose decides, and drawn doses
# are tens of times that of the closed benchmark or a tenth.
_BINS_A = (0.2, 0.3, 0.4, 0.5, 0.625, 0.75)
_WIDTHS_A = (0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def suited(method: Method, recipe: AnyRecipe | RecipeName) -> Method:
    """Return the method with parameters that suit the images of a recipe.

    Parameters
    ----------
    method : Method
        The method.
    recipe : Recipe or DrawnRecipe
        Recipe of the images, or its name in inputs; for a closed one the method is returned as it
        is.

    Returns
    -------
    Method
        For a method that is trained: crops of images in place of exit waves, bins of
        `NETWORK_BIN_A`, all doses of the recipe, and all symmetries where no orientation in the
        image is preferred. For others: bins and widths of the same size in angstrom, and among the
        values to search those that suit the sampling.

    Examples
    --------
    >>> from tembench.methods import load_method
    >>> from tembench.recipe import load_recipe
    >>> suited(load_method("unet"), load_recipe("srtio3")).parameters["binning"]
    6
    """
    if isinstance(recipe, RecipeName):
        if method.trainable or not recipe.is_drawn:
            return method
        ids = recipe.ids
    elif isinstance(recipe, DrawnRecipe):
        if method.trainable:
            return method.adapted(**_of_training(method, recipe))
        ids = public_ids(recipe)
    else:
        return method
    if method.tuned.get("recipe_id") in ids:
        return method
    return replace(method.adapted(**_of_filter(method, recipe)), search=_searched(method, recipe))


def training_notice(method: Method, suited_method: Method, recipe: DrawnRecipe) -> str:
    """Say in one line what a training on drawn images does differently from the method's default.

    Parameters
    ----------
    method, suited_method : Method
        As given, and as `suited` returned it.
    recipe : DrawnRecipe
        Recipe of the images.
    """
    before, now = method.parameters, suited_method.parameters
    changed = [f"{name} = {now[name]}" for name in now if before.get(name) != now[name]]
    parts = [f"{method.name} on the drawn images of {recipe.name}"]
    if changed:
        parts.append(f"parameters for them (kept with the weights): {', '.join(changed)}")
    low, high = limits_of(recipe.frame.pixel_size_A)
    if low < high:
        parts.append(f"each image at its own sampling, {low:.3g} to {high:.3g} A/px")
    if recipe.has_camera:
        parts.append("noise as its cameras record it")
    return "; ".join(parts)


def announce(method: Method, suited_method: Method, recipe: AnyRecipe) -> None:
    """Print `training_notice` for a drawn recipe."""
    if isinstance(recipe, DrawnRecipe):
        notice(training_notice(method, suited_method, recipe))


def _of_training(method: Method, recipe: DrawnRecipe) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if method.parameters.get("samples") == "moved":
        return {"dose_range_e_per_A2": list(recipe.doses_e_per_A2)}
    if method.parameters.get("samples") == "waves":
        values = {"samples": "images", "overhang_px": 0, "defocus_jitter_nm": 0.0}
    # In units of the nominal dose, the geometric mean of the limits at the mean pixel size.
    sampling, nominal_A = limits_of(recipe.frame.pixel_size_A), recipe.pixel_size_A
    low, high = recipe.doses_e_per_A2
    mean = (low * high) ** 0.5
    values["dose_range"] = [
        dose / mean * (size / nominal_A) ** 2
        for dose, size in zip((low, high), sampling, strict=True)
    ]
    values["binning"] = bin_side(NETWORK_BIN_A, nominal_A)
    # Lattices of any rotation and spacing, often all over the image.
    values["spectral"] = True
    if freely_rotated(recipe):
        values["symmetries"] = "all"
    return values


def _of_filter(method: Method, recipe: DrawnRecipe | RecipeName) -> dict[str, Any]:
    factor = CHOSEN_AT_A / recipe.pixel_size_A
    values: dict[str, Any] = {}
    binning, width = (method.parameters.get(name) for name in ("binning", "sigma_px"))
    # Bins of one pixel are single pixels at any sampling.
    if binning and binning > 1:
        values["binning"] = max(1, round(binning * factor))
    if width:
        values["sigma_px"] = width * factor
    return values


def _searched(method: Method, recipe: DrawnRecipe | RecipeName) -> dict[str, list[Any]]:
    """Return the values to search, others where several bins or widths were searched already."""
    size_A = recipe.pixel_size_A
    suited_to: dict[str, list[Any]] = {
        "binning": sorted({bin_side(side_A, size_A) for side_A in _BINS_A}),
        "sigma_px": [round(width_A / size_A, 2) for width_A in _WIDTHS_A],
    }
    return {
        name: suited_to.get(name, values) if len(values) > 1 else values
        for name, values in method.search.items()
    }


def freely_rotated(recipe: DrawnRecipe) -> bool:
    """Return whether every component that has a rotation may be rotated by any angle."""
    rotations = [
        limits_of(rotation)
        for kind in recipe.kinds.values()
        for component in kind.components.values()
        if (rotation := _rotation(component)) is not None
    ]
    return all(high - low >= 360 for low, high in rotations)


def _rotation(component: Any) -> Any:
    orientation = getattr(component, "orientation", component)
    return getattr(orientation, "rotation_deg", None)
