"""Pixel sizes as the axes of image files tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tembench.errors import ImageError

_ANGSTROM = {
    "m": 1e10,
    "µm": 1e4,
    "um": 1e4,
    "micron": 1e4,
    "microns": 1e4,
    "nm": 10.0,
    "nanometer": 10.0,
    "å": 1.0,
    "a": 1.0,
    "angstrom": 1.0,
    "ångström": 1.0,
    "pm": 0.01,
}
_NONE = {"", "none", "px", "pixel", "pixels", "dimensionless", "<undefined>"}
_REMEDY = "Give it with --pixel-size-A, in angstrom"
# An image of more or less than this per pixel shows no atoms, and would be resampled beyond reason.
_LEAST_A, _MOST_A = 0.005, 1.5


def in_angstrom(size: float, unit: str) -> float | None:
    """Return a length in angstrom; None where the unit is no unit.

    Raises
    ------
    ImageError
        If the unit is one of reciprocal space, or none of length.
    """
    # Three characters look like the Greek letter, two like the ring.
    text = unit.replace("\u03bc", "µ").replace("\u212b", "å").strip().lower()
    if text in _NONE:
        return None
    if text in _ANGSTROM:
        return size * _ANGSTROM[text]
    if "/" in text or "^-1" in text or "⁻" in text:
        raise ImageError(
            "is in reciprocal space",
            expected="an image",
            got=f"pixels in {unit}",
            remedy="Choose the image that it is the diffraction pattern of",
        )
    raise ImageError(
        "has a pixel size of unknown unit",
        expected="pm, Å, nm or µm",
        got=f"{size:g} {unit}",
        remedy=_REMEDY,
    )


def pixel_size_of(axes: Sequence[Mapping[str, Any]], description: str = "") -> float | None:
    """Return the pixel size of an image in angstrom, None where the file does not tell it.

    Parameters
    ----------
    axes : sequence of mapping
        The two axes of the image as RosettaSciIO describes them: ``scale`` and ``units``.
    description : str
        The text of a TIFF's ImageDescription, where ImageJ and OME put units.

    Raises
    ------
    ImageError
        If the unit cannot be used, or the pixels are not square.
    """
    stated = _ome(description)
    if stated is None:
        stated = [(float(axis["scale"]), str(axis.get("units") or "")) for axis in axes]
        unit = _imagej_unit(description)
        if unit:
            stated = [(scale, known or unit) for scale, known in stated]
    sizes = [in_angstrom(*one) for one in stated]
    y, x = (abs(size) if size else None for size in sizes)
    if y is None or x is None:
        return None
    if abs(y / x - 1) > 0.01:
        raise ImageError(
            "has pixels that are not square", got=f"{y:.5g} x {x:.5g} Å", remedy=_REMEDY
        )
    return (y + x) / 2


def checked(pixel_size_A: float) -> float:
    """Return a pixel size at which an image can show atoms; ImageError on any other."""
    if not _LEAST_A <= pixel_size_A <= _MOST_A:
        raise ImageError(
            "has a pixel size at which no atoms are seen",
            expected=f"{_LEAST_A:g} to {_MOST_A:g} Å",
            got=f"{pixel_size_A:.4g} Å",
            remedy="If the file is wrong there, give the right one with --pixel-size-A",
        )
    return pixel_size_A


def _imagej_unit(description: str) -> str:
    """Return the unit that ImageJ wrote; RosettaSciIO takes over the scale alone."""
    found = re.search(r"^unit=(.*)$", description, re.MULTILINE)
    if not found or not description.startswith("ImageJ="):
        return ""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), found[1]).strip()


def _ome(description: str) -> list[tuple[float, str]] | None:
    """Return scale and unit of y and x as OME-XML states them."""
    sizes = []
    for axis in "YX":
        found = re.search(rf'\bPhysicalSize{axis}="([^"]+)"', description)
        if not found or "<OME" not in description:
            return None
        unit = re.search(rf'\bPhysicalSize{axis}Unit="([^"]+)"', description)
        try:
            sizes.append((float(found[1]), unit[1] if unit else "µm"))
        except ValueError:
            return None
    return sizes
