"""What a method is given: noisy images to denoise, and what it may learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tembench.recipe import Box, Microscope


@dataclass(frozen=True, kw_only=True)
class NoisySeries:
    """Noisy images of one specimen, tilt and condition along an axis, all of them under test.

    Attributes
    ----------
    counts : numpy.ndarray
        As in `NoisyImage`, shape (n, y, x), ascending along the axis; n is 1 where a specimen was
        taken once.
    axis : str
        What differs: "defocus".
    values_nm : tuple of float
        Its value for each image.
    position : int
        Which of them is to be denoised.
    """

    counts: np.ndarray
    axis: str
    values_nm: tuple[float, ...]
    position: int


@dataclass(frozen=True, kw_only=True)
class NoisyImage:
    """One noisy image as a method sees it.

    Attributes
    ----------
    counts : numpy.ndarray
        Electrons counted per pixel, shape (y, x): whole numbers in an unsigned type as wide as
        they need, uint8 or uint16 as a rule, uint32 or uint64 beyond 65,535; or float32 and here
        and there negative, where a detector spreads counts and adds read noise. (The oracle
        control alone is given expected counts, float32.)
    pixel_size_A : float
        Sampling, angstrom per pixel.
    dose_e_per_px : float
        Counts expected per pixel in vacuum.
    series : NoisySeries or None
        The series that the image is of, for a method whose input is "series"; else None.
    """

    counts: np.ndarray
    pixel_size_A: float
    dose_e_per_px: float
    series: NoisySeries | None = None


class ImageSource(Protocol):
    """Images of one shape to train on, read one at a time; picklable."""

    def __len__(self) -> int:
        """Return how many images there are."""
        ...

    def __getitem__(self, index: int) -> np.ndarray:
        """Return image `index` (0 to len - 1), (y, x): e/px in float32, or counts."""
        ...


class ExitWaves(Protocol):
    """Exit waves of the training's specimens, read one at a time.

    Attributes
    ----------
    wave_of, defocus_nm : numpy.ndarray
        Exit wave and defocus of each training image, shape (images,).
    aperture_per_A : float
        Radius of the objective aperture; there is nothing beyond.
    microscope, box
        Optics, and the place of an image in the cell, as in the recipe.
    """

    wave_of: np.ndarray
    defocus_nm: np.ndarray
    aperture_per_A: float
    microscope: Microscope
    box: Box

    def __len__(self) -> int:
        """Return how many waves there are."""
        ...

    def __getitem__(self, index: int) -> np.ndarray:
        """Return the Fourier coefficients of wave `index`, complex64 (y, x)."""
        ...


@dataclass(frozen=True, kw_only=True)
class FocalSeries:
    """Which images of a part show one specimen at one tilt and under one condition.

    Attributes
    ----------
    images : tuple of int
        Their numbers in the part, by ascending defocus.
    defocus_nm : tuple of float
        Defocus of each.
    """

    images: tuple[int, ...]
    defocus_nm: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a method may learn from: images of the train and validation parts.

    Attributes
    ----------
    train, validation : ImageSource
        Clean images; noise is for the method to draw, seeded by `seed`.
    noisy, noisy_validation : ImageSource or None
        One noisy image of each, counts (y, x), for methods that learn without clean images.
    waves : ExitWaves or None
        Exit waves of the training images, where an image is formed from one without more ado.
    series, validation_series : sequence of FocalSeries
        Which images belong together; without, each stands alone.
    pixel_size_A, dose_e_per_px : float
        As in `NoisyImage`.
    seed : int
        Seed of every random choice in the training.
    """

    train: ImageSource
    validation: ImageSource
    noisy: ImageSource | None = None
    noisy_validation: ImageSource | None = None
    waves: ExitWaves | None = None
    series: Sequence[FocalSeries] = ()
    validation_series: Sequence[FocalSeries] = ()
    pixel_size_A: float
    dose_e_per_px: float
    seed: int


class Denoiser(Protocol):
    """What ``build`` returns.

    Attributes ``device`` (str) and ``n_parameters`` (int, of a network), if present, are reported;
    of a torch module called ``network`` the parameters are counted.
    """

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, shape (y, x), float32, finite."""
        ...
