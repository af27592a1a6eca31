"""Preparation of a file's image for a method: counts, their dose, and the method's pixel size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX, ImageError, seed_sequence
from tembench.methods import Denoiser, Method, NoisyImage, foreign_code
from tembench.micrographs.camera_noise import counting_of
from tembench.micrographs.domain.training_domain import Domain
from tembench.micrographs.electrons import (
    check_drawable,
    check_finite,
    fill,
    find_outliers,
    find_vacuum,
    likeliest_dose,
    noise_warning,
    place_electrons,
    resample,
    shape_at,
    share_out,
    shot_noise,
    vacuum_of_clean,
)
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.lattice import pixel_size_from_lattice
from tembench.micrographs.reading.read_image import Micrograph, check_memory

# Within two per cent an image is not resampled: a method copes with a lattice that much larger or
# smaller better than with resampled noise.
_ALIKE = 0.02
# Sources of a pixel size or a dose.
OPTION, FILE, FOUND, METHOD = "option", "file", "found in the image", "default of the method"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A noisy image prepared for a method, with the factors that lead back to the file.

    Attributes
    ----------
    image : NoisyImage
        Input of the method.
    ratio, unit : float
        Size of a pixel of the file in pixels of `image`; units of the file per electron per pixel.
    file_A : float
        Pixel size of the file, angstrom.
    original : numpy.ndarray or None
        Counts (y, x) on the file's pixels; None if the file is a clean image.
    clean : numpy.ndarray or None
        The truth on the pixels of `image` (y, x), e/px, if it is known.
    doubt : str or None
        Reason why the dose of `image` may be wrong.
    taken : str
        The part of the image that was taken for vacuum.
    pixel_size_from, dose_from : str
        Source of the pixel size and of the dose: an option, the file, the image or the method.
    warnings : sequence of str
        Unusual properties of the image, one line each.
    """

    image: NoisyImage
    ratio: float
    unit: float
    file_A: float
    original: np.ndarray | None = None
    clean: np.ndarray | None = None
    doubt: str | None = None
    taken: str = ""
    pixel_size_from: str = FILE
    dose_from: str = FOUND
    warnings: Sequence[str] = ()


def prepare(
    image: Micrograph, method: Method, denoiser: Denoiser, domain: Domain, options: FileOptions
) -> Prepared:
    """Convert an image to counts with their dose, at the pixel size of a method.

    Parameters
    ----------
    image : Micrograph
        The image as read from its file.
    method, denoiser : Method, Denoiser
        The method and the denoiser that its `build` returned; a network is used to estimate the
        dose if the image shows no vacuum.
    domain : Domain
        What the method was trained on.
    options : FileOptions
        The user's options.

    Raises
    ------
    ImageError
        If the values cannot be counts, or not a clean image with ``--add-noise``.
    """
    prepared = (_clean if options.add_noise else _counted)(image, domain, options)
    prepared = replace(
        prepared,
        pixel_size_from=_pixel_size_from(image, options),
        dose_from=_dose_from(options),
    )
    return _with_dose(prepared, method, denoiser) if prepared.doubt else prepared


def _pixel_size_from(image: Micrograph, options: FileOptions) -> str:
    if options.pixel_size_A is not None:
        return OPTION
    return FILE if image.pixel_size_A is not None else FOUND


def _dose_from(options: FileOptions) -> str:
    if options.dose_e_per_px is not None:
        return OPTION
    return METHOD if options.add_noise else FOUND


