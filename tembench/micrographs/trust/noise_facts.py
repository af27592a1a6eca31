"""Noise facts: whether electrons are counted one by one, each in one pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tembench.micrographs.domain import spectrum_of

# Correlation of white noise after the mean over 5 x 5 px is subtracted: 20/625 - 2/25 over
# 1 - 1/25. Its scatter in images of 512 x 512 px, and the correlation that is flagged there.
_WINDOW = 5
_WHITE = (20 / 625 - 2 / 25) / (1 - 1 / 25)
_SCATTER, _SIDE_PX, _CORRELATED, _ERRORS = 0.0014, 512, 0.006, 4.3


@dataclass(frozen=True, kw_only=True)
class NoiseFacts:
    """Noise of an image.

    Attributes
    ----------
    power : float
        Power of the noise over that of counted electrons.
    power_error : float
        Its error, three standard errors.
    correlation : float
        Correlation of the noise of neighbouring pixels: 0 for counted electrons.
    correlation_limit : float
        Correlation from which on it counts as such.
    whole : bool
        Whether the values are whole electrons.
    """

    power: float
    power_error: float
    correlation: float
    correlation_limit: float
    whole: bool

    @property
    def is_correlated(self) -> bool:
        """Whether an electron leaves a signal in more than one pixel."""
        return self.correlation > self.correlation_limit

    @property
    def not_counted(self) -> str:
        """Reason why electrons cannot be held out; empty if they can."""
        if self.is_correlated:
            return (
                f"the noise of neighbouring pixels is correlated ({self.correlation:.3f}; counted "
                "electrons: 0), so that electrons held out would not be independent of the rest"
            )
        if not self.whole:
            return "the values are not whole electrons, of which some could be held out"
        if abs(self.power - 1) > 0.05 + self.power_error:
            return (
                f"the noise has {self.power:.2f} times the power of counted electrons (is the gain "
                "right?), so that the values are not electrons, of which some could be held out"
            )
        return ""


def noise_facts(counts: np.ndarray) -> NoiseFacts:
    """Measure the noise of an image (y, x)."""
    power, error = spectrum_of(counts).noise()
    values = counts.astype(np.float64)
    rest = values - ndimage.uniform_filter(values, _WINDOW, mode="reflect")
    rest = rest[_WINDOW:-_WINDOW, _WINDOW:-_WINDOW]
    square = float(np.mean(rest**2))
    along = [np.mean(rest[1:] * rest[:-1]), np.mean(rest[:, 1:] * rest[:, :-1])]
    side = float(np.sqrt(counts.size))
    return NoiseFacts(
        power=power,
        power_error=error,
        correlation=float(np.mean(along)) / max(square, 1e-30) - _WHITE,
        correlation_limit=max(_CORRELATED, _ERRORS * _SCATTER * _SIDE_PX / side),
        whole=bool(counts.min() >= 0 and (counts == np.floor(counts)).all()),
    )
