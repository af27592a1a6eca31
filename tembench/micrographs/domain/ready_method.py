"""Method with its weights, ready for counts on pixels of any size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tembench.core import seed_sequence
from tembench.methods import Denoiser, Method, NoisyImage, apply
from tembench.micrographs.camera_noise import NoiseCorrelation
from tembench.micrographs.domain.training_domain import Domain, domain_of
from tembench.micrographs.electrons import (
    place_electrons,
    resample,
    shape_at,
    share_out,
)
from tembench.micrographs.reading import check_memory

# Within two per cent an image is not resampled: a method copes with a lattice that much larger or
# smaller better than with resampled noise.
_ALIKE = 0.02


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The method for an image, and why it was chosen.

    Attributes
    ----------
    ready : ReadyMethod
        The method.
    table : str
        The candidates and what was found of them, to print; empty if there was no choice.
    record : mapping or None
        The same for the record.
    judged : bool
        Whether the image itself has judged the method, which need not be checked again then.
    """

    ready: ReadyMethod
    table: str = ""
    record: Mapping[str, Any] | None = None
    judged: bool = False


class MethodSource(Protocol):
    """A method, or a choice among several that depends on the image."""

    @property
    def name(self) -> str:
        """Name of the method, or of the choice."""
        ...

    @property
    def domain(self) -> Domain:
        """Images that the method was trained on."""
        ...

    @property
    def methods(self) -> Sequence[ReadyMethod]:
        """The methods that may be used, with their weights."""
        ...

    def build(self) -> None:
        """Build the denoiser if there is only one, so that its errors appear before any work."""
        ...

    def sampling(self, pixel_size_A: float) -> float:
        """Return the pixel size at which noise is drawn for a clean image of another."""
        ...

    def for_image(
        self,
        image: NoisyImage,
        frames: Callable[[], Sequence[NoisyImage]],
        correlation: NoiseCorrelation | None,
        where: str,
    ) -> Chosen:
        """Return the method for an image.

        Parameters
        ----------
        image : NoisyImage
            The counts, on their own pixels.
        frames : callable
            Returns other frames of the same scene, if there are any.
        correlation : NoiseCorrelation or None
            Correlation of the noise of neighbouring pixels, if it was measured.
        where : str
            Name of the image, for errors.
        """
        ...


def no_frames() -> Sequence[NoisyImage]:
    """Return no frames: those of an image on its own."""
    return ()


