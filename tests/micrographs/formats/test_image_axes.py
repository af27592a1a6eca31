"""Axes of arrays in files: times in seconds, and steps of coordinates."""

from __future__ import annotations

import numpy as np

from tembench.micrographs.formats.image_axes import Axis, even_steps
from tembench.micrographs.formats.stored_image import arranged


def test_axes_of_time_are_in_seconds() -> None:
    data = np.zeros((5, 4, 3))
    for name, scale, units, expected in (
        ("z", 40.0, "ms", ("time", 0.04, "s")),
        ("frame", 2.0, "[s]", ("frame", 2.0, "s")),
        ("", 0.5, "minutes", ("time", 30.0, "s")),
        ("time", 0.0, "s", ("time", None, "s")),
        ("z", 2.0, "nm", ("z", 2.0, "nm")),
        ("", float("nan"), "", ("", None, "")),
    ):
        axes = [Axis(name=name, size=5, scale=scale, units=units), Axis(size=4), Axis(size=3)]
        (found,) = arranged(data, axes).frames
        assert (found.name, found.scale, found.units) == expected


def test_steps_of_coordinates() -> None:
    assert even_steps(np.float32(0.06) * np.arange(1000, dtype=np.float32) + 3) is not None
    assert even_steps([0.0, 1.0, 2.5]) is None
    assert even_steps([1.0]) is None
    assert even_steps(np.array(["a", "b"])) is None
    assert even_steps([3, 5, 7]) == (2.0, 3.0)
