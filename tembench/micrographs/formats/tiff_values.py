"""Linear calibrations of values in the tags and texts of TIFF files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from tembench.core import ImageError
from tembench.micrographs.formats.stored_image import Calibration, calibration
from tembench.micrographs.formats.tiff_tags import (
    description,
    settings,
    tag,
    with_escapes,
)

# Names of slope and offset in FITS, CF, DICOM and others, in text or JSON.
_LINES = (
    ("bscale", "bzero"),
    ("scale_factor", "add_offset"),
    ("rescaleslope", "rescaleintercept"),
    ("slope", "intercept"),
    ("slope", "offset"),
    ("intensity_scale", "intensity_offset"),
)
_DOUBTFUL = (
    "offset", "scale", "gain", "bias", "pedestal", "baseline", "factor", "counts_per_electron",
)  # fmt: skip
# ImageJ's codes of a linear calibration, and of none.
_STRAIGHT_LINE, _UNCALIBRATED = 0, 20


def calibration_of(page: Any, notes: list[str]) -> Calibration | None:
    """Return the linear calibration from stored numbers to values, if the file states one.

    Raises
    ------
    ImageError
        If ImageJ calibrated the values by a nonlinear function.
    """
    text = description(page)
    return (
        _imagej_line(text)
        or _digital_micrograph_line(page)
        or _gdal_line(page)
        or _line_in_text(text, notes)
    )


def _imagej_line(text: str) -> Calibration | None:
    stated = settings(text)
    if not text.startswith("ImageJ=") or "cf" not in stated:
        return None
    kind = stated["cf"].partition(".")[0]
    if kind == str(_UNCALIBRATED):
        return None
    if kind != str(_STRAIGHT_LINE) or any(_not_zero(stated.get(f"c{i}")) for i in (2, 3, 4)):
        raise ImageError(
            "has values with a nonlinear calibration",
            expected="a linear one",
            got=f"ImageJ's function {kind}",
            remedy="Convert it to 32 bits in ImageJ, which applies the function, and save it again",
        )
    unit = stated.get("vunit", "")
    return calibration(
        stated.get("c1"), stated.get("c0"), "ImageJ's calibration",
        "" if unit.lower() == "gray value" else with_escapes(unit),
    )  # fmt: skip


def _not_zero(value: str | None) -> bool:
    return value is not None and value.strip("0. ") != ""


def _digital_micrograph_line(page: Any) -> Calibration | None:
    scale, origin = tag(page, 65025), tag(page, 65024)
    if scale is None and origin is None:
        return None
    source = "Digital Micrograph's calibration of brightness (tags 65024 and 65025)"
    return calibration(scale, None, source, tag(page, 65022), origin=origin)


def _gdal_line(page: Any) -> Calibration | None:
    """Return the scale and offset of the first band in GDAL's tag 42112."""
    text = tag(page, 42112)
    if not isinstance(text, str):
        return None
    try:
        items = list(ElementTree.fromstring(text.strip("\0 \n")).iter("Item"))
    except ElementTree.ParseError:
        return None
    found = {
        item.get("role"): item.text
        for item in items
        if item.get("role") in ("scale", "offset") and item.get("sample", "0") == "0"
    }
    return calibration(found.get("scale"), found.get("offset"), "GDAL's tag") if found else None


def _line_in_text(text: str, notes: list[str]) -> Calibration | None:
    """Return slope and offset under the names that other formats use."""
    stated = _numbers(text)
    pairs = [pair for pair in _LINES if stated.keys() & set(pair) - {"offset"}]
    if pairs:
        slope, offset = max(pairs, key=lambda pair: sum(name in stated for name in pair))
        names = " and ".join(name for name in (slope, offset) if name in stated)
        return calibration(stated.get(slope), stated.get(offset), f"its description ({names})")
    unknown = [name for name in _DOUBTFUL if stated.get(name, 0.0) not in (0.0, 1.0)]
    notes += [
        f"its description states {name} = {stated[name]:g}, whose meaning is unknown: not applied"
        for name in unknown
    ]
    return None


def _numbers(text: str) -> dict[str, float]:
    """Return the named numbers in a text: JSON, or ``name = value`` and ``name: value``."""
    found: dict[str, float] = {}
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if isinstance(content, Mapping):
        pairs = [(str(key), value) for key, value in content.items()]
    else:
        pairs = re.findall(r"([A-Za-z_]\w*)\"?\s*[=:]\s*\"?([-+]?[\d.]+(?:[eE][-+]?\d+)?)", text)
    for key, value in pairs:
        try:
            found[key.lower()] = float(value)
        except (TypeError, ValueError):
            continue
    return found
