"""Gain, offset and read noise of a camera, estimated from variance against mean, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from tembench.micrographs.camera_noise.noise_correlation import NoiseCorrelation
from tembench.micrographs.camera_noise.noise_figures import NoiseFigures, noise_figures

# Half widths of intervals, relative to the figure: of a slope on other pixels that may replace one
# on the own mean; of one that can contradict it; of an estimate that is used at all.
_PREFERRED, _INFORMATIVE, _USABLE = 0.1, 0.3, 0.25
# Standard errors, and relative difference, within which two figures agree.
_AGREE, _ALIKE = 2.5, 0.01
# Electrons below the offset at which values show read noise, and share of pixels that are exactly
# 0 if those without electrons are.
_BELOW, _EMPTY = 0.25, 0.01
# Relative error (95 %) of the noise power extrapolated to low frequencies.
_EXTRAPOLATION = 0.24
# Largest gain that read noise can hide, relative to the slope on the own mean; halvings of the
# range; electrons per pixel up to which pixels without any are numerous.
_MOST_HIDDEN, _HALVINGS, _MOST_E = 4.0, 30, 6.0

Interval95 = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class GainEstimate:
    """Gain, offset and read noise of a camera, with intervals of 95 %.

    Attributes
    ----------
    gain, offset : float
        Stored units per electron, and stored value without electrons.
    gain_interval, offset_interval : tuple of float
        The offset's is (offset, offset) where it was given or is 0.
    read_noise_e : float or None
        Electrons rms; None where it is not noticed, or cannot be separated from the offset.
    read_noise_interval : tuple of float or None
    assumption : str
        What the estimate assumes, in words.
    """

    gain: float
    gain_interval: Interval95
    offset: float
    offset_interval: Interval95
    read_noise_e: float | None = None
    read_noise_interval: Interval95 | None = None
    assumption: str = ""

    @property
    def determinate(self) -> bool:
        """Whether the gain is known well enough to be used."""
        low, high = self.gain_interval
        return bool(low > 0 and (high - low) / 2 <= _USABLE * self.gain)


def estimate_gain(
    frames: Sequence[np.ndarray],
    *,
    offset: float | None = None,
    correlation: NoiseCorrelation | None = None,
) -> GainEstimate:
    """Estimate gain, offset and read noise from the noise of an image, or of frames of a movie.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        One image or several frames (y, x) of one shape, at least 16 px, finite, without outliers.
        The specimen may drift. The central 1024 x 1024 px are used.
    offset : float, optional
        Stored value without electrons, if it is known.
    correlation : NoiseCorrelation, optional
        Correlation of the noise: if it is correlated, the gain is that of the noise power at low
        frequencies, to which second differences are blind.

    Returns
    -------
    GainEstimate
        With intervals of 95 %: percentiles of 1000 bootstrap draws of blocks of the image. Offset
        and read noise are one unknown, offset - gain x (read noise)^2, in variance against mean.
        They are separated by an offset of 0 or one that is given, by the skewness of the noise
        where the image has contrast, and else by the lowest values of a dose below 6 e/px.

    Notes
    -----
    `noise_figures` explains the figures used. J. R. Janesick, *Photon Transfer* (SPIE, 2007), doi
    10.1117/3.725073, for variance against mean.

    Examples
    --------
    >>> import numpy as np
    >>> expected = np.full((256, 256), 0.5)
    >>> expected[:128] = 1.5
    >>> counts = np.random.default_rng(0).poisson(expected)
    >>> found = estimate_gain([100 + 8.0 * counts])
    >>> print(f"{found.gain:.0f} {found.offset:.0f}")
    8 100
    """
    if correlation is not None and correlation.spreads:
        return _correlated(noise_figures(frames, correlated=True), offset, correlation)
    figures = noise_figures(frames)
    if offset is None and figures.empty > _EMPTY:
        offset = 0.0
    return _from_zero(figures, offset) or _with_offset(figures)


def _from_zero(figures: NoiseFigures, offset: float | None) -> GainEstimate | None:
    """Estimate from variance over mean, with an offset that is given, or 0 if that is consistent.

    With the skewness of Poisson noise, variance and mean give the gain whatever the read noise.
    """
    zero, words = (
        (0.0, "an offset of 0") if offset is None else (offset, f"an offset of {offset:g}")
    )
    plain, own, other = figures.over_mean(zero), figures.own_slope, figures.other_slope
    if not plain[0] > 0:
        return None
    apart = own / plain - 1
    below = figures.lowest < zero - _BELOW * plain[0]
    if below or (apart[0] < 0 and not _agrees(apart)):
        gain = np.sqrt(np.where(own > 0, own, np.nan) * plain)
        if offset is None and _contradicted(gain, other):
            return None
        square = figures.variance / gain**2 - (figures.mean - zero) / gain
        words += " and the same signal of every electron"
        return _estimate(gain, np.full_like(gain, zero), square, words)
    if offset is None:
        blind = not _half_width(own) < _INFORMATIVE
        # Signals that differ from electron to electron have skewed noise too, without an offset.
        if not (_agrees(apart) or (_half_width(other) < _PREFERRED and _agrees(other / plain - 1))):
            return None
        words += ", which the noise cannot confirm," if blind else ""
    return _estimate(plain, np.full_like(plain, zero), None, f"{words} and no read noise")


def _with_offset(figures: NoiseFigures) -> GainEstimate:
    """Estimate from slopes of the variance on the mean, with an offset that is unknown."""
    own, other = figures.own_slope, figures.other_slope
    gain = np.where(own > 0, own, np.nan)
    offset = figures.mean - figures.variance / gain
    noisy = figures.lowest < offset[0] - _BELOW * gain[0]
    words = "no read noise"
    if noisy:
        gain = _gain_of_lowest(figures)
        words = "the same signal of every electron and read noise that is Gaussian"
    precise = _half_width(other)
    if precise < _PREFERRED and (precise < _half_width(gain) or _contradicted(gain, other)):
        gain = np.where(other > 0, other, np.nan)
        words = "the same signal of every electron" if noisy else words
    if not noisy:
        return _estimate(gain, figures.mean - figures.variance / gain, None, words)
    electrons = own * figures.variance / gain**3
    square = figures.variance / gain**2 - electrons
    return _estimate(gain, figures.mean - gain * electrons, square, words)


def _gain_of_lowest(figures: NoiseFigures) -> np.ndarray:
    """Return the gain at which Poisson and read noise put as many values below the lowest.

    Mean, variance and skewness leave one unknown of gain, offset, read noise and dose. By halving
    the range between a gain without read noise and a large one; NaN at doses without empty pixels.
    """
    own = np.where(figures.own_slope > 0, figures.own_slope, np.nan)
    number = np.arange(40)[:, None]
    low, high = own.copy(), _MOST_HIDDEN * own
    for _ in range(_HALVINGS):
        gain = (low + high) / 2
        electrons = own * figures.variance / gain**3
        deviation = np.sqrt(np.maximum(figures.variance - electrons * gain**2, 1e-12 * gain**2))
        level = figures.mean + gain * (number - electrons)
        share = special.ndtr((figures.lowest - level) / deviation)
        chance = np.exp(special.xlogy(number, electrons) - electrons - special.gammaln(number + 1))
        more = (chance * share).sum(axis=0) > figures.below
        low, high = np.where(more, low, gain), np.where(more, gain, high)
    electrons = own * figures.variance / low**3
    return np.asarray(np.where(electrons < _MOST_E, (low + high) / 2, np.nan))


def _correlated(
    figures: NoiseFigures, offset: float | None, correlation: NoiseCorrelation
) -> GainEstimate:
    """Estimate from the noise power at low frequencies."""
    other = figures.other_slope
    zero = 0.0 if offset is None else offset
    plain = figures.over_mean(zero)
    informed = _half_width(other) < _INFORMATIVE and not _contradicted(plain, other)
    known = offset is not None or figures.empty > _EMPTY or informed
    slope = plain if known else np.where(other > 0, other, np.nan)
    offsets = np.full_like(plain, zero) if known else figures.mean - figures.variance / slope
    return _estimate(
        slope * correlation.hidden_power,
        offsets,
        None,
        f"{f'an offset of {zero:g} and ' if known else ''}no read noise",
        wider=_EXTRAPOLATION,
    )


def _estimate(
    gain: np.ndarray,
    offset: np.ndarray,
    read_square: np.ndarray | None,
    assumption: str,
    wider: float = 0.0,
) -> GainEstimate:
    """Return an estimate with the intervals of its draws, the gain's wider by a relative error."""
    low, high = _interval(gain)
    read = None if read_square is None else np.sqrt(np.maximum(read_square, 0))
    return GainEstimate(
        gain=float(gain[0]),
        gain_interval=(
            float(gain[0] - np.hypot(gain[0] - low, wider * gain[0])),
            float(gain[0] + np.hypot(high - gain[0], wider * gain[0])),
        ),
        offset=float(offset[0]),
        offset_interval=_interval(offset),
        read_noise_e=None if read is None else float(read[0]),
        read_noise_interval=None if read is None else _interval(read),
        assumption=assumption,
    )


def _agrees(difference: np.ndarray) -> bool:
    low, high = _interval(difference)
    return bool(abs(difference[0]) < max(_ALIKE, _AGREE * (high - low) / 3.92))


def _contradicted(figure: np.ndarray, other: np.ndarray) -> bool:
    """Return whether a slope on other pixels is precise enough to disagree, and does."""
    return _half_width(other) < _INFORMATIVE and not _agrees(figure / other - 1)


def _half_width(figure: np.ndarray) -> float:
    """Return half of the interval's width relative to the figure."""
    low, high = _interval(figure)
    return (high - low) / 2 / float(figure[0]) if figure[0] > 0 else np.inf


def _interval(figure: np.ndarray) -> Interval95:
    """Return the percentiles of the draws; unbounded where any is undefined."""
    if not np.isfinite(figure).all():
        return -np.inf, np.inf
    low, high = np.percentile(figure[1:], (2.5, 97.5))
    return float(low), float(high)
