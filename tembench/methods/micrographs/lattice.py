"""The lattices of a recipe's specimens as they are oriented: the pixel size of a file without one.

All specimens of a recipe are seen along [1-10], with (111) planes parallel to the image's rows: the
particle's lattice, and that of its support. Both distances and directions are known.
"""

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
# What is right fits to 0.55 or more on released and simulated images, white noise to 0.3. So does
# what is wrong: lengths alone fit any lattice at some sampling, gold to 0.86.
_LEAST_FIT = 0.5
# How far, relatively, a peak is from a reflection of the support, which is wide, and of the
# particle, which is small and relaxed: on released images 0.025 and 0.056 at most.
_SUPPORT_OFF, _PARTICLE_OFF = 0.03, 0.06
# Reflections of each that are found, at the least, on released and simulated images: 5 and 2. Two
# lattices have a ratio and an orientation to each other, which no other specimen has by chance. One
# alone says nothing of the sampling: gold along [1-10] is CeO2 on larger pixels.
_LEAST_SUPPORT, _LEAST_PARTICLE = 4, 2


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
        Angstrom per pixel, to about 1 %; None where no sampling fits, or where the image does not
        show the lattices of both the support and a particle, as they lie to each other.

    Notes
    -----
    Of the samplings tried, that at which the strongest peaks of the image's spectrum are closest
    to reflections, weighted by the root of their amplitude, so that many weak ones count as much as
    the strongest.
    """
    places, weights = _peaks(image)
    if not len(places):
        return None
    tried = np.exp(np.arange(math.log(_LEAST_A), math.log(_MOST_A), _STEP))
    per_A = np.hypot(*places.T)[:, None] / tried
    reflections = np.array(reflections_per_A(recipe))
    off = np.abs(np.log(per_A[..., None] / reflections)).min(axis=-1)
    fit = weights @ np.exp(-0.5 * (off / _SPREAD) ** 2) / weights.sum()
    best = int(np.argmax(fit))
    if fit[best] <= _LEAST_FIT or not _shows_both(places / tried[best], recipe):
        return None
    return float(tried[best])


def _shows_both(peaks_per_A: np.ndarray, recipe: Recipe) -> bool:
    """Return if peaks (n, 2) are reflections of the support and of a particle, as both lie."""
    particles = {particle.lattice_A for particle in recipe.particles.values() if particle.rows}
    of_support = _found(peaks_per_A, oriented_reflections_per_A(CERIA_A), _SUPPORT_OFF)
    return of_support >= _LEAST_SUPPORT and any(
        _found(peaks_per_A, oriented_reflections_per_A(lattice), _PARTICLE_OFF) >= _LEAST_PARTICLE
        for lattice in particles
    )


def _found(peaks_per_A: np.ndarray, reflections: np.ndarray, off: float) -> int:
    """Count the reflections (n, 2), less the mirror images among them, that have a peak."""
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
        Its lattice constant.

    Returns
    -------
    numpy.ndarray
        (n, 2), along x and y, 1/angstrom; those of its twin, mirrored left to right, too.
    """
    steps = np.arange(-4, 5)
    h, k = (grid.ravel() for grid in np.meshgrid(steps, steps))
    kept = ((h != 0) | (k != 0)) & (h % 2 == k % 2)
    h, k = h[kept], k[kept]
    vectors = np.stack([2 * (h - k) / math.sqrt(6), (2 * h + k) / math.sqrt(3)], axis=1) / lattice_A
    vectors = vectors[np.hypot(*vectors.T) < _RESOLVED_PER_A]
    return np.concatenate([vectors, vectors * (-1, 1)])


def _peaks(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places (n, 2) of peaks, x and y in 1/px finer than the grid's, and their weights."""
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
    places = np.stack([(fine_x - middle[1]) / width, (fine_y - middle[0]) / height], axis=1)
    return places, spectrum[y, x] ** 0.25


def _vertex(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Place of the vertex of parabolas through three values, from the middle one."""
    curvature = before - 2 * at + after
    return 0.5 * (before - after) / np.where(curvature < 0, curvature, -np.inf)
