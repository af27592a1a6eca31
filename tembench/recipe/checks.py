"""Checks of a recipe that concern several of its tables: names, tracks and grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tembench.core import Reader
from tembench.recipe.model import BLANK, Recipe

LARGEST_IMAGE_PX = 8192
# The factors multiply: after a slip, the table of images alone could fill the memory.
_MOST_IMAGES = 1_000_000


def check_whole(recipe: Recipe, top: Reader) -> None:
    """Note in `top` names without a table of theirs, and grids that do not fit the optics."""
    names = [model.name for model in recipe.models]
    if not names:
        top.problem("models", "expected at least one model")
    if recipe.n_images > _MOST_IMAGES:
        top.problem("models", f"expected at most {_MOST_IMAGES} images, got {recipe.n_images}")
    for name in _repeated(names):
        top.problem("models", f"{name} is listed twice")
    for key in ("validation_models", "test_models"):
        held_out = getattr(recipe.splits, key)
        for name in _repeated(held_out):
            top.problem(f"splits.{key}", f"{name} is listed twice")
        for name in held_out:
            if name not in names:
                top.problem(f"splits.{key}", f"no such model: {name}")
    both = set(recipe.splits.validation_models) & set(recipe.splits.test_models)
    for name in sorted(both):
        top.problem("splits", f"{name} is in validation and in test")
    tests = len(recipe.splits.test_models)
    if recipe.splits.test_images is not None and recipe.splits.test_images < tests:
        top.problem(
            "splits.test_images",
            f"expected at least one for each of the {tests} test models, "
            f"got {recipe.splits.test_images}",
        )
    _check_tracks(recipe, top)
    for model in recipe.models:
        if (model.particle == BLANK) != (model.support == BLANK):
            top.problem("models", f"{model.name}: '{BLANK}' must be both, particle and support")
    for model in {(m.particle, m.defect): m for m in recipe.models}.values():
        sites = recipe.particles[model.particle].sites
        for site in recipe.defects[model.defect]:
            if site not in sites:
                top.problem(f"particles.{model.particle}.sites", f"no site {site} ({model.defect})")
    _check_geometry(recipe, top)


def _check_tracks(recipe: Recipe, top: Reader) -> None:
    """Note held-out values that no image has; empty parts of a track show in the image table."""
    models = recipe.models
    known: dict[str, tuple[str, set[Any]]] = {
        "structure": ("structure", {model.particle for model in models}),
        "defect": ("defect", {model.defect for model in models}),
        "thickness": ("thickness_A", {model.thickness_A for model in models}),
        "tilt": ("tilts_deg", {tilt for model in models for tilt in model.tilts_deg}),
        "defocus": ("defocus_nm", {value for model in models for value in model.defocus_nm}),
    }
    for track, (key, values) in known.items():
        for value in recipe.tracks.get(track, ()):
            if value not in values:
                shown = list(value) if isinstance(value, tuple) else value
                top.problem(f"tracks.{key}", f"no image with {shown}")


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _check_geometry(recipe: Recipe, top: Reader) -> None:
    box, simulation = recipe.box, recipe.simulation
    if box.cell_height_A < box.image_height_A:
        top.problem("box.cell_height_A", "expected at least image_height_A")
    for key in ("image_height_A", "cell_height_A"):
        pixels = getattr(box, key) / box.pixel_size_A
        if abs(pixels - round(pixels)) > 1e-6 or not 16 <= pixels <= LARGEST_IMAGE_PX:
            top.problem(
                f"box.{key}",
                f"expected a whole number of pixels from 16 to {LARGEST_IMAGE_PX}, "
                f"got {pixels:.6g} of {box.pixel_size_A:g} A",
            )
    # The intensity holds twice the wave's frequencies; pixels too coarse for them lose detail.
    if 4 * simulation.aperture_per_A * box.pixel_size_A > 1 + 1e-9:
        top.problem(
            "box.image_width_px",
            f"expected at least {4 * simulation.aperture_per_A * box.width_A:.0f} "
            f"for this aperture_per_A, got {box.image_width_px}",
        )
    extents = (box.width_A, box.cell_height_A)
    for name, count, fine, extent in zip(
        "xy", simulation.detector_grid, simulation.wave_grid, extents, strict=True
    ):
        # The intensity holds twice the wave's frequencies: beyond N / 4L they would alias.
        largest = count / (4 * extent)
        if simulation.aperture_per_A > largest * (1 + 1e-9):
            top.problem(
                "simulation.aperture_per_A",
                f"expected at most {largest:.4g} for a detector_grid of {count} along {name}, "
                f"got {simulation.aperture_per_A:g}",
            )
        if count > fine:
            top.problem("simulation.detector_grid", f"larger than wave_grid along {name}")
        # Multislice keeps two thirds of the band; the aperture has to lie inside it.
        if simulation.aperture_per_A > fine / (3 * extent):
            top.problem(
                "simulation.wave_grid", f"{fine} along {name} is too coarse for the aperture"
            )
