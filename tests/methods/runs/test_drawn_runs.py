"""Training, denoising and tuning on the store of a drawn recipe."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from methods_fakes import arrays, refusal

from tembench.core.errors import MethodError
from tembench.dataset import open_store
from tembench.methods import view
from tembench.methods.method import load_method
from tembench.methods.runs.denoise import denoise
from tembench.methods.runs.drawn_parameters import suited
from tembench.methods.runs.train import train
from tembench.methods.runs.training_data import training_data
from tembench.methods.runs.tune import tune

QUICK = {"steps": 2, "channels": 4, "batch": 2, "crop": 8, "device": "cpu"}


@pytest.fixture(scope="module")
def weights(tiny_drawn_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn-weights")
    method = load_method("unet").with_parameters(scales=2, binning=3, **QUICK)
    return train(method, open_store(tiny_drawn_path), folder)


def test_every_image_brings_its_dose(tiny_drawn_path, tiny_camera_path):
    store = open_store(tiny_drawn_path)
    data = training_data(store)
    numbers = store.images("model", "train").tolist()
    assert list(data.doses_e_per_px) == [store.dose_of(number) for number in numbers]
    assert len(data.validation_doses_e_per_px) == len(data.validation)
    assert data.waves is None
    assert data.cameras is None
    # Clean images are scaled to the nominal dose.
    clean, dose = store.clean(numbers[0]), store.dose_of(numbers[0])
    np.testing.assert_allclose(data.train[0], clean * (data.dose_e_per_px / dose), rtol=1e-5)
    cameras = training_data(open_store(tiny_camera_path)).cameras
    assert {cameras[i].kind for i in range(len(cameras))} == {"counting", "integrating"}


def test_weights_bring_the_parameters_of_their_training(tiny_drawn_path, weights, tmp_path):
    recorded = tomllib.loads((weights / "training.toml").read_text())["parameters"]
    assert (recorded["binning"], recorded["channels"], recorded["spectral"]) == (3, 4, True)
    store = open_store(tiny_drawn_path)
    out = denoise(load_method("unet"), store, tmp_path / "out", weights=weights, workers=0)
    used = tomllib.loads((out / "outputs.toml").read_text())["method"]["parameters"]
    # The device is a matter of the machine.
    assert used == recorded | {"device": "auto"}
    assert arrays(out).denoised.shape == (len(store.images()), 64, 64)


def test_bins_of_another_size_are_refused(tiny_drawn_path, weights):
    method = load_method("unet").with_parameters(binning=4)
    assert "binning = 3" in refusal(MethodError, method.build, weights)


@pytest.mark.parametrize("name", ["thinning", "blind-spot"])
def test_networks_learn_from_counts_of_all_doses(name, tiny_drawn_path, tmp_path):
    store = open_store(tiny_drawn_path)
    small = {"steps": 2, "batch": 2, "crop": 8, "device": "cpu", "channels": 4}
    method = load_method(name).with_parameters(**small)
    denoiser = method.build(train(method, store, tmp_path / "weights"))
    image = view(method, store, int(store.images()[0]))
    assert denoiser.denoise(image).mean() == pytest.approx(image.dose_e_per_px, rel=0.3)


def test_networks_of_counts_refuse_what_a_camera_spreads(tiny_camera_path, tmp_path):
    store = open_store(tiny_camera_path)
    text = refusal(MethodError, train, load_method("thinning"), store, tmp_path / "weights")
    assert "integer counts" in text


def test_networks_of_focal_series_are_refused(tiny_drawn_path, tmp_path):
    store = open_store(tiny_drawn_path)
    text = refusal(MethodError, train, load_method("udvd"), store, tmp_path / "weights")
    assert "focal series" in text


def test_widths_suited_to_the_sampling_are_tried(tiny_drawn_path):
    result = tune(load_method("gaussian"), open_store(tiny_drawn_path), 0)
    assert sorted(result.table["sigma_px"]) == [0.6, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
    assert result.best["sigma_px"] in (0.6, 1.0, 1.5, 2.0, 3.0)


def test_an_image_of_a_drawn_store_counts_by_its_decibels(tiny_drawn_path):
    store = open_store(tiny_drawn_path)
    result = tune(load_method("gaussian"), store, 0)
    best = load_method("gaussian").build(**result.best)
    decibels = []
    for number in store.images("model", "validation"):
        scale = 0.45 / store.dose_of(number)
        image = view(load_method("gaussian"), store, number)
        difference = np.clip(scale * best.denoise(image), 0, 1) - scale * store.clean(number)
        decibels.append(-10 * np.log10(np.mean(difference.astype(float) ** 2)))
    assert len(decibels) > 1
    assert result.table.psnr_db[0] == pytest.approx(np.mean(decibels), abs=1e-3)


def test_methods_in_angstrom_are_left_as_they_are(tiny_drawn_path):
    store = open_store(tiny_drawn_path)
    for name in ("bm3d-open", "gaussian-open", "nlpca", "hrtem-filter"):
        method = load_method(name)
        changed = suited(method, store.recipe)
        assert (changed.parameters, changed.search) == (method.parameters, method.search)
