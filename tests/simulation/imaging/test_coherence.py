"""Averages over focus and angles against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.simulation.imaging.coherence import (
    angular_modes,
    diffuse_blur,
    focal_nodes,
    mode_order,
)


@pytest.mark.parametrize("largest", [0.3, 1.0, 3.0, 6.3, 13.0, 25.0])
def test_focal_nodes_average_every_phase_up_to_the_largest(largest: float) -> None:
    t, weights = focal_nodes(largest)
    assert weights.sum() == pytest.approx(1)
    phases = np.linspace(0, largest, 1001)
    mean = np.cos(phases[:, None] * t) @ weights
    np.testing.assert_allclose(mean, np.exp(-(phases**2) / 4), atol=3.1e-3)
    # With the same steps, much larger phases come back: the aperture bounds the steps.
    step = t[1] - t[0]
    assert abs(np.cos(2 * np.pi / step * t) @ weights) > 0.99


def test_no_focal_spread_is_one_node() -> None:
    t, weights = focal_nodes(0.0)
    assert t.tolist() == [0]
    assert weights.tolist() == [1]


def test_few_nodes_are_enough() -> None:
    # 300 kV, 1.6 1/A, 4 nm.
    assert len(focal_nodes(6.34)[0]) <= 8


@pytest.mark.parametrize(("largest", "bound"), [(0.04, 0.004), (0.2, 0.004), (0.9, 0.25)])
def test_modes_hold_the_interference_of_any_two_beams(largest: float, bound: float) -> None:
    rng = np.random.default_rng(3)
    x = largest * np.sqrt(rng.random(60)) * np.exp(2j * np.pi * rng.random(60))
    *modes, _ = angular_modes(x, mode_order(largest))
    coherence = sum(np.outer(mode, mode) for mode in modes)
    exact = np.exp(-(np.abs(x[:, None] - x) ** 2))
    # The worst pair is a beam with itself, whose missing intensity is the rest's.
    assert np.abs(coherence - exact).max() < bound


def test_each_order_adds_to_the_one_before() -> None:
    x = np.linspace(0, 1.5, 20) * np.exp(0.7j)
    exact = np.exp(-(np.abs(x[:, None] - x) ** 2))
    errors = []
    for order in range(5):
        *modes, left = angular_modes(x, order)
        assert len(modes) == (order + 1) * (order + 2) // 2
        np.testing.assert_allclose(sum(m**2 for m in modes) + left**2, 1, atol=1e-12)
        # Interference with the undisturbed beam is exact at every order.
        coherence = sum(np.outer(mode, mode) for mode in modes)
        np.testing.assert_allclose(coherence[0], exact[0], atol=1e-12)
        errors.append(np.abs(coherence - exact).max())
    assert np.all(np.diff(errors) < 0)


def test_the_rest_of_a_uniform_gradient_is_blurred_exactly() -> None:
    # x = J k: all pairs a frequency k apart have coherence exp(-|J k|^2).
    ky, kx = np.fft.fftfreq(65, 1 / 6.5)[:, None], np.fft.fftfreq(65, 1 / 6.5)
    x = 2.0 * (kx + 1j * ky)
    inside = (np.hypot(ky, kx) < 2.5).astype(float)
    k = np.linspace(0, 3, 40)
    blur = diffuse_blur(x, inside, (0.1, 0.1), k)
    np.testing.assert_allclose(blur, np.exp(-((2.0 * k) ** 2)), atol=2e-3)
