"""Velox files: HDF5 with the suffix .emd, images (y, x, frame) with a JSON text for each frame.

RosettaSciIO reads them too, but fails on a file that also contains a spectrum image if the package
``sparse`` is missing, although the images do not need it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import StoredImage, arranged


def is_velox(file: Any) -> bool:
    """Return whether an HDF5 file was written by Velox."""
    version = file.get("Version")
    if version is None or not version.size:
        return False
    return _json(version[0]).get("format") in ("Velox", "DevelopersKit")


def images(file: Any) -> list[StoredImage]:
    """Describe all images in an open file; spectra are ignored."""
    group = file.get("Data/Image")
    if group is None or not len(group):
        kinds = ", ".join(file["Data"]) if "Data" in file else "nothing"
        raise ImageError("contains no image", got=f"data of the kinds {kinds}")
    labels = _labels(file)
    return [_image(group[name], labels.get(name, "")) for name in group if "Data" in group[name]]


def _labels(file: Any) -> dict[str, str]:
    """Return the display names of images, from either of the groups that store them."""
    found = {}
    for group in ("Presentation/Displays/ImageDisplay", "Displays/ImageDisplay"):
        for shown in file.get(group, {}).values():
            display = _json(shown[0])
            reference = file.get(str(display.get("data")))
            path = display if reference is None else _json(reference[0])
            label = display.get("id") or display.get("display", {}).get("label", "")
            found[str(path.get("dataPath", "")).rpartition("/")[2]] = unquote(str(label))
    return found


def _image(group: Any, label: str) -> StoredImage:
    data = group["Data"]
    metadata = _metadata(group)
    result = metadata.get("BinaryResult", {})
    size = result.get("PixelSize", {})
    axes = [
        Axis(name="y", size=data.shape[0], **_step(size.get("height"), result.get("PixelUnitY"))),
        Axis(name="x", size=data.shape[1], **_step(size.get("width"), result.get("PixelUnitX"))),
        _frames(data.shape[2], metadata.get("Scan", {})),
    ]
    transformed = ImageError(
        "is a Fourier transform or a field", expected="an image", got="complex numbers"
    )
    return arranged(
        data,
        axes,
        title=label or _title(metadata),
        refusal=transformed if data.dtype.names else None,
    )


def _step(size: Any, unit: Any) -> dict[str, Any]:
    try:
        return {"scale": float(size), "units": str(unit or "")}
    except (TypeError, ValueError):
        return {"scale": None, "units": ""}


def _frames(size: int, scan: Mapping[str, Any]) -> Axis:
    """Return the axis of frames: one of time if the metadata state the time of a scan."""
    time = _step(scan.get("FrameTime"), "s")
    return Axis(name="frame" if time["scale"] is None else "time", size=size, **time)


def _metadata(group: Any) -> Mapping[str, Any]:
    """Return the metadata of the first frame: a column of bytes, padded with zeros."""
    stored = group.get("Metadata")
    if stored is None or not stored.size:
        return {}
    column = stored[:, 0] if stored.ndim == 2 else stored[:]
    return _json(np.asarray(column, dtype=np.uint8).tobytes().rstrip(b"\0"))


def _json(text: Any) -> Mapping[str, Any]:
    raw = text if isinstance(text, bytes) else str(text).encode()
    try:
        found = json.loads(raw.decode("utf-8", errors="replace"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _title(metadata: Mapping[str, Any]) -> str:
    result = metadata.get("BinaryResult", {})
    one = metadata.get("Detectors", {}).get(f"Detector-{result.get('DetectorIndex')}", {})
    return str(one.get("DetectorName") or result.get("Detector") or "")
