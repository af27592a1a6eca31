from __future__ import annotations

import tomllib

import numpy as np
import pytest

from tembench.errors import MethodError
from tembench.methods.protocol import load_method
from tembench.methods.tuning import tune, write_tuned


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


def test_workers_change_no_value(store, write_method):
    method = load_method(write_method())
    one, two = (tune(method, store, workers=workers).table for workers in (0, 2))
    assert one.equals(two)


def test_no_more_images_than_asked_for(store, write_method):
    assert tune(load_method(write_method()), store, 0, most_images=2).tuned["images"] == 2


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


def test_what_has_no_grid_is_not_tuned(store):
    with pytest.raises(MethodError, match="nothing to tune"):
        tune(load_method("vacuum"), store, workers=0)
