"""Frames of an array: their numbers, names and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tembench.api.array_frames import ArrayFrames

DATA = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)


def frames_of(data: np.ndarray, **details: Any) -> ArrayFrames:
    sizes = (0.1, 0.1)
    return ArrayFrames(
        **{
            "title": "a",
            "shape": data.shape,
            "dtype": data.dtype,
            "pixel_sizes_A": sizes,
            **details,
        }
    )


def test_frames_are_numbered_in_the_order_of_the_array() -> None:
    frames = frames_of(DATA)
    assert len(frames) == 6
    assert [frames.number(index) for index in frames.indices()] == list(range(6))
    assert [frames.index(number) for number in range(6)] == list(frames.indices())
    stack = frames.stack(DATA)
    assert (stack.n_frames, stack.shape) == (6, (4, 5))
    for number, index in enumerate(frames.indices()):
        np.testing.assert_array_equal(stack.frame(number), DATA[index])


def test_a_single_image_is_a_stack_of_one() -> None:
    frames = frames_of(DATA[0, 0])
    assert len(frames) == 1
    assert list(frames.indices()) == [()]
    stack = frames.stack(DATA[0, 0])
    assert stack.frame_axis is None
    np.testing.assert_array_equal(stack.frame(), DATA[0, 0])


def test_some_of_the_frames_keep_their_numbers() -> None:
    some = frames_of(DATA[0]).stack(DATA[0, 1:], first=1)
    np.testing.assert_array_equal(some.frame(2), DATA[0, 2])


def test_a_frame_is_named_in_errors() -> None:
    assert frames_of(DATA).where(5) == "a, (1, 2)"
    assert frames_of(DATA[0, 0]).where(0) == "a"
    assert frames_of(DATA, label=lambda index: f"number {index[1]}").where(5) == "a, number 2"


@pytest.mark.parametrize("kind", ["u1", ">i2", "f4"])
def test_values_are_native_copies(kind: str) -> None:
    stored = np.array([[98, 101]], dtype=kind)
    values = frames_of(stored).stack(stored).frame()
    np.testing.assert_array_equal(values, stored)
    assert values.dtype.isnative
    values[:] = 0
    assert stored[0, 0] == 98
