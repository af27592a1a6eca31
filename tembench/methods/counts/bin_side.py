"""Side of the bins in angstrom, for images of any sampling, larger where electrons are few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tembench.methods.protocol import NoisyImage

REFERENCE_DOSE_E_PER_A2 = 100.0
"""Dose at which the bins have the side of the parameter ``bin_A``."""


@dataclass(frozen=True)
class BinSide:
    """Side of the bins at a dose.

    Attributes
    ----------
    side_A : float
        Side at 100 electrons per square angstrom.
    growth : float
        Exponent of its growth: the side is proportional to the dose to the power of -growth.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.zeros((64, 64), np.uint8)
    >>> image = NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=0.25)
    >>> BinSide(0.6, 0.25).pixels(image)
    8
    """

    side_A: float
    growth: float

    def pixels(self, image: NoisyImage) -> int:
        """Return the side for an image in whole pixels, at least 1."""
        return max(1, round(self.of(image)))

    def of(self, image: NoisyImage) -> float:
        """Return the side for an image in pixels, not rounded."""
        dose = image.dose_e_per_px / image.pixel_size_A**2
        side_A = self.side_A * (dose / REFERENCE_DOSE_E_PER_A2) ** -self.growth
        return side_A / image.pixel_size_A


def bins_of(parameters: Mapping[str, Any]) -> tuple[int | BinSide, dict[str, Any]]:
    """Return the bins that a method's parameters describe, and the other parameters.

    Parameters
    ----------
    parameters : Mapping
        With ``binning``, the side in pixels, or ``bin_A`` and ``bin_growth`` as in `BinSide`.
    """
    others = dict(parameters)
    if "bin_A" not in others:
        return others.pop("binning"), others
    return BinSide(others.pop("bin_A"), others.pop("bin_growth")), others
