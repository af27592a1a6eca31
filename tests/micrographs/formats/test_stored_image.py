"""Stored images: axes, channels and calibrations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile
from micrograph_files import COUNTS, STACK, is_counts, refusal, write_berkeley

from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.formats.stored_image import arranged, calibration
from tembench.micrographs.reading.read_image import read_micrograph


def test_axes_of_one_value_are_dropped(tmp_path: Path) -> None:
    for i, array in enumerate(
        (COUNTS[None], COUNTS[..., None], COUNTS[:, None], COUNTS[None, None])
    ):
        np.save(tmp_path / f"{i}.npy", array)
        assert is_counts(tmp_path / f"{i}.npy")
    np.save(tmp_path / "one_row.npy", COUNTS[:1])
    assert read_micrograph(tmp_path / "one_row.npy").values.shape == (1, 56)


def test_three_frames_are_not_colours(tmp_path: Path) -> None:
    for count in (3, 4):
        stack = np.stack([COUNTS] * count)
        np.save(tmp_path / "a.npy", stack)
        tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
        tifffile.imwrite(tmp_path / "b.tif", stack, imagej=True)
        write_berkeley(tmp_path / "a.emd", stack, "zyx")
        for name in ("a.npy", "a.tif", "b.tif", "a.emd"):
            assert f"is a stack of {count} frames" in refusal(tmp_path / name)
            assert is_counts(tmp_path / name, frame=count - 1)


def test_a_short_last_axis_without_a_name_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.moveaxis(STACK, 0, -1))
    for options in ({}, {"frame": 0}, {"frame": "sum"}):
        text = refusal(tmp_path / "a.npy", **options)
        assert "a last axis of 3 values, which may be colours or frames" in text


def test_names_of_axes_decide_not_sizes() -> None:
    data = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    for names, expected in (("zyx", data[1]), ("xyz", data[:, :, 1].T), ("yzx", data[:, 1])):
        axes = [Axis(name=name, size=size) for name, size in zip(names, data.shape, strict=True)]
        np.testing.assert_array_equal(arranged(data, axes).read((1,)), expected)


def test_a_calibration_that_changes_nothing_is_none() -> None:
    for slope, offset in ((1, 0), (None, None), (0, 0), ("nan", "x"), (float("inf"), 0)):
        assert calibration(slope, offset, "a file") is None


def test_the_plane_that_a_file_states_is_kept() -> None:
    data = np.arange(1 * 2 * 3).reshape(1, 2, 3)
    axes = [Axis(name=name, size=size) for name, size in zip("yzx", data.shape, strict=True)]
    found = arranged(data, axes, plane=(0, 1))
    assert (found.shape, found.y.name, found.x.name) == ((3, 1, 2), "y", "z")
    np.testing.assert_array_equal(found.read((2,)), data[:, :, 2])
