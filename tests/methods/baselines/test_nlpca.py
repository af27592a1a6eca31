"""Non-local PCA: the edge of the noise, groups of patches, and a lattice under noise."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from tembench.methods.method import load_method
from tembench.methods.method_code import import_method

PACKAGE = import_method(load_method("nlpca").folder).__package__
NLPCA = importlib.import_module(f"{PACKAGE}.components")


def lattice(shape=(60, 72)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    return 5 + np.cos(0.9 * x + 0.3 * y) + np.cos(0.2 * x - 1.1 * y)


@pytest.mark.parametrize("shape", [(400, 60), (60, 400)])
def test_noise_has_no_component_and_a_strong_one_stays(shape):
    draw = np.random.default_rng(1)
    noise = draw.normal(0, 2, shape)
    # Beyond the edge by chance, a singular value is still shrunk to nearly nothing.
    estimate, kept = NLPCA.shrink_components(noise, 2.0)
    assert kept <= 2
    assert np.mean(estimate**2) < 0.01 * np.mean(noise**2)
    signal = 3 * np.outer(draw.normal(size=shape[0]), draw.normal(size=shape[1]))
    estimate, kept = NLPCA.shrink_components(signal + noise, 2.0)
    assert 1 <= kept <= 3
    assert np.mean((estimate - signal) ** 2) < 0.05 * np.mean(noise**2)


def test_groups_are_those_that_are_far_apart():
    draw = np.random.default_rng(2)
    truth = draw.integers(3, size=300)
    features = np.array([[0, 0], [30, 0], [0, 30]])[truth] + draw.normal(size=(300, 2))
    labels = NLPCA.sort_into_groups(features, 3)
    assert len({(a, b) for a, b in zip(truth.tolist(), labels.tolist(), strict=True)}) == 3
    np.testing.assert_array_equal(labels, NLPCA.sort_into_groups(features, 3))


def test_equal_features_are_one_group():
    labels = NLPCA.sort_into_groups(np.ones((20, 3)), 4)
    assert len(set(labels.tolist())) == 1


@pytest.mark.slow
def test_a_lattice_is_found_under_noise():
    clean = lattice()
    noisy = clean + np.random.default_rng(3).normal(size=clean.shape)
    error = [
        np.mean((NLPCA.nonlocal_components(noisy, noisy, 14, groups, 1.0) - clean) ** 2)
        for groups in [(), (1,)]
    ]
    # With the noisy image as the estimate, a quarter of its error is left in the mean of both.
    assert error[0] == pytest.approx(1, abs=0.1)
    assert error[1] < 0.3
    alone = 2 * NLPCA.nonlocal_components(noisy, noisy, 14, (1,), 1.0) - noisy
    assert np.mean((alone - clean) ** 2) < 0.03


def test_patches_reach_every_pixel():
    image = np.arange(23 * 17, dtype=float).reshape(23, 17) * 10
    out = NLPCA.nonlocal_components(image, image, 5, (2,), 0.01)
    np.testing.assert_allclose(out, image, rtol=0.02, atol=20)
