from __future__ import annotations

import tomllib

import numpy as np
import pytest
from methods_fakes import FakeStore, refusal

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.runs.tune import tune, write_tuned


def test_the_best_scale_is_found_on_validation_images(store, write_method):
    seen = []
    store.noisy = lambda image, noisy=store.noisy: seen.append(image) or noisy(image)
    method = load_method(write_method())
    result = tune(method, store, workers=0)
    assert seen == [3, 4, 5]
    assert result.best == {"scale": 1.0}
    assert result.table.scale.tolist() == [1.0, 0.5]
    expected = np.mean(
        [np.mean((store._noisy[i].mean() - store.clean(i).astype(float)) ** 2) for i in (3, 4, 5)]
    )
    assert result.table.mse[0] == pytest.approx(expected, rel=1e-4)
    assert result.table.psnr_db[0] == pytest.approx(-10 * np.log10(expected), rel=1e-4)
    assert result.tuned["part"] == "validation"
    assert result.tuned["images"] == 3


@pytest.mark.slow
def test_workers_change_no_value(store, write_method):
    method = load_method(write_method())
    one, two = (tune(method, store, workers=workers).table for workers in (0, 2))
    assert one.equals(two)


def test_no_more_images_than_asked_for(store, write_method):
    assert tune(load_method(write_method()), store, 0, most_images=2).tuned["images"] == 2


def gaussian_grid(write_method):
    """The Gaussian filter in the grid of its own folder, but coarser."""
    folder = load_method("gaussian").folder
    python = (folder / "method.py").read_text()
    return load_method(write_method(GAUSSIAN_TOML, python, "smooth"))


GAUSSIAN_TOML = """
name = "smooth"
title = "Smooth"
summary = "A Gaussian."
kind = "classical"
licence = "MIT"
[parameters]
sigma_px = 5.0
[search]
sigma_px = [3.0, 5.0, 7.0, 9.0, 12.0, 15.0]
"""


@pytest.mark.slow
def test_tuning_without_truth_chooses_the_same_setting(tmp_path, write_method):
    store = FakeStore(tmp_path / "larger.zarr", shape=(256, 320))
    method = gaussian_grid(write_method)
    with_truth = tune(method, store, workers=0)
    without = tune(method, store, workers=0, without_truth=True)
    errors = dict(zip(with_truth.table.sigma_px, with_truth.table.mse, strict=True))
    # Not the same setting always, but one as good: within 3 % of the least error (0.13 dB), where
    # the grid spans more than a factor of two.
    assert errors[without.best["sigma_px"]] < 1.03 * with_truth.table.mse[0]
    assert with_truth.table.mse.iloc[-1] > 2 * with_truth.table.mse[0]
    assert with_truth.tuned["judged_by"] == "clean images"
    assert without.tuned["judged_by"] == "held-out counts"


def test_without_truth_no_clean_image_is_read(store, write_method):
    def clean(image):
        raise AssertionError(f"clean image {image} was read")

    store.clean = clean
    tune(gaussian_grid(write_method), store, workers=0, without_truth=True)


@pytest.mark.slow
def test_the_difference_estimated_from_counts_is_unbiased(store, write_method):
    """Over many draws of an image, against the true difference at the thinner dose."""
    method = load_method(write_method())  # the mean of the counts, or half of it
    estimates = []
    for draw in range(60):
        store.recipe.seed = draw
        counts = np.random.default_rng(draw).poisson(store.clean(3)).astype(np.uint8)
        store.noisy = lambda image, counts=counts: counts
        table = tune(method, store, 0, most_images=1, without_truth=True).table
        assert table.scale.tolist() == [1.0, 0.5]
        estimates.append(table.excess_mse[1])
    clean = store.clean(3).astype(float)
    half, whole = (np.mean((scale * clean.mean() - clean) ** 2) for scale in (0.5, 1.0))
    uncertainty = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - (half - whole)) < 4 * uncertainty
    # So sharply that a tenth, the share of the electrons held out, would show.
    assert 4 * uncertainty < 0.08 * (half - whole)


def test_the_denoiser_sees_whole_counts_of_a_thinner_dose(store, write_method):
    method = load_method(write_method(python=SPY_PYTHON))
    with pytest.raises(MethodError, match=r"uint8 0\.405"):
        tune(method, store, workers=0, without_truth=True)


SPY_PYTHON = """
class Spy:
    def denoise(self, image):
        raise ValueError(f"{image.counts.dtype} {image.dose_e_per_px:.3f}")

def build(parameters):
    return Spy()
"""


@pytest.mark.slow
def test_tuning_without_truth_does_not_depend_on_workers(store, write_method):
    method = gaussian_grid(write_method)
    one, two = (
        tune(method, store, workers=workers, without_truth=True).table for workers in (0, 2)
    )
    assert one.equals(two)


def test_images_that_are_not_counts_cannot_be_split(store, write_method):
    noisy = store.noisy
    store.noisy = lambda image: noisy(image).astype(np.float32) - 0.25
    message = refusal(MethodError, tune, load_method(write_method()), store, 0, without_truth=True)
    assert "cannot be split" in message
    assert "tune with the truth" in message


def test_the_result_is_written_into_the_description(store, write_method, good_toml):
    folder = write_method(good_toml.replace("scale = 1.0", "scale = 0.5", 1))
    method = load_method(folder)
    result = tune(method, store, workers=0)
    write_tuned(method, result)
    again = load_method(folder)
    assert again.parameters == {"scale": 1.0}
    assert again.tuned == result.tuned
    assert again.search == method.search
    text = tomllib.loads(result.toml(method))
    assert text == {"parameters": {"scale": 1.0}, "tuned": dict(result.tuned)}


def test_a_method_without_a_grid_is_not_tuned(store):
    with pytest.raises(MethodError, match="nothing to tune"):
        tune(load_method("vacuum"), store, workers=0)


@pytest.mark.slow
def test_a_trained_method_is_tuned_with_the_weights_given(
    store, write_method, good_python, tmp_path
):
    """Weights that double the image make half the scale the better one."""
    learned = good_python.replace(
        'Mine(parameters["scale"])',
        'Mine(parameters["scale"] * float(open(parameters["weights"] + "/factor").read()))',
    )
    method = load_method(write_method(python=learned))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "factor").write_text("2.0")
    result = tune(method, store, workers=2, weights=tmp_path / "weights")
    assert result.best == {"scale": 0.5}
