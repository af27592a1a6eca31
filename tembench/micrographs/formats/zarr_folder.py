"""Zarr folders: arrays with xarray's names and coordinates of axes, or images of OME-Zarr.

OME-Zarr: https://ngff.openmicroscopy.org, versions 0.4 and 0.5.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis, even_steps
from tembench.micrographs.formats.stored_image import (
    Calibration,
    StoredImage,
    arranged,
    calibration,
)

# Several frames in one chunk are unpacked together if they take at most this.
_MOST_SLAB_BYTES = 1 << 27
_OME_NAMES = {"y": "y", "x": "x", "t": "time", "c": "channel", "z": "z"}


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield all arrays that are images or stacks, except the coordinates of others."""
    with opened(path) as root:
        if isinstance(root, zarr.Array):
            yield [_image(root, None, "")] if root.ndim >= 2 else []
            return
        if "recipe_id" in root.attrs:
            raise ImageError(
                "is a data set of tembench",
                expected="an image",
                remedy=f"Denoise its images with: tembench denoise METHOD {path} --out OUTPUTS",
            )
        arrays = dict(root.members(max_depth=None))
        groups = {"": root, **{n: g for n, g in arrays.items() if isinstance(g, zarr.Group)}}
        found = []
        for name, array in sorted(arrays.items()):
            if isinstance(array, zarr.Array) and array.ndim >= 2:
                folder, _, own = name.rpartition("/")
                image = _image(array, groups[folder], name)
                found.append(_of_pyramid(image, array, groups[folder], own))
        yield found


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a Zarr folder, or a ZIP file of one, for reading; yields an array or a group."""
    if path.is_dir():
        yield zarr.open(path, mode="r")
        return
    if not zipfile.is_zipfile(path):
        raise ImageError(
            "is neither a Zarr folder nor a ZIP file of one",
            remedy="It may be truncated: copy it again",
        )
    store = zarr.storage.ZipStore(path, mode="r")
    try:
        yield zarr.open(store, mode="r")
    finally:
        store.close()


def missing_chunks(array: Any) -> list[str]:
    """Return a note if chunks are not stored: a writer omits empty ones, or they were lost."""
    if array.shards is not None or 0 in array.shape:
        return []
    missing = array.nchunks - array.nchunks_initialized
    if missing <= 0:
        return []
    return [
        f"{missing} of {array.nchunks} chunks are not stored and read as {array.fill_value}: they "
        "are empty, or were lost when the folder was copied"
    ]


class Slabs:
    """An array indexed by integers for its first axes; the last slab of frames is kept."""

    def __init__(self, array: Any) -> None:
        self._array, self.dtype, self.shape = array, np.dtype(array.dtype), array.shape
        frame_bytes = self.dtype.itemsize * int(np.prod(self.shape[1:], dtype=object))
        depth = (array.shards or array.chunks)[0] if array.ndim > 2 else 1
        self._depth = depth if depth * frame_bytes <= _MOST_SLAB_BYTES else 1
        self._kept: tuple[int, np.ndarray] | None = None

    def __getitem__(self, where: tuple[Any, ...]) -> np.ndarray:
        """Return the values at an index of integers for frames and slices within them."""
        first, *rest = where
        if self._depth == 1 or not isinstance(first, int):
            return np.asarray(self._array[where])
        number, inside = divmod(first, self._depth)
        kept = self._kept
        if kept is None or kept[0] != number:
            start = number * self._depth
            kept = number, np.asarray(self._array[start : start + self._depth])
            self._kept = kept
        return np.asarray(kept[1][(inside, *rest)])


def _image(array: Any, group: Any, title: str) -> StoredImage:
    axes = [
        replace(_axis(group, name), size=size)
        for name, size in zip(_dimensions(array), array.shape, strict=True)
    ]
    return arranged(
        Slabs(array),
        axes,
        title=title,
        calibration=_calibration(array),
        notes=tuple(missing_chunks(array)),
    )


def _dimensions(array: Any) -> Sequence[str]:
    """Return the names of the axes, as xarray writes them; empty ones if there are none."""
    names = array.attrs.get("_ARRAY_DIMENSIONS") or getattr(array.metadata, "dimension_names", None)
    if not isinstance(names, Sequence) or isinstance(names, str) or len(names) != array.ndim:
        return [""] * array.ndim
    return [str(name or "") for name in names]


def _axis(group: Any, name: str) -> Axis:
    """Return an axis with the steps of the coordinates of that name in the same group."""
    coordinates = group.get(name) if group is not None and name else None
    if not isinstance(coordinates, zarr.Array) or coordinates.ndim != 1:
        return Axis(name=name, size=0)
    scale, offset = even_steps(coordinates) or (None, 0.0)
    # xarray writes the time since a date as "seconds since 2024-01-01".
    units = str(coordinates.attrs.get("units") or "").partition(" since ")[0]
    return Axis(name=name, size=0, scale=scale, offset=offset, units=units)


def _calibration(array: Any) -> Calibration | None:
    attributes = array.attrs
    if "scale_factor" not in attributes and "add_offset" not in attributes:
        return None
    return calibration(
        attributes.get("scale_factor"),
        attributes.get("add_offset"),
        "its attributes scale_factor and add_offset",
        attributes.get("units"),
    )


def _of_pyramid(image: StoredImage, array: Any, group: Any, own: str) -> StoredImage:
    """Return an image with the axes that OME-Zarr's metadata give it, if there are any."""
    attributes = group.attrs
    pyramids = attributes.get("multiscales") or _mapping(attributes.get("ome")).get("multiscales")
    if not isinstance(pyramids, list):
        return image
    for pyramid in map(_mapping, pyramids):
        for level, one in enumerate(map(_mapping, pyramid.get("datasets", []))):
            if one.get("path") == own:
                axes = _ome_axes(pyramid, one, array)
                kind = "label" if "image-label" in attributes else "reduced level" if level else ""
                return replace(
                    arranged(Slabs(array), axes, title=image.title, notes=image.notes),
                    minor=kind,
                )
    return image


def _ome_axes(pyramid: Mapping[str, Any], level: Mapping[str, Any], array: Any) -> list[Axis]:
    scales = np.ones(array.ndim)
    for stated in (level, pyramid):
        for step in map(_mapping, stated.get("coordinateTransformations", [])):
            if step.get("type") == "scale" and len(step.get("scale", [])) == array.ndim:
                scales = scales * np.asarray(step["scale"], dtype=np.float64)
    described = list(map(_mapping, pyramid.get("axes", [])))
    if len(described) != array.ndim:
        described = [{}] * array.ndim
    return [
        Axis(
            name=_OME_NAMES.get(str(one.get("name")), str(one.get("name") or "")),
            size=size,
            scale=float(scale) if one.get("unit") else None,
            units=str(one.get("unit") or ""),
        )
        for one, size, scale in zip(described, array.shape, scales, strict=True)
    ]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
