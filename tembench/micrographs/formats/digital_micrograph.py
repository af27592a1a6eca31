"""Files of Digital Micrograph (.dm3, .dm4), as RosettaSciIO reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rsciio import digitalmicrograph

from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import (
    Calibration,
    StoredImage,
    arranged,
    calibration,
    colour_image,
)


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield all images in a file except its thumbnails."""
    yield [_image(one) for one in _read(path) if np.ndim(one["data"]) >= 2]


def _read(path: Path) -> list[Mapping[str, Any]]:
    try:
        found: list[Mapping[str, Any]] = digitalmicrograph.file_reader(str(path), lazy=True)
    except (ValueError, TypeError):
        # Files with colour images or packed Fourier transforms cannot be read lazily.
        found = digitalmicrograph.file_reader(str(path), lazy=False)
    return found


def _image(found: Mapping[str, Any]) -> StoredImage:
    data = found["data"]
    axes = [
        Axis(
            name=str(axis.get("name") or ""),
            size=size,
            scale=float(axis["scale"]),
            units=str(axis.get("units") or ""),
            offset=float(axis.get("offset") or 0),
        )
        for axis, size in zip(found["axes"], data.shape, strict=True)
    ]
    return arranged(
        data,
        axes,
        title=str(found["metadata"].get("General", {}).get("title", "")),
        calibration=_calibration(found["original_metadata"]),
        refusal=colour_image() if data.dtype.names else None,
    )


def _calibration(tags: Mapping[str, Any]) -> Calibration | None:
    """Return the calibration of brightness: a value is (stored - origin) times the scale."""
    at: Any = tags
    for key in ("ImageList", "TagGroup0", "ImageData", "Calibrations", "Brightness"):
        at = at.get(key, {}) if isinstance(at, Mapping) else {}
    if not isinstance(at, Mapping):
        return None
    return calibration(
        at.get("Scale"),
        None,
        "the file's calibration of brightness",
        at.get("Units"),
        origin=at.get("Origin"),
    )
