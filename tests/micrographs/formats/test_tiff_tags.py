"""Pixel sizes in the tags of TIFF files."""

from __future__ import annotations

from pathlib import Path

import pytest
import tifffile
from micrograph_files import COUNTS

from tembench.micrographs.reading.read_image import read_micrograph


def test_a_resolution_is_a_pixel_size_unless_it_is_that_of_a_print(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    for unit, per_A in (("CENTIMETER", 1e8), ("INCH", 2.54e8)):
        tifffile.imwrite(path, COUNTS, resolution=(per_A / 0.06,) * 2, resolutionunit=unit)
        assert read_micrograph(path).pixel_size_A == pytest.approx(0.06)
    for unit, per_unit in (("INCH", 72), ("INCH", 300), ("CENTIMETER", 118.11), ("NONE", 1e9)):
        tifffile.imwrite(path, COUNTS, resolution=(per_unit, per_unit), resolutionunit=unit)
        assert read_micrograph(path).pixel_size_A is None
    for unit, size in (("Angstroms", 0.06), ("cm", 0.06e-8)):
        tifffile.imwrite(
            path, COUNTS, imagej=True, resolution=(1 / size, 1 / size), metadata={"unit": unit}
        )
        assert read_micrograph(path).pixel_size_A == pytest.approx(0.06)


def test_a_pixel_size_along_x_is_that_along_y_too(tmp_path: Path) -> None:
    metadata = {"axes": "YX", "PhysicalSizeX": 0.06, "PhysicalSizeXUnit": "Å"}
    tifffile.imwrite(tmp_path / "a.ome.tif", COUNTS, ome=True, metadata=metadata)
    found = read_micrograph(tmp_path / "a.ome.tif")
    assert found.pixel_size_A == pytest.approx(0.06)
    assert found.notes == ("it has a pixel size along x only, which is used for y too",)
