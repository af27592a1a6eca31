"""Structure factors by spreading against sums over atoms."""

from __future__ import annotations

import numpy as np

from tembench.simulation.waves.window_spreading import spread_atoms, window_transform


def test_structure_factors_are_exact_within_two_thirds_of_the_band() -> None:
    rng = np.random.default_rng(2)
    height, width, count = 60, 80, 50
    x, y = rng.uniform(0, width, count), rng.uniform(0, height, count)
    # Atoms on the edges, whose windows wrap round.
    x[:3], y[:3] = [0, width - 1e-9, 0.4], [height - 1e-9, 0, 0.1]
    grid = np.zeros((height, width), np.float32)
    spread_atoms(x, y, grid)
    spectrum = np.fft.fft2(grid.astype(float))
    spectrum /= window_transform(height)[:, None] * window_transform(width)
    ky, kx = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)
    exact = sum(np.exp(-2j * np.pi * (ky * b + kx * a)) for a, b in zip(x, y, strict=True))
    used = np.hypot(ky, kx) <= 1 / 3
    error = np.abs(spectrum - exact)[used]
    assert error.max() < 2e-5 * np.sqrt(count)
    assert np.sqrt(np.mean(error**2)) < 3e-6 * np.sqrt(count)


def test_the_windows_transform_is_even_and_largest_at_zero() -> None:
    transform = window_transform(90)
    np.testing.assert_allclose(transform[1:], transform[:0:-1])
    assert np.argmax(transform) == 0
    assert transform[:31].min() > 0.05
