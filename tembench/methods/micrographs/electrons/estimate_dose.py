"""The dose of an image without vacuum, from what a trained network makes of it.

A network is given counts in units of the vacuum's. Shown a wrong unit, it finds matter that is too
thin or too thick, and its image explains the counts worse: the likelihood of the counts has its
maximum near the right dose.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tembench.methods.protocol import Denoiser, NoisyImage

# Steps of the dose, and how many: matter takes a tenth of the electrons away, seldom more.
_STEP, _MOST_TRIED = 1.025, 8
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
    tried = [_log_likelihood(denoiser, image, _STEP**step) for step in (-1, 0, 1)]
    while tried[-1] >= tried[-2] and len(tried) < _MOST_TRIED:
        tried.append(_log_likelihood(denoiser, image, _STEP ** (len(tried) - 1)))
    if max(tried) < tried[1] + _BETTER:
        return None
    return image.dose_e_per_px * _STEP ** (_vertex(tried) - 1)


def _log_likelihood(denoiser: Denoiser, image: NoisyImage, factor: float) -> float:
    """Return the Poisson log-likelihood of the counts, but for a constant."""
    dose = image.dose_e_per_px * factor
    expected = denoiser.denoise(replace(image, dose_e_per_px=dose)).astype(np.float64)
    expected = np.maximum(expected, 1e-3 * dose)
    return float(np.sum(image.counts * np.log(expected) - expected))


def _vertex(values: list[float]) -> float:
    """Return where the parabola through the greatest value and its neighbours has its vertex."""
    place = int(np.argmax(values))
    if not 0 < place < len(values) - 1:
        return place
    before, at, after = values[place - 1 : place + 2]
    return place + 0.5 * (before - after) / (before - 2 * at + after)
