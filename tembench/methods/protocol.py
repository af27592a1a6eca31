"""The interface of a method: noisy images and training data in, denoised images out.

`Denoiser` is the contract: what a method must define, what it may define, when its code is called
and what is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from tembench.dataset import NoisyImage, NoisySeries
from tembench.recipe import Box, Camera, Microscope

__all__ = [
    "CameraSource",
    "Denoiser",
    "FocalSeries",
    "ImageSource",
    "MovieFrames",
    "NoisyImage",
    "NoisySeries",
    "TrainingData",
    "TrainingWaves",
]


class ImageSource(Protocol):
    """Images of one shape to train on, read one at a time; picklable."""

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def __getitem__(self, index: int) -> np.ndarray:
        """Return image `index` (0 to len - 1), (y, x): e/px in float32, or counts."""
        ...


class CameraSource(Protocol):
    """Cameras of the training images."""

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def __getitem__(self, index: int) -> Camera[float] | None:
        """Return the camera of image `index`; None where every electron is counted."""
        ...


class TrainingWaves(Protocol):
    """Exit waves of the training images, read one at a time.

    Attributes
    ----------
    wave_of, defocus_nm : numpy.ndarray
        Index of the exit wave and defocus of each training image, shape (images,).
    aperture_per_A : float
        Radius of the objective aperture; the wave has no higher frequencies.
    microscope, box
        Optics, and the position of an image in the simulated cell, as in the recipe.
    """

    wave_of: np.ndarray
    defocus_nm: np.ndarray
    aperture_per_A: float
    microscope: Microscope
    box: Box

    def __len__(self) -> int:
        """Return the number of waves."""
        ...

    def __getitem__(self, index: int) -> np.ndarray:
        """Return the Fourier coefficients of wave `index`, complex64 (y, x)."""
        ...


@dataclass(frozen=True, kw_only=True)
class FocalSeries:
    """Images of a part that show one specimen at one tilt and under one condition.

    Attributes
    ----------
    images : tuple of int
        Their indices in the part, by ascending defocus.
    defocus_nm : tuple of float
        Defocus of each image.
    """

    images: tuple[int, ...]
    defocus_nm: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class MovieFrames:
    """The noisy training images as frames of one movie, in order of time without gaps.

    Attributes
    ----------
    held_out : tuple of int
        Frames that are not trained on; the one next to each is held out too.
    reach : int
        Frames before and after a frame that are summed with it in the network's input.
    """

    held_out: tuple[int, ...]
    reach: int = 0


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """Training data of a method: images of the train and validation parts.

    Attributes
    ----------
    train, validation : ImageSource
        Clean images; the method draws its own noise, seeded by `seed`. Empty where no clean image
        is known: networks are then trained on counts alone.
    noisy, noisy_validation : ImageSource or None
        One noisy image of each, counts (y, x), for self-supervised methods.
    validation_targets : ImageSource or None
        Counts that were held out of each of `noisy_validation`, to be predicted from it.
    held_out_share : float
        Their expectation over that of `noisy_validation`.
    movie : MovieFrames or None
        If given, frames are to be predicted from one another.
    waves : TrainingWaves or None
        Exit waves of the training images, if an image follows from its wave by the optics alone.
    series, validation_series : sequence of FocalSeries
        Focal series among the images; without any, each image is on its own.
    doses_e_per_px, validation_doses_e_per_px : sequence of float or None
        Dose of each noisy image, if they differ; clean images are scaled to `dose_e_per_px` in any
        case.
    cameras : CameraSource or None
        Camera of each training image, if any has one.
    pixel_sizes_A, validation_pixel_sizes_A : sequence of float or None
        Pixel size of each image, if they differ.
    pixel_size_A, dose_e_per_px : float
        As in `NoisyImage`.
    seed : int
        Seed of every random choice in the training.
    start : Path or None
        Folder of the weights that a network starts from, in place of random ones.
    """

    train: ImageSource
    validation: ImageSource
    noisy: ImageSource | None = None
    noisy_validation: ImageSource | None = None
    validation_targets: ImageSource | None = None
    held_out_share: float = 1.0
    movie: MovieFrames | None = None
    waves: TrainingWaves | None = None
    series: Sequence[FocalSeries] = ()
    validation_series: Sequence[FocalSeries] = ()
    doses_e_per_px: Sequence[float] | None = None
    validation_doses_e_per_px: Sequence[float] | None = None
    cameras: CameraSource | None = None
    pixel_sizes_A: Sequence[float] | None = None
    validation_pixel_sizes_A: Sequence[float] | None = None
    pixel_size_A: float
    dose_e_per_px: float
    seed: int
    start: Path | None = None

    @property
    def has_counts_alone(self) -> bool:
        """Whether there are noisy frames of a user alone, and no clean images."""
        return self.movie is not None or self.validation_targets is not None


class Denoiser(Protocol):
    """The contract of a method: what ``build`` in its ``method.py`` returns.

    **Required.** ``method.py`` defines ``build(parameters)``, which returns an object with the
    method `denoise`. `parameters` holds ``[parameters]`` of ``method.toml`` with the user's
    overrides, and ``weights``, a folder, for a method that is trained.

    **Optional.** ``train(parameters, data, folder)`` in ``method.py`` makes a method trainable: it
    trains on a `TrainingData`, writes its weights into `folder`, and resumes from what an earlier
    call left there. On the denoiser, ``device`` (a short text, "cpu" if missing) and
    ``n_parameters`` (an integer) appear in the table; without ``n_parameters``, the parameters of
    a torch module called ``network`` are counted.

    **Calls.** ``method.py`` is not run before the method is built or trained. ``build`` is called
    once in each worker process (the default is two, of one thread each; with 0 workers, in the
    main process), and the denoiser then gets one image after another, in any order. Results must
    not depend on the order or on earlier images. The arrays are copies: the method may write to
    them. Relative paths are those of the user; ``os.chdir`` lasts during the method's own code
    only.

    **Timing.** Before the first image, `denoise` is called on a constant image of at most 128 x 128
    pixels, so that compiling and loading are not timed. The time of an image is that of its
    `denoise` call, with the copy and the checks; peak memory is that of the process. The last image
    of a run is denoised twice.

    **Refused**, as a `MethodError` that names the image: an exception; anything but a float32
    `numpy.ndarray` of the input's shape; masked, NaN or infinite values; a second result for the
    last image that differs by more than 0.001 of the dose (root mean square). In place of images,
    only the control of input "clean" gets the truth.
    """

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel, shape (y, x), float32, finite."""
        ...
