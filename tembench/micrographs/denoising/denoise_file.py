"""One image file denoised: read, resampled for the method, denoised, and resampled back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import ImageError
from tembench.methods import Denoiser, Method, NoisyImage, apply
from tembench.micrographs.denoising.prepare import Prepared, prepare
from tembench.micrographs.domain.specimen_check import specimen_warnings
from tembench.micrographs.domain.training_domain import Domain
from tembench.micrographs.electrons import resample
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.read_image import read_micrograph

_FAR = 2.0


@dataclass(frozen=True, kw_only=True)
class DenoisedFile:
    """A denoised image on its file's pixels, with the method's input and output.

    Attributes
    ----------
    denoised : numpy.ndarray
        (y, x), float32, in the units of the file: electrons per pixel, or those of a clean image.
    pixel_size_A : float
        Pixel size of the file, angstrom.
    original : numpy.ndarray or None
        Counts (y, x) on the file's pixels; None if the file is a clean image.
    given : NoisyImage
        Input of the method.
    result : numpy.ndarray
        Output of the method for it (y, x), e/px.
    clean : numpy.ndarray or None
        The truth on the same pixels (y, x), e/px, if it is known.
    pixel_size_from, dose_from : str
        Source of the pixel size and of the dose: an option, the file, the image or the method.
    seconds : float
        Time that the method took.
    warnings : tuple of str
        Unusual properties of the image, one line each.
    """

    denoised: np.ndarray
    pixel_size_A: float
    original: np.ndarray | None
    given: NoisyImage
    result: np.ndarray
    clean: np.ndarray | None
    pixel_size_from: str
    dose_from: str
    seconds: float
    warnings: tuple[str, ...]

    @property
    def file_dose_e_per_px(self) -> float:
        """Dose in vacuum, electrons per pixel of the file."""
        return self.given.dose_e_per_px * (self.pixel_size_A / self.given.pixel_size_A) ** 2

    def scored_by(self, score: Callable[..., object]) -> str | None:
        """Score the noisy image, the constant of vacuum and the result; None without a clean image.

        Parameters
        ----------
        score : callable
            From the clean image, the images by name and the dose in e/px to what is printed.
        """
        if self.clean is None:
            return None
        dose = self.given.dose_e_per_px
        images = {
            "noisy": self.given.counts.astype(np.float32),
            "vacuum": np.full_like(self.clean, dose),
            "denoised": self.result,
        }
        return str(score(self.clean, images, dose))


def denoise_file(
    method: Method, denoiser: Denoiser, domain: Domain, path: Path, options: FileOptions
) -> DenoisedFile:
    """Denoise the image in a file.

    Parameters
    ----------
    method, denoiser : Method, Denoiser
        The method and the denoiser that its `build` returned.
    domain : Domain
        What the method was trained on; images of another pixel size are resampled to that.
    path : pathlib.Path
        The image file.
    options : FileOptions
        The user's options.

    Raises
    ------
    ImageError
        If the file cannot be used.
    MethodError
        If the method fails.
    """
    image = read_micrograph(
        path,
        frame=options.frame,
        dataset=options.dataset,
        pixel_size_A=options.pixel_size_A,
        gain=options.gain,
    )
    try:
        given = prepare(image, method, denoiser, domain, options)
    except ImageError as problem:
        raise problem.noted(image.notes).at(path) from problem.__cause__
    start = time.perf_counter()
    result = apply(method, denoiser, given.image, str(path))
    seconds = time.perf_counter() - start
    # Back to the file's pixels and units.
    height, width = image.values.shape
    back = result if given.ratio == 1 else resample(result, 1 / given.ratio, (height, width))
    back = back * np.float32(given.unit)
    warnings = [
        *specimen_warnings(method, denoiser, domain, given.image),
        *image.notes,
        *given.warnings,
        *_unusual(given, domain, denoiser),
    ]
    return DenoisedFile(
        denoised=back,
        pixel_size_A=given.file_A,
        original=given.original,
        given=given.image,
        result=result,
        clean=given.clean,
        pixel_size_from=given.pixel_size_from,
        dose_from=given.dose_from,
        seconds=seconds,
        warnings=tuple(warnings),
    )


def _unusual(given: Prepared, domain: Domain, denoiser: Denoiser) -> list[str]:
    """Describe in which respects an image is outside the method's training domain."""
    unusual = []
    if not 1 / _FAR <= given.ratio <= _FAR:
        unusual.append(
            f"the pixel size of {given.file_A:.4g} Å is far from the "
            f"{given.image.pixel_size_A:.4g} Å that the method was made for: the image was "
            "resampled, but its sharpness differs"
        )
    dose, known = given.image.dose_e_per_px, domain.dose_e_per_px
    if known and not 1 / _FAR <= dose / known <= _FAR:
        unusual.append(
            f"the dose of {dose:.3g} e/px in vacuum is far from the {known:g} e/px that the method "
            "was made for"
        )
    reach = getattr(getattr(denoiser, "network", None), "margin", None)
    reach_px = (reach or 0) * (getattr(denoiser, "binning", None) or 1)
    if min(given.image.counts.shape) < reach_px:
        unusual.append(
            f"the image is smaller than the {reach_px} px that the network sees to each side: "
            "context beyond its edges is missing"
        )
    return unusual
