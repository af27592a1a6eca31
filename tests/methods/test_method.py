"""Method: loading, parameters, variants, build, training."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from methods_fakes import load_refusal

from tembench.core import list_methods
from tembench.core.errors import MethodError
from tembench.methods.method import Method, load_method


def build_refusal(method: Method, **override) -> str:
    with pytest.raises(MethodError) as caught:
        method.build(**override)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_and_a_name_are_loaded(write_method):
    assert load_method(write_method()).title == "Mine"
    assert load_method("gaussian").name == "gaussian"
    assert load_method("gaussian").folder == load_method(load_method("gaussian").folder).folder


def test_parameters_reach_build_and_can_be_overridden(write_method, noisy_image):
    method = load_method(write_method())
    image = noisy_image(np.full((8, 9), 0.45))
    full = method.build().denoise(image)
    half = method.build(scale=0.5).denoise(image)
    np.testing.assert_allclose(half, full / 2)
    assert full.shape == (8, 9)


def test_an_unknown_override_is_refused(write_method):
    text = build_refusal(load_method(write_method()), skale=2)
    assert "skale" in text
    assert "scale" in text


def test_an_unknown_name_lists_the_baselines():
    text = load_refusal("gausian")
    assert "gausian" in text
    assert "gaussian" in text


def test_a_folder_without_description(tmp_path):
    assert "no method.toml" in load_refusal(tmp_path)


def test_method_py_is_missing(write_method):
    text = load_refusal(write_method(python=""))
    assert "method.py: no such file" in text


def test_a_variant_uses_the_code_of_another_folder(write_method, good_toml, tmp_path):
    mine = load_method(write_method())
    toml = good_toml.replace("[parameters]", 'code = "../mine"\n[parameters]')
    variant = load_method(
        write_method(toml.replace('"mine"', '"half"').replace("= 1.0", "= 0.5"), "", "half")
    )
    assert variant.folder == tmp_path / "half"
    assert variant.code_folder == mine.folder
    assert variant.code_digest() == mine.code_digest()
    assert (mine.build().scale, variant.build().scale) == (1.0, 0.5)
    assert variant.shipped_weights is None
    (variant.folder / "weights").mkdir()
    assert variant.shipped_weights == variant.folder / "weights"


def test_a_method_that_is_trained_is_not_built_without_weights(write_method, tmp_path):
    python = "def build(parameters):\n    class D:\n        denoise = print\n    return D()\n"
    method = load_method(write_method(python=python + "def train(parameters, data, folder): ..."))
    assert "tembench train mine STORE" in build_refusal(method)
    method.build(tmp_path)


def test_a_missing_build_is_reported_without_running_the_code(write_method):
    text = load_refusal(write_method(python="raise SystemExit\ndef biuld(parameters): ..."))
    assert "defines no build" in text
    assert "biuld" in text


@pytest.mark.parametrize(
    ("python", "part"),
    [
        ("def build(parameters):\n    raise KeyError('x')", "build failed: KeyError"),
        ("import tembench.no_such_module\ndef build(p): ...", "ModuleNotFoundError"),
        ("from .no_neighbour import x\ndef build(p): ...", "ModuleNotFoundError"),
        ("def build(parameters):\n    return 3", "build returned no denoiser"),
        ("def build(parameters):\n    open('/no/such/weights.pt')", "/no/such/weights.pt"),
    ],
)
def test_build_that_fails(write_method, python, part):
    assert part in build_refusal(load_method(write_method(python=python)))


def test_a_method_without_train_is_not_trained(tmp_path):
    with pytest.raises(MethodError, match="is not trained"):
        load_method("gaussian").train(None, tmp_path)


def test_the_controls_are_there():
    assert {"noisy", "vacuum", "clean", "gaussian", "bm3d"} <= set(list_methods())


@pytest.mark.slow
def test_loading_imports_nothing_heavy():
    code = (
        "import sys; from tembench.methods.method import load_method; "
        "from tembench.core import list_methods; "
        "[load_method(name) for name in list_methods()]; "
        "print([m for m in ('torch', 'numba', 'skimage', 'zarr', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_optional_parameters_are_passed_and_recorded_only_where_set(write_method, good_toml):
    method = load_method(write_method(toml=good_toml + "\n[optional]\nrange = [1.0, 1.0]\n"))
    assert "range" not in method.settings()
    assert "range" not in method.with_parameters(scale=0.5).parameters
    set_ = method.with_parameters(range=[0.5, 2.0])
    assert set_.parameters == {**method.parameters, "range": [0.5, 2.0]}
    assert set_.settings(range=[1.0, 2.0])["range"] == [1.0, 2.0]
    assert "list, such as [1.0, 1.0]" in build_refusal(method, range=0.5)


def test_a_method_shows_its_parameters_in_two_lines(write_method):
    shown = repr(load_method(write_method()))
    assert shown.count("\n") == 1
    assert "Mine" in shown
    assert "scale=" in shown


def test_weights_bring_parameters_that_the_user_did_not_set(write_method, tmp_path):
    method = load_method(write_method())
    recorded = '[parameters]\nscale = 0.25\ndevice = "cuda"\n'
    (tmp_path / "training.toml").write_text(f'method = "mine"\n{recorded}')
    with pytest.raises(MethodError, match="unknown parameter"):
        method.with_parameters(device="cpu")
    assert method.as_trained(tmp_path).parameters == {"scale": 0.25}
    assert method.with_parameters(scale=2.0).as_trained(tmp_path).parameters == {"scale": 2.0}
    assert method.as_trained(None) is method
    (tmp_path / "training.toml").write_text(f'method = "another"\n{recorded}')
    assert method.as_trained(tmp_path).parameters == {"scale": 1.0}
