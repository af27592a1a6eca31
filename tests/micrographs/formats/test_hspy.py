"""Signals of HyperSpy: their axes, in HDF5 and in Zarr."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numcodecs
import numpy as np
import pytest
import zarr
from micrograph_files import COUNTS, STACK, is_counts, refusal, signal, stored
from rsciio.hspy import file_reader, file_writer
from rsciio.zspy._api import ZspyWriter

from tembench.micrographs.reading.read_image import read_micrograph

IMAGE = [("y", 0.006, "nm", False), ("x", 0.006, "nm", False)]
MOVIE = [("t", 250.0, "ms", True), *IMAGE]


def write_signal(path: Path, one: Mapping[str, Any]) -> Path:
    """Write a signal by RosettaSciIO; its .zspy writer needs a group of the older Zarr format."""
    if path.suffix == ".hspy":
        file_writer(str(path), one)
        return path
    with zarr.storage.LocalStore(path) as store:
        root = zarr.open_group(store, mode="w", zarr_format=2)
        root.attrs.update({"file_format": "ZSpy", "file_format_version": "3.3"})
        group = root.require_group("Experiments").require_group(one["metadata"]["General"]["title"])
        with warnings.catch_warnings():
            # A name of the older zarr.
            warnings.simplefilter("ignore", zarr.errors.ZarrDeprecationWarning)
            ZspyWriter(root, one, group, compressor=numcodecs.Blosc("zstd", 1)).write()
    return path


@pytest.mark.parametrize("suffix", [".hspy", ".zspy"])
def test_a_signal_keeps_its_axes(tmp_path: Path, suffix: str) -> None:
    path = write_signal(tmp_path / f"a{suffix}", signal(STACK.astype(">u2"), MOVIE))
    with stored(path) as found:
        for i, frame in enumerate(STACK):
            np.testing.assert_array_equal(found.read((i,)), frame)
        (time,) = found.frames
        assert (time.name, time.size, time.units) == ("t", 3, "s")
        assert (time.scale, time.offset) == pytest.approx((0.25, 0.003))
        assert (found.y.size, found.y.scale, found.y.units) == (40, 0.006, "nm")
        assert (found.x.size, found.x.offset, found.title) == (56, 3.0, "movie")
    assert is_counts(path, STACK[2], frame=2)
    assert read_micrograph(path, frame=0).pixel_size_A == pytest.approx(0.06)


def test_a_signal_reads_as_in_rosettasciio(tmp_path: Path) -> None:
    path = write_signal(tmp_path / "a.hspy", signal(STACK, MOVIE))
    (other,) = file_reader(str(path))
    with stored(path) as found:
        np.testing.assert_array_equal(found.read((1,)), other["data"][1])
        assert [axis["units"] for axis in other["axes"]] == ["ms", found.y.units, found.x.units]


def test_axes_of_the_signal_are_the_image_whatever_their_names(tmp_path: Path) -> None:
    # A scan of patterns: its navigation axes have the names of an image's.
    scan = [("y", 1.0, "nm", True), ("x", 1.0, "nm", True), ("ky", 0.1, "1/nm", False),
            ("kx", 0.1, "1/nm", False)]  # fmt: skip
    path = write_signal(tmp_path / "a.hspy", signal(np.ones((2, 3, 40, 56), "u1"), scan))
    assert "got 2 (y) x 3 (x) x 40 (y) x 56 (x)" in refusal(path, frame=0).replace("k", "")
    turned = [("x", 0.006, "nm", False), ("y", 0.006, "nm", False)]
    path = write_signal(tmp_path / "b.hspy", signal(COUNTS, turned))
    assert is_counts(path)
    pixels = [("y", 0.005, "nm", False), ("x", 0.006, "nm", False)]
    with stored(write_signal(tmp_path / "c.hspy", signal(COUNTS, pixels))) as found:
        assert (found.y.scale, found.x.scale) == (0.005, 0.006)


def test_other_signals_are_named_in_the_error(tmp_path: Path) -> None:
    spectra = [("y", 1.0, "nm", True), ("x", 1.0, "nm", True), ("Energy", 1.0, "eV", False)]
    path = write_signal(tmp_path / "a.hspy", signal(np.ones((40, 56, 99), "u1"), spectra))
    assert "is a stack of 99 energies or wavelengths (eV), probably a spectrum image" in refusal(
        path
    )
    colours = np.zeros(COUNTS.shape, [(name, "u1") for name in "RGB"])
    assert "is a colour image" in refusal(write_signal(tmp_path / "b.hspy", signal(colours, IMAGE)))
    with h5py.File(tmp_path / "c.hspy", "w") as file:
        file["data"] = COUNTS
    assert "contains no signal of HyperSpy" in refusal(tmp_path / "c.hspy")
    zarr.save_array(tmp_path / "d.zspy", COUNTS)
    assert "contains no signal of HyperSpy" in refusal(tmp_path / "d.zspy")


def test_the_gain_of_the_camera_is_mentioned_and_not_applied(tmp_path: Path) -> None:
    one = dict(signal(COUNTS, IMAGE))
    brightness = {"Scale": 0.125, "Origin": 40.0, "Units": "e-"}
    one["original_metadata"] = {
        "ImageList": {"TagGroup0": {"ImageData": {"Calibrations": {"Brightness": brightness}}}}
    }
    path = write_signal(tmp_path / "a.hspy", one)
    assert is_counts(path)
    (note,) = read_micrograph(path).notes
    assert "state 0.125 e- per stored unit above 40, which is not applied" in note


def test_a_zspy_may_be_one_zip_file(tmp_path: Path) -> None:
    folder = write_signal(tmp_path / "a.zspy", signal(STACK, MOVIE))
    with zipfile.ZipFile(tmp_path / "b.zspy", "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    assert is_counts(tmp_path / "b.zspy", STACK[1], frame=1)
    (tmp_path / "c.zspy").write_bytes((tmp_path / "b.zspy").read_bytes()[:2000])
    assert "It may be truncated: copy it again" in refusal(tmp_path / "c.zspy")


def test_a_truncated_signal_is_one_line(tmp_path: Path) -> None:
    path = write_signal(tmp_path / "a.hspy", signal(STACK, MOVIE))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cannot be read as .hspy" in refusal(path)
    assert "\n" not in refusal(path)
