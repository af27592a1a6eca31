"""Columns as points of napari: on the image, in the colours of what the electrons say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tembench.micrographs.trust.column_evidence import SUPPORTED, VERDICT_COLOURS, VERDICTS
from tembench.napari.column_points import STEPS, column_points, judged_columns
from tembench.napari.layer_images import DenoiseSettings, LayerImages

DOSE, SIDE = 4.0, 128
PLACES = [(x, y) for x in (32, 64, 96) for y in (32, 64, 96)]


@pytest.fixture(scope="module")
def layers() -> Any:
    return pytest.importorskip("napari.layers", reason="needs napari")


def columns(bright: float = 2.0) -> np.ndarray:
    """A movie of three frames of nine bright columns, of which the second frame is counted."""
    y, x = np.mgrid[:SIDE, :SIDE]
    expected = np.full((SIDE, SIDE), DOSE)
    for place_x, place_y in PLACES:
        distance = (x - place_x) ** 2 + (y - place_y) ** 2
        expected += DOSE * bright * np.exp(-distance / (2 * 4.0**2))
    return np.random.default_rng(0).poisson(expected, (3, SIDE, SIDE)).astype(np.uint8)


def images_of(layers: Any, data: np.ndarray, size_A: tuple[float, float]) -> LayerImages:
    units = ("s", "angstrom", "angstrom")
    layer = layers.Image(data, name="movie", scale=(1, *size_A), units=units)
    return LayerImages.of(layer, DenoiseSettings(method="gaussian", dose_e_per_px=DOSE))


def done(steps: Any) -> tuple[list[int], Any]:
    numbers = []
    while True:
        try:
            numbers.append(next(steps))
        except StopIteration as end:
            return numbers, end.value


def test_points_have_the_place_and_colour_of_their_column(layers: Any) -> None:
    images = images_of(layers, columns(), (0.125, 0.125))
    data, attributes, kind = column_points(
        images,
        (2,),
        xy_px=np.array([[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]),
        verdicts=np.array([1, 0, -1]),
        features={"contrast": np.array([0.3, 0.2, 0.1])},
    )
    assert kind == "points"
    points = layers.Points(data, **attributes)
    np.testing.assert_array_equal(points.data, [[2, 20, 10], [2, 40, 30], [2, 60, 50]])
    assert list(points.features["verdict"]) == list(VERDICTS.values())
    assert list(points.features["contrast"]) == [0.3, 0.2, 0.1]
    np.testing.assert_array_equal(points.scale, [1, 0.125, 0.125])
    # napari has sizes in steps.
    np.testing.assert_allclose(points.size, 2 * 0.71 / 0.125, rtol=0.02)
    for row, rgb in zip(points.border_color, VERDICT_COLOURS.values(), strict=True):
        np.testing.assert_allclose(row[:3], np.array(rgb) / 255, atol=0.01)


@pytest.mark.slow
def test_columns_that_are_there_are_supported(layers: Any) -> None:
    steps, (data, attributes, _) = done(
        judged_columns(images_of(layers, columns(), (0.125, 0.125)), (1,))
    )
    assert steps == list(range(1, STEPS + 1))
    supported = data[attributes["features"]["verdict"] == VERDICTS[SUPPORTED]]
    for x, y in PLACES:
        assert np.min(np.hypot(supported[:, 2] - x, supported[:, 1] - y)) < 2
    assert set(data[:, 0]) == {1}
    bright, dark = attributes["metadata"]["tembench"]["said"]
    assert "bright columns are supported by electrons held out" in bright
    assert "dark columns" in dark


@pytest.mark.slow
def test_places_are_those_of_oblong_pixels(layers: Any) -> None:
    # Twice as many electrons fall on pixels of twice the width.
    data = columns()
    wide = data[..., ::2] + data[..., 1::2]
    images = images_of(layers, wide, (0.125, 0.25))
    object.__setattr__(images.settings, "dose_e_per_px", 2 * DOSE)
    _, (found, attributes, _) = done(judged_columns(images, (1,)))
    supported = found[attributes["features"]["verdict"] == VERDICTS[SUPPORTED]]
    for x, y in PLACES:
        across = 2 * (supported[:, 2] + 0.5) - 0.5 - x
        assert np.min(np.hypot(across, supported[:, 1] - y)) < 2.5
