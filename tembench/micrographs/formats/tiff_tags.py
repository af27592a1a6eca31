"""Pixel sizes in the tags and texts of TIFF files, as various programs write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

Stated = dict[str, tuple[float | None, str]]

_CM = {"CENTIMETER": 1.0, "INCH": 2.54}
# Printers and screens have fewer than 25,000 pixels per inch; images of atoms have far more.
_LEAST_PER_CM = 10_000


def pixel_size(file: Any, page: Any, position: int, notes: list[str]) -> Stated:
    """Return the scale and unit of y and x; empty if the file states none.

    Parameters
    ----------
    file, page : tifffile.TiffFile, tifffile.TiffPage
        The file, and the first page of the series.
    position : int
        Index of the series in the file.
    notes : list of str
        Receives a line for each choice that the user should know.
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
    value = tag(page, 270)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else ""


def tag(page: Any, code: int) -> Any:
    """Return the value of a tag; None if it is missing."""
    found = page.tags.get(code)
    return None if found is None else found.value


def _per_unit(page: Any) -> tuple[float, float] | None:
    """Return the resolution, down and across, as units per pixel."""
    values = [tag(page, code) for code in (283, 282)]
    try:
        down, across = (value[1] / value[0] for value in values)
    except (TypeError, ZeroDivisionError, IndexError):
        return None
    return down, across


def _imagej(page: Any, text: str) -> Stated:
    size = _per_unit(page)
    if not text.startswith("ImageJ=") or size is None:
        return {}
    stated = settings(text)
    unit = stated.get("unit", "")
    if not unit:
        return {}
    along_y = stated.get("yunit", unit)
    return {"y": (size[0], with_escapes(along_y)), "x": (size[1], with_escapes(unit))}


def settings(text: str) -> dict[str, str]:
    """Return the lines ``name=value`` of a text."""
    return {
        key.strip(): value.strip()
        for key, found, value in (line.partition("=") for line in text.splitlines())
        if found
    }


def with_escapes(text: str) -> str:
    """Return a text with the characters that ImageJ writes as ``\\u00C5``."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)


def ome_pixels(file: Any, position: int) -> ElementTree.Element | None:
    """Return OME's description of a series; None if the file has none."""
    text = file.ome_metadata if file.is_ome else None
    if not text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    pixels = [one for one in root.iter() if one.tag.rpartition("}")[2] == "Pixels"]
    if not pixels:
        return None
    return pixels[position if len(pixels) == len(file.series) else 0]


def _ome(file: Any, position: int, notes: list[str]) -> Stated:
    one = ome_pixels(file, position)
    if one is None:
        return {}
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
        notes.append(f"it has a pixel size along {known} only, which is used for {other} too")
    return found


def _digital_micrograph(page: Any) -> Stated:
    """Return the pixel size of Gatan's program and HyperSpy; RosettaSciIO documents the tags."""
    found: Stated = {}
    for axis, unit, scale in (("x", 65003, 65009), ("y", 65004, 65010)):
        if isinstance(tag(page, scale), int | float):
            found[axis] = (float(tag(page, scale)), str(tag(page, unit) or ""))
    return found if len(found) == 2 else {}


def _of_a_microscope(file: Any, page: Any) -> Stated:
    """Return the pixel size in the metadata of FEI, TVIPS, Olympus, Zeiss or JEOL."""
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
        value = tag(page, code)
        if isinstance(value, Mapping) and "pixelsizex" in value:
            # Stored in single precision; rounded as in RosettaSciIO.
            return round(value["pixelsizey"], 15), round(value["pixelsizex"], 15), "m"
    return None


def _zeiss(page: Any) -> _Found:
    if not page.is_sem:
        return None
    size = page.tags["CZ_SEM"].value[""][3] * 1024 / page.shape[1]
    return size, size, "m"


def _jeol(page: Any) -> _Found:
    """Return the pixel size on the specimen: that on the camera divided by the magnification."""
    size = _per_unit(page)
    if tag(page, 271) != "JEOL Ltd." or size is None:
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
    """Return the pixel size of the resolution tags, unless it is that of a print or a screen."""
    unit, size = page.tags.get("ResolutionUnit"), _per_unit(page)
    name = getattr(unit.value, "name", "") if unit is not None else "INCH"
    if name not in _CM or size is None or min(size) <= 0:
        return {}
    down, across = (value * _CM[name] for value in size)
    if max(down, across) * _LEAST_PER_CM > 1:
        return {}
    return {"y": (down, "cm"), "x": (across, "cm")}
