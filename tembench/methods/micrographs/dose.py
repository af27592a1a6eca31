"""The dose of an image without vacuum, from what a trained network makes of it.

A network is given counts in units of the vacuum's. Shown a wrong unit, it finds matter that is too
thin or too thick, and its image explains the counts worse: the likelihood of the counts has its
maximum near the right dose.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tembench.methods.protocol import Denoiser, NoisyImage

# Steps of the dose, and how far it is followed: matter takes a tenth of the electrons away.
_STEP, _FARTHEST = 1.025, 1.16
# Logarithm of the likelihood by which a dose has to be better than the first.
_BETTER = 3.0
# A part of a large image says it as well.
_PART_PX = 800


def likeliest_dose(denoiser: Denoiser, image: NoisyImage) -> float | None:
    """Return the dose at which a network's image explains the counts best.

    Parameters
    ----------
    denoiser : Denoiser
        A trained network, or anything else, which is not asked.
    image : NoisyImage
        Whole counts, at a dose that may be too low.

    Returns
    -------
    float or None
        None where no other dose is clearly better, or nobody can be asked.
    """
    network = hasattr(denoiser, "network") and hasattr(denoiser, "binning")
    if not network or image.counts.dtype.kind != "u":
        return None
    top, left = (max(0, (side - _PART_PX) // 2) for side in image.counts.shape)
    part = image.counts[top : top + _PART_PX, left : left + _PART_PX]
    image = replace(image, counts=np.ascontiguousarray(part))
    first = _log_likelihood(denoiser, image, 1.0)
    tried = {1 / _STEP: _log_likelihood(denoiser, image, 1 / _STEP), 1.0: first}
    factor = _STEP
    while factor < _FARTHEST:
        tried[factor] = _log_likelihood(denoiser, image, factor)
        if tried[factor] < tried[factor / _STEP if factor > _STEP else 1.0]:
            break
        factor = factor * _STEP
    best = _vertex(tried)
    if max(tried.values()) < first + _BETTER:
        return None
    return image.dose_e_per_px * best


def _log_likelihood(denoiser: Denoiser, image: NoisyImage, factor: float) -> float:
    """Return the Poisson log-likelihood of the counts, but for a constant."""
    dose = image.dose_e_per_px * factor
    expected = denoiser.denoise(replace(image, dose_e_per_px=dose)).astype(np.float64)
    expected = np.maximum(expected, 1e-3 * dose)
    return float(np.sum(image.counts * np.log(expected) - expected))


def _vertex(tried: dict[float, float]) -> float:
    """Return the factor of the parabola's vertex through the best of those tried."""
    factors = sorted(tried)
    place = max(range(len(factors)), key=lambda i: tried[factors[i]])
    if not 0 < place < len(factors) - 1:
        return factors[place]
    before, at, after = (tried[factors[i]] for i in (place - 1, place, place + 1))
    shift = 0.5 * (before - after) / (before - 2 * at + after)
    return factors[place] * math.exp(shift * math.log(_STEP))
