"""Inputs of the metrics: a denoised image, and the ground truth from its store."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from tembench.metrics import (
    MetricInputs,
    Null,
    Nulls,
    Sites,
    disc_radius_px,
    poisson_null,
    search_px,
)
from tembench.recipe import Recipe
from tembench.simulation import draw_recording, noise_generator

if TYPE_CHECKING:
    from tembench.dataset import Store
    from tembench.recipe import Camera, Detector

# About 3,000 discs with and 3,000 without a search: enough for the 1 % quantile used for calling.
_FRAMES = 8
# Each drawn image has a distribution of its own, and the scatter of their quantiles averages out.
_FRAMES_OF_ONE_IMAGE = 2
_FRAME_A = 50.0
# Different from the noise of every image, whatever the seed of the recipe.
_FRAME_SEED = 0


def metric_inputs(store: Store, image: int, denoised: np.ndarray) -> MetricInputs:
    """Collect the inputs of all metrics for one denoised image.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The store that the image is from.
    image : int
        Number of the image, in any part.
    denoised : array (y, x)
        Denoised image, expected e/px.
    """
    dose, pixel_A, detector = (
        of(image) for of in (store.dose_of, store.pixel_size_of, store.detector_of)
    )
    first, second, third = (store.noisy_copy(image, copy) for copy in (1, 2, 3))
    return MetricInputs(
        clean=store.clean(image),
        denoised=denoised,
        noisy=store.noisy(image),
        copies=(first, second, third),
        dose_e_per_px=dose,
        pixel_size_A=pixel_A,
        particle_mask=store.particle_mask(image),
        vacuum_mask=store.vacuum_mask(image),
        sites=_sites(store, image),
        nulls=nulls(dose, detector, pixel_A, _frames_of(store)),
        undefined=store.undefined(image),
        training_columns_A=store.training_columns(image),
        varying_columns_A=store.varying_columns(image),
    )


def _frames_of(store: Store) -> int:
    return _FRAMES if isinstance(store.recipe, Recipe) else _FRAMES_OF_ONE_IMAGE


def _sites(store: Store, image: int) -> Sites:
    """Sites of the store, without columns of the particle that are outside of the image."""
    sites = vars(store.sites(image))
    height, width = (size * store.pixel_size_of(image) for size in store.shape)
    x_A, y_A = sites["x_A"], sites["y_A"]
    inside = (x_A >= 0) & (x_A < width) & (y_A >= 0) & (y_A < height)
    kept = inside | ~sites["in_particle"]
    return Sites(**{name: values[kept] for name, values in sites.items()})


@functools.lru_cache(maxsize=32)
def nulls(
    dose_e_per_px: float,
    detector: Detector | Camera[float] | None,
    pixel_size_A: float,
    count: int = _FRAMES,
) -> Nulls:
    """Simulate null distributions of the likelihood ratio for a dose and a detector."""
    side = round(_FRAME_A / pixel_size_A)
    vacuum = np.full((side, side), dose_e_per_px, dtype=np.float32)
    seeds = [noise_generator(_FRAME_SEED, number, 0) for number in range(count)]
    frames = [draw_recording(vacuum, detector, seed) for seed in seeds]
    radius = disc_radius_px(pixel_size_A)
    searched = Null.of_frames(frames, radius, dose_e_per_px, search_px(pixel_size_A))
    if detector is None:
        return Nulls(fixed=poisson_null(dose_e_per_px, pixel_size_A), searched=searched)
    return Nulls(fixed=Null.of_frames(frames, radius, dose_e_per_px), searched=searched)
