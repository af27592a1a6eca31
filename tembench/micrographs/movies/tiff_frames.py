"""Frames of a TIFF, for ImageJ or as OME-TIFF, written one at a time in any order.

The values of all frames follow one another, without compression, so that a frame has its place in
the file before it is computed, and several processes may write.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import naming
from tembench.micrographs.movies.frame_layout import FrameLayout

# Tags in which Digital Micrograph and HyperSpy look for units and pixel sizes, along x and y.
_DM_UNITS, _DM_ORIGINS, _DM_SCALES = (65003, 65004), (65006, 65007), (65009, 65010)


class TiffFrames:
    """Frames of a TIFF that was created with `create`.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    layout : FrameLayout
        Its layout.
    """

    def __init__(self, path: Path, layout: FrameLayout) -> None:
        import tifffile

        self.path, self.layout = path, layout
        with tifffile.TiffFile(path) as file:
            offset = file.series[0].dataoffset
        assert offset is not None
        self._offset = offset

    @staticmethod
    def create(path: Path, layout: FrameLayout, *, ome: bool) -> None:
        """Create the file with room for all frames.

        Parameters
        ----------
        path : pathlib.Path
            The file.
        layout : FrameLayout
            Shape, pixel sizes and record.
        ome : bool
            Describe the axes in OME-XML instead of ImageJ's text.
        """
        import tifffile

        kind = _ome(layout) if ome else _imagej(layout)
        with warnings.catch_warnings():
            # Beyond 4 GB ImageJ reads such files by their first page, as is intended.
            warnings.filterwarnings("ignore", message=".*truncating ImageJ file")
            tifffile.imwrite(
                path, shape=layout.shape, dtype=np.dtype("<f4"), photometric="minisblack", **kind
            )
        end = 4 * int(np.prod(layout.shape, dtype=object)) + TiffFrames(path, layout)._offset
        if path.stat().st_size < end:
            os.truncate(path, end)

    def write(self, position: int, frame: np.ndarray) -> None:
        """Write one frame (y, x)."""
        data = self.layout.checked_frame(frame).tobytes()
        with naming(self.path), self.path.open("r+b") as file:
            file.seek(self._offset + position * self.layout.frame_bytes)
            file.write(data)

    def read(self, position: int) -> np.ndarray:
        """Read one frame (y, x)."""
        with self.path.open("rb") as file:
            file.seek(self._offset + position * self.layout.frame_bytes)
            data = file.read(self.layout.frame_bytes)
        return np.frombuffer(data, dtype="<f4").reshape(self.layout.shape[1:])


def _imagej(layout: FrameLayout) -> dict[str, Any]:
    _, (_, down, _), (_, across, _) = layout.axes
    metadata: dict[str, Any] = {"axes": "TYX", "unit": "nm", "Info": layout.record}
    if layout.interval_s is not None:
        metadata |= {"finterval": layout.interval_s, "fps": 1 / layout.interval_s}
    return {
        "imagej": True,
        "resolution": (1 / across, 1 / down),
        "metadata": metadata,
        "extratags": _tags_of_dm(down, across),
        "byteorder": "<",
    }


def _ome(layout: FrameLayout) -> dict[str, Any]:
    _, (_, down, _), (_, across, _) = layout.axes
    metadata: dict[str, Any] = {
        "axes": "TYX",
        "Name": layout.title,
        "Description": layout.record,
        "PhysicalSizeX": across,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": down,
        "PhysicalSizeYUnit": "nm",
    }
    if layout.interval_s is not None:
        metadata |= {"TimeIncrement": layout.interval_s, "TimeIncrementUnit": "s"}
    tags = _tags_of_dm(down, across)
    return {"ome": True, "bigtiff": True, "metadata": metadata, "extratags": tags}


def _tags_of_dm(down: float, across: float) -> list[tuple[Any, ...]]:
    """Return the tags of Digital Micrograph for pixel sizes in nm."""
    tags: list[tuple[Any, ...]] = [(code, "s", 0, "nm", False) for code in _DM_UNITS]
    tags += [(code, "d", 1, 0.0, False) for code in _DM_ORIGINS]
    scales = zip(_DM_SCALES, (across, down), strict=True)
    return tags + [(code, "d", 1, scale, False) for code, scale in scales]
