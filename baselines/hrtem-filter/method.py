"""HRTEM filter: background subtraction or Wiener filter in Fourier space, on counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft

from tembench.core import MethodError
from tembench.methods import NoisyImage

from .background import extended, filter_gain, low_pass, margins, ring_background

_KINDS = ("wiener", "absf")


@dataclass(frozen=True, kw_only=True)
class HRTEMFilter:
    """The microscopist's filter of single images.

    Attributes
    ----------
    filter : str
        "wiener" or "absf", average background subtraction.
    margin_percent : float
        See `ring_background`.
    strength : float
        Factor on the background; 1 in the papers.
    lowpass_per_A : float
        Frequency that the low-pass filter halves.
    lowpass_order : int
        Steepness of the low-pass filter.
    """

    filter: str
    margin_percent: float
    strength: float
    lowpass_per_A: float
    lowpass_order: int

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the filtered counts; the mean is kept, so nothing needs undoing."""
        counts = image.counts.astype(np.float64)
        wide = extended(counts)
        spectrum = fft.rfft2(wide)
        amplitude = np.abs(spectrum)
        background = self.strength * ring_background(amplitude, self.margin_percent)
        gain = filter_gain(amplitude, background, self.filter)
        gain *= low_pass(wide.shape, image.pixel_size_A, self.lowpass_per_A, self.lowpass_order)
        gain[0, 0] = 1
        filtered = fft.irfft2(gain * spectrum, s=wide.shape)
        (top, left), (height, width) = margins(counts.shape), counts.shape
        inside = filtered[top : top + height, left : left + width]
        return np.maximum(inside, 0).astype(np.float32)


def build(parameters: Mapping[str, Any]) -> HRTEMFilter:
    """Return the filter with the parameters of ``method.toml``."""
    if parameters["filter"] not in _KINDS:
        raise MethodError(
            "unknown filter",
            where="method hrtem-filter",
            expected=" or ".join(_KINDS),
            got=repr(parameters["filter"]),
        )
    return HRTEMFilter(**parameters)
