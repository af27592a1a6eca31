"""Pixel sizes and calibrations of values, as programs write them into a TIFF's tags and text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from tembench.errors import ImageError
from tembench.methods.micrographs.formats.stored import Calibration, calibration

Stated = dict[str, tuple[float | None, str]]

_CM = {"CENTIMETER": 1.0, "INCH": 2.54}
# Printers and screens have fewer pixels than 25,000 per inch; images of atoms, far more.
_LEAST_PER_CM = 10_000
# As FITS, CF, DICOM and others name slope and offset, in text or JSON.
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
# ImageJ's numbers of a straight line, and of no calibration at all.
_STRAIGHT_LINE, _UNCALIBRATED = 0, 20


def pixel_size(file: Any, page: Any, position: int, notes: list[str]) -> Stated:
    """Return the scale and unit of y and x; empty where the file has none.

    Parameters
    ----------
    file, page : tifffile.TiffFile, tifffile.TiffPage
        The file, and the first page of the series.
    position : int
        Of the series among those of the file.
    notes : list of str
        What a user should know is added here.
    """
    text = description(page)
    for found in (
        _ome(file, position, notes),
        _imagej(page, text),
        _digital_micrograph(page),
        _of_a_microscope(file, page),
        _resolution(page),
    ):
        if found:
            return found
    return {}


def description(page: Any) -> str:
    """Return the text of a page's ImageDescription."""
    tag = page.tags.get("ImageDescription")
    value = tag.value if tag is not None else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else ""


def calibration_of(file: Any, page: Any, notes: list[str]) -> Calibration | None:
    """Return the straight line from stored numbers to values, if the file states one.

    Raises
    ------
    ImageError
        If ImageJ calibrated the values by a curve.
    """
    text = description(page)
    return (
        _imagej_line(text)
        or _digital_micrograph_line(page)
        or _gdal_line(file)
        or _line_in_text(text, notes)
    )


def _tag(page: Any, code: int) -> Any:
    tag = page.tags.get(code)
    return None if tag is None else tag.value


def _per_unit(page: Any) -> tuple[float, float] | None:
    """Return pixels per unit, down and across, inverted: units per pixel."""
    values = [_tag(page, code) for code in (283, 282)]
    try:
        down, across = (value[1] / value[0] for value in values)
    except (TypeError, ZeroDivisionError, IndexError):
        return None
    return down, across


def _imagej(page: Any, text: str) -> Stated:
    size = _per_unit(page)
    if not text.startswith("ImageJ=") or size is None:
        return {}
    units = _settings(text)
    unit = units.get("unit", "")
    if not unit:
        return {}
    return {"y": (size[0], _escapes(units.get("yunit", unit))), "x": (size[1], _escapes(unit))}


def _settings(text: str) -> dict[str, str]:
    return {
        key.strip(): value.strip()
        for key, found, value in (line.partition("=") for line in text.splitlines())
        if found
    }


def _escapes(text: str) -> str:
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)


def _ome(file: Any, position: int, notes: list[str]) -> Stated:
    text = file.ome_metadata if file.is_ome else None
    if not text:
        return {}
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return {}
    pixels = [one for one in root.iter() if one.tag.rpartition("}")[2] == "Pixels"]
    if not pixels:
        return {}
    one = pixels[position if len(pixels) == len(file.series) else 0]
    found: Stated = {}
    for axis in "yx":
        size = one.get(f"PhysicalSize{axis.upper()}")
        try:
            number = float(size) if size else None
        except ValueError:
            number = None
        if number:
            found[axis] = (number, one.get(f"PhysicalSize{axis.upper()}Unit") or "µm")
    if len(found) == 1:
        (known,) = found
        other = "x" if known == "y" else "y"
        found[other] = found[known]
        notes.append(f"it has a pixel size along {known} only: taken for {other} too")
    return found


def _digital_micrograph(page: Any) -> Stated:
    """Return what Gatan's program and HyperSpy write; RosettaSciIO documents the tags."""
    found: Stated = {}
    for axis, unit, scale in (("x", 65003, 65009), ("y", 65004, 65010)):
        if isinstance(_tag(page, scale), int | float):
            found[axis] = (float(_tag(page, scale)), str(_tag(page, unit) or ""))
    return found if len(found) == 2 else {}


def _of_a_microscope(file: Any, page: Any) -> Stated:
    """Return what FEI, TVIPS, Olympus, Zeiss and JEOL write."""
    try:
        for found in (_fei(file), _tvips(page), _olympus(page), _zeiss(page), _jeol(page)):
            if found is not None:
                y, x, unit = found
                return {"y": (float(y), unit), "x": (float(x), unit)}
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return {}
    return {}


_Found = tuple[Any, Any, str] | None


