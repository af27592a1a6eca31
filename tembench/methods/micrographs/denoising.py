"""A method on one image file: read, brought to what the method knows, denoised, and back."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tembench.errors import ImageError
from tembench.methods.apply import apply
from tembench.methods.foreign import foreign_code
from tembench.methods.micrographs.counts import as_counts, check_finite
from tembench.methods.micrographs.domain import Domain
from tembench.methods.micrographs.dose import likeliest_dose
from tembench.methods.micrographs.lattice import pixel_size_from_lattice
from tembench.methods.micrographs.noisy_already import noise_warning
from tembench.methods.micrographs.outliers import fill, find_outliers
from tembench.methods.micrographs.reading import Micrograph, needs_memory, read_micrograph
from tembench.methods.micrographs.sampling import (
    place_electrons,
    resample,
    shape_at,
    share_out,
)
from tembench.methods.micrographs.shot_noise import check_drawable, shot_noise
from tembench.methods.micrographs.specimen_check import specimen_warnings
from tembench.methods.micrographs.vacuum import find_vacuum, vacuum_of_clean
from tembench.methods.protocol import Denoiser, Method, NoisyImage
from tembench.scale import REFERENCE_DOSE_E_PER_PX
from tembench.seeds import seed_sequence

# A lattice seen two per cent too large is nothing new to a method; noise resampled is.
_ALIKE = 0.02
_FAR = 2.0
# Where a pixel size or a dose comes from.
OPTION, FILE, FOUND, METHOD = "option", "file", "found in the image", "default of the method"


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What the user says of files.

    Attributes
    ----------
    frame : int, "sum" or None
        Of a stack.
    dataset : int or None
        Of several images in a file.
    pixel_size_A : float or None
        Instead of what a file says.
    dose_e_per_px : float or None
        Electrons per pixel in vacuum: of the file, or of the noisy image made from a clean one.
    gain : float or None
        Stored value of one electron.
    allow_negative : bool
        Take negative counts.
    mask_outliers : bool
        Replace pixels that are no counts of the image, such as hot ones, by their neighbours'.
    add_noise : bool
        The files are clean images: noise is drawn first.
    vacuum : float or None
        Stored value of vacuum in a clean image.
    seed : int
        Of the noise, and of the places of electrons on pixels of another size.
    """

    frame: int | str | None = None
    dataset: int | None = None
    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    gain: float | None = None
    allow_negative: bool = False
    mask_outliers: bool = False
    add_noise: bool = False
    vacuum: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that no file can have."""
        for name in ("pixel_size_A", "dose_e_per_px", "gain", "vacuum"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ImageError(
                    f"impossible {name}", expected="a finite number above 0", got=f"{value:g}"
                )


@dataclass(frozen=True, kw_only=True)
class DenoisedFile:
    """A denoised image on its file's pixels, and what the method was given.

    Attributes
    ----------
    denoised : numpy.ndarray
        (y, x), float32, in the units of the file: electrons per pixel, or those of a clean image.
    pixel_size_A : float
        Of the file.
    original : numpy.ndarray or None
        Counts on the file's pixels; None where the file is a clean image.
    given : NoisyImage
        What the method saw.
    result : numpy.ndarray
        What it returned for it, e/px.
    clean : numpy.ndarray or None
        The truth on the same pixels, e/px, where it is known.
    pixel_size_from, dose_from : str
        Where the pixel size and the dose come from: an option, the file, the image, the method.
    seconds : float
        Of the method.
    warnings : tuple of str
        What about the image is unusual.
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
        """Electrons per pixel of the file in vacuum."""
        return self.given.dose_e_per_px * (self.pixel_size_A / self.given.pixel_size_A) ** 2


def denoise_file(
    method: Method, denoiser: Denoiser, domain: Domain, path: Path, options: FileOptions
) -> DenoisedFile:
    """Denoise the image in a file.

    Parameters
    ----------
    method, denoiser : Method, Denoiser
        The method and what its `build` returned.
    domain : Domain
        What it was made for; images of another sampling are resampled to its.
    path : pathlib.Path
        The file.
    options : FileOptions
        What the user says of it.

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
        given = (
            _clean(image, domain, options)
            if options.add_noise
            else _counted(image, domain, options)
        )
    except ImageError as problem:
        raise problem.noted(image.notes).at(path) from problem.__cause__
    if given.doubt:
        given = _with_dose(given, method, denoiser)
    start = time.perf_counter()
    result = apply(method, denoiser, given.image, str(path))
    seconds = time.perf_counter() - start
    # Back onto the file's pixels: their share of the electrons, in the file's units.
    back = result if given.ratio == 1 else resample(result, 1 / given.ratio, _shape(image))
    back = back * np.float32(given.unit)
    warnings = [
        *specimen_warnings(method, denoiser, domain, given.image, path),
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
        pixel_size_from=_pixel_size_from(image, options),
        dose_from=_dose_from(options),
        seconds=seconds,
        warnings=tuple(warnings),
    )


def _pixel_size_from(image: Micrograph, options: FileOptions) -> str:
    if options.pixel_size_A is not None:
        return OPTION
    return FILE if image.pixel_size_A is not None else FOUND


def _dose_from(options: FileOptions) -> str:
    if options.dose_e_per_px is not None:
        return OPTION
    return METHOD if options.add_noise else FOUND


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a method is given, and the way back: file pixels per seen one, units per electron."""

    image: NoisyImage
    ratio: float
    unit: float
    file_A: float
    original: np.ndarray | None = None
    clean: np.ndarray | None = None
    doubt: str | None = None
    taken: str = ""
    warnings: Sequence[str] = ()


