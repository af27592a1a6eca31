"""A small particle on a support, whose columns are Gaussians as bright as their atoms."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from tembench.metrics import MetricInputs, Nulls, Sites
from tembench.metrics.inputs import disc_radius_px, poisson_null, search_px
from tembench.metrics.null_distribution import Null

DOSE = 0.45
PIXEL_A = 0.125
SIDE_A = 20.0
SPACING_A = 2.4
WIDTH_A = 0.5
BRIGHTNESS = 0.03
"""Height of a column of one atom, e/px."""
TRAINING_A = np.stack(np.meshgrid(np.arange(1.0, 20), np.arange(1.0, 20)), axis=-1).reshape(-1, 2)
"""A training of many particles in many places, which has a column nearly everywhere."""


def particle(**changes: np.ndarray) -> Sites:
    """Columns of a particle of three rows of four above one row of a support."""
    row, place = (axis.ravel() for axis in np.mgrid[:3, :4])
    surface = (row == 0) | (place == 0) | (place == 3)
    atoms = 4 + (row + place) % 3
    values = {
        "x_A": np.concatenate([6.0 + SPACING_A * place + 0.01 * row, np.arange(2.0, 20, 3.0)]),
        "y_A": np.concatenate([8.0 + SPACING_A * row + 0.013 * place, np.full(6, 16.5)]),
        "atoms": np.concatenate([atoms, np.full(6, 5)]),
        "whole_atoms": np.concatenate([atoms, np.full(6, 5)]),
        "in_particle": np.arange(18) < 12,
        "at_surface": np.concatenate([surface, np.zeros(6, dtype=bool)]),
    }
    return Sites(**(values | changes))


def without(sites: Sites, *numbers: int, left: int = 0) -> Sites:
    """The same sites with atoms taken from some."""
    atoms = sites.atoms.copy()
    atoms[list(numbers)] = left
    return dataclasses.replace(sites, atoms=atoms)


def chosen(sites: Sites, which: np.ndarray) -> Sites:
    """Some of the sites, or in another order."""
    return Sites(**{name: values[which] for name, values in vars(sites).items()})


def drawn(
    sites: Sites, *, sign: int = 1, at: np.ndarray | None = None, dose: float = DOSE
) -> np.ndarray:
    """Expected electrons per pixel: vacuum, and a Gaussian per column (where `at` puts it)."""
    places = sites.xy_A if at is None else at
    image = np.full((round(SIDE_A / PIXEL_A),) * 2, DOSE)
    for (x_A, y_A), atoms in zip(places, sites.atoms, strict=True):
        image += sign * blob(x_A, y_A, BRIGHTNESS * atoms)
    return image * (dose / DOSE)


def blob(x_A: float, y_A: float, height: float) -> np.ndarray:
    y, x = np.mgrid[: round(SIDE_A / PIXEL_A), : round(SIDE_A / PIXEL_A)] * PIXEL_A
    return height * np.exp(-((x - x_A) ** 2 + (y - y_A) ** 2) / (2 * WIDTH_A**2))


def near(sites: Sites, reach_A: float) -> np.ndarray:
    """Pixels this near to any of the sites, bool (y, x)."""
    y, x = np.mgrid[: round(SIDE_A / PIXEL_A), : round(SIDE_A / PIXEL_A)] * PIXEL_A
    mask = np.zeros(x.shape, dtype=bool)
    for x_A, y_A in sites.xy_A:
        mask |= np.hypot(x - x_A, y - y_A) <= reach_A
    return mask


@functools.cache
def nulls(dose: float) -> Nulls:
    frames = np.random.default_rng(6).poisson(dose, (2, 400, 400))
    radius = disc_radius_px(PIXEL_A)
    return Nulls(
        fixed=poisson_null(dose, PIXEL_A),
        searched=Null.of_frames(frames, radius, dose, search_px(PIXEL_A)),
    )


def inputs(
    denoised: np.ndarray | None = None, *, sites: Sites | None = None, dose: float = DOSE
) -> MetricInputs:
    """A inputs with Poisson counts; perfect if no denoised image is given."""
    sites = particle() if sites is None else sites
    clean = drawn(sites, dose=dose)
    draw = [np.random.default_rng([5, copy]).poisson(clean).astype(np.uint8) for copy in range(4)]
    present = sites.atoms > 0
    return MetricInputs(
        clean=clean,
        denoised=clean if denoised is None else denoised,
        noisy=draw[0],
        copies=(draw[1], draw[2], draw[3]),
        dose_e_per_px=dose,
        pixel_size_A=PIXEL_A,
        particle_mask=near(chosen(sites, sites.in_particle & present), 2.0),
        vacuum_mask=~near(chosen(sites, present), 4.0),
        sites=sites,
        nulls=nulls(dose),
        training_columns_A=TRAINING_A,
    )


def nothing() -> Sites:
    """A blank image's."""
    return chosen(particle(), np.zeros(18, dtype=bool))
