"""Berkeley's EMD files: orientation, frames and calibrations."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from micrograph_files import COUNTS, STACK, assert_calibrated, is_counts, refusal, write_berkeley
from rsciio import emd as emd_of_rosettasciio

from tembench.micrographs.reading.read_image import read_micrograph


@pytest.mark.parametrize("first", [0, 1])
def test_an_emd_file_of_ncempy_keeps_its_orientation(tmp_path: Path, first: int) -> None:
    for i, unit in enumerate(("[n_m]", "nm")):
        found = read_micrograph(
            write_berkeley(tmp_path / f"{i}.emd", COUNTS, "yx", unit, first=first)
        )
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.pixel_size_A == pytest.approx(0.06)
    assert is_counts(write_berkeley(tmp_path / "unnamed.emd", COUNTS, "  ", first=first))


def test_an_emd_file_whose_first_axis_is_x_is_transposed(tmp_path: Path) -> None:
    assert is_counts(write_berkeley(tmp_path / "a.emd", COUNTS.T, "xy"))
    assert is_counts(write_berkeley(tmp_path / "b.emd", STACK.T, "xyz"), STACK[1], frame=1)
    signal = {"data": COUNTS, "metadata": {"General": {"title": ""}, "Signal": {}},
              "original_metadata": {}}  # fmt: skip
    for named in (True, False):
        axes = [
            {"name": name if named else None, "size": size, "scale": 0.006, "offset": 0.0,
             "units": "nm", "navigate": False}
            for name, size in zip("yx", COUNTS.shape, strict=True)
        ]  # fmt: skip
        emd_of_rosettasciio.file_writer(str(tmp_path / "hyperspy.emd"), {**signal, "axes": axes})
        assert is_counts(tmp_path / "hyperspy.emd")
        notes = read_micrograph(tmp_path / "hyperspy.emd").notes
        assert ["no names: transposed" in note for note in notes] == [True] * (not named)


def test_frames_of_an_emd_file_are_those_of_its_frame_axis(tmp_path: Path) -> None:
    for i, names in enumerate(("zyx", "tyx", "   ")):
        path = write_berkeley(tmp_path / f"{i}.emd", STACK, names)
        assert "is a stack of 3 frames" in refusal(path)
        assert is_counts(path, STACK[2], frame=2)
        assert is_counts(path, STACK.sum(0), frame="sum")
    last = np.ascontiguousarray(np.moveaxis(STACK, 0, -1))
    assert is_counts(write_berkeley(tmp_path / "last.emd", last, "yxt"), STACK[1], frame=1)


@pytest.mark.parametrize("names", [("scale_factor", "add_offset"), ("BSCALE", "BZERO")])
def test_calibrations_in_hdf5_are_applied(tmp_path: Path, names: tuple[str, str]) -> None:
    with h5py.File(tmp_path / "a.emd", "w") as file:
        group = file.create_group("data/image")
        group.attrs["emd_group_type"] = 1
        group["data"] = COUNTS.astype(np.uint16) * 2 + 200
        group["data"].attrs[names[0]], group["data"].attrs[names[1]] = 0.5, -100.0
    assert_calibrated(read_micrograph(tmp_path / "a.emd"), "times 0.5 minus 100", names[0])