def _fei(file: Any) -> _Found:
    if not file.is_fei:
        return None
    scan = (file.fei_metadata or {}).get("Scan", {})
    if "PixelWidth" in scan:
        return scan["PixelHeight"], scan["PixelWidth"], "m"
    beam, image = file.fei_metadata["IRBeam"], file.fei_metadata["Image"]
    return beam["VFW"] / image["ResolutionY"], beam["HFW"] / image["ResolutionX"], "m"


def _tvips(page: Any) -> _Found:
    if not page.is_tvips:
        return None
    header = page.tags["TVIPS"].value
    return header["PixelSizeY"], header["PixelSizeX"], "nm"


def _olympus(page: Any) -> _Found:
    if not page.is_sis:
        return None
    for code in (33560, 33471):
        value = _tag(page, code)
        if isinstance(value, Mapping) and "pixelsizex" in value:
            # As RosettaSciIO rounds what is stored in single precision.
            return round(value["pixelsizey"], 15), round(value["pixelsizex"], 15), "m"
    return None


def _zeiss(page: Any) -> _Found:
    if not page.is_sem:
        return None
    size = page.tags["CZ_SEM"].value[""][3] * 1024 / page.shape[1]
    return size, size, "m"


def _jeol(page: Any) -> _Found:
    """Return the size on the specimen: that on the camera over the magnification."""
    size = _per_unit(page)
    if _tag(page, 271) != "JEOL Ltd." or size is None:
        return None
    text = "".join(line.strip(" \r\n\t\x01\x00") for line in description(page).split("\n"))
    report = ElementTree.fromstring(text)
    mode = report.findtext(".//ImageFormingSystem/ModeString") or ""
    value = float(report.findtext(".//ImageFormingSystem/SelectorValue") or 0)
    if mode.startswith("DIFF"):
        return 1.0, 1.0, "1/nm"
    centimetres = _CM[page.tags["ResolutionUnit"].value.name]
    factor = centimetres / 100 / value * 1e9
    return size[0] * factor, size[1] * factor, "nm"


def _resolution(page: Any) -> Stated:
    """Return pixels of a stated length, unless they are those of a print or a screen."""
    unit, size = page.tags.get("ResolutionUnit"), _per_unit(page)
    name = getattr(unit.value, "name", "") if unit is not None else "INCH"
    if name not in _CM or size is None or min(size) <= 0:
        return {}
    down, across = (value * _CM[name] for value in size)
    if max(down, across) * _LEAST_PER_CM > 1:
        return {}
    return {"y": (down, "cm"), "x": (across, "cm")}


def _imagej_line(text: str) -> Calibration | None:
    settings = _settings(text)
    if not text.startswith("ImageJ=") or "cf" not in settings:
        return None
    kind = settings["cf"]
    if kind == str(_UNCALIBRATED):
        return None
    if kind != str(_STRAIGHT_LINE) or any(_not_zero(settings.get(f"c{i}")) for i in (2, 3, 4)):
        raise ImageError(
            "has values calibrated by a curve",
            expected="a straight line",
            got=f"ImageJ's function {kind}",
            remedy="Convert it to 32 bits in ImageJ, which applies the curve, and save it again",
        )
    unit = settings.get("vunit", "")
    return calibration(
        settings.get("c1"), settings.get("c0"), "ImageJ's calibration",
        "" if unit.lower() == "gray value" else _escapes(unit),
    )  # fmt: skip


def _not_zero(value: str | None) -> bool:
    return value is not None and value.strip("0. ") != ""


def _digital_micrograph_line(page: Any) -> Calibration | None:
    scale, origin = _tag(page, 65025), _tag(page, 65024)
    if scale is None and origin is None:
        return None
    source = "Digital Micrograph's calibration of brightness (tags 65024 and 65025)"
    return calibration(scale, None, source, _tag(page, 65022), origin=origin)


def _gdal_line(file: Any) -> Calibration | None:
    """Return scale and offset of the first band in GDAL's tag 42112."""
    text = _tag(file.pages[0], 42112)
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
    """Return slope and offset by the names that other formats have for them."""
    stated = _numbers(text)
    pairs = [pair for pair in _LINES if stated.keys() & set(pair) - {"offset"}]
    if pairs:
        slope, offset = max(pairs, key=lambda pair: sum(name in stated for name in pair))
        names = " and ".join(name for name in (slope, offset) if name in stated)
        return calibration(stated.get(slope), stated.get(offset), f"its description ({names})")
    unknown = [name for name in _DOUBTFUL if stated.get(name, 0.0) not in (0.0, 1.0)]
    notes += [
        f"its description says {name} = {stated[name]:g}, of what is not known: not applied"
        for name in unknown
    ]
    return None


def _numbers(text: str) -> dict[str, float]:
    """Numbers that a text gives names to: JSON, or ``name = value`` and ``name: value``."""
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
