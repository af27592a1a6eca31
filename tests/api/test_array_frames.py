"""Frames of an array: their indices, names and values."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.api.array_frames import ArrayFrames
from tembench.core.errors import ImageError


def frames(**details: object) -> ArrayFrames:
    sizes = (0.1, 0.1)
    return ArrayFrames(**{"title": "a", "shape": (2, 3), "pixel_sizes_A": sizes, **details})  # type: ignore[arg-type]


def test_frames_are_counted_in_the_order_of_the_array() -> None:
    made = frames()
    assert len(made) == 6
    assert [made.number(index) for index in made.indices()] == list(range(6))
    assert len(frames(shape=())) == 1
    assert list(frames(shape=()).indices()) == [()]


def test_a_frame_is_named_in_errors() -> None:
    assert str(frames().frame(np.ones((4, 5)), (1, 2)).path) == "a, (1, 2)"
    assert str(frames(shape=()).frame(np.ones((4, 5)), ()).path) == "a"


@pytest.mark.parametrize("kind", ["u1", ">i2", "f4"])
def test_the_offset_is_subtracted_without_wrapping(kind: str) -> None:
    stored = np.array([[98, 101]], dtype=kind)
    values = frames(offset=100).frame(stored, (0, 0)).values
    np.testing.assert_array_equal(values, [[-2, 1]])
    assert values.dtype.isnative
    assert stored[0, 0] == 98


def test_a_copy_is_taken() -> None:
    stored = np.ones((4, 5))
    frames().frame(stored, (0, 0)).values[:] = 7
    assert stored.max() == 1


def test_pixels_of_other_microscopes_are_refused() -> None:
    with pytest.raises(ImageError, match="atoms are not visible"):
        frames(pixel_sizes_A=(10, 10))
