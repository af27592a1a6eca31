"""TIFF files: colours, thumbnails, hyperstacks, orientation and single frames."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
from micrograph_files import COUNTS, STACK, is_counts, refusal

from tembench.micrographs.reading import read_image as reading
from tembench.micrographs.reading.read_image import read_micrograph


def test_colours_are_those_declared_in_the_tiff(tmp_path: Path) -> None:
    for i, layout in enumerate(("contig", "separate")):
        data = STACK if layout == "separate" else np.moveaxis(STACK, 0, -1)
        tifffile.imwrite(tmp_path / f"{i}.tif", data, photometric="rgb", planarconfig=layout)
        assert "is a colour image" in refusal(tmp_path / f"{i}.tif")
        assert "is a colour image" in refusal(tmp_path / f"{i}.tif", frame=0)
    with_alpha = np.stack([COUNTS, np.full_like(COUNTS, 255)], -1)
    tifffile.imwrite(
        tmp_path / "a.tif", with_alpha, photometric="minisblack", extrasamples=["unassalpha"]
    )
    assert is_counts(tmp_path / "a.tif")
    assert "transparency, is ignored" in read_micrograph(tmp_path / "a.tif").notes[0]
    tifffile.imwrite(tmp_path / "negative.tif", 255 - COUNTS, photometric="miniswhite")
    assert "is stored as a negative" in refusal(tmp_path / "negative.tif")


def test_a_picture_beside_the_image_is_ignored(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(np.moveaxis(STACK, 0, -1) * np.uint8(20), photometric="rgb")
        file.write(COUNTS)
    with tifffile.TiffWriter(tmp_path / "b.tif") as file:
        file.write(COUNTS[::4, ::4].copy(), subfiletype=1)
        file.write(COUNTS)
    for name, left in (("a.tif", "picture 40 x 56"), ("b.tif", "thumbnail 10 x 14")):
        found = read_micrograph(tmp_path / name)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert found.notes == (f"the file contains more, which is ignored: {left}",)
    assert "is a colour image" in refusal(tmp_path / "a.tif", dataset=0)


def test_a_hyperstack_of_one_axis_is_a_stack(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK[:, None, None], imagej=True, metadata={"axes": "TZCYX"})
    assert "is a stack of 3 frames" in refusal(path)
    assert is_counts(path, STACK[2], frame=2)
    tifffile.imwrite(path, np.stack([STACK] * 2)[:, :, None], imagej=True,
                     metadata={"axes": "TZCYX"})  # fmt: skip
    assert "got 2 (time) x 3 (z) x 40 (y) x 56 (x)" in refusal(path, frame=0)
    tifffile.imwrite(tmp_path / "a.ome.tif", STACK, ome=True, metadata={"axes": "TYX"})
    assert is_counts(tmp_path / "a.ome.tif", STACK[1], frame=1)


def test_a_tiff_is_rotated_by_its_orientation_tag(tmp_path: Path) -> None:
    stored = {1: COUNTS, 2: COUNTS[:, ::-1], 3: COUNTS[::-1, ::-1], 4: COUNTS[::-1],
              5: COUNTS.T, 6: COUNTS[:, ::-1].T, 7: COUNTS[::-1, ::-1].T,
              8: COUNTS[::-1].T}  # fmt: skip
    for orientation, data in stored.items():
        path = tmp_path / f"{orientation}.tif"
        tifffile.imwrite(path, data.copy(), extratags=[(274, "H", 1, orientation, True)])
        found = read_micrograph(path)
        np.testing.assert_array_equal(found.values, COUNTS)
        assert bool(found.notes) == (orientation != 1)


def test_only_the_frame_asked_for_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    pages = tifffile.TiffPage.asarray
    monkeypatch.setattr(
        tifffile.TiffPage, "asarray", lambda page: (asked.append(page.index), pages(page))[1]
    )
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for frame in np.concatenate([STACK] * 10):
            file.write(frame, compression="zlib", contiguous=False, metadata=None)
    monkeypatch.setattr(reading, "available_memory_bytes", lambda: 45.0 * COUNTS.size)
    started = time.perf_counter()
    assert is_counts(tmp_path / "a.tif", STACK[1], frame=28)
    assert time.perf_counter() - started < 5
    assert len(asked) <= 1
    assert is_counts(tmp_path / "a.tif", 10 * STACK.sum(0, dtype=int), frame="sum")
    np.save(tmp_path / "a.npy", STACK)
    assert is_counts(tmp_path / "a.npy", STACK[1], frame=1)
