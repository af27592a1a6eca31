"""One image file denoised: read, resampled for the method, denoised, and resampled back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import ImageError, MethodError
from tembench.methods import NoisyImage, apply
from tembench.micrographs.camera_noise import Counting, NoiseCorrelation
from tembench.micrographs.denoising.counted_image import (
    FILE,
    FOUND,
    METHOD,
    OPTION,
    count_image,
    with_likelier_dose,
)
from tembench.micrographs.denoising.trial_image import draw_trial
from tembench.micrographs.domain import (
    Chosen,
    MethodSource,
    ReadyMethod,
    no_frames,
    specimen_warnings,
)
from tembench.micrographs.reading import FileOptions, Micrograph, read_micrograph

_FAR = 2.0


@dataclass(frozen=True, kw_only=True)
class DenoisedFile:
    """A denoised image on its file's pixels, with the method's input and output.

    Attributes
    ----------
    chosen : Chosen
        The method that denoised it.
    denoised : numpy.ndarray
        (y, x), float32, in the units of the file: electrons per pixel, or those of a clean image.
    pixel_sizes_A : tuple of float
        Pixel size of the file along y and x, angstrom.
    original : numpy.ndarray or None
        Counts (y, x) on the file's pixels; None if the file is a clean image.
    counting : Counting or None
        How stored values became electrons; None for a clean image.
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

    chosen: Chosen
    denoised: np.ndarray
    pixel_sizes_A: tuple[float, float]
    original: np.ndarray | None
    counting: Counting | None
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
        down, across = self.pixel_sizes_A
        return self.given.dose_e_per_px * down * across / self.given.pixel_size_A**2

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


def denoise_file(source: MethodSource, path: Path, options: FileOptions) -> DenoisedFile:
    """Denoise the image in a file.

    Parameters
    ----------
    source : MethodSource
        The method with its weights, or a choice of methods.
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
    return denoise_micrograph(source, image, options)


def denoise_micrograph(
    source: MethodSource, image: Micrograph, options: FileOptions
) -> DenoisedFile:
    """Denoise an image that was read; parameters and errors as for `denoise_file`."""
    try:
        return (_trial if options.add_noise else _counted)(source, image, options)
    except ImageError as problem:
        raise problem.noted(image.notes).at(image.path) from problem.__cause__


def _counted(source: MethodSource, image: Micrograph, options: FileOptions) -> DenoisedFile:
    counted = count_image(image, options)
    chosen = _chosen(source, counted.image, image, counted.counting.correlation)
    ready = chosen.ready
    counted = with_likelier_dose(counted, ready)
    number = options.frame if isinstance(options.frame, int) else 0
    seen = ready.seen(counted.image, seed=options.seed, number=number)
    result, seconds = _timed(ready, seen, str(image.path))
    return DenoisedFile(
        chosen=chosen,
        denoised=counted.on_file_pixels(ready.back(result, counted.image)),
        pixel_sizes_A=counted.file_pixel_sizes_A,
        original=counted.file_counts,
        counting=counted.counting,
        given=seen,
        result=result,
        clean=None,
        pixel_size_from=counted.pixel_size_from,
        dose_from=counted.dose_from,
        seconds=seconds,
        warnings=(
            *([] if chosen.judged else specimen_warnings(ready, seen)),
            *image.notes,
            *counted.warnings,
            *unusual_for(ready, seen, min(counted.file_pixel_sizes_A)),
        ),
    )


def _trial(source: MethodSource, image: Micrograph, options: FileOptions) -> DenoisedFile:
    trial = draw_trial(image, source, options)
    chosen = _chosen(source, trial.image, image, None)
    ready = chosen.ready
    seen = ready.seen(trial.image, seed=options.seed)
    result, seconds = _timed(ready, seen, str(image.path))
    result = ready.back(result, trial.image)
    height, width = image.values.shape
    sizes_from = FOUND if trial.found_pixel_size else FILE
    return DenoisedFile(
        chosen=chosen,
        denoised=trial.on_file_pixels(result, (height, width)),
        pixel_sizes_A=trial.file_pixel_sizes_A,
        original=None,
        counting=None,
        given=trial.image,
        result=result,
        clean=trial.clean,
        pixel_size_from=sizes_from if options.pixel_size_A is None else OPTION,
        dose_from=METHOD if options.dose_e_per_px is None else OPTION,
        seconds=seconds,
        warnings=(
            *([] if chosen.judged else specimen_warnings(ready, seen)),
            *image.notes,
            *trial.warnings,
            *unusual_for(ready, seen, min(trial.file_pixel_sizes_A)),
        ),
    )


def _chosen(
    source: MethodSource,
    image: NoisyImage,
    file: Micrograph,
    correlation: NoiseCorrelation | None,
) -> Chosen:
    chosen = source.for_image(image, no_frames, correlation, str(file.path))
    if chosen.ready.method.input == "series":
        raise MethodError(
            "does not denoise single images",
            where=f"method {chosen.ready.name}",
            expected="the frames of a movie, of which it uses several for each",
            got=str(file.path),
            remedy="Omit --frame, or choose a method that denoises single images: "
            "tembench methods lists them",
        )
    return chosen


def _timed(ready: ReadyMethod, seen: NoisyImage, where: str) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    result = apply(ready.method, ready.denoiser, seen, where)
    return result, time.perf_counter() - start


def unusual_for(ready: ReadyMethod, seen: NoisyImage, file_A: float) -> list[str]:
    """Describe in which respects an image is outside a method's training domain.

    Parameters
    ----------
    ready : ReadyMethod
        The method.
    seen : NoisyImage
        The image as the method sees it.
    file_A : float
        Pixel size of the file, angstrom.
    """
    unusual = []
    if not 1 / _FAR <= file_A / seen.pixel_size_A <= _FAR:
        unusual.append(
            f"the pixel size of {file_A:.4g} Å is far from the {seen.pixel_size_A:.4g} Å that the "
            "method was made for: the image was resampled, but its sharpness differs"
        )
    dose, known = seen.dose_e_per_px, ready.domain.dose_e_per_px
    if known and not 1 / _FAR <= dose / known <= _FAR:
        unusual.append(
            f"the dose of {dose:.3g} e/px in vacuum is far from the {known:g} e/px that the method "
            "was made for"
        )
    denoiser = ready.denoiser
    reach = getattr(getattr(denoiser, "network", None), "margin", None)
    reach_px = (reach or 0) * (getattr(denoiser, "binning", None) or 1)
    if min(seen.counts.shape) < reach_px:
        unusual.append(
            f"the image is smaller than the {reach_px} px that the network sees to each side: "
            "context beyond its edges is missing"
        )
    return unusual
