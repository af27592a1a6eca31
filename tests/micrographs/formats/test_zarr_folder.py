"""Zarr folders: axes and coordinates of xarray, OME-Zarr, and arrays that lost chunks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr
from micrograph_files import COUNTS, STACK, is_counts, refusal, stored

from tembench.micrographs.formats import open_images
from tembench.micrographs.reading.read_image import read_micrograph

MOVIE = np.random.default_rng(5).poisson(1.0, (11, 40, 56)).astype(np.uint8)


@pytest.mark.parametrize("version", [2, 3])
def test_an_array_as_xarray_writes_it(tmp_path: Path, version: Any) -> None:
    path = tmp_path / "a.zarr"
    coordinates = {
        "y": ("y", 0.5 * np.arange(40, dtype="f4"), {"units": "Å"}),
        "x": ("x", 0.05 * np.arange(56, dtype="f4"), {"units": "nm"}),
        "t": ("t", 2.0 + 20.0 * np.arange(11), {"units": "milliseconds"}),
    }
    array = xr.DataArray(MOVIE.transpose(0, 2, 1), dims=("t", "x", "y"), coords=coordinates)
    array.to_dataset(name="counts").chunk(t=4).to_zarr(
        path, zarr_format=version, consolidated=False
    )
    with stored(path) as found:
        for i in (0, 3, 4, 10, 2):
            np.testing.assert_array_equal(found.read((i,)), MOVIE[i])
        (time,) = found.frames
        assert (time.name, time.units, found.title) == ("t", "s", "counts")
        assert (time.scale, time.offset) == pytest.approx((0.02, 0.002))
        assert (found.y.scale, found.y.units) == (pytest.approx(0.5), "Å")
        assert (found.x.scale, found.x.units) == (pytest.approx(0.05), "nm")
    assert read_micrograph(path, frame=0).pixel_size_A == pytest.approx(0.5)


def test_an_array_alone_and_an_array_of_names(tmp_path: Path) -> None:
    zarr.save_array(tmp_path / "a.zarr", STACK)
    assert is_counts(tmp_path / "a.zarr", STACK[2], frame=2)
    array = zarr.create_array(tmp_path / "b.zarr", data=COUNTS.T, dimension_names=["x", "y"])
    assert array.ndim == 2
    assert is_counts(tmp_path / "b.zarr")
    # Coordinates are no images, nor uneven ones a scale.
    group = zarr.create_group(tmp_path / "c.zarr")
    group.create_array("image", data=COUNTS, dimension_names=["y", "x"])
    group.create_array("x", data=np.arange(56.0) ** 2, dimension_names=["x"])
    with stored(tmp_path / "c.zarr") as found:
        assert found.x.scale is None
    group.create_array("other", data=STACK)
    assert "contains 2 images; got 0: image 40 x 56; 1: other 3 x 40 x 56" in refusal(
        tmp_path / "c.zarr"
    )


@pytest.mark.parametrize("version", [2, 3])
def test_levels_of_an_ome_zarr(tmp_path: Path, version: Any) -> None:
    path = tmp_path / "a.zarr"
    pyramid = {
        "axes": [
            {"name": "t", "type": "time", "unit": "millisecond"},
            {"name": "c", "type": "channel"},
            {"name": "y", "type": "space", "unit": "angstrom"},
            {"name": "x", "type": "space", "unit": "angstrom"},
        ],
        "datasets": [
            {"path": str(i), "coordinateTransformations": [
                {"type": "scale", "scale": [1.0, 1.0, 0.06 * 2**i, 0.07 * 2**i]}]}
            for i in range(2)
        ],
        "coordinateTransformations": [{"type": "scale", "scale": [100.0, 1.0, 1.0, 1.0]}],
    }  # fmt: skip
    attributes: dict[str, Any] = {"multiscales": [pyramid]}
    if version == 3:
        attributes = {"ome": {"version": "0.5", **attributes}}
    group = zarr.create_group(path, zarr_format=version, attributes=attributes)
    group.create_array("0", data=STACK[:, None])
    group.create_array("1", data=STACK[:, None, ::2, ::2].copy())
    with open_images(path, []) as (found, reduced):
        assert (reduced.minor, reduced.shape) == ("reduced level", (3, 20, 28))
        assert reduced.x.scale == pytest.approx(0.14)
        (time,) = found.frames
        assert (time.name, time.scale, time.units) == ("time", pytest.approx(0.1), "s")
        assert (found.y.scale, found.x.scale, found.x.units) == (0.06, 0.07, "angstrom")
        np.testing.assert_array_equal(found.read((1,)), STACK[1])


def test_chunks_that_are_not_there_are_mentioned(tmp_path: Path) -> None:
    array = zarr.create_array(tmp_path / "a.zarr", data=STACK + np.uint8(1), chunks=(1, 20, 56))
    assert array.nchunks == 6
    assert read_micrograph(tmp_path / "a.zarr", frame=0).notes == ()
    (tmp_path / "a.zarr/c/2/1/0").unlink()
    (note,) = read_micrograph(tmp_path / "a.zarr", frame=0).notes
    assert "1 of 6 chunks are not stored and read as 0" in note


def test_folders_that_are_no_images(tmp_path: Path, tiny_store_path: Path) -> None:
    data_set = tmp_path / "set.zarr"
    data_set.symlink_to(tiny_store_path)
    assert "is a data set of tembench" in refusal(data_set)
    (tmp_path / "a.zarr").mkdir()
    assert "is not a Zarr folder; expected a file zarr.json" in refusal(tmp_path / "a.zarr")
    (tmp_path / "b.tif").mkdir()
    assert "is a folder; expected a file in the format .tif" in refusal(tmp_path / "b.tif")
    (tmp_path / "a.zarr/zarr.json").write_text('{"zarr_format": 3, "node_ty')
    assert "cannot be read as .zarr" in refusal(tmp_path / "a.zarr")
    zarr.create_group(tmp_path / "c.zarr")
    assert "contains no image" in refusal(tmp_path / "c.zarr")


def test_codecs_that_run_code_are_refused(tmp_path: Path) -> None:
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    group.create_array("image", data=COUNTS, compressors=None)
    described = tmp_path / "a.zarr/image/.zarray"
    plain = json.loads(described.read_text())
    for codec in ({"compressor": {"id": "pickle"}}, {"filters": [{"id": "pickle"}]}):
        for dtype in ("|u1", "|O"):
            described.write_text(json.dumps({**plain, "dtype": dtype, **codec}))
            assert "cannot be read as .zarr" in refusal(tmp_path / "a.zarr")
