"""Images and cheap candidates for the tests of the choice of a method."""

from __future__ import annotations

import numpy as np

from tembench.methods import Denoiser, NoisyImage, load_method
from tembench.micrographs.domain.ready_method import ReadyMethod

PIXEL_SIZE_A = 0.1


def lattice(side_px: int = 160, contrast: float = 0.3, dose: float = 2.0) -> np.ndarray:
    """Columns of a square lattice of 2.8 A; e/px."""
    waves = np.cos(2 * np.pi * np.arange(side_px) * PIXEL_SIZE_A / 2.8)
    return dose * (1 + contrast * (waves[:, None] + waves) / 2)


def noisy(clean: np.ndarray, seed: int = 1) -> NoisyImage:
    """Counts of a clean image, whose mean is the dose."""
    counts = np.random.default_rng(seed).poisson(clean).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=float(np.mean(clean)))


class Truth:
    """A denoiser that knows the clean image, apart from an error at every other pixel."""

    def __init__(self, clean: np.ndarray, error: float) -> None:
        self._relative = clean / np.mean(clean)
        self._error = error * (-1.0) ** np.arange(clean.shape[1])

    def denoise(self, image: NoisyImage) -> np.ndarray:
        relative = self._relative + self._error
        return (relative * image.dose_e_per_px).astype(np.float32)


class Failing:
    """A denoiser that fails."""

    def denoise(self, image: NoisyImage) -> np.ndarray:
        raise ValueError("no such detector")


def candidate(name: str, denoiser: Denoiser) -> ReadyMethod:
    """A candidate under the name of a shipped method, with another denoiser."""
    ready = ReadyMethod(method=load_method(name))
    ready.__dict__["denoiser"] = denoiser
    return ready


def shipped(*names: str) -> list[ReadyMethod]:
    """Shipped methods."""
    return [ReadyMethod(method=load_method(name)) for name in names]