def _counted(image: Micrograph, domain: Domain, options: FileOptions) -> Prepared:
    """Prepare an image of counts: resample it, and find its dose."""
    file_A = image.pixel_size_A
    if file_A is None:
        raise ImageError("has no pixel size", remedy="Give it with --pixel-size-A, in angstrom")
    check_finite(image.values)
    outliers = find_outliers(image.values)
    values, bad = image.values, outliers.mask
    if options.mask_outliers:
        # From here on the image has no outliers.
        values, bad = fill(values, bad), np.zeros_like(bad)
    counting = counting_of(
        [values],
        gain=options.gain,
        in_electrons=image.in_electrons,
        allow_negative=options.allow_negative,
        outliers=bad,
    )
    counts = counting.counts(values)
    warnings = [
        *counting.warnings,
        *outliers.warnings(image.values, replaced=options.mask_outliers),
    ]
    seen_A = _sampling(file_A, domain)
    ratio = file_A / seen_A
    seen = _at_ratio(counts, ratio, options.seed)
    dose, doubt, taken = options.dose_e_per_px, None, ""
    if dose is None:
        typical = _at_ratio(fill(counts, bad), ratio, options.seed) if bad.any() else seen
        vacuum = find_vacuum(typical)
        dose, doubt, taken = vacuum.e_per_px, vacuum.doubt, vacuum.taken
    else:
        dose = dose / ratio**2
    return Prepared(
        image=NoisyImage(counts=seen, pixel_size_A=seen_A, dose_e_per_px=dose),
        ratio=ratio,
        unit=ratio**2,
        file_A=file_A,
        original=counts,
        doubt=doubt,
        taken=taken,
        warnings=warnings,
    )


def _with_dose(given: Prepared, method: Method, denoiser: Denoiser) -> Prepared:
    """Replace a doubtful dose by a more likely one, if there is any, and warn about it."""
    image, how = given.image, f"the dose is estimated from {given.taken}"
    with foreign_code("denoise", f"method {method.name}"):
        better = likeliest_dose(denoiser, image)
    if better is not None:
        image = replace(image, dose_e_per_px=better)
        how = f"the dose is the one at which the result of {method.name} fits the counts best"
    warning = (
        f"{given.doubt}: {how}, {image.dose_e_per_px * given.ratio**2:.3g} e/px, which may be off "
        "by several per cent; give the electrons per pixel in vacuum with --dose"
    )
    return replace(given, image=image, warnings=[*given.warnings, warning])


def _at_ratio(counts: np.ndarray, ratio: float, seed: int) -> np.ndarray:
    """Return counts on pixels of another size."""
    if ratio == 1:
        return counts
    check_memory(counts.shape, shape_at(counts.shape, ratio))
    if counts.dtype.kind != "u":
        return share_out(counts, ratio)
    generator = np.random.default_rng(seed_sequence(seed, "places of electrons"))
    return place_electrons(counts, ratio, generator)


def _clean(image: Micrograph, domain: Domain, options: FileOptions) -> Prepared:
    """Prepare a clean image: resample it, and draw shot noise at the method's pixel size."""
    check_finite(image.values)
    warnings: list[str] = []
    file_A = image.pixel_size_A
    if file_A is None:
        file_A, warning = _assumed_pixel_size(image.values, domain)
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
    dose = options.dose_e_per_px or domain.dose_e_per_px or REFERENCE_DOSE_E_PER_PX
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
    seen_A = _sampling(file_A, domain)
    ratio = file_A / seen_A
    shape = shape_at(image.values.shape, ratio)
    check_memory(image.values.shape, shape)
    clean = image.values.astype(np.float32) * np.float32(factor)
    clean = np.maximum(clean if ratio == 1 else resample(clean, ratio, shape), 0)
    return Prepared(
        image=NoisyImage(
            counts=shot_noise(clean, options.seed), pixel_size_A=seen_A, dose_e_per_px=dose
        ),
        ratio=ratio,
        unit=1 / factor,
        file_A=file_A,
        clean=clean,
        warnings=warnings,
    )


def _sampling(file_A: float, domain: Domain) -> float:
    """Return the pixel size for the method: its own, or the file's if they are alike."""
    if domain.coarsest_A is not None:
        return min(file_A, domain.coarsest_A)
    known = domain.pixel_size_A
    return file_A if known is None or abs(file_A / known - 1) < _ALIKE else known


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
