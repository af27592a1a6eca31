"""NumPy archives: several arrays, single frames, and arrays that are no images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from micrograph_files import COUNTS, STACK, is_counts, refusal, stored


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
def test_frames_of_an_archive_in_any_order(tmp_path: Path, save: object, order: str) -> None:
    path = tmp_path / "a.npz"
    save(path, movie=np.asarray(STACK, order=order), pixel_size_A=0.06)  # type: ignore[operator]
    with stored(path) as found:
        assert found.title == "movie"
        for i in (2, 0, 1):
            np.testing.assert_array_equal(found.read((i,)), STACK[i])
    assert is_counts(path, STACK.sum(0), frame="sum")


def test_arrays_of_an_archive_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, first=COUNTS, second=STACK)
    assert "contains 2 images; got 0: first 40 x 56; 1: second 3 x 40 x 56" in refusal(path)
    assert is_counts(path, dataset=0)
    np.savez(path, np.moveaxis(STACK, 0, -1))
    assert "has a last axis of 3 values, which may be colours or frames" in refusal(path)
    np.savez(path, a=np.arange(3))
    assert "contains no image" in refusal(path)


def test_objects_and_truncated_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    for array in (np.array([[{}, None]]), np.array({"a": 1})):
        np.savez(path, array)
        assert "contains Python objects, which may run code" in refusal(path)
    np.savez(path, COUNTS)
    path.write_bytes(path.read_bytes()[:-40])
    assert "cannot be read as .npz" in refusal(path)
    np.save(tmp_path / "a.npy", COUNTS)
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-1])
    assert "is truncated; got" in refusal(tmp_path / "a.npy")
