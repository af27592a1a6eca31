"""The pixel size of a clean image whose file lacks it, from the lattices of the specimen."""

from __future__ import annotations

import math

import numpy as np

from tembench.recipe import Recipe
from tembench.simulate.structures import CERIA_A

_LEAST_A, _MOST_A = 0.02, 0.25
_STEP = 0.002
# Half the width of a ring: a few hundred columns blur a reflection about as much.
_HALF_WIDTH_PER_A = 0.012
_RESOLVED_PER_A = 0.75
_BINS = 5000
# Of images of other things, white noise among them, the best fit stays well below.
_LEAST_SURPRISE = 0.05


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
        Angstrom per pixel, to about 1 %; None where no sampling stands out.

    Notes
    -----
    Of the samplings tried, that for which the image's power lies in narrow rings around the
    reflections most surprisingly: the divergence of its share of the power from its share of the
    area, so that many or wide rings are no advantage.
    """
    wave_numbers, power, area = _radial_power(image)
    rings = np.array(reflections_per_A(recipe))
    tried = np.exp(np.arange(math.log(_LEAST_A), math.log(_MOST_A), _STEP))
    surprise = np.zeros(len(tried))
    for i, pixel_size in enumerate(tried):
        in_rings = np.zeros(len(wave_numbers), dtype=bool)
        for ring in rings:
            in_rings |= np.abs(wave_numbers / pixel_size - ring) < _HALF_WIDTH_PER_A
        surprise[i] = _divergence(power[in_rings].sum(), area[in_rings].sum())
    best = int(np.argmax(surprise))
    return float(tried[best]) if surprise[best] > _LEAST_SURPRISE else None


def reflections_per_A(recipe: Recipe) -> list[float]:
    """Return the lengths of the reciprocal vectors seen along [1-10], 1/angstrom, ascending."""
    lattices = {CERIA_A, *(p.lattice_A for p in recipe.particles.values() if p.rows)}
    lengths = {
        round(math.hypot(math.sqrt(2) * h, k) / lattice, 6)
        for lattice in lattices
        for h in range(5)
        for k in range(5)
        # Face-centred: indices (h, h, k) all even or all odd.
        if (h or k) and h % 2 == k % 2
    }
    return [length for length in sorted(lengths) if length < _RESOLVED_PER_A]


def _radial_power(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return wave numbers (1/px), and the shares of power and area at each of them."""
    window = np.outer(*(np.hanning(side) for side in image.shape))
    spectrum = np.abs(np.fft.rfft2((image - image.mean()) * window)) ** 2
    rows, columns = np.fft.fftfreq(image.shape[0]), np.fft.rfftfreq(image.shape[1])
    radius = np.hypot(rows[:, None], columns)
    # Longer waves than any lattice's are the shape of the particle, shorter ones nothing.
    kept = (radius > 0.01) & (radius < 0.25)
    bins = (radius[kept] * (_BINS / 0.25)).astype(int)
    power = np.bincount(bins, spectrum[kept], minlength=_BINS)
    area = np.bincount(bins, minlength=_BINS).astype(float)
    wave_numbers = (np.arange(_BINS) + 0.5) * (0.25 / _BINS)
    return wave_numbers, power / max(power.sum(), 1e-300), area / area.sum()


def _divergence(share: float, by_chance: float) -> float:
    """Kullback-Leibler divergence of two shares, 0 where there is less than by chance."""
    if not by_chance < share:
        return 0.0
    share, by_chance = min(share, 1 - 1e-12), max(by_chance, 1e-12)
    rest = (1 - share) * math.log((1 - share) / (1 - by_chance))
    return share * math.log(share / by_chance) + rest
