"""Noise facts: whether electrons are counted one by one, each in one pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.micrographs.camera_noise import NoiseCorrelation
from tembench.micrographs.domain import spectrum_of


@dataclass(frozen=True, kw_only=True)
class NoiseFacts:
    """Noise of an image.

    Attributes
    ----------
    power, power_error : float
        Power of the noise over that of counted electrons, and three standard errors.
    correlation, correlation_error : float
        Correlation of the noise of neighbouring pixels, 0 for counted electrons, and its standard
        error; NaN if it is not known.
    is_correlated : bool
        Whether an electron leaves a signal in more than one pixel.
    not_counted : str
        Reason why electrons cannot be held out; empty if they can.
    """

    power: float
    power_error: float
    correlation: float
    correlation_error: float
    is_correlated: bool
    not_counted: str


def noise_facts(counts: np.ndarray, correlation: NoiseCorrelation | None) -> NoiseFacts:
    """Measure the noise of an image.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x), electrons.
    correlation : NoiseCorrelation or None
        Correlation of its noise, if it was measured.
    """
    spectrum = spectrum_of(counts)
    power, error = spectrum.noise()
    correlated = correlation is not None and correlation.correlated
    reason = ""
    if correlation is not None and correlated:
        reason = correlation.described()
    elif counts.min() < 0 or (counts != np.floor(counts)).any():
        reason = "the values are not whole electrons, of which some could be held out"
    elif not spectrum.is_of_counted_electrons():
        reason = (
            f"the noise has {power:.2f} times the power of counted electrons (is the gain right?), "
            "so that the values are not electrons, of which some could be held out"
        )
    return NoiseFacts(
        power=power,
        power_error=error,
        correlation=float("nan") if correlation is None else correlation.neighbours,
        correlation_error=float("nan") if correlation is None else correlation.standard_error,
        is_correlated=correlated,
        not_counted=reason,
    )