def _counted(image: Micrograph, domain: Domain, options: FileOptions) -> _Given:
    """Bring counts to the sampling that the method knows."""
    file_A = image.pixel_size_A
    if file_A is None:
        raise ImageError("has no pixel size", remedy="Give it with --pixel-size-A, in angstrom")
    check_finite(image.values)
    outliers = find_outliers(image.values)
    bad = outliers.mask
    values = fill(image.values, bad) if options.mask_outliers else image.values
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
    return _Given(
        image=NoisyImage(counts=seen, pixel_size_A=seen_A, dose_e_per_px=dose),
        ratio=ratio,
        unit=ratio**2,
        file_A=file_A,
        original=counts,
        doubt=doubt,
        taken=taken,
        warnings=warnings,
    )


def _with_dose(given: _Given, method: Method, denoiser: Denoiser) -> _Given:
    """Take a better dose than that of what may be no vacuum, where there is one, and say so."""
    image, how = given.image, f"{given.taken} is taken for the dose"
    with foreign_code("denoise", f"method {method.name}"):
        better = likeliest_dose(denoiser, image)
    if better is not None:
        image = replace(image, dose_e_per_px=better)
        how = f"the dose is that at which the image that {method.name} makes fits the counts best"
    told = (
        f"{given.doubt}: {how}, {image.dose_e_per_px * given.ratio**2:.3g} e/px, which may be off "
        "by several per cent; give electrons per pixel in vacuum with --dose"
    )
    return replace(given, image=image, warnings=[*given.warnings, told])


def _at_ratio(counts: np.ndarray, ratio: float, seed: int) -> np.ndarray:
    """Return counts on pixels of another size."""
    if ratio == 1:
        return counts
    needs_memory(counts.shape, shape_at(counts.shape, ratio))
    if counts.dtype.kind != "u":
        return share_out(counts, ratio)
    places = np.random.default_rng(seed_sequence(seed, "places of electrons"))
    return place_electrons(counts, ratio, places)


def _clean(image: Micrograph, domain: Domain, options: FileOptions) -> _Given:
    """Bring a clean image to the sampling that the method knows, and draw shot noise there."""
    check_finite(image.values)
    warnings: list[str] = []
    file_A = image.pixel_size_A
    if file_A is None:
        file_A, told = _assumed_pixel_size(image.values, domain)
        warnings.append(told)
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
    needs_memory(image.values.shape, shape)
    clean = image.values.astype(np.float32) * np.float32(factor)
    clean = np.maximum(clean if ratio == 1 else resample(clean, ratio, shape), 0)
    return _Given(
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


def _unusual(given: _Given, domain: Domain, denoiser: Denoiser) -> list[str]:
    """Say in what an image lies outside of what the method was made for."""
    told = []
    if not 1 / _FAR <= given.ratio <= _FAR:
        told.append(
            f"pixels of {given.file_A:.4g} Å are far from the {given.image.pixel_size_A:.4g} Å "
            "that the method was made for: resampled, but of another sharpness"
        )
    dose, known = given.image.dose_e_per_px, domain.dose_e_per_px
    if known and not 1 / _FAR <= dose / known <= _FAR:
        told.append(
            f"{dose:.3g} e/px in vacuum are far from the {known:g} e/px that the method was made "
            "for"
        )
    reach = getattr(getattr(denoiser, "network", None), "margin", None)
    reach_px = (reach or 0) * getattr(denoiser, "binning", 1)
    if min(given.image.counts.shape) < reach_px:
        told.append(
            f"it is smaller than the {reach_px} px that the network looks to each side: what lies "
            "beyond its edges is missed"
        )
    return told


def _shape(image: Micrograph) -> tuple[int, int]:
    height, width = image.values.shape
    return height, width
