"""Series of TIA: frames, orientation, times and the mode of the microscope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from micrograph_files import COUNTS, STACK, is_counts, refusal, stored, write_ser
from rsciio.tia import file_reader

from tembench.micrographs.reading.read_image import read_micrograph


@pytest.mark.parametrize("wide", [False, True])
def test_a_series_reads_as_in_rosettasciio(tmp_path: Path, wide: bool) -> None:
    frames = STACK.astype("<u2")
    path = write_ser(tmp_path / "a_1.ser", frames, wide=wide)
    (other,) = file_reader(str(path))
    with stored(path) as found:
        for i, frame in enumerate(STACK):
            np.testing.assert_array_equal(found.read((i,)), frame)
            np.testing.assert_array_equal(found.read((i,)), other["data"][i])
        assert found.x.scale == pytest.approx(other["axes"][-1]["scale"])
        assert (found.y.units, found.y.scale) == ("nm", pytest.approx(0.006))
        (time,) = found.frames
        assert (time.name, time.size, time.scale, time.units) == ("time", 3, 30.0, "s")
    single = write_ser(tmp_path / "b_1.ser", COUNTS[None].astype("<f4"))
    assert is_counts(single)
    assert read_micrograph(single).pixel_size_A == pytest.approx(0.06)


def test_a_series_that_was_stopped_has_its_valid_frames(tmp_path: Path) -> None:
    with stored(write_ser(tmp_path / "a.ser", STACK, total=10, seconds=0.1)) as found:
        assert [(axis.size, axis.scale) for axis in found.frames] == [(3, None)]
        np.testing.assert_array_equal(found.read((2,)), STACK[2])


def test_the_emi_beside_it_tells_a_pattern(tmp_path: Path) -> None:
    path = write_ser(tmp_path / "a_2.ser", COUNTS[None], step_m=1e7)
    entry = "<ObjectInfo><Data><Label>Mode</Label><Value>{}</Value></Data></ObjectInfo>"
    both = entry.format("TEM nP SA Zoom Image") + "\0binary\0" + entry.format("TEM nP Diffraction")
    (tmp_path / "a.emi").write_bytes(both.encode())
    assert "is in reciprocal space" in refusal(path)
    write_ser(tmp_path / "a_1.ser", COUNTS[None])
    assert is_counts(tmp_path / "a_1.ser")


def test_a_truncated_or_foreign_series_is_one_line(tmp_path: Path) -> None:
    path = write_ser(tmp_path / "a.ser", STACK)
    whole = path.read_bytes()
    for length in (len(whole) - 100, 200, 60, 20):
        path.write_bytes(whole[:length])
        assert "is truncated; expected" in refusal(path, frame=0)
    path.write_bytes(b"II*\0" + whole)
    assert "is not a series of TIA" in refusal(path)
    path.write_bytes(whole[:6] + b"\x20\x41" + whole[8:])
    assert "is a set of spectra" in refusal(path)
