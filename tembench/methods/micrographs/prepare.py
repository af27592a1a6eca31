"""An image of a file brought to what a method knows: electrons, their dose and sampling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX, ImageError, seed_sequence
from tembench.methods.method import Method
from tembench.methods.micrographs.electrons import (
    as_counts,
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
from tembench.methods.micrographs.file_options import FileOptions
from tembench.methods.micrographs.lattice import pixel_size_from_lattice
from tembench.methods.micrographs.read_image import Micrograph, check_memory
from tembench.methods.micrographs.training_domain import Domain
from tembench.methods.protocol import Denoiser, NoisyImage
from tembench.methods.third_party import foreign_code

# A lattice seen two per cent too large is nothing new to a method; noise resampled is.
_ALIKE = 0.02
# Where a pixel size or a dose comes from.
OPTION, FILE, FOUND, METHOD = "option", "file", "found in the image", "default of the method"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A noisy image as a method is given it, and the way back to the file.

    Attributes
    ----------
    image : NoisyImage
        For the method.
    ratio, unit : float
        Size of a file's pixel in those of `image`; units of the file to an electron per pixel.
    file_A : float
        Pixel size of the file, angstrom.
    original : numpy.ndarray or None
        Counts on the file's pixels; None where the file is a clean image.
    clean : numpy.ndarray or None
        The truth on the pixels of `image`, e/px, where it is known.
    doubt : str or None
        Why the dose of `image` may be wrong.
    taken : str
        What of the image was taken for vacuum.
    pixel_size_from, dose_from : str
        Where the pixel size and the dose come from: an option, the file, the image, the method.
    warnings : sequence of str
        What about the image is unusual.
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
    """Bring an image to the sampling that a method knows, as counts with their dose.

    Parameters
    ----------
    image : Micrograph
        As its file has it.
    method, denoiser : Method, Denoiser
        The method and what its `build` returned; a network is asked for the dose where no vacuum
        is seen.
    domain : Domain
        What it was made for.
    options : FileOptions
        What the user says of the file.

    Raises
    ------
    ImageError
        If the values can be no counts, or no clean image where they should be one.
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
    """Bring counts to the sampling that the method knows."""
    file_A = image.pixel_size_A
    if file_A is None:
        raise ImageError("has no pixel size", remedy="Give it with --pixel-size-A, in angstrom")
    check_finite(image.values)
    outliers = find_outliers(image.values)
    values, bad = image.values, outliers.mask
    if options.mask_outliers:
        # From here on there are none.
        values, bad = fill(values, bad), np.zeros_like(bad)
    # What the file says to be electrons is not searched for another value of one.
    gain = options.gain or (1.0 if image.in_electrons else None)
    counts, warnings = as_counts(
        values, gain=gain, allow_negative=options.allow_negative, outliers=bad
    )
    warnings += outliers.warnings(image.values, replaced=options.mask_outliers)
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
    """Take a better dose than that of what may be no vacuum, where there is one, and say so."""
    image, how = given.image, f"{given.taken} is taken for the dose"
    with foreign_code("denoise", f"method {method.name}"):
        better = likeliest_dose(denoiser, image)
    if better is not None:
        image = replace(image, dose_e_per_px=better)
        how = f"the dose is that at which the image that {method.name} makes fits the counts best"
    said = (
        f"{given.doubt}: {how}, {image.dose_e_per_px * given.ratio**2:.3g} e/px, which may be off "
        "by several per cent; give electrons per pixel in vacuum with --dose"
    )
    return replace(given, image=image, warnings=[*given.warnings, said])


def _at_ratio(counts: np.ndarray, ratio: float, seed: int) -> np.ndarray:
    """Return counts on pixels of another size."""
    if ratio == 1:
        return counts
    check_memory(counts.shape, shape_at(counts.shape, ratio))
    if counts.dtype.kind != "u":
        return share_out(counts, ratio)
    places = np.random.default_rng(seed_sequence(seed, "places of electrons"))
    return place_electrons(counts, ratio, places)


def _clean(image: Micrograph, domain: Domain, options: FileOptions) -> Prepared:
    """Bring a clean image to the sampling that the method knows, and draw shot noise there."""
    check_finite(image.values)
    warnings: list[str] = []
    file_A = image.pixel_size_A
    if file_A is None:
        file_A, said = _assumed_pixel_size(image.values, domain)
        warnings.append(said)
    if image.values.min() < 0:
        raise ImageError(
            "has negative values", expected="expected electrons", got=f"{image.values.min():g}"
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
            remedy="If it is counts, leave --add-noise out"
            if noisy
            else "Give its value there with --vacuum",
        )
    factor = dose / vacuum
    # Expected electrons of that very dose stay what they are.
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
    """Return the method's pixel size, or the file's where there is none or next to none."""
    known = domain.pixel_size_A
    return file_A if known is None or abs(file_A / known - 1) < _ALIKE else known


def _assumed_pixel_size(values: np.ndarray, domain: Domain) -> tuple[float, str]:
    """Return a pixel size for a clean image that has none, and what to say about it."""
    remedy = "--pixel-size-A, in angstrom"
    found = pixel_size_from_lattice(values, domain.recipe) if domain.recipe else None
    if found and domain.recipe:
        return found, (
            f"no pixel size in the file: {found:.4f} Å assumed, at which its lattice is that of "
            f"the specimens of {domain.recipe.name}; if it shows something else, give {remedy}"
        )
    raise ImageError("has no pixel size", remedy=f"Give it with {remedy}")
