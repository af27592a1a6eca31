"""Figures of the noise of images that gains are estimated from, with bootstrap draws of each.

Noise is seen in second differences along both axes, in which even an atomic lattice cancels. Of n
electrons per pixel with a gain g, an offset o and a read noise of r electrons:

====================================================  ==========================================
variance over mean                                    g (n + r^2) / (n + o / g)
slope on the own mean (that of the 3 x 3 px around)   g n / (n + r^2): skewness over variance
slope on another mean (of a ring, or other frames)    g, wherever the image has contrast
====================================================  ==========================================

The own mean varies by chance, together with the variance of Poisson noise but not with that of read
noise; the mean of other pixels varies with the specimen alone (photon transfer). Variance over mean
is precise and needs the offset; the slope on the own mean needs no contrast; the other slope needs
contrast, and assumes least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tembench.core import seed_sequence
from tembench.micrographs.camera_noise.noise_correlation import central

_MOST_PX, _MARGIN_PX, _DRAWS = 1024, 2, 1000
# Outer and inner sides, px, of the rings whose mean an image's variance is compared with; beyond
# the reach of an electron where noise is correlated.
_NEAR, _FAR = ((7, 3), (11, 5), (21, 5)), ((15, 9), (25, 9))
# Share of pixels below the value that read noise is looked for at.
_LOWEST = 0.005


@dataclass(frozen=True, kw_only=True)
class NoiseFigures:
    """Figures of images: the first value of each is their own, the others are bootstrap draws.

    Attributes
    ----------
    mean, variance : numpy.ndarray
        (1 + draws): mean, and mean square of the noise.
    own_slope, other_slope : numpy.ndarray
        (1 + draws): slopes of the square of the noise on the mean of the same and of other pixels.
    lowest : float
        A value that 0.5 % of the pixels are below.
    below : numpy.ndarray
        (1 + draws): the share of pixels below `lowest`.
    empty : float
        Share of pixels whose value is exactly 0.
    """

    mean: np.ndarray
    variance: np.ndarray
    own_slope: np.ndarray
    other_slope: np.ndarray
    lowest: float
    below: np.ndarray
    empty: float

    def over_mean(self, offset: float) -> np.ndarray:
        """Return the variance over the mean above an offset; NaN if it is below."""
        above = self.mean - offset
        return np.asarray(self.variance / np.where(above > 0, above, np.nan))


def noise_figures(frames: Sequence[np.ndarray], *, correlated: bool = False) -> NoiseFigures:
    """Compute the figures of an image, or of several frames together.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        One image or several frames (y, x) of one shape, at least 16 px. The central 1024 x 1024 px
        are used.
    correlated : bool
        Compare with pixels farther away, since an electron reaches the next ones.
    """
    parts = [central(frame, _MOST_PX).astype(np.float64) for frame in frames]
    side = int(np.clip(min(parts[0].shape) // 10, 4, 64))
    values = np.stack([part[::2, ::2] for part in parts])
    lowest = float(np.quantile(values, _LOWEST))
    if (values == np.rint(values)).all():
        lowest += 0.5
    together = np.add.reduce(parts)
    blocks = np.zeros(())
    for part in parts:
        square = _second_differences(part) ** 2 / 36
        means = [ndimage.uniform_filter(part, 3, mode="mirror") - _ring(part, 7, 3)]
        means += [_ring(part, *sides) for sides in (_FAR if correlated else _NEAR)]
        if len(parts) > 1:
            rest = (together - part) / (len(parts) - 1)
            means.append(ndimage.uniform_filter(rest, 3, mode="mirror"))
        products = [np.ones_like(part), part, square, part < lowest]
        for mean in means:
            products += [mean, mean * part, mean * square]
        blocks = blocks + np.stack([_block_sums(product, side) for product in products])
    drawn = _drawn(blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Of several means of other pixels, the one that follows the image most clearly.
        own, *others = (_covariances(drawn, first) for first in range(4, len(drawn), 3))
        other = max(others, key=lambda pair: pair[0][0] / np.std(pair[0][1:]))
        return NoiseFigures(
            mean=drawn[1],
            variance=drawn[2],
            own_slope=own[1] / own[0],
            other_slope=other[1] / other[0],
            lowest=lowest,
            below=drawn[3],
            empty=float(np.mean(values == 0)),
        )


def _drawn(blocks: np.ndarray) -> np.ndarray:
    """Return means over the image, and over blocks drawn with replacement; (figures, 1 + draws)."""
    generator = np.random.default_rng(seed_sequence(0, "blocks of a gain estimate"))
    number = blocks.shape[1]
    weights = generator.multinomial(number, np.full(number, 1 / number), size=_DRAWS)
    drawn = np.concatenate([blocks.sum(axis=1)[:, None], blocks @ weights.T], axis=1)
    return np.asarray(drawn / drawn[0])


def _covariances(drawn: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariances of a local mean with the values, and with the square of the noise."""
    local, with_values, with_square = drawn[first : first + 3]
    return with_values - local * drawn[1], with_square - local * drawn[2]


def _second_differences(part: np.ndarray) -> np.ndarray:
    for axis in (0, 1):
        part = ndimage.correlate1d(part, np.array([1.0, -2.0, 1.0]), axis=axis)
    return part


def _ring(part: np.ndarray, outer: int, inner: int) -> np.ndarray:
    """Mean over the square of one side around each pixel, without that of a smaller one."""
    sums = ndimage.uniform_filter(part, outer, mode="mirror") * outer**2
    sums -= ndimage.uniform_filter(part, inner, mode="mirror") * inner**2
    return np.asarray(sums / (outer**2 - inner**2))


def _block_sums(values: np.ndarray, side: int) -> np.ndarray:
    inside = values[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX]
    rows, columns = (size // side for size in inside.shape)
    blocks = inside[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(blocks.sum(axis=(1, 3)).ravel())
