"""Trial image: a clean image of a file, with shot noise drawn at the method's pixel size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX, ImageError
from tembench.methods import NoisyImage
from tembench.micrographs.domain import Domain, MethodSource
from tembench.micrographs.electrons import (
    check_drawable,
    check_finite,
    noise_warning,
    resample,
    shape_at,
    shot_noise,
    vacuum_of_clean,
)
from tembench.micrographs.reading import (
    FileOptions,
    Micrograph,
    check_memory,
    pixel_size_from_lattice,
)

# Values so close to the expected electrons are not rescaled.
_ALIKE = 0.02


@dataclass(frozen=True, kw_only=True)
class TrialImage:
    """A clean image and counts drawn from it.

    Attributes
    ----------
    image : NoisyImage
        The counts, at the method's pixel size.
    clean : numpy.ndarray
        The truth on the same pixels (y, x), e/px.
    ratios : tuple of float
        Size of a pixel of the file in pixels of `image`, along y and x.
    unit : float
        Units of the file per electron per pixel.
    file_pixel_sizes_A : tuple of float
        Pixel size of the file along y and x, angstrom.
    found_pixel_size : bool
        Whether the pixel size comes from the lattice in the image.
    warnings : sequence of str
        Unusual properties of the image, one line each.
    """

    image: NoisyImage
    clean: np.ndarray
    ratios: tuple[float, float]
    unit: float
    file_pixel_sizes_A: tuple[float, float]
    found_pixel_size: bool
    warnings: Sequence[str] = ()

    def on_file_pixels(self, denoised: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Return a denoised image on the file's pixels, in its units."""
        down, across = self.ratios
        back = denoised
        if self.ratios != (1, 1):
            back = resample(denoised, (1 / down, 1 / across), shape)
        return back * np.float32(self.unit)


def draw_trial(image: Micrograph, source: MethodSource, options: FileOptions) -> TrialImage:
    """Resample a clean image to a method's pixel size, and draw shot noise.

    Parameters
    ----------
    image : Micrograph
        The clean image as read from its file.
    source : MethodSource
        The method that will denoise it.
    options : FileOptions
        The user's options.

    Raises
    ------
    ImageError
        If the image has no pixel size, negative values, or no vacuum.
    """
    check_finite(image.values)
    warnings: list[str] = []
    sizes = image.pixel_sizes_A
    if sizes is None:
        found, warning = _assumed_pixel_size(image.values, source.domain)
        sizes = (found, found)
        warnings.append(warning)
    if image.values.min() < 0:
        raise ImageError(
            "has negative values",
            expected="a clean image of 0 or more electrons per pixel",
            got=f"a minimum of {image.values.min():g}",
        )
    noisy = noise_warning(image.values)
    if noisy:
        warnings.append(noisy)
    dose = options.dose_e_per_px or source.domain.dose_e_per_px or REFERENCE_DOSE_E_PER_PX
    vacuum = options.vacuum or vacuum_of_clean(image.values)
    if not vacuum > 0:
        raise ImageError(
            "has no vacuum level",
            got=f"{vacuum:g}",
            remedy="If the values are counts, omit --add-noise"
            if noisy
            else "Give the stored value of vacuum with --vacuum",
        )
    factor = dose / vacuum
    # Values that are expected electrons at this dose already are not rescaled.
    if options.vacuum is None and abs(factor - 1) < _ALIKE:
        factor = 1.0
    check_drawable(float(image.values.max()) * factor)
    seen_A = source.sampling(min(sizes))
    ratios = (sizes[0] / seen_A, sizes[1] / seen_A)
    shape = shape_at(image.values.shape, ratios)
    check_memory(image.values.shape, shape)
    clean = image.values.astype(np.float32) * np.float32(factor)
    clean = np.maximum(clean if ratios == (1, 1) else resample(clean, ratios, shape), 0)
    return TrialImage(
        image=NoisyImage(
            counts=shot_noise(clean, options.seed), pixel_size_A=seen_A, dose_e_per_px=dose
        ),
        clean=clean,
        ratios=ratios,
        unit=1 / factor,
        file_pixel_sizes_A=sizes,
        found_pixel_size=image.pixel_sizes_A is None,
        warnings=warnings,
    )


def _assumed_pixel_size(values: np.ndarray, domain: Domain) -> tuple[float, str]:
    """Return a pixel size for a clean image without one, with a warning about it."""
    remedy = "--pixel-size-A, in angstrom"
    found = pixel_size_from_lattice(values, domain.assumed) if domain.assumed else None
    if found and domain.assumed:
        return found, (
            f"the file has no pixel size: {found:.4f} Å is assumed, at which the lattice in the "
            f"image is that of the specimens of {domain.assumed.name}; if it shows something else, "
            f"give {remedy}"
        )
    raise ImageError("has no pixel size", remedy=f"Give it with {remedy}")
