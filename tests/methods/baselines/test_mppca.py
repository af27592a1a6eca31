"""MP-PCA: the edge of the noise, and the noise that remains."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from tembench.methods.method import load_method
from tembench.methods.method_code import import_method
from tembench.methods.protocol import NoisySeries


@pytest.fixture(scope="module")
def module():
    package = import_method(load_method("mppca").folder).__package__
    return importlib.import_module(f"{package}.mppca")


def focal_series(shape: tuple[int, int] = (60, 66), frames: int = 12) -> np.ndarray:
    """Two lattices whose contrasts change along the series: rank 3 with the vacuum."""
    y, x = np.mgrid[: shape[0], : shape[1]] * (2 * np.pi / 4.6)
    focus = np.linspace(0, 2, frames)[:, None, None]
    contrast = 2.0 * np.cos(focus) * (np.cos(x) + np.cos(y)) + 1.5 * np.sin(2 * focus) * np.cos(
        x + y
    )
    return 10 + contrast


@pytest.mark.slow
def test_the_edge_is_where_noise_ends(module):
    draw = np.random.default_rng(0)
    for rows, columns in ((225, 189), (121, 21), (40, 90)):
        noise = 0.7 * draw.normal(size=(40, rows, columns))
        largest = np.linalg.svd(noise, compute_uv=False)[:, 0]
        # Johnstone (2001): the mean lies below the edge, by 1.2 of the law of Tracy and Widom.
        below = 0.7 * 0.6 * (rows**-0.5 + columns**-0.5) ** (1 / 3)
        expected = module.edge(0.7, rows, columns) - below
        assert largest.mean() == pytest.approx(expected, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("block", "left"), [(1, 0.4), (3, 0.1)])
def test_noise_on_a_series_of_low_rank_is_removed(module, block, left):
    clean = focal_series()
    noisy = clean + np.random.default_rng(2).normal(size=clean.shape)
    out = module.mppca(noisy, 4, 1.0, block=block, window=13, stride=6)
    assert out.dtype == np.float32
    # Of rank 3 in 12 frames a quarter of the noise is left at least, unless blocks tell more.
    assert np.mean((out - clean[4]) ** 2) < left


def test_noise_alone_leaves_the_mean(module):
    noise = np.random.default_rng(3).normal(size=(9, 40, 40))
    out = module.mppca(noise, 0, 1.0, window=10, stride=5)
    assert np.var(out) < 0.03


def test_without_noise_nothing_is_lost(module):
    clean = focal_series((30, 34), 5)
    for block, window in ((1, 7), (3, 9)):
        out = module.mppca(clean, 2, 1e-4, block=block, window=window, stride=5)
        np.testing.assert_allclose(out, clean[2], atol=1e-3)


@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (17, 9)])
def test_any_size(module, shape):
    out = module.mppca(np.ones((3, *shape)), 1, 1.0, block=3, window=15, stride=5)
    np.testing.assert_allclose(out, np.ones(shape), rtol=1e-5)


@pytest.mark.slow
def test_the_series_helps(lattice, noisy_image):
    clean = lattice((200, 240))
    counts = np.stack([noisy_image(clean, seed).counts for seed in range(9)])
    image = noisy_image(clean, 4)
    series = NoisySeries(counts=counts, axis="defocus", values_nm=tuple(range(9)), position=4)
    denoiser = load_method("mppca").build()
    alone, together = denoiser.denoise(image), denoiser.denoise(replace(image, series=series))
    errors = [np.mean((out - clean) ** 2) for out in (alone, together)]
    assert errors[1] < 0.8 * errors[0]
