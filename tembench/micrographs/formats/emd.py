"""EMD files: Berkeley's format (ncempy, HyperSpy, Prismatic, py4DSTEM), or Velox's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats import velox
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import (
    Calibration,
    StoredImage,
    arranged,
    calibration,
)

_DATA = ("data", "counted_datacube", "datacube", "diffractionslice", "realslice")
# Names of slope and offset in CF, FITS and DICOM.
_LINES = (
    ("scale_factor", "add_offset"),
    ("BSCALE", "BZERO"),
    ("RescaleSlope", "RescaleIntercept"),
    ("slope", "intercept"),
)


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield all arrays of an EMD file that are images or stacks; it stays open until the end."""
    with h5py.File(path, "r") as file:
        if velox.is_velox(file):
            yield velox.images(file)
            return
        found = [_image(group, name) for group, name in _data_sets(file)]
        if not found:
            raise ImageError(
                "contains no EMD data set",
                expected='a group with the attribute "emd_group_type"',
                got="groups " + ", ".join(list(file)[:8]) if len(file) else "no groups",
                remedy="It is a signal of HyperSpy: rename it .hspy"
                if "Experiments" in file
                else "Save the image as TIFF with its pixel size",
            )
        yield [image for image in found if image is not None]


def _data_sets(file: Any) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []

    def visit(path: str, item: Any) -> None:
        name = path.rpartition("/")[2]
        if not isinstance(item, h5py.Dataset) or not name.startswith(_DATA):
            return
        if item.parent.attrs.get("emd_group_type", False):
            found.append((item.parent, name))

    file.visititems(visit)
    return found


def _image(group: Any, name: str) -> StoredImage | None:
    data = group[name]
    if data.ndim < 2:
        return None
    axes = _axes(group, data)
    unnamed = _of_hyperspy(group) and not any(axis.name for axis in axes)
    if unnamed:
        names = ("x", "y", *[""] * len(axes))
        axes = [replace(axis, name=name) for axis, name in zip(axes, names, strict=False)]
    note = "its axes have no names: transposed, because HyperSpy, which wrote it, stores x first"
    return arranged(
        data,
        axes,
        notes=(note,) if unnamed else (),
        title=group.name.rpartition("/")[2],
        calibration=_calibration(data),
    )


def _axes(group: Any, data: Any) -> list[Axis]:
    """Describe the axes in the order of the array, as ncempy does.

    Notes
    -----
    ``dim1`` is the slowest. HyperSpy and Prismatic write x first, and name the axes so. From
    version 0.5 on ``dim0`` is the slowest, and py4DSTEM's x is down.
    """
    from_zero = "dim0" in group
    axes = [_axis(group.get(f"dim{i + (not from_zero)}"), n) for i, n in enumerate(data.shape)]
    if from_zero:
        return [replace(axis, name="") for axis in axes]
    return axes


def _of_hyperspy(group: Any) -> bool:
    return bool(group.name.startswith("/signals/") and "dim1" in group)


def _axis(dim: Any, size: int) -> Axis:
    if dim is None:
        return Axis(size=size)
    scale, offset = None, 0.0
    if dim.ndim and dim.size > 1 and np.issubdtype(dim.dtype, np.number):
        scale, offset = float(np.diff(dim).mean()), float(dim[0])
    return Axis(
        name=_text(dim.attrs.get("name")),
        size=size,
        scale=scale,
        units=_text(dim.attrs.get("units")),
        offset=offset,
    )


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return "" if value is None else str(value)


def _calibration(data: Any) -> Calibration | None:
    for slope, offset in _LINES:
        if slope in data.attrs or offset in data.attrs:
            return calibration(
                data.attrs.get(slope),
                data.attrs.get(offset),
                f"the attribute {slope if slope in data.attrs else offset} of {data.name}",
                _text(data.attrs.get("units")),
            )
    return None
