"""Lattices of a recipe's specimens, and the pixel size of a clean image derived from them.

All specimens of a recipe are viewed along [1-10], with (111) planes parallel to the rows of the
image: the lattice of the particle, and that of its support. Spacings and directions are both known.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from tembench.recipe import Recipe
from tembench.simulation import CERIA_A

_LEAST_A, _MOST_A, _STEP = 0.025, 0.16, 0.001
_PEAKS = 14
# Relative deviation of the reflections of a crystal of ten to twenty columns.
_SPREAD = 0.015
# Beyond, reflections are so dense that they fit anything.
_RESOLVED_PER_A = 0.65
# Released and simulated images have a fit of 0.55 or more, white noise of 0.3. A good fit is not
# enough: lengths alone fit any lattice at some pixel size, gold to 0.86.
_LEAST_FIT = 0.5
# Largest relative distance of a peak from a reflection of the support, which is wide, and of the
# particle, which is small and relaxed: at most 0.025 and 0.056 on released images.
_SUPPORT_OFF, _PARTICLE_OFF = 0.03, 0.06
# Smallest number of reflections of each; released and simulated images have at least 5 and 2. The
# ratio and relative orientation of two lattices are not matched by another specimen by chance. One
# lattice alone does not determine the pixel size: gold along [1-10] is CeO2 on larger pixels.
_LEAST_SUPPORT, _LEAST_PARTICLE = 4, 2


def pixel_size_from_lattice(image: np.ndarray, recipe: Recipe) -> float | None:
    """Find the pixel size at which an image shows the lattices of a recipe's specimens.

    Parameters
    ----------
    image : numpy.ndarray
        Clean image (y, x).
    recipe : Recipe
        Its particles and support, viewed along [1-10], are assumed to be in the image.

    Returns
    -------
    float or None
        Angstrom per pixel, to about 1 %; None if no pixel size fits, or if the image does not show
        the lattices of both the support and a particle in their relative orientation.

    Notes
    -----
    Of the pixel sizes tried, the one at which the strongest peaks of the image's spectrum are
    closest to reflections. Peaks are weighted by the square root of their amplitude, so that many
    weak ones count as much as the strongest.
    """
    peaks, weights = _peaks(image)
    if not len(peaks):
        return None
    tried = np.exp(np.arange(math.log(_LEAST_A), math.log(_MOST_A), _STEP))
    per_A = np.hypot(*peaks.T)[:, None] / tried
    reflections = np.array(reflections_per_A(recipe))
    off = np.abs(np.log(per_A[..., None] / reflections)).min(axis=-1)
    fit = weights @ np.exp(-0.5 * (off / _SPREAD) ** 2) / weights.sum()
    best = int(np.argmax(fit))
    if fit[best] <= _LEAST_FIT or not _shows_both(peaks / tried[best], recipe):
        return None
    return float(tried[best])


def _shows_both(peaks_per_A: np.ndarray, recipe: Recipe) -> bool:
    """Return whether peaks (n, 2) are reflections of the support and of an oriented particle."""
    particles = {particle.lattice_A for particle in recipe.particles.values() if particle.rows}
    of_support = _count_found(peaks_per_A, oriented_reflections_per_A(CERIA_A), _SUPPORT_OFF)
    return of_support >= _LEAST_SUPPORT and any(
        _count_found(peaks_per_A, oriented_reflections_per_A(lattice), _PARTICLE_OFF)
        >= _LEAST_PARTICLE
        for lattice in particles
    )


def _count_found(peaks_per_A: np.ndarray, reflections: np.ndarray, off: float) -> int:
    """Count the reflections (n, 2) that have a peak, mirror images counted once."""
    distance = np.hypot(*(peaks_per_A[:, None] - reflections).transpose(2, 0, 1))
    nearest = distance.argmin(axis=1)
    near = distance.min(axis=1) < off * np.hypot(*peaks_per_A.T)
    return len({tuple(np.abs(reflections[number]).round(6)) for number in nearest[near]})


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


def oriented_reflections_per_A(lattice_A: float) -> np.ndarray:
    """Return the reciprocal vectors of a face-centred lattice along [1-10], (111) planes level.

    Parameters
    ----------
    lattice_A : float
        Lattice constant, angstrom.

    Returns
    -------
    numpy.ndarray
        Vectors (n, 2) along x and y, 1/angstrom, including those of the twin mirrored left to
        right.
    """
    steps = np.arange(-4, 5)
    h, k = (grid.ravel() for grid in np.meshgrid(steps, steps))
    kept = ((h != 0) | (k != 0)) & (h % 2 == k % 2)
    h, k = h[kept], k[kept]
    vectors = np.stack([2 * (h - k) / math.sqrt(6), (2 * h + k) / math.sqrt(3)], axis=1) / lattice_A
    vectors = vectors[np.hypot(*vectors.T) < _RESOLVED_PER_A]
    return np.concatenate([vectors, vectors * (-1, 1)])


def _peaks(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return peaks (n, 2), x and y in 1/px with sub-grid precision, and their weights."""
    window = np.outer(*(np.hanning(side) for side in image.shape))
    spectrum = np.fft.fftshift(np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2)
    height, width = spectrum.shape
    middle = height // 2, width // 2
    y, x = np.nonzero(spectrum == ndimage.maximum_filter(spectrum, 7))
    radius = np.hypot((y - middle[0]) / height, (x - middle[1]) / width)
    # Low frequencies are the shape of the particle; one half of the spectrum mirrors the other.
    kept = (radius > 0.01) & (radius < 0.25) & (y >= middle[0]) & (spectrum[y, x] > 0)
    kept &= (y < height - 1) & (x > 0) & (x < width - 1)
    y, x = y[kept], x[kept]
    strongest = np.argsort(-spectrum[y, x])[:_PEAKS]
    y, x = y[strongest], x[strongest]
    logarithm = np.log(np.maximum(spectrum, 1e-300))
    fine_y = y + _vertex(*(logarithm[y + step, x] for step in (-1, 0, 1)))
    fine_x = x + _vertex(*(logarithm[y, x + step] for step in (-1, 0, 1)))
    peaks = np.stack([(fine_x - middle[1]) / width, (fine_y - middle[0]) / height], axis=1)
    return peaks, spectrum[y, x] ** 0.25


def _vertex(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Offset of the vertex of parabolas through three values from the middle one."""
    curvature = before - 2 * at + after
    return 0.5 * (before - after) / np.where(curvature < 0, curvature, -np.inf)
