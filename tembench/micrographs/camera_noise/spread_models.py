"""Spread models: noise power over frequency, for each width of a point spread."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import scipy.fft
from scipy import special

RINGS = 72
"""Rings of frequency, 0.01 cycles per pixel wide, up to the corner of the spectrum."""
_COARSE_PX = 128
SPREADS_PX = np.geomspace(0.08, 2.0, 80)


class FrequencyGrid:
    """Frequencies of `scipy.fft.rfft2`, cycles per pixel."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        y, x = scipy.fft.fftfreq(shape[0])[:, None], scipy.fft.rfftfreq(shape[1])[None]
        self.radius = np.hypot(y, x)
        # Lines of a detector lie on the axes; both edges of the half plane are its own mirror.
        self.away = (np.abs(y) > 1.5 / shape[0]) & (x > 1.5 / shape[1]) & (x < 0.5)
        one = np.ones(self.radius.shape)
        self.cos_y, self.cos_x = np.cos(2 * np.pi * y) * one, np.cos(2 * np.pi * x) * one
        # Power that second differences along both axes let through.
        self.second_differences = ((2 - 2 * self.cos_y) * (2 - 2 * self.cos_x)) ** 2 / 36

    def ring_means(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the means over rings 0.01 cycles per pixel wide, and the numbers averaged."""
        index = (self.radius[self.away] * 100).astype(int)
        number = np.bincount(index, minlength=RINGS)
        sums = np.bincount(index, values[self.away], minlength=RINGS)
        return sums / np.maximum(number, 1), number


def spread_models() -> tuple[np.ndarray, np.ndarray]:
    """Return the widths of point spreads, px, and the noise power of each in rings of frequency.

    Returns
    -------
    spreads_px : numpy.ndarray
        (models,); standard deviations of Gaussians.
    power : numpy.ndarray
        (models, `RINGS`), 1 at zero frequency: first those of cameras, whose pixels integrate the
        spread signal of an electron, then those of images filtered after they were recorded.
    """
    power = np.concatenate([_rings(_integrated), _rings(_filtered)])
    return np.concatenate([SPREADS_PX, SPREADS_PX]), power


@functools.cache
def _rings(along: Callable[[float, np.ndarray], np.ndarray]) -> np.ndarray:
    grid = FrequencyGrid((_COARSE_PX, _COARSE_PX))
    rows = []
    for spread_px in SPREADS_PX:
        power = np.outer(along(spread_px, grid.cos_y[:, 0]), along(spread_px, grid.cos_x[0]))
        means, number = grid.ring_means(power)
        known = np.flatnonzero(number)
        places = np.append(0.0, known + 0.5)
        rows.append(np.interp(np.arange(RINGS) + 0.5, places, np.append(1.0, means[known])))
    return np.stack(rows)


def _integrated(spread_px: float, cosine: np.ndarray) -> np.ndarray:
    """Return the power along one axis of a Gaussian integrated over pixels.

    The covariance at a distance of whole pixels is the convolution of the pixel's triangle with a
    Gaussian of sqrt(2) times the spread; its Fourier series is the power.
    """
    deviation = np.sqrt(2) * spread_px
    ends = np.arange(-1, 13) / deviation
    ramp = deviation * (ends * special.ndtr(ends) + np.exp(-(ends**2) / 2) / np.sqrt(2 * np.pi))
    covariance = np.diff(ramp, 2)
    terms = special.eval_chebyt(np.arange(1, 12)[:, None], cosine[None])
    return np.asarray(covariance[0] + 2 * covariance[1:] @ terms)


def _filtered(spread_px: float, cosine: np.ndarray) -> np.ndarray:
    """Return the power along one axis of a Gaussian filter with weights at whole pixels."""
    steps = np.arange(-12, 13)
    weights = np.exp(-0.5 * (steps / spread_px) ** 2)
    terms = special.eval_chebyt(np.abs(steps)[:, None], cosine[None])
    return np.asarray((weights / weights.sum() @ terms) ** 2)
