"""Steps between the frames of a TIFF, in time or depth, as ImageJ and OME state them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from tembench.micrographs.formats.image_axes import Axis, even_steps
from tembench.micrographs.formats.tiff_tags import (
    Stated,
    description,
    ome_pixels,
    settings,
    with_escapes,
)


def with_frame_steps(axes: Sequence[Axis], file: Any, page: Any, position: int) -> list[Axis]:
    """Return the axes of a series with the steps of time and depth that the file states.

    Parameters
    ----------
    axes : sequence of Axis
        Axes in the order of the array; those of frames are named time, z or channel.
    file, page : tifffile.TiffFile, tifffile.TiffPage
        The file, and the first page of the series.
    position : int
        Index of the series in the file.
    """
    pixels = ome_pixels(file, position)
    stated = _imagej(description(page)) if pixels is None else _ome(pixels)
    named = {axis.name for axis in axes}
    # ImageJ opens a movie as slices unless told otherwise, and keeps its interval of time.
    as_slices = "time" in stated and not named & {"time"} and "z" not in stated
    found = []
    for axis in axes:
        if as_slices and axis.name == "z":
            axis = replace(axis, name="time")
        scale, units = stated.get(axis.name, (axis.scale, axis.units))
        found.append(replace(axis, scale=scale, units=units))
    return found


def _imagej(text: str) -> Stated:
    if not text.startswith("ImageJ="):
        return {}
    stated = settings(text)
    found: Stated = {}
    if interval := _positive(stated.get("finterval")):
        found["time"] = (interval, stated.get("tunit", "s"))
    if spacing := _positive(stated.get("spacing")):
        unit = stated.get("zunit", stated.get("unit", ""))
        found["z"] = (spacing, with_escapes(unit))
    return found


def _ome(pixels: ElementTree.Element) -> Stated:
    found: Stated = {}
    if depth := _positive(pixels.get("PhysicalSizeZ")):
        found["z"] = (depth, pixels.get("PhysicalSizeZUnit") or "µm")
    if increment := _positive(pixels.get("TimeIncrement")):
        found["time"] = (increment, pixels.get("TimeIncrementUnit") or "s")
        return found
    # Else each plane may have its own time.
    planes = [one for one in pixels if one.tag.rpartition("}")[2] == "Plane"]
    times = {one.get("TheT", ""): one for one in planes if one.get("DeltaT")}
    if not all(number.isdigit() for number in times):
        return found
    ordered = [times[number] for number in sorted(times, key=int)]
    steps = even_steps([_positive(one.get("DeltaT")) or 0.0 for one in ordered])
    if steps and steps[0] > 0:
        found["time"] = (steps[0], ordered[0].get("DeltaTUnit") or "s")
    return found


def _positive(text: str | None) -> float | None:
    try:
        number = float(text or 0)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
