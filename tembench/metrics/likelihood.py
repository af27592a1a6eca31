"""How much better recorded counts fit a denoised image than vacuum.

The log-likelihood ratio of Mohan et al. (arXiv 2010.12970) asks of every pixel, or of every
column's disc, whether the data prefer the denoised rate or the rate of vacuum. It is in nat;
positive values prefer the denoised image.

The paper gives no value from which on a column is certain. `Null` does: the distribution of the
ratio where there is no column.

Counts must be on the scale on which they were recorded, unlike images compared by `fidelity`:
scaled counts are not Poisson distributed. Detectors give non-integer or negative values; the
formula is then a quasi-likelihood, largest at the same rate but no longer in true nat, and its null
comes from frames of that detector (`Null.of_frames`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.signal

from tembench.seeds import seed_sequence

# The smallest rate, as a share of the dose. One electron where the image says "none, ever" would
# make it infinitely wrong; with the floor it costs 6.9 nat, which is bad enough.
RATE_FLOOR = 1e-3
# Sums of counts are discrete, so ties with a simulated ratio are common. This share, far below the
# gap between two sums and above the rounding of float32 means, keeps them ties.
TIE = 1e-5


def ratio_map(counts: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> np.ndarray:
    """Log-likelihood ratio of the denoised image against vacuum, pixel by pixel.

    Parameters
    ----------
    counts : array (y, x)
        Recorded electrons per pixel.
    denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array (y, x) of float64
        ``counts * log(rate / vacuum) - (rate - vacuum)`` in nat, where the rate is the denoised
        image, at least `RATE_FLOOR` of the dose: outputs of zero or below are bad but finite.

    Raises
    ------
    ValueError
        For images of different shapes or a dose that is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> ratio_map(np.array([[0, 2]]), np.array([[0.9, 0.9]]), dose_e_per_px=0.45).round(3)
    array([[-0.45 ,  0.936]])
    """
    if counts.ndim != 2 or counts.shape != denoised.shape:
        raise ValueError(f"two images of one shape expected, got {counts.shape}, {denoised.shape}")
    return column_ratio(counts, denoised, dose_e_per_px=dose_e_per_px)


def pixel_ratio(counts: np.ndarray, denoised: np.ndarray, *, dose_e_per_px: float) -> float:
    """Mean of `ratio_map` over the image, in nat per pixel.

    Parameters
    ----------
    counts : array (y, x)
        Recorded electrons per pixel, for a score those of an independent copy (see Notes).
    denoised : array (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Notes
    -----
    With the counts that the method saw, it rewards copying the noise: of all images the noisy one
    itself has the largest value. With an independent copy its expectation
    ``c log(rate / vacuum) - (rate - vacuum)`` is largest where the rate is the true one, c, so that
    no method gains by any other output (a proper scoring rule).

    Examples
    --------
    >>> import numpy as np
    >>> round(pixel_ratio(np.array([[0, 2]]), np.array([[0.45, 0.9]]), dose_e_per_px=0.45), 3)
    0.468
    """
    return float(ratio_map(counts, denoised, dose_e_per_px=dose_e_per_px).mean())


def column_ratio(
    mean_counts: np.ndarray, mean_rate: np.ndarray, *, dose_e_per_px: float
) -> np.ndarray:
    """Log-likelihood ratio of columns against vacuum, each of one rate throughout its disc.

    Parameters
    ----------
    mean_counts : array
        Mean of the recorded electrons per pixel over each disc.
    mean_rate : array
        Mean of the denoised image over each disc, e/px.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array of float64
        Mean over the pixels of each disc, nat per pixel; times the number of pixels it is the
        ratio of the whole disc. The rate is floored as in `ratio_map`; NaN where it is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> column_ratio(np.array([0.54, 0.45]), np.array([0.54, 0.54]), dose_e_per_px=0.45).round(5)
    array([ 0.00845, -0.00796])
    """
    vacuum = _vacuum(dose_e_per_px)
    rate = np.maximum(np.asarray(mean_rate, dtype=np.float64), RATE_FLOOR * vacuum)
    with np.errstate(invalid="ignore"):
        return np.asarray(mean_counts, dtype=np.float64) * np.log(rate / vacuum) - (rate - vacuum)


def largest_ratio(mean_counts: np.ndarray, *, dose_e_per_px: float) -> np.ndarray:
    """The largest `column_ratio` that any rate can reach.

    Parameters
    ----------
    mean_counts : array
        Mean of the recorded electrons per pixel over each disc.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    array of float64
        ``m log(m / vacuum) - (m - vacuum)`` of the mean count m, nat per pixel. It is 0 for m =
        vacuum and grows to both sides. Where m lies below the floor of rates (no electron at all,
        or a negative value) the floor is the best rate.

    Examples
    --------
    >>> import numpy as np
    >>> largest_ratio(np.array([0.36, 0.54]), dose_e_per_px=0.45).round(5)
    array([0.00967, 0.00845])
    """
    return column_ratio(mean_counts, mean_counts, dose_e_per_px=dose_e_per_px)


@dataclass(frozen=True, kw_only=True)
class Null:
    """What the ratio of a disc is worth in vacuum: the distribution of `largest_ratio` there.

    A denoised rate depends on the very counts it is compared with. Whatever it is, `column_ratio`
    cannot exceed `largest_ratio` of these counts. A disc of vacuum is therefore above `critical` at
    most at the stated rate, whatever the denoiser made of the data, and much more rarely where its
    rates do not follow the noise. That is per disc: of 100, one is called at 0.01.

    It is two-sided, for columns may be darker than vacuum. It holds for one size of disc (the
    critical value falls as 1 / pixels) at a place that the noise had no part in choosing; where it
    had, see `search_px` of `of_frames`.

    Attributes
    ----------
    largest_ratios : array of float64
        One per draw, ascending, nat per pixel.

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
        """Null of a detector that counts every electron, at a place chosen beforehand.

        Parameters
        ----------
        pixels : int
            Pixels of the disc.
        dose_e_per_px : float
            Expected electrons per pixel in vacuum.
        draws : int
            Discs to simulate, each by one number: a sum of Poisson counts is Poisson distributed.
        seed : int
            The draws depend on nothing else.

        Raises
        ------
        ValueError
            For less than one pixel or draw, or a dose that is not positive.
        """
        if pixels < 1 or draws < 1:
            raise ValueError(f"at least one pixel and one draw needed, got {pixels} and {draws}")
        rng = np.random.default_rng(seed_sequence(seed, "likelihood-null"))
        sums = rng.poisson(pixels * _vacuum(dose_e_per_px), draws)
        return cls._of_ratios(largest_ratio(sums / pixels, dose_e_per_px=dose_e_per_px))

    @classmethod
    def of_frames(
        cls,
        frames: Iterable[np.ndarray],
        radius_px: float,
        dose_e_per_px: float,
        search_px: float = 0.0,
    ) -> Null:
        """Null of any detector, from recorded images of vacuum.

        Parameters
        ----------
        frames : iterable of array (y, x)
            Recorded electrons per pixel.
        radius_px : float
            A disc is all pixels whose centre is at most this far from its own.
        dose_e_per_px : float
            Expected electrons per pixel in vacuum, the mean of the frames.
        search_px : float
            How far a denoiser that looked at the same noise may have moved the disc. Each draw is
            then the largest ratio at all whole pixels within that distance (look-elsewhere effect).

        Raises
        ------
        ValueError
            For a frame that is not a finite image or is too small for one disc and its search, a
            negative length, a dose that is not positive, or no frame at all.

        Notes
        -----
        Draws share no pixel. Only discs wholly inside a frame count: recorded frames are not
        periodic. Noise correlated over more than a few pixels leaves the draws dependent; the
        distribution stays right and only varies more than their number suggests.
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
        """The ratio above which a column is called, nat per pixel.

        Parameters
        ----------
        false_alarm_rate : float
            Between 0 and 1, both excluded.

        Returns
        -------
        float
            A ratio greater than this, and no other, has a `p_value` of at most the rate. Sums of
            counts are discrete, which leaves the true rate a little below the stated one, apart
            from the sampling error of the draws.

        Raises
        ------
        ValueError
            For a rate outside that range or below 1 / (draws + 1).
        """
        if not 0 < false_alarm_rate < 1:
            raise ValueError(f"a false-alarm rate lies between 0 and 1, got {false_alarm_rate}")
        draws = self.largest_ratios.size
        p_values = np.arange(1, draws + 1) / (draws + 1)
        rank = np.searchsorted(p_values, false_alarm_rate, side="right")
        if rank == 0:
            raise ValueError(f"{draws} draws are too few for a rate of {false_alarm_rate}")
        return float(self.largest_ratios[draws - rank])

    def p_value(self, ratios: np.ndarray) -> np.ndarray:
        """Probability of a ratio at least as large in vacuum, an upper bound for every denoiser.

        Parameters
        ----------
        ratios : array
            From `column_ratio`, nat per pixel.

        Returns
        -------
        array of float64
            ``(1 + draws >= ratio) / (draws + 1)``, which is valid for any number of draws: the disc
            in question is one more draw. 1 for NaN.
        """
        ratios = np.asarray(ratios, dtype=np.float64)
        draws = self.largest_ratios.size
        as_large = draws - np.searchsorted(self.largest_ratios, ratios, side="left")
        return np.where(np.isnan(ratios), 1.0, (1 + as_large) / (draws + 1))


def _vacuum(dose_e_per_px: float) -> float:
    if not 0 < dose_e_per_px < math.inf:
        raise ValueError(f"the dose must be positive, got {dose_e_per_px} e/px")
    # Outputs are float32, so vacuum is the float32 one: the constant image has 0 to the last bit.
    return float(np.float32(dose_e_per_px))


def _searched(
    frame: np.ndarray, radius_px: float, dose_e_per_px: float, search_px: float
) -> np.ndarray:
    """The largest ratio around each centre of a grid on which no two searches share a pixel."""
    if frame.ndim != 2 or not np.isfinite(frame).all():
        raise ValueError(f"frames must be finite images (y, x), got an array of {frame.shape}")
    disc, moves = _within(radius_px), _within(search_px)
    reach = moves.shape[0] // 2
    period = disc.shape[0] + 2 * reach
    if min(frame.shape) < period:
        raise ValueError(f"a frame needs at least {period} x {period} px, got {frame.shape}")
    means = scipy.signal.fftconvolve(frame.astype(np.float64), disc / disc.sum(), mode="valid")
    ratios = largest_ratio(means, dose_e_per_px=dose_e_per_px)
    rows, columns = (size - 2 * reach for size in ratios.shape)
    shifted = (
        ratios[y : y + rows : period, x : x + columns : period] for y, x in np.argwhere(moves)
    )
    largest = next(shifted).copy()
    for other in shifted:
        np.maximum(largest, other, out=largest)
    return largest.ravel()


def _within(radius_px: float) -> np.ndarray:
    """Whole pixels at most that far from the one in the middle, bool (y, x)."""
    offsets = np.arange(-math.floor(radius_px), math.floor(radius_px) + 1)
    # hypot, not squares: a radius of 8 sqrt(2) must reach (8, 8).
    return np.hypot(offsets[:, None], offsets) <= radius_px
