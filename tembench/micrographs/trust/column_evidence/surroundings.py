"""Surroundings of a column: its electrons against those of the ring around it, tested exactly.

Of the electrons that fall on a column's disc and the ring around it, each fell on the disc with
a probability that depends only on the rates there: whatever the dose, the slope of the background
or the thickness, no level of vacuum is needed. Without a column it is the disc's share of the
pixels; with the column that an image shows, it is the disc's share of the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.core import compiled
from tembench.metrics import DISC_A

RING_A = 1.35
"""Outer radius of the ring; it begins where the disc of 0.71 A ends."""
# A probability of exactly 0 or 1 would make one electron decisive.
_LEAST_SHARE = 1e-3
_LEAST_PLACES = 16


@dataclass(frozen=True, kw_only=True)
class DiscAndRing:
    """Sums over the discs and the rings of columns.

    Attributes
    ----------
    disc, ring : numpy.ndarray
        Sums (columns,), in the unit of the image.
    share : numpy.ndarray
        The disc's share of the pixels of disc and ring, (columns,).
    pixels : numpy.ndarray
        Pixels of the disc inside the image, (columns,).
    """

    disc: np.ndarray
    ring: np.ndarray
    share: np.ndarray
    pixels: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Sums over disc and ring together, (columns,)."""
        return self.disc + self.ring

    @property
    def disc_share(self) -> np.ndarray:
        """The disc's share of the total, strictly between 0 and 1, (columns,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.maximum(self.disc, 0) / (np.maximum(self.disc, 0) + np.maximum(self.ring, 0))
        return np.clip(np.nan_to_num(share), _LEAST_SHARE, 1 - _LEAST_SHARE)

    @property
    def contrast(self) -> np.ndarray:
        """Mean over the disc over the mean over the ring, less 1, (columns,)."""
        odds = self.disc_share / (1 - self.disc_share)
        return np.asarray(odds * (1 - self.share) / self.share - 1)


def disc_and_ring(image: np.ndarray, xy_px: np.ndarray, pixel_size_A: float) -> DiscAndRing:
    """Sum an image over the disc and the ring of each column.

    Parameters
    ----------
    image : numpy.ndarray
        (y, x): counts, or a denoised image.
    xy_px : numpy.ndarray
        Centres x and y of the columns (columns, 2); the parts beyond the image's edge are missing.
    pixel_size_A : float
        Angstrom per pixel.
    """
    centres = np.rint(np.asarray(xy_px, dtype=np.float64).reshape(-1, 2)).astype(np.int64)
    sums, pixels = _sums(
        np.ascontiguousarray(image, dtype=np.float64),
        centres,
        DISC_A / pixel_size_A,
        RING_A / pixel_size_A,
    )
    return DiscAndRing(
        disc=sums[:, 0],
        ring=sums[:, 1],
        share=np.clip(
            pixels[:, 0] / np.maximum(pixels.sum(axis=1), 1), _LEAST_SHARE, 1 - _LEAST_SHARE
        ),
        pixels=pixels[:, 0],
    )


def log_ratio(counts: DiscAndRing, shown: DiscAndRing) -> np.ndarray:
    """Log-likelihood ratio of the column that an image shows against its surroundings.

    Parameters
    ----------
    counts : DiscAndRing
        Electrons that the image does not depend on.
    shown : DiscAndRing
        The image at the same places.

    Returns
    -------
    numpy.ndarray
        Nat, (columns,): above 0 where the electrons speak for the column as it is shown, below 0
        where they speak for none. If the image is right, values below -4.6 (-ln 100) occur for at
        most one column of a hundred, whatever its contrast (Markov's inequality).
    """
    p, p_0 = shown.disc_share, counts.share
    return np.asarray(counts.disc * np.log(p / p_0) + counts.ring * np.log((1 - p) / (1 - p_0)))


def p_value(counts: DiscAndRing, sign: np.ndarray) -> np.ndarray:
    """Probability of as many electrons on the disc, or as few, without a column.

    Parameters
    ----------
    counts : DiscAndRing
        Whole electrons.
    sign : numpy.ndarray
        1 for a bright column, -1 for a dark one, (columns,).

    Returns
    -------
    numpy.ndarray
        Exact binomial probability at the side of the sign, (columns,); 1 without electrons.
    """
    from scipy.stats import binom

    disc, total = np.rint(counts.disc), np.rint(counts.total)
    bright = binom.sf(disc - 1, total, counts.share)
    return np.where(sign > 0, bright, binom.cdf(disc, total, counts.share))


def scores(counts: DiscAndRing, shown: DiscAndRing) -> tuple[np.ndarray, np.ndarray]:
    """Scores of columns, and their expectations if the image is right.

    Parameters
    ----------
    counts : DiscAndRing
        Electrons that the image does not depend on.
    shown : DiscAndRing
        The image at the same places.

    Returns
    -------
    z, expected : numpy.ndarray
        Electrons on the disc less those due without a column, in standard deviations of the
        latter; and the same of the electrons due with the column shown, (columns,).
    """
    deviation = np.sqrt(np.maximum(counts.total, 1e-12) * counts.share * (1 - counts.share))
    z = (counts.disc - counts.total * counts.share) / deviation
    return z, counts.total * (shown.disc_share - counts.share) / deviation


def frames_noise(counts: np.ndarray, frames: np.ndarray, pixel_size_A: float) -> float:
    """Variance of the noise of other frames over disc and ring, over that of counted electrons.

    Parameters
    ----------
    counts, frames : numpy.ndarray
        An image and the sum of other frames of the same place (y, x). Their difference has no
        signal.
    pixel_size_A : float
        Angstrom per pixel.

    Returns
    -------
    float
        At least 1.
    """
    step = max(1, round(4 * DISC_A / pixel_size_A))
    height, width = counts.shape
    y, x = np.mgrid[step // 2 : height - step // 2 : step, step // 2 : width - step // 2 : step]
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    if len(places) < _LEAST_PLACES:
        return 1.0
    excess, variance = [], []
    for image, scale in ((counts, 1.0), (frames, float(counts.mean() / frames.mean()))):
        sums = disc_and_ring(image, places, pixel_size_A)
        excess.append(scale * (sums.disc - sums.total * sums.share))
        variance.append(scale**2 * sums.total * sums.share * (1 - sums.share))
    squares = (excess[0] - excess[1]) ** 2
    found = float(np.mean(squares / np.maximum(variance[0] + variance[1], 1e-12)))
    return max(found, 1.0)


@compiled
def _sums(
    image: np.ndarray, centres: np.ndarray, inner: float, outer: float
) -> tuple[np.ndarray, np.ndarray]:  # pragma: no cover
    rows, columns = image.shape
    reach = int(outer)
    sums = np.zeros((len(centres), 2))
    pixels = np.zeros((len(centres), 2))
    for n in range(len(centres)):
        x, y = centres[n]
        for i in range(max(y - reach, 0), min(y + reach + 1, rows)):
            for j in range(max(x - reach, 0), min(x + reach + 1, columns)):
                distance = np.hypot(i - y, j - x)
                if distance <= outer:
                    part = 0 if distance <= inner else 1
                    sums[n, part] += image[i, j]
                    pixels[n, part] += 1.0
    return sums, pixels
