"""HyperSpy's signals in HDF5 (.hspy) and Zarr (.zspy, a folder or one ZIP file).

Both have the same groups. RosettaSciIO reads .hspy too, but .zspy only with an older zarr. The
format: https://hyperspy.org/rosettasciio/user_guide/supported_formats/hspy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import zarr

from tembench.core import ImageError
from tembench.micrographs.formats.image_axes import Axis, even_steps
from tembench.micrographs.formats.stored_image import StoredImage, arranged, colour_image
from tembench.micrographs.formats.zarr_folder import Slabs, missing_chunks, opened

_NO_SIGNAL = "contains no signal of HyperSpy"
_BRIGHTNESS = "ImageList/TagGroup0/ImageData/Calibrations/Brightness"


@contextmanager
def images(path: Path) -> Iterator[list[StoredImage]]:
    """Yield all signals that are images or stacks; the file stays open until the end."""
    if path.suffix.lower() == ".hspy":
        with h5py.File(path, "r") as file:
            yield [_image(group, group["data"], []) for group in _signals(file)]
        return
    with opened(path) as root:
        found = []
        for group in _signals(root):
            notes = missing_chunks(group["data"])
            found.append(_image(group, Slabs(group["data"]), notes))
        yield found


def _signals(root: Any) -> list[Any]:
    """Return the groups of the signals, in the order of the file."""
    groups = None if isinstance(root, zarr.Array) else root.get("Experiments")
    if groups is None:
        raise ImageError(
            _NO_SIGNAL,
            expected='a group "Experiments"',
            got="an array"
            if isinstance(root, zarr.Array)
            else f"groups {', '.join(list(root)[:8])}",
            remedy="Save it again in HyperSpy",
        )
    found = [groups[name] for name in groups if "data" in groups[name]]
    return [group for group in found if len(group["data"].shape) >= 2]


def _image(group: Any, data: Any, notes: list[str]) -> StoredImage:
    found = [_axis(group, i, size) for i, size in enumerate(data.shape)]
    axes = [axis for axis, _ in found]
    # As HyperSpy displays it: the last axis of the signal is across the image, whatever its name.
    signal = [i for i, (_, navigates) in enumerate(found) if navigates is False]
    plane = (signal[0], signal[1]) if len(signal) == 2 else None
    return arranged(
        data,
        axes,
        plane=plane,
        title=_text(_attributes(group, "metadata/General").get("title")),
        notes=(*notes, *_not_applied(group)),
        refusal=colour_image() if data.dtype.names else None,
    )


def _axis(group: Any, i: int, size: int) -> tuple[Axis, bool | None]:
    """Return an axis, and whether it navigates; None if the file does not say."""
    stated = _attributes(group, f"axis-{i}")
    scale, offset = _number(stated.get("scale")), _number(stated.get("offset")) or 0.0
    if scale is None and f"axis-{i}/axis" in group:
        # A table of coordinates.
        scale, offset = even_steps(group[f"axis-{i}/axis"]) or (None, 0.0)
    axis = Axis(
        name=_text(stated.get("name")),
        size=size,
        scale=scale,
        units=_text(stated.get("units")),
        offset=offset,
    )
    navigates = stated.get("navigate")
    return axis, None if navigates is None else bool(navigates)


def _not_applied(group: Any) -> list[str]:
    """Mention the gain of the camera that took the image, which HyperSpy keeps but does not apply.

    The signal may have been divided by it since.
    """
    stated = _attributes(group, f"original_metadata/{_BRIGHTNESS}")
    scale, origin = _number(stated.get("Scale")) or 1.0, _number(stated.get("Origin")) or 0.0
    if (scale, origin) == (1.0, 0.0):
        return []
    return [
        f"its original metadata state {scale:g} {_text(stated.get('Units'))} per stored unit above "
        f"{origin:g}, which is not applied, since the signal may have been scaled since"
    ]


def _attributes(group: Any, path: str) -> dict[str, Any]:
    return dict(group[path].attrs) if path in group else {}


def _text(value: Any) -> str:
    """Return a text; HyperSpy writes ``_None_`` or ``<undefined>`` for a missing one."""
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value or "")
    return "" if text in ("_None_", "<undefined>") else text


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