@dataclass(frozen=True, kw_only=True)
class ReadyMethod:
    """A method with its weights, for images of any pixel size.

    Attributes
    ----------
    method : Method
        The method with its parameters, those that its weights were trained with included.
    weights : pathlib.Path or None
        Folder of its weights; None for the weights shipped with it.

    Examples
    --------
    >>> from tembench.methods import load_method
    >>> ready = ReadyMethod(method=load_method("gaussian"))
    >>> counts = np.random.default_rng(0).poisson(0.5, (64, 64)).astype(np.uint8)
    >>> image = NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=0.5)
    >>> ready.denoise(image).shape
    (64, 64)
    """

    method: Method
    weights: Path | None = None

    def __post_init__(self) -> None:
        """Take the parameters that the weights were trained with."""
        object.__setattr__(self, "method", self.method.as_trained(self.used_weights))

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.method.name

    def for_image(
        self,
        image: NoisyImage,
        frames: Callable[[], Sequence[NoisyImage]],
        correlation: NoiseCorrelation | None,
        where: str,
    ) -> Chosen:
        """Return the method itself, whatever the image."""
        return Chosen(ready=self)

    @property
    def methods(self) -> Sequence[ReadyMethod]:
        """The method itself."""
        return (self,)

    @property
    def used_weights(self) -> Path | None:
        """Folder of the weights, given or shipped."""
        return self.weights or self.method.shipped_weights

    @cached_property
    def domain(self) -> Domain:
        """The pixel size, dose and recipe that the method was trained at."""
        return domain_of(self.method, self.used_weights)

    @cached_property
    def denoiser(self) -> Denoiser:
        """The denoiser, built when it is first needed."""
        return self.method.build(self.used_weights)

    def build(self) -> None:
        """Build the denoiser."""
        _ = self.denoiser

    def sampling(self, pixel_size_A: float) -> float:
        """Return the pixel size at which the method sees an image of another, in angstrom."""
        domain = self.domain
        if domain.coarsest_A is not None:
            return min(pixel_size_A, domain.coarsest_A)
        known = domain.pixel_size_A
        if known is None or abs(pixel_size_A / known - 1) < _ALIKE:
            return pixel_size_A
        return known

    def seen(self, image: NoisyImage, *, seed: int = 0, number: int = 0) -> NoisyImage:
        """Return an image as the method sees it, on pixels of the size that it knows.

        Parameters
        ----------
        image : NoisyImage
            Counts on their own pixels, with their series for a method of input "series".
        seed : int
            Seed of the positions of electrons on the new pixels.
        number : int
            Number of a movie's frame, for positions of its own.
        """
        seen_A = self.sampling(image.pixel_size_A)
        ratio = image.pixel_size_A / seen_A
        if ratio == 1:
            return image
        series = image.series
        if series is not None:
            first = number - series.position
            frames = [
                at_ratio(frame, ratio, seed, max(0, first + i))
                for i, frame in enumerate(series.counts)
            ]
            series = replace(series, counts=np.stack(frames))
        return NoisyImage(
            counts=at_ratio(image.counts, ratio, seed, number)
            if series is None
            else series.counts[series.position],
            pixel_size_A=seen_A,
            dose_e_per_px=image.dose_e_per_px / ratio**2,
            series=series,
        )

    def back(self, result: np.ndarray, image: NoisyImage) -> np.ndarray:
        """Return the method's result on the pixels of the image.

        Parameters
        ----------
        result : numpy.ndarray
            (y, x), e/px of the pixels that the method saw.
        image : NoisyImage
            The image that was given to `seen`.

        Returns
        -------
        numpy.ndarray
            (y, x) of the image, float32, expected electrons per pixel of the image.
        """
        ratio = image.pixel_size_A / self.sampling(image.pixel_size_A)
        if ratio == 1:
            return result
        height, width = image.counts.shape
        return resample(result, 1 / ratio, (height, width)) * np.float32(ratio**2)

    def denoise(
        self, image: NoisyImage, where: str = "", *, seed: int = 0, number: int = 0
    ) -> np.ndarray:
        """Denoise an image on its own pixels.

        Parameters
        ----------
        image : NoisyImage
            Counts (y, x) on square pixels of any size, with their dose.
        where : str
            Name of the image, for errors.
        seed, number : int
            As for `seen`.

        Returns
        -------
        numpy.ndarray
            (y, x), float32, expected electrons per pixel of the image.

        Raises
        ------
        MethodError
            If the method fails, or its result is not an image.
        """
        seen = self.seen(image, seed=seed, number=number)
        result = apply(self.method, self.denoiser, seen, where)
        return self.back(result, image)


def at_ratio(
    counts: np.ndarray, ratio: float | tuple[float, float], seed: int, *number: int
) -> np.ndarray:
    """Return counts on pixels of another size.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x); electrons of integer types are placed again one by one, other values shared out.
    ratio : float or tuple of float
        Size of an old pixel in new ones, or that along y and x.
    seed : int
        Seed of the positions of electrons.
    *number : int
        Number of the frame, for a position of its own.
    """
    if ratio in (1, (1, 1)):
        return counts
    check_memory(counts.shape, shape_at(counts.shape, ratio))
    if counts.dtype.kind != "u":
        return share_out(counts, ratio)
    generator = np.random.default_rng(seed_sequence(seed, "places of electrons", *number))
    return place_electrons(counts, ratio, generator)
