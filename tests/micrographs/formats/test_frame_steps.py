"""Steps between the frames of a TIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tifffile
from micrograph_files import STACK, stored


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"axes": "TYX", "finterval": 0.025}, ("time", 0.025, "s")),
        ({"axes": "TYX", "finterval": 25, "tunit": "ms"}, ("time", 0.025, "s")),
        # A movie that ImageJ takes for slices; the speed of its display is no interval.
        ({"axes": "ZYX", "finterval": 0.5, "fps": 10.0}, ("time", 0.5, "s")),
        ({"axes": "ZYX", "spacing": 2.0, "unit": "nm"}, ("z", 2.0, "nm")),
        ({"axes": "TYX", "fps": 10.0}, ("time", None, "")),
        ({"axes": "TYX", "finterval": 0.0}, ("time", None, "")),
    ],
)
def test_imagej(tmp_path: Path, metadata: dict[str, Any], expected: tuple[Any, ...]) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, imagej=True, metadata=metadata)
    with stored(tmp_path / "a.tif") as found:
        (axis,) = found.frames
        assert (axis.name, axis.scale, axis.units) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"TimeIncrement": 40.0, "TimeIncrementUnit": "ms"}, ("time", 0.04, "s")),
        ({"Plane": {"DeltaT": [1.0, 1.5, 2.0], "TheT": [0, 1, 2]}}, ("time", 0.5, "s")),
        # Frames at uneven times have no step.
        ({"Plane": {"DeltaT": [1.0, 1.5, 4.0], "TheT": [0, 1, 2]}}, ("time", None, "")),
        ({}, ("time", None, "")),
    ],
)
def test_ome(tmp_path: Path, metadata: dict[str, Any], expected: tuple[Any, ...]) -> None:
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, ome=True, metadata={"axes": "TYX", **metadata})
    with stored(tmp_path / "a.ome.tif") as found:
        (axis,) = found.frames
        assert (axis.name, axis.scale, axis.units) == expected
