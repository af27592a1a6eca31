"""Images of a layer denoised: at its place, with its units, or refused in one line."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from tembench.core.errors import ImageError, MethodError
from tembench.napari.layer_images import (
    DenoiseSettings,
    LayerData,
    LayerImages,
    layer_pixel_sizes_A,
)

DOSE = 0.45
COUNTS = np.random.default_rng(0).poisson(DOSE, (3, 64, 80)).astype(np.uint8)


@pytest.fixture(scope="module")
def image_layer() -> Any:
    """The class of napari's image layers."""
    return pytest.importorskip("napari.layers", reason="needs napari").Image


def settings(method: str = "gaussian", **options: Any) -> DenoiseSettings:
    return DenoiseSettings(method=method, **{"dose_e_per_px": DOSE, **options})


def layer(image_layer: Any, data: Any = COUNTS, **how: Any) -> Any:
    units = (*["s"] * (data.ndim - 2), "nm", "nm")
    scale = (*[0.5] * (data.ndim - 2), 0.00625, 0.00625)
    return image_layer(data, **{"name": "movie", "scale": scale, "units": units, **how})


def done(steps: Generator[int, None, LayerData]) -> tuple[list[int], LayerData]:
    numbers = []
    while True:
        try:
            numbers.append(next(steps))
        except StopIteration as end:
            return numbers, end.value


def refusal(found: Any, kind: type[Exception] = ImageError, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        done(LayerImages.of(found, settings(**options)).denoise())
    return str(caught.value)


def test_the_denoised_layer_lies_on_the_noisy_one(image_layer: Any) -> None:
    noisy = layer(image_layer, translate=(1, 2, 3), axis_labels=("t", "y", "x"))
    steps, (data, attributes, kind) = done(LayerImages.of(noisy, settings()).denoise())
    assert steps == [1, 2, 3]
    assert kind == "image"
    made = image_layer(data, **attributes)
    assert made.name == "movie denoised (gaussian)"
    assert made.data.dtype == np.float32
    assert made.units == noisy.units
    assert made.axis_labels == noisy.axis_labels
    np.testing.assert_array_equal(made.scale, noisy.scale)
    np.testing.assert_array_equal(made.translate, noisy.translate)
    np.testing.assert_allclose(data.mean(axis=(1, 2)), COUNTS.mean(axis=(1, 2)), rtol=0.05)
    record = made.metadata["tembench"]
    assert record["method"][0]["name"] == "gaussian"
    assert record["pixel_size_A"]["value"] == pytest.approx(0.0625)


def test_a_single_image_and_a_lazy_stack(image_layer: Any) -> None:
    import dask.array as da

    lazy = layer(image_layer, da.from_array(COUNTS, chunks=(1, 64, 80)))
    _, (stack, _, _) = done(LayerImages.of(lazy, settings()).denoise())
    single = layer(image_layer, COUNTS[1])
    _, (image, _, _) = done(LayerImages.of(single, settings()).denoise())
    np.testing.assert_array_equal(stack[1], image)


@pytest.mark.parametrize(
    ("unit", "size", "expected_A"),
    [
        ("nm", 0.01, 0.1),
        ("angstrom", 0.1, 0.1),
        ("pm", 10, 0.1),
        ("um", 1e-5, 0.1),
        ("px", 1, None),
    ],
)
def test_pixel_size_of_a_layer(
    image_layer: Any, unit: str, size: float, expected_A: float | None
) -> None:
    found = layer_pixel_sizes_A(image_layer(COUNTS[0], scale=(size, size), units=(unit, unit)))
    assert found is None if expected_A is None else found == pytest.approx((0.1, 0.1))


def test_layers_of_other_things_are_refused(image_layer: Any) -> None:
    bare = image_layer(COUNTS, name="bare")
    assert "bare: has no pixel size. Give it with pixel_size_A" in refusal(bare)
    colour = image_layer(np.ones((8, 8, 3), np.uint8), rgb=True, name="photo")
    assert "photo: is not an image of counts" in refusal(colour)
    assert "unknown unit" in refusal(layer(image_layer, units=("s", "s", "s")))
    assert "atoms are not visible" in refusal(layer(image_layer, scale=(1, 9, 9)))
    broken = COUNTS.astype(np.float32)
    broken[1, 2, 3] = np.nan
    assert "movie: has values that are not finite" in refusal(layer(image_layer, broken))
    assert "no-such" in refusal(layer(image_layer), MethodError, method="no-such")


def test_a_result_beyond_memory_is_refused_before_it_is_made(
    image_layer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tembench.napari.layer_images.available_memory_bytes", lambda: 1000)
    assert "movie: does not fit into memory" in refusal(layer(image_layer))


def test_the_finest_of_several_resolutions_is_used(image_layer: Any) -> None:
    pyramid = image_layer(
        [COUNTS[0], COUNTS[0, ::2, ::2]],
        multiscale=True,
        scale=(0.0625, 0.0625),
        units=("angstrom", "angstrom"),
    )
    assert LayerImages.of(pyramid, settings()).data.shape == (64, 80)


def test_offset_and_gain_are_undone(image_layer: Any) -> None:
    scaled = layer(image_layer, COUNTS.astype(np.int16) * 20 + 100)
    chosen = settings(offset=100, gain=20)
    _, (data, _, _) = done(LayerImages.of(scaled, chosen).denoise())
    _, (expected, _, _) = done(LayerImages.of(layer(image_layer), settings()).denoise())
    np.testing.assert_allclose(data, expected, rtol=1e-5)
