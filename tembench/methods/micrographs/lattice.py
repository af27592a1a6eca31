"""The pixel size of a clean image whose file lacks it, from the lattices of the specimen."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from tembench.recipe import Recipe
from tembench.simulate.structures import CERIA_A

_LEAST_A, _MOST_A, _STEP = 0.025, 0.16, 0.001
_PEAKS = 14
# How far, relatively, the reflections of a crystal of ten to twenty columns are off.
_SPREAD = 0.015
# Beyond, reflections lie so densely that they fit anything.
_RESOLVED_PER_A = 0.65
# What is right fits to 0.55 or more on released and simulated images, white noise to 0.3.
_LEAST_FIT = 0.5


def pixel_size_from_lattice(image: np.ndarray, recipe: Recipe) -> float | None:
    """Find the sampling at which an image shows the lattices of a recipe's specimens.

    Parameters
    ----------
    image : numpy.ndarray
        (y, x), clean.
    recipe : Recipe
        Whose particles and support are taken for what the image shows, along [1-10].

    Returns
    -------
    float or None
        Angstrom per pixel, to about 1 %; None where no sampling fits.

    Notes
    -----
    Of the samplings tried, that at which the strongest peaks of the image's spectrum are closest
    to reflections, weighted by the root of their amplitude, so that many weak ones count as much as
    the strongest.
    """
    wave_numbers, weights = _peaks(image)
    if not len(wave_numbers):
        return None
    tried = np.exp(np.arange(math.log(_LEAST_A), math.log(_MOST_A), _STEP))
    per_A = wave_numbers[:, None] / tried
    reflections = np.array(reflections_per_A(recipe))
    off = np.abs(np.log(per_A[..., None] / reflections)).min(axis=-1)
    fit = weights @ np.exp(-0.5 * (off / _SPREAD) ** 2) / weights.sum()
    best = int(np.argmax(fit))
    return float(tried[best]) if fit[best] > _LEAST_FIT else None


def reflections_per_A(recipe: Recipe) -> list[float]:
    """Return the lengths of the first reciprocal vectors along [1-10], 1/angstrom, ascending."""
    lattices = {CERIA_A, *(p.lattice_A for p in recipe.particles.values() if p.rows)}
    lengths = {
        round(math.hypot(math.sqrt(2) * h, k) / lattice, 6)
        for lattice in lattices
        for h in range(3)
        for k in range(3)
        # Face-centred: indices (h, h, k) all even or all odd.
        if (h or k) and h % 2 == k % 2
    }
    return [length for length in sorted(lengths) if length < _RESOLVED_PER_A]


def _peaks(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return wave numbers (1/px), finer than the spectrum's grid, and weights of its peaks."""
    window = np.outer(*(np.hanning(side) for side in image.shape))
    spectrum = np.fft.fftshift(np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2)
    height, width = spectrum.shape
    middle = height // 2, width // 2
    y, x = np.nonzero(spectrum == ndimage.maximum_filter(spectrum, 7))
    radius = np.hypot((y - middle[0]) / height, (x - middle[1]) / width)
    # Longer waves than a lattice's are the shape of the particle; one half mirrors the other.
    kept = (radius > 0.01) & (radius < 0.25) & (y >= middle[0]) & (spectrum[y, x] > 0)
    kept &= (y < height - 1) & (x > 0) & (x < width - 1)
    y, x = y[kept], x[kept]
    strongest = np.argsort(-spectrum[y, x])[:_PEAKS]
    y, x = y[strongest], x[strongest]
    logarithm = np.log(np.maximum(spectrum, 1e-300))
    fine_y = y + _vertex(*(logarithm[y + step, x] for step in (-1, 0, 1)))
    fine_x = x + _vertex(*(logarithm[y, x + step] for step in (-1, 0, 1)))
    wave_numbers = np.hypot((fine_y - middle[0]) / height, (fine_x - middle[1]) / width)
    return wave_numbers, spectrum[y, x] ** 0.25


def _vertex(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Place of the vertex of parabolas through three values, from the middle one."""
    curvature = before - 2 * at + after
    return 0.5 * (before - after) / np.where(curvature < 0, curvature, -np.inf)
