"""Calibrations of values in TIFF files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from micrograph_files import COUNTS, assert_calibrated

from tembench.core.errors import ImageError
from tembench.micrographs.reading.read_image import read_micrograph

GDAL = (
    '<GDALMetadata><Item name="OFFSET" sample="0" role="offset">-100</Item>'
    '<Item name="SCALE" sample="0" role="scale">0.5</Item></GDALMetadata>\0'
)


def test_calibrations_in_tiff_are_applied_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    signed = COUNTS.astype(np.uint16) + 32768
    tifffile.imwrite(path, signed, imagej=True, metadata={"cf": 0, "c0": -32768.0, "c1": 1.0})
    assert_calibrated(read_micrograph(path), "the stored numbers minus 32768", "ImageJ")
    assert read_micrograph(path).values.dtype.kind == "i"
    stored = COUNTS.astype(np.uint16) * 2 + 200
    tifffile.imwrite(path, stored, imagej=True, metadata={"cf": 0, "c0": -100.0, "c1": 0.5})
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "ImageJ")
    tifffile.imwrite(path, stored, extratags=[(42112, "s", 0, GDAL, True)])
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "GDAL")
    origin = [(65024, "d", 1, 200.0, True), (65025, "d", 1, 0.5, True)]
    tifffile.imwrite(path, stored, extratags=origin)
    assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "Digital Micrograph")
    for text in ("BSCALE = 0.5\nBZERO = -100", '{"scale_factor": 0.5, "add_offset": -100}',
                 "slope=0.5 offset=-1e2", "RescaleSlope: 0.5\nRescaleIntercept: -100"):  # fmt: skip
        tifffile.imwrite(path, stored, description=text, metadata=None)
        assert_calibrated(read_micrograph(path), "times 0.5 minus 100", "its description")


def test_a_calibration_holds_for_each_frame_of_a_sum(tmp_path: Path) -> None:
    signed = np.stack([COUNTS.astype(np.uint16) + 32768] * 3)
    tifffile.imwrite(
        tmp_path / "a.tif", signed, imagej=True, metadata={"cf": 0, "c0": -32768.0, "c1": 1.0}
    )
    summed = read_micrograph(tmp_path / "a.tif", frame="sum").values
    np.testing.assert_array_equal(summed, 3 * COUNTS.astype(int))


def test_calibrations_that_are_not_understood_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, COUNTS, imagej=True, metadata={"cf": 1, "c0": 0, "c1": 1, "c2": 3})
    with pytest.raises(ImageError, match="nonlinear calibration"):
        read_micrograph(path)
    tifffile.imwrite(path, COUNTS, description="camera x\npedestal = 32", metadata=None)
    assert "pedestal = 32, whose meaning is unknown: not applied" in read_micrograph(path).notes[0]
    palette = np.tile(np.arange(256, dtype=np.uint16) * 257, (3, 1))
    tifffile.imwrite(path, COUNTS, photometric="palette", colormap=palette)
    assert_calibrated(read_micrograph(path), "colour table")
