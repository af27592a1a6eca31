"""Images of cameras with known gain, offset, read noise and point spread."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

GAIN, OFFSET = 8.3, 100.0


def expected(dose: float, side: int = 256, contrast: float = 0.2) -> np.ndarray:
    """Vacuum above; below, a lattice of 10 px that transmits 30 % less."""
    y, x = np.mgrid[:side, :side]
    waves = np.cos(2 * np.pi * x / 10) + np.cos(2 * np.pi * (0.5 * x + 0.866 * y) / 10)
    return dose * np.where(y > 0.4 * side, 0.7 * (1 + contrast * waves), 1.0)


def electrons(dose: float, seed: int = 0, side: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).poisson(expected(dose, side))


def recorded(
    dose: float, seed: int = 0, *, offset: float = OFFSET, read_e: float = 0.0, side: int = 256
) -> np.ndarray:
    noise = np.random.default_rng(1000 + seed).normal(0, read_e, (side, side))
    return offset + GAIN * (electrons(dose, seed, side) + noise)


def scintillated(dose: float, seed: int = 0, spread_px: float = 0.9, side: int = 256) -> np.ndarray:
    """Electrons in quanta, 30 of each, that spread before they are counted."""
    light = ndimage.gaussian_filter(electrons(dose, seed, side) * 30.0, spread_px)
    return np.random.default_rng(2000 + seed).poisson(light) / 30


def doubled(counts: np.ndarray, share: float) -> np.ndarray:
    """Count a share of the electrons again in the next pixel."""
    return counts + np.roll(np.random.default_rng(7).binomial(counts, share), 1, axis=1)
