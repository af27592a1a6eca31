"""Correlation of noise between neighbouring pixels, measured in one image or several frames.

No detail of a micrograph is finer than 3.3 px (resolved distances are 0.7 A or more, pixels 0.2 A
or less), so that beyond 0.3 cycles per pixel its spectrum is that of the noise alone: flat where
every electron is counted in one pixel, and falling where an electron's signal spreads to its
neighbours, or where it is counted in two pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft

from tembench.micrographs.camera_noise.spread_models import (
    RINGS,
    FrequencyGrid,
    spread_models,
)

# Cycles per pixel: beyond the first there is only noise; the spectrum is extrapolated to zero from
# the second on, where the signal of an image is weak.
_BAND, _FITTED = 0.3, 0.2
# A correlation counts from so many standard errors on, if it is not negligible either. White images
# of 512 x 512 px have a standard error of 0.0025.
_MOST_BY_CHANCE, _NEGLIGIBLE = 4.0, 0.006
_TAPER_PX, _MOST_PX, LEAST_PX = 24, 1024, 64
LAGS = 3
"""Largest distance along an axis, in pixels, at which the autocorrelation is computed."""
# At this share of a pixel's own variance a neighbour belongs to the reach of an electron.
_REACHED = 0.04
_LIKELIER = 6.0


@dataclass(frozen=True, kw_only=True)
class NoiseCorrelation:
    """Correlation of the noise of neighbouring pixels.

    Attributes
    ----------
    neighbours, standard_error : float
        Correlation with the next pixels, mean of both axes: 0 for counted electrons.
    along_y, along_x, axis_error : float
        The same along each axis, and its standard error.
    autocorrelation : numpy.ndarray
        (2 LAGS + 1, 2 LAGS + 1), 1 in the centre. Frequencies below 0.2 cycles per pixel, where an
        image has signal, are filled by the fitted spectrum.
    spread_px : float
        Standard deviation of the Gaussian point spread that fits the spectrum best.
    doubled : float or None
        Share of electrons counted twice that explains it better than a point spread does; None
        if a point spread is better.
    undecided : bool
        Both explain it.
    hidden_power : float
        Noise power at low frequencies over the mean square of second differences (scaled to 1 for
        white noise), from which gains are estimated.
    """

    neighbours: float
    standard_error: float
    along_y: float
    along_x: float
    axis_error: float
    autocorrelation: np.ndarray
    spread_px: float
    doubled: float | None
    undecided: bool
    hidden_power: float

    @property
    def correlated(self) -> bool:
        """Whether the correlation is neither by chance nor negligible."""
        return any(
            abs(value) > max(_NEGLIGIBLE, _MOST_BY_CHANCE * error)
            for value, error in (
                (self.neighbours, self.standard_error),
                (self.along_y, self.axis_error),
                (self.along_x, self.axis_error),
            )
        )

    @property
    def spreads(self) -> bool:
        """Whether the signal of an electron spreads to its neighbours."""
        return self.correlated and self.neighbours > 0

    @property
    def reach_px(self) -> float:
        """Largest distance, px, at which the autocorrelation exceeds 4 %; 0 if there is none."""
        steps = np.arange(-LAGS, LAGS + 1)
        distance = np.hypot(steps[:, None], steps)
        return float(distance[np.abs(self.autocorrelation) > _REACHED].max())

    def described(self) -> str:
        """Describe the correlation, its reach, and its likely cause."""
        largest = max(self.along_y, self.along_x, self.neighbours, key=abs)
        if largest < 0:
            cause = "as after sharpening or interpolation"
        elif self.doubled is None:
            cause = f"as by a point spread of {self.spread_px:.2g} px"
        else:
            cause = f"as if {100 * self.doubled:.2g} % of the electrons were counted twice"
            if self.undecided:
                cause += f", or by a point spread of {self.spread_px:.2g} px"
        reach = f", noticeable to {self.reach_px:.2g} px" if self.reach_px else ""
        return (
            f"the noise of neighbouring pixels is correlated ({largest:.2g} ± "
            f"{2 * self.axis_error:.1g}{reach}; {cause})"
        )


def measure_correlation(frames: Sequence[np.ndarray]) -> NoiseCorrelation | None:
    """Measure the correlation of the noise of neighbouring pixels.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        One image or several frames (y, x) of one shape, in any unit, without outliers. The central
        1024 x 1024 px are used.

    Returns
    -------
    NoiseCorrelation or None
        None for images below 64 x 64 px, and for those without noise.

    Notes
    -----
    The correlations are the coefficients of a regression of the periodogram beyond 0.3 cycles per
    pixel on the cosines of the two axes. Each frame is used alone: a difference of frames has no
    other noise, and the specimen's drift in addition.
    """
    if min(frames[0].shape) < LEAST_PX:
        return None
    parts = [central(frame, _MOST_PX) for frame in frames]
    window = np.outer(*(_taper(side) for side in parts[0].shape))
    power = np.mean([_periodogram(part, window) for part in parts], axis=0)
    grid = FrequencyGrid(parts[0].shape)
    band = grid.away & (grid.radius > _BAND)
    mean = float(power[band].mean())
    if not mean > 0:
        return None
    cosines = np.stack([grid.cos_y[band], grid.cos_x[band]])
    cosines -= cosines.mean(axis=1, keepdims=True)
    spread = cosines @ cosines.T / cosines.shape[1]
    along = np.linalg.solve(2 * spread, cosines @ (power[band] / mean) / cosines.shape[1])
    # The window makes neighbouring frequencies dependent.
    freedom = cosines.shape[1] * len(parts) * window.size * np.mean(window**2) ** 2
    errors = np.linalg.inv(2 * spread) / 2 / (freedom / window.size / np.mean(window**4))
    rings = _Rings(power, grid)
    spread_px, model, misfit_spread = rings.fit_spread()
    share, misfit_doubled = rings.fit_doubled()
    filled = np.where(
        grid.radius > _FITTED, power, np.interp(grid.radius, [0.0, *rings.radius], model)
    )
    seen = float((filled * grid.second_differences).sum() / grid.second_differences.sum())
    better = misfit_spread - misfit_doubled
    return NoiseCorrelation(
        neighbours=float(along.mean()),
        standard_error=float(np.sqrt(errors.sum() / 4)),
        along_y=float(along[0]),
        along_x=float(along[1]),
        axis_error=float(np.sqrt(errors[0, 0])),
        autocorrelation=_autocorrelation(filled, parts[0].shape),
        spread_px=spread_px,
        doubled=share if better > -_LIKELIER and share > 0 else None,
        undecided=abs(better) <= _LIKELIER,
        hidden_power=float(model[0]) / seen,
    )


def central(frame: np.ndarray, most_px: int) -> np.ndarray:
    """Return the central part (y, x) of an image, of at most so many pixels along each axis."""
    corner = [max(0, (side - most_px) // 2) for side in frame.shape]
    return frame[corner[0] : corner[0] + most_px, corner[1] : corner[1] + most_px]


class _Rings:
    """Power averaged over rings, and the models fitted to it."""

    def __init__(self, power: np.ndarray, grid: FrequencyGrid) -> None:
        self.number = grid.ring_means(grid.radius)[1]
        self.radius = (np.arange(RINGS) + 0.5) / 100
        self.power = grid.ring_means(power)[0]
        self.cosine = grid.ring_means((grid.cos_y + grid.cos_x) / 2)[0]

    def fit_spread(self) -> tuple[float, np.ndarray, float]:
        """Fit a point spread and white noise; return it, the power at 0 and in rings, misfit."""
        tried = []
        for spread_px, shape in zip(*spread_models(), strict=True):
            level, misfit = self._fit(shape, _FITTED)
            tried.append((misfit, spread_px, level[0] + level[1] * shape, level.sum()))
        _, spread_px, model, at_zero = min(tried, key=lambda one: one[0])
        return float(spread_px), np.concatenate([[at_zero], model]), self._misfit(model)

    def fit_doubled(self) -> tuple[float, float]:
        """Fit a correlation of the next pixels alone; return the share doubled, and the misfit."""
        level, _ = self._fit(self.cosine, _BAND)
        model = np.maximum(level[0] + level[1] * self.cosine, 1e-6 * self.power.max())
        # Electrons counted twice with probability f, in one of four neighbours: a pixel has the
        # variance 1 + f and the covariance f / 2 with each of them.
        correlation = float(np.clip(level[1] / max(level[0], 1e-12) / 4, 0, 0.25))
        return correlation / (0.5 - correlation), self._misfit(model)

    def _fit(self, shape: np.ndarray, beyond: float) -> tuple[np.ndarray, float]:
        used = (self.radius > beyond) & (self.number > 0)
        weight = np.sqrt(self.number[used]) / np.maximum(self.power[used], 1e-30)
        terms = np.stack([np.ones_like(shape), shape], axis=1)
        level, *_ = np.linalg.lstsq(terms[used] * weight[:, None], self.power[used] * weight)
        return level, float((((terms[used] @ level - self.power[used]) * weight) ** 2).sum())

    def _misfit(self, model: np.ndarray) -> float:
        """Deviance of exponential variables beyond the signal."""
        used = (self.radius > _BAND) & (self.number > 0)
        # A fit may fall below zero where the power is almost nothing.
        ratio = self.power[used] / np.maximum(model[used], 1e-9 * self.power.max())
        return float(2 * (self.number[used] * (ratio - 1 - np.log(ratio))).sum())


def _taper(side: int) -> np.ndarray:
    place = np.arange(side) + 0.5
    rise = np.minimum(np.minimum(place, side - place) / _TAPER_PX, 1)
    return np.asarray(np.sin(np.pi / 2 * rise) ** 2)


def _periodogram(part: np.ndarray, window: np.ndarray) -> np.ndarray:
    waves = scipy.fft.rfft2((part - part.mean(dtype=np.float64)) * window)
    return np.asarray(np.abs(waves) ** 2 / (window**2).sum())


def _autocorrelation(power: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    covariance = scipy.fft.irfft2(power, s=shape)
    steps = np.arange(-LAGS, LAGS + 1)
    return np.asarray(covariance[np.ix_(steps, steps)] / covariance[0, 0])
