"""Lattices with truth, and denoisers that know the truth, smooth, or draw columns anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from micrograph_files import ready_with
from scipy import ndimage

from tembench.methods import Denoiser, NoisyImage
from tembench.micrographs.domain import Domain, ReadyMethod
from tembench.micrographs.trust import Subject

PIXEL_SIZE_A, SPACING_A = 0.125, 2.5
COLUMNS = 49
"""Bright columns of a lattice of 128 px."""


def lattice(side: int = 128, contrast: float = 0.4, shift_A: float = 0.0) -> np.ndarray:
    """Bright columns (y, x) on a square lattice, in units of vacuum."""
    x_A = np.arange(side) * PIXEL_SIZE_A - SPACING_A / 2 - shift_A
    away = (x_A + SPACING_A / 2) % SPACING_A - SPACING_A / 2
    row = np.exp(-(away**2) / (2 * 0.5**2))
    return np.asarray(0.8 + contrast * np.outer(row, row))


@dataclass
class Drawing:
    """Returns one image whatever it is given, scaled to the dose, and flat beyond its edge."""

    image: np.ndarray

    def denoise(self, image: NoisyImage) -> np.ndarray:
        height, width = image.counts.shape
        drawn = np.ones((height, width), np.float32)
        own = self.image[:height, :width]
        drawn[: own.shape[0], : own.shape[1]] = own
        return drawn * np.float32(image.dose_e_per_px)


class Smooth:
    """Gaussian filter of 0.5 angstrom."""

    def denoise(self, image: NoisyImage) -> np.ndarray:
        sigma_px = 0.5 / image.pixel_size_A
        return np.asarray(ndimage.gaussian_filter(image.counts.astype(np.float32), sigma_px))


def ready(denoiser: Denoiser) -> ReadyMethod:
    return ready_with(denoiser, Domain())


def subject(
    denoiser: Denoiser,
    clean: np.ndarray,
    dose: float = 2.0,
    seed: int = 0,
    frames: int = 0,
    **changed: object,
) -> Subject:
    """An image of the clean one, denoised, with other frames of the same dose in two groups."""
    generator = np.random.default_rng(seed)
    counts = generator.poisson(clean * dose).astype(np.uint16)
    others = [generator.poisson(clean * dose * frames / 2) for _ in range(2)] if frames else []
    image = NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=dose)
    parts = {
        "image": image,
        "denoised": denoiser.denoise(image),
        "name": "toy",
        "ready": ready(denoiser),
        "frames": tuple(others),
        "filters": {"gaussian": ready(Smooth())},
    }
    return Subject(**(parts | changed))  # type: ignore[arg-type]
