"""Pixel sizes in angstrom, from the scales and units of a file's axes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tembench.core import ImageError
from tembench.micrographs.formats import Axis

_ANGSTROM = {
    "m": 1e10,
    "cm": 1e8,
    "mm": 1e7,
    "µm": 1e4,
    "um": 1e4,
    "µ": 1e4,
    "micron": 1e4,
    "nm": 10.0,
    "å": 1.0,
    "a": 1.0,
    "ang": 1.0,
    "angstrom": 1.0,
    "angström": 1.0,
    "ångström": 1.0,
    "ångstrom": 1.0,
    "pm": 0.01,
    "fm": 1e-5,
    "in": 2.54e8,
    "inch": 2.54e8,
    "inche": 2.54e8,
}
_PREFIXES = {
    "": "m", "centi": "cm", "milli": "mm", "micro": "µm", "nano": "nm", "pico": "pm", "femto": "fm",
}  # fmt: skip
_NONE = {"", "none", "px", "pixel", "dimensionless", "<undefined>", "undefined", "1", "unitless"}
_ENERGIES = {"ev", "kev", "mev"}
_ENERGY_NAMES = ("energy", "wavelength", "spectrum", "spectral")
_ANGLES = {"rad", "mrad", "µrad", "urad", "deg", "degree", "°"}
_RECIPROCAL = re.compile(r"/|\^\(?\{?[-−]1|⁻|[a-zµå]-1$|\*\*-1")
_REMEDY = "Give it with --pixel-size-A, in angstrom"
# Outside this range an image shows no atoms, and resampling it would be unreasonable.
_LEAST_A, _MOST_A = 0.005, 1.5
# Pixels are square to rounding errors; of other shapes only to a factor that cameras may have.
_ALIKE, _MOST_OBLONG = 0.01, 4.0


def in_angstrom(size: float, unit: str) -> float | None:
    """Convert a length to angstrom; None for a placeholder such as ``px`` instead of a unit.

    Raises
    ------
    ImageError
        For a unit of reciprocal space or an unknown unit.
    """
    text = _plain(unit)
    if text in _NONE:
        return None
    if text in _ANGSTROM:
        return size * _ANGSTROM[text]
    if _RECIPROCAL.search(text) or text in _ANGLES:
        raise ImageError(
            "is in reciprocal space",
            expected="an image",
            got=f"pixels in {unit}",
            remedy="Choose the real-space image, not its diffraction pattern",
        )
    raise ImageError(
        "has a pixel size in an unknown unit",
        expected="pm, Å, nm or µm",
        got=f"{size:g} {unit}",
        remedy=_REMEDY,
    )


def _plain(unit: str) -> str:
    """Return a unit in lower case, without the marks, brackets and plurals of some programs."""
    # Unicode has several characters for the Greek letter and for the ring.
    text = unit.replace("\u03bc", "µ").replace("\u212b", "å").strip("\0 ").lower()
    # Berkeley's EMD writes [n_m], [1_/_n_m].
    text = re.sub(r"[\[\]_\s]", "", text).replace("a\u030a", "å")
    for prefix, symbol in _PREFIXES.items():
        if re.fullmatch(rf"{prefix}met(er|re)s?", text):
            return symbol
    return text[:-1] if len(text) > 2 and text.endswith("s") else text


def is_energy(name: str, units: str) -> bool:
    """Return whether an axis is one of energies or wavelengths, judged by its name or unit."""
    return _plain(units) in _ENERGIES or any(one in name.lower() for one in _ENERGY_NAMES)


def pixel_sizes_of(axes: Sequence[Axis]) -> tuple[float, float] | None:
    """Return the pixel sizes of an image along y and x in angstrom; None if they are not stated.

    Parameters
    ----------
    axes : sequence of Axis
        The axes y and x. Sizes that differ by less than a hundredth are those of square pixels.

    Raises
    ------
    ImageError
        If the unit cannot be used, or one size is many times the other.
    """
    sizes = [None if axis.scale is None else in_angstrom(axis.scale, axis.units) for axis in axes]
    y, x = (abs(size) if size and math.isfinite(size) else None for size in sizes)
    if y is None or x is None:
        return None
    if abs(y / x - 1) <= _ALIKE:
        return (y + x) / 2, (y + x) / 2
    if not 1 / _MOST_OBLONG <= y / x <= _MOST_OBLONG:
        raise ImageError(
            "has pixels that are far from square", got=f"{y:.5g} x {x:.5g} Å", remedy=_REMEDY
        )
    return y, x


def checked(pixel_size_A: float) -> float:
    """Return a pixel size at which an image can show atoms; ImageError for any other."""
    if not _LEAST_A <= pixel_size_A <= _MOST_A:
        raise ImageError(
            "has a pixel size at which atoms are not visible",
            expected=f"{_LEAST_A:g} to {_MOST_A:g} Å",
            got=f"{pixel_size_A:.4g} Å",
            remedy="If the file is wrong, give the correct pixel size with --pixel-size-A",
        )
    return pixel_size_A
