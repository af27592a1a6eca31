from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy import ndimage

from tembench.methods.method import load_method
from tembench.methods.method_code import import_method


@pytest.fixture(scope="module")
def module():
    package = import_method(load_method("pure-let").folder).__package__
    return importlib.import_module(f"{package}.purelet")


def scene(size: int = 32) -> np.ndarray:
    y, x = np.mgrid[:size, :size] * (2 * np.pi / 16)
    return 2.0 + 1.2 * np.cos(x) * np.cos(y) + 0.6 * (x > np.pi)


def test_coefficients_are_sums_and_differences_of_blocks(module):
    counts = np.arange(64.0).reshape(8, 8) ** 1.5
    first, _ = module.analyse(counts, 1)
    second, (left_right, top_bottom, diagonal) = module.analyse(first, 2)
    block = counts[2:6, 3:7]
    assert second[2, 3] == pytest.approx(block.sum())
    assert left_right[2, 3] == pytest.approx(block[:, :2].sum() - block[:, 2:].sum())
    assert top_bottom[2, 3] == pytest.approx(block[:2].sum() - block[2:].sum())
    assert diagonal[2, 3] == pytest.approx(
        block[:2, :2].sum() + block[2:, 2:].sum() - block[2:, :2].sum() - block[:2, 2:].sum()
    )


def test_untouched_coefficients_give_the_image_back(module):
    counts = np.random.default_rng(0).poisson(3, (24, 20)).astype(np.float64)
    scaling, details = counts, []
    for step in (1, 2, 4):
        scaling, bands = module.analyse(scaling, step)
        details.append(bands)
    for step, bands in zip((4, 2, 1), reversed(details), strict=True):
        scaling = module.synthesise(scaling, bands, step)
    np.testing.assert_allclose(scaling, counts, atol=1e-12)


def test_details_of_a_ramp_are_predicted(module):
    y, x = np.mgrid[:64, :64].astype(float)
    for kind, image in enumerate((3 * x, 5 * y, 2 * x * y)):
        scaling, bands = module.analyse(module.analyse(image, 1)[0], 2)
        prediction, _ = module.interscale(scaling, kind, 4)
        inside = np.s_[16:40, 16:40]
        np.testing.assert_allclose(prediction[inside], bands[kind][inside], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_risk_is_unbiased_at_a_low_dose(module, kind):
    """Over many draws the mean of PURE is the mean of the true error, which it never sees."""
    clean = 0.3 * scene()
    scaling, bands = module.analyse(clean, 1)
    truth = bands[kind]
    # Any weights will do; these use all functions.
    weights = np.array([0.2, 0.9, 0.5, 0.7, 1.1, 0.4])
    rng = np.random.default_rng(kind)
    differences, errors = [], []
    for _ in range(400):
        counts = rng.poisson(clean).astype(np.float64)
        scaling, bands = module.analyse(counts, 1)
        functions = module.elementary(*module.interscale(scaling, kind, 2))
        error = np.mean((weights @ flat(functions(bands[kind], scaling)) - truth.ravel()) ** 2)
        errors.append(error)
        differences.append(module.unbiased_risk(weights, functions, bands[kind], scaling) - error)
    uncertainty = np.std(differences) / np.sqrt(len(differences))
    assert abs(np.mean(differences)) < 4 * uncertainty
    # And so sharply that a bias of a few per cent of the error would show.
    assert 4 * uncertainty < 0.05 * np.mean(errors)


def flat(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def test_the_best_weights_have_the_least_risk(module):
    counts = np.random.default_rng(4).poisson(scene()).astype(np.float64)
    scaling, bands = module.analyse(counts, 1)
    functions = module.elementary(*module.interscale(scaling, 0, 2))
    best = module.best_weights(functions, bands[0], scaling).astype(np.float64)
    least = module.unbiased_risk(best, functions, bands[0], scaling)
    for place in range(6):
        for change in (-0.1, 0.1):
            other = best.copy()
            other[place] += change
            assert module.unbiased_risk(other, functions, bands[0], scaling) > least - 1e-6


def test_better_than_any_gaussian(module, lattice, noisy_image):
    clean = lattice((192, 224))
    image = noisy_image(clean)

    def error(result: np.ndarray) -> float:
        return float(np.mean((result - clean) ** 2))

    counts = image.counts.astype(np.float32)
    best = min(error(ndimage.gaussian_filter(counts, sigma)) for sigma in range(3, 12))
    assert error(load_method("pure-let").build().denoise(image)) < best
