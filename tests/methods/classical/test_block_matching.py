from __future__ import annotations

import numpy as np
import pytest
import pywt

from tembench.methods.classical import block_matching as module


def test_the_transforms_are_inverted():
    for forward, inverse in (module.cosine_matrices(), module.biorthogonal_matrices()):
        np.testing.assert_allclose(inverse @ forward, np.eye(8), atol=1e-5)
        # Noise is as strong in every coefficient as in the image.
        np.testing.assert_allclose(np.linalg.norm(forward, axis=1), 1, atol=1e-6)


def test_the_first_transform_is_the_wavelet_decomposition():
    forward, _ = module.biorthogonal_matrices()
    signal = np.random.default_rng(0).normal(size=8)
    parts, coarse = [], signal
    for _ in range(3):
        coarse, detail = pywt.dwt(coarse, "bior1.5", mode="periodization")
        parts.insert(0, detail)
    coefficients = np.concatenate([coarse, *parts])
    ratio = (forward @ signal) / coefficients
    for band in (ratio[:1], ratio[1:2], ratio[2:4], ratio[4:]):
        np.testing.assert_allclose(band, band[0], rtol=1e-4)


@pytest.mark.slow
def test_hadamard_is_orthonormal_and_its_own_inverse():
    rng = np.random.default_rng(1)
    for count in (1, 2, 8, 32):
        group = rng.normal(size=(count, 8, 8)).astype(np.float32)
        out = group.copy()
        module._hadamard(out, count)
        np.testing.assert_allclose(np.sum(out**2), np.sum(group**2), rtol=1e-5)
        module._hadamard(out, count)
        np.testing.assert_allclose(out, group, atol=1e-5)


@pytest.mark.slow
def test_matches_are_those_of_brute_force():
    image = np.random.default_rng(2).normal(size=(30, 34)).astype(np.float32)
    grid = np.array([0, 5, 13, 26])
    y, half, most = 11, 6, 8
    place, found = module._match_row(image, y, grid, half, most)
    assert (found == most).all()
    for r, x in enumerate(grid):
        patch = image[y : y + 8, x : x + 8]
        everywhere = {
            (yy, xx): float(np.sum((image[yy : yy + 8, xx : xx + 8] - patch) ** 2))
            for yy in range(max(0, y - half), min(30 - 8, y + half) + 1)
            for xx in range(max(0, x - half), min(34 - 8, x + half) + 1)
        }
        nearest = sorted(everywhere, key=everywhere.__getitem__)[:most]
        assert [tuple(p) for p in place[r]] == nearest


@pytest.mark.slow
def test_without_noise_nothing_is_lost():
    image = np.random.default_rng(3).normal(size=(24, 31)).astype(np.float32)
    np.testing.assert_allclose(module.bm3d(image, 1e-6, matches=(8, 8)), image, atol=1e-4)


def test_a_constant_stays():
    image = np.full((20, 26), 10.7, np.float32)
    # The second step shrinks even the mean of a group, by sigma^2 over its power.
    np.testing.assert_allclose(module.bm3d(image, 1.0, window=15), image, rtol=1e-4)


@pytest.mark.parametrize("shape", [(5, 7), (8, 8), (9, 30)])
def test_small_images(shape):
    out = module.bm3d(np.ones(shape, np.float32), 1.0)
    assert out.shape == shape
    np.testing.assert_allclose(out, 1, rtol=0.02)


@pytest.mark.slow
def test_noise_on_a_lattice_is_removed():
    y, x = np.mgrid[:80, :80] * (2 * np.pi / 4.8)
    clean = 2 * np.cos(x) + 2 * np.cos(y)
    noisy = clean + np.random.default_rng(4).normal(size=clean.shape)
    # Noise has 1; with both steps in order 0.034 is left. Held so that a broken step shows.
    assert np.mean((module.bm3d(noisy, 1.0) - clean) ** 2) < 0.045


@pytest.mark.slow
def test_noise_on_a_ramp_with_an_edge_is_removed():
    y, x = np.mgrid[:64, :64]
    clean = 0.05 * x + 4.0 * (y > 30)
    noisy = clean + np.random.default_rng(5).normal(size=clean.shape)
    # With both steps in order 0.019 is left.
    assert np.mean((module.bm3d(noisy, 1.0) - clean) ** 2) < 0.025


def test_coefficients_have_the_variance_of_correlated_noise():
    rng = np.random.default_rng(6)
    frequency = np.fft.fftfreq(256)
    square = frequency[:, None] ** 2 + frequency**2
    power = np.exp(-square / 0.05)
    noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=square.shape)) * np.sqrt(power)).real
    patches = noise.reshape(32, 8, 32, 8).transpose(0, 2, 1, 3)
    for forward, _ in (module.cosine_matrices(), module.biorthogonal_matrices()):
        found = np.var(forward @ patches @ forward.T, axis=(0, 1))
        # 1024 patches: three standard errors are 0.13 of a variance.
        expected = module.coefficient_variances(forward, power[::8, ::8])
        np.testing.assert_allclose(found, expected, rtol=0.2, atol=0.02)
        assert np.all(module.coefficient_variances(forward, None) == 1)


@pytest.mark.slow
def test_known_correlation_of_the_noise_helps():
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:96, :96]
    clean = 2 * np.cos(0.8 * x + 0.3 * y) + 2 * np.cos(0.9 * y)
    frequency = np.fft.fftfreq(96)
    power = np.exp(-(frequency[:, None] ** 2 + frequency**2) / 0.04)
    power /= power.mean()
    noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=clean.shape)) * np.sqrt(power)).real
    noisy = clean + 1.5 * noise
    error = [
        np.mean((module.bm3d(noisy, 1.5, stride=2, power=given) - clean) ** 2)
        for given in (None, power)
    ]
    assert error[1] < 0.8 * error[0]
