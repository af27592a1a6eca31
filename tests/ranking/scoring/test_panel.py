"""The panel of a submission: four tiles around the particle."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from ranking_fakes import FakeStore

from tembench.ranking.scoring.panel import (
    PANEL_TILES,
    draw_panel,
    panel_image,
    particle_crop,
)


def read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_panel_tiles(store: FakeStore) -> None:
    pixels = read(draw_panel(store, 3, store.clean(3)))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (store.side, len(PANEL_TILES) * store.side, 3)
    noisy, denoised, clean, error = np.split(pixels, 4, axis=1)
    assert (denoised == clean).all()
    assert clean.min() == 0
    assert clean.max() == 255
    assert (error == error[0, 0]).all()
    assert (noisy[store.noisy(3) == 0] == 0).all()


def test_panel_error_has_a_sign(store: FakeStore) -> None:
    clean = store.clean(3)
    low = read(draw_panel(store, 3, clean - 0.05))[:, -store.side :]
    high = read(draw_panel(store, 3, clean + 0.05))[:, -store.side :]
    assert (low[..., 2] > low[..., 0]).all()
    assert (high[..., 0] > high[..., 2]).all()


def test_the_panel_of_a_sealed_test_shows_no_truth(store: FakeStore) -> None:
    sealed = replace(store, recipe=SimpleNamespace(is_sealed=True))
    given = store.noisy(3).astype(np.float32)
    open_, closed = (np.split(read(draw_panel(one, 3, given)), 4, 1) for one in (store, sealed))
    for tile in (0, 1):
        assert (open_[tile] == closed[tile]).all()
    for tile in (2, 3):
        assert np.ptp(open_[tile].reshape(-1, 3), axis=0).max() > 100
        assert (closed[tile] == closed[tile][0, 0]).all()


def test_a_panel_is_drawn_of_extreme_values(store: FakeStore) -> None:
    wild = np.full(store.shape, 1e30, dtype=np.float32)
    assert read(draw_panel(store, 3, wild)).shape[0] == store.side


@pytest.mark.parametrize("top", [0, 40, 300])
def test_crop_shows_the_surface(top: int) -> None:
    mask = np.zeros((400, 500), dtype=bool)
    mask[top : top + 60, 200:300] = True
    y, x = particle_crop(mask, size=120)
    assert (y.stop - y.start, x.stop - x.start) == (120, 120)
    assert y.start == max(top - 20, 0) if top < 300 else 280
    assert (x.start + x.stop) // 2 == pytest.approx(250, abs=1)


def test_crop_of_small_images_and_empty_masks() -> None:
    assert particle_crop(np.zeros((30, 50), dtype=bool)) == (slice(0, 30), slice(10, 40))


def test_the_panel_shows_median_defocus(store: FakeStore) -> None:
    images = store.images()
    assert panel_image(store, images) == 4
    assert panel_image(store, images[::-1]) == 4
