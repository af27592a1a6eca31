"""Search for the model that a released image shows, and measures of agreement with it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter, shift
from skimage.feature import match_template
from skimage.registration import phase_cross_correlation

from tembench.recipe import Model, Recipe
from tembench.simulation.atomic_columns import Columns, find_columns
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import Lens
from tembench.simulation.structures import Structure, build_structure

# Margin of the particle's region around its columns, and search radius for a bright spot.
_MARGIN_A = 1.5
_REACH_A = 0.6
# Models are compared on every fourth pixel, 0.2 A: the image spread leaves no finer detail.
_THIN = 4


@dataclass(frozen=True, kw_only=True)
class Match:
    """Comparison of a model's image with a released one.

    Attributes
    ----------
    model : str
        Name of the model that fits best.
    whole, columns : float
        Normalised cross-correlation of the whole image, and of the particle's region.
    contrast_ratio : float
        Ratio of the standard deviations of the whole image, ours to theirs.
    position_error_pm : float
        Root mean square distance of the Pt columns' spots in the two images.
    image : ndarray, shape (y, x)
        Our image, aligned with the released one.
    """

    model: str
    whole: float
    columns: float
    contrast_ratio: float
    position_error_pm: float
    image: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """All fields except the image."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "image"
        }


def match_image(
    image: np.ndarray,
    recipe: Recipe,
    thickness_A: float,
    tilt_deg: tuple[float, float],
    defocus_nm: float,
    pixel_size_A: float,
) -> Match:
    """Find the model of a recipe that an image shows.

    Parameters
    ----------
    image : ndarray, shape (y, x)
        Relative to vacuum.
    recipe : Recipe
        Its models of that thickness are tried.
    thickness_A, tilt_deg, defocus_nm
        As determined from the support.
    pixel_size_A : float
        Sampling of the image.
    """
    width = round(recipe.box.width_A / pixel_size_A)
    box = dataclasses.replace(recipe.box, image_width_px=width)
    best: tuple[float, Model, Structure, np.ndarray] | None = None
    for model in (model for model in recipe.models if model.thickness_A == thickness_A):
        structure = build_structure(recipe, model)
        waves = exit_waves(structure, (tilt_deg,), recipe.simulation, recipe.microscope.energy_keV)
        grid = (waves.spectra.shape[1], waves.spectra.shape[2])
        lens = Lens(grid, waves.extent_A, (defocus_nm,), recipe.microscope, box)
        ours = next(lens.images(waves.spectra[0])) / recipe.microscope.dose_e_per_px
        # The box is periodic along x, and the position of the released crops is unknown.
        tiled = np.concatenate([ours, ours[:, : image.shape[1]]], axis=1)
        score = match_template(tiled[::_THIN, ::_THIN], image[::_THIN, ::_THIN]).max()
        if best is None or score > best[0]:
            best = (float(score), model, structure, tiled)
    if best is None:
        raise ValueError(f"the recipe has no model of {thickness_A:g} A")
    _, model, structure, tiled = best
    scores = match_template(tiled, image)
    row, column = (int(n) for n in np.unravel_index(scores.argmax(), scores.shape))
    cut = tiled[row : row + image.shape[0], column : column + image.shape[1]]
    corner_A = (row * pixel_size_A, column * pixel_size_A)
    columns = find_columns(structure)
    return _describe(model.name, cut, image, columns, tilt_deg, corner_A, pixel_size_A)


def _describe(
    name: str,
    ours: np.ndarray,
    theirs: np.ndarray,
    columns: Columns,
    tilt_deg: tuple[float, float],
    corner_A: tuple[float, float],
    pixel_size_A: float,
) -> Match:
    moved, *_ = phase_cross_correlation(theirs, ours, upsample_factor=50)
    ours = shift(ours, moved, order=3, mode="nearest")
    x, y = (coordinate[columns.in_particle] for coordinate in columns.projected(tilt_deg))
    rows = (y - corner_A[0]) / pixel_size_A + moved[0]
    across = ((x - corner_A[1]) % 50.0) / pixel_size_A + moved[1]
    margin = round(_MARGIN_A / pixel_size_A)
    region = tuple(
        slice(max(0, int(values.min()) - margin), int(values.max()) + margin)
        for values in (rows, across)
    )
    errors = _spots(ours, rows, across, pixel_size_A) - _spots(theirs, rows, across, pixel_size_A)
    errors -= np.median(errors, axis=0)
    return Match(
        model=name,
        whole=_correlation(ours, theirs),
        columns=_correlation(ours[region], theirs[region]),
        contrast_ratio=float(ours.std() / theirs.std()),
        position_error_pm=float(np.sqrt((errors**2).sum(axis=1).mean()) * pixel_size_A * 100),
        image=ours,
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _spots(
    image: np.ndarray, rows: np.ndarray, across: np.ndarray, pixel_size_A: float
) -> np.ndarray:
    """Positions (y, x) of the extremum closest to each column, in pixels, shape (columns, 2).

    The centre of mass of the deviation from vacuum within 0.6 A of the column.
    """
    smooth = gaussian_filter(image - 1, 0.15 / pixel_size_A)
    reach = round(_REACH_A / pixel_size_A)
    found = []
    for row, column in zip(rows, across, strict=True):
        centre = np.array([row, column])
        for _ in range(3):
            top, left = (np.rint(centre).astype(int) - reach).tolist()
            patch = smooth[max(top, 0) : top + 2 * reach + 1, max(left, 0) : left + 2 * reach + 1]
            y, x = np.indices(patch.shape)
            inside = np.hypot(y - reach, x - reach) <= reach
            weight = np.where(inside, patch - patch[inside].min(), 0) ** 2
            centre = np.array([(weight * y).sum(), (weight * x).sum()]) / weight.sum() + (top, left)
        found.append(centre)
    return np.array(found)
