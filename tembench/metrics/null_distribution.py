"""Null distribution of a column's likelihood ratio: its values where there is no column."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.fft

from tembench.core import seed_sequence
from tembench.metrics.likelihood import largest_ratio, vacuum_rate
from tembench.metrics.pixel_means import disc

# Sums of counts are discrete, so ties with a simulated ratio are common. This relative margin, far
# below the gap between two sums and above the rounding of float32 means, keeps them ties.
TIE = 1e-5


@dataclass(frozen=True, kw_only=True)
class Null:
    """Null distribution of a disc's likelihood ratio: `largest_ratio` in vacuum.

    A denoised rate may depend on the counts that it is compared with, but for any rate
    `column_ratio` cannot exceed `largest_ratio` of these counts. A disc of vacuum is therefore
    above `critical` at most at the stated rate for any denoiser, and much more rarely if the
    denoised rates do not follow the noise. The rate is per disc: at 0.01, one of 100 is called.

    The distribution is two-sided, because columns may be darker than vacuum. It holds for one size
    of disc (the critical value falls as 1 / pixels) at a position chosen independently of the
    noise; for a position chosen by the noise, see `search_px` of `of_frames`.

    Attributes
    ----------
    largest_ratios : array of float64
        One ratio per draw, ascending, nat per pixel.

    Examples
    --------
    >>> null = Null.of_poisson(402, 0.45, draws=10_000)
    >>> bool(null.critical(0.01) < largest_ratio(np.array(0.54), dose_e_per_px=0.45))
    True
    >>> null.p_value(np.array([-0.1, 0.1])).round(4)
    array([1.e+00, 1.e-04])
    """

    largest_ratios: np.ndarray

    @classmethod
    def of_poisson(
        cls, pixels: int, dose_e_per_px: float, draws: int = 1_000_000, seed: int = 0
    ) -> Null:
        """Simulate the null of a detector that counts every electron, at a fixed position.

        Parameters
        ----------
        pixels : int
            Number of pixels of the disc.
        dose_e_per_px : float
            Expected electrons per pixel in vacuum.
        draws : int
            Number of simulated discs; each takes one number, since a sum of Poisson counts is
            Poisson distributed.
        seed : int
            Seed of the draws.

        Raises
        ------
        ValueError
            For fewer than one pixel or draw, or a dose that is not positive.
        """
        if pixels < 1 or draws < 1:
            raise ValueError(f"at least one pixel and one draw needed, got {pixels} and {draws}")
        rng = np.random.default_rng(seed_sequence(seed, "likelihood-null"))
        sums = rng.poisson(pixels * vacuum_rate(dose_e_per_px), draws)
        return cls._of_ratios(largest_ratio(sums / pixels, dose_e_per_px=dose_e_per_px))

    @classmethod
    def of_frames(
        cls,
        frames: Iterable[np.ndarray],
        radius_px: float,
        dose_e_per_px: float,
        search_px: float = 0.0,
    ) -> Null:
        """Measure the null of any detector from recorded images of vacuum.

        Parameters
        ----------
        frames : iterable of array (y, x)
            Recorded electrons per pixel.
        radius_px : float
            Radius of the disc: all pixels whose centres are at most this far from its centre.
        dose_e_per_px : float
            Expected electrons per pixel in vacuum, the mean of the frames.
        search_px : float
            Distance by which a denoiser that saw the same noise may have shifted the disc. Each
            draw is then the largest ratio over all pixel shifts within that distance
            (look-elsewhere effect).

        Raises
        ------
        ValueError
            For a frame that is not finite or too small for one disc and its search, a negative
            length, a dose that is not positive, or no frames.

        Notes
        -----
        No two draws share a pixel. Only discs entirely inside a frame are used, because recorded
        frames are not periodic. If the noise is correlated over more than a few pixels, the draws
        are dependent: the distribution remains correct but scatters more than their number
        suggests.
        """
        if not (0 <= radius_px < math.inf and 0 <= search_px < math.inf):
            raise ValueError(f"lengths must not be negative, got {radius_px} and {search_px} px")
        draws = [_searched(frame, radius_px, dose_e_per_px, search_px) for frame in frames]
        if not draws:
            raise ValueError("at least one frame needed")
        return cls._of_ratios(np.concatenate(draws))

    @classmethod
    def _of_ratios(cls, ratios: np.ndarray) -> Null:
        return cls(largest_ratios=np.sort(ratios) * (1 + TIE))

    def critical(self, false_alarm_rate: float) -> float:
        """Critical ratio above which a column is called significant, nat per pixel.

        Parameters
        ----------
        false_alarm_rate : float
            Between 0 and 1, both excluded.

        Returns
        -------
        float
            Exactly the ratios greater than this have a `p_value` of at most the rate. Because sums
            of counts are discrete, the true rate is slightly below the stated one, apart from the
            sampling error of the draws.

        Raises
        ------
        ValueError
            For a rate outside that range or below 1 / (draws + 1).
        """
        if not 0 < false_alarm_rate < 1:
            raise ValueError(f"expected a rate between 0 and 1, got {false_alarm_rate}")
        draws = self.largest_ratios.size
        # The largest integer with a p-value of at most the rate, independent of rounding.
        rank = int(false_alarm_rate * (draws + 1)) + 1
        while rank / (draws + 1) > false_alarm_rate:
            rank -= 1
        if rank == 0:
            raise ValueError(f"{draws} draws are too few for a rate of {false_alarm_rate}")
        return float(self.largest_ratios[draws - rank])

    def p_value(self, ratios: np.ndarray) -> np.ndarray:
        """Probability of a ratio at least as large in vacuum: an upper bound for every denoiser.

        Parameters
        ----------
        ratios : array
            From `column_ratio`, nat per pixel.

        Returns
        -------
        array of float64
            ``(1 + draws >= ratio) / (draws + 1)``, valid for any number of draws because the tested
            disc counts as one more draw. 1 for NaN.
        """
        ratios = np.asarray(ratios, dtype=np.float64)
        draws = self.largest_ratios.size
        as_large = draws - np.searchsorted(self.largest_ratios, ratios, side="left")
        return np.where(np.isnan(ratios), 1.0, (1 + as_large) / (draws + 1))


def _searched(
    frame: np.ndarray, radius_px: float, dose_e_per_px: float, search_px: float
) -> np.ndarray:
    """Largest ratio around each point of a grid on which no two searches share a pixel."""
    if frame.ndim != 2 or not np.isfinite(frame).all():
        raise ValueError(f"frames must be finite images (y, x), got an array of {frame.shape}")
    pixels, moves = disc(radius_px), disc(search_px)
    reach = moves.shape[0] // 2
    period = pixels.shape[0] + 2 * reach
    if min(frame.shape) < period:
        raise ValueError(f"a frame needs at least {period} x {period} px, got {frame.shape}")
    means = _disc_means(frame, pixels)
    ratios = largest_ratio(means, dose_e_per_px=dose_e_per_px)
    rows, columns = (size - 2 * reach for size in ratios.shape)
    shifted = (
        ratios[y : y + rows : period, x : x + columns : period] for y, x in np.argwhere(moves)
    )
    largest = next(shifted).copy()
    for other in shifted:
        np.maximum(largest, other, out=largest)
    return largest.ravel()


def _disc_means(frame: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Means over all discs entirely inside the frame."""
    height, width = frame.shape
    fast = [scipy.fft.next_fast_len(size, real=True) for size in frame.shape]
    spectrum = scipy.fft.rfft2(frame.astype(np.float64), fast)
    spectrum *= scipy.fft.rfft2(pixels / pixels.sum(), fast)
    # The transform implies a periodic frame; wrapped-around values are cut off.
    means = scipy.fft.irfft2(spectrum, fast)
    return np.asarray(means[pixels.shape[0] - 1 : height, pixels.shape[1] - 1 : width])
