"""A method's own code under attack: a MethodError, never a wrong image or a traceback."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import numpy as np
import pytest
from methods_fakes import ODD_METHOD, arrays, odd_method, refusal

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run
from tembench.methods.runs.apply import apply
from tembench.methods.runs.train import train


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("n_parameters = 'many'", "n_parameters is wrong"),
        ("n_parameters = float('nan')", "n_parameters is wrong"),
        ("n_parameters = 7.0", "n_parameters is wrong"),
        ("n_parameters = -1", "n_parameters is wrong"),
        ("n_parameters = 10 ** 5000", "n_parameters is wrong"),
        ("n_parameters = True", "n_parameters is wrong"),
        ("n_parameters = Odd()", "n_parameters is wrong"),
        ("n_parameters = property(lambda self: 1 / 0)", "n_parameters failed: ZeroDivisionError"),
        ("device = property(lambda self: exec('raise Own'))", "device failed: Own"),
        ("device = 7", "device is wrong"),
        ("device = Odd()", "device is wrong; expected a short text such as 'cpu', got Odd"),
        ("device = 'a\\nb'", "device is wrong"),
    ],
)
def test_properties_of_a_denoiser_are_checked_when_it_is_built(write_method, attributes, message):
    assert message in refusal(MethodError, odd_method(write_method, attributes=attributes).build)


def test_a_denoise_attribute_that_cannot_be_read_is_reported(write_method):
    python = "class D:\n    denoise = property(lambda self: 1 / 0)\ndef build(p):\n    return D()"
    found = load_method(write_method(python=python))
    assert "attribute denoise failed: ZeroDivisionError" in refusal(MethodError, found.build)


def test_an_integer_of_numpy_is_a_number_of_parameters(store, write_method, tmp_path):
    found = odd_method(write_method, attributes="n_parameters = np.int64(7)")
    out = run.denoise(found, store, tmp_path / "out", workers=0)
    assert tomllib.loads((out / "outputs.toml").read_text())["run"]["n_parameters"] == 7


@pytest.mark.parametrize("where", ["build", "denoise"])
@pytest.mark.parametrize(
    ("raised", "message"),
    [
        ("raise Silent()", "failed: Silent: no readable message"),
        ("raise GeneratorExit", "failed: GeneratorExit: no message"),
        ("raise Own('oh')", "failed: Own: oh"),
        ("raise OwnError('oh')", "failed: OwnError: oh"),
        ("raise SystemExit(3)", "failed: SystemExit: 3"),
    ],
)
def test_any_exception_of_a_method_becomes_a_method_error(
    store, write_method, tmp_path, where, raised, message
):
    found = odd_method(write_method, **{where: raised})
    assert message in refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_errors_of_its_own_kind_come_out_of_a_worker(store, write_method, tmp_path):
    found = odd_method(write_method, denoise="raise OwnError('oh')")
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=1)
    assert "denoise failed: OwnError: oh" in text


def test_ctrl_c_in_a_method_stays_an_interruption(store, write_method, tmp_path):
    found = odd_method(write_method, denoise="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        run.denoise(found, store, tmp_path / "out", workers=0)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_a_method_that_changes_the_working_folder_changes_no_value(
    store, write_method, tmp_path, monkeypatch, workers
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    found = odd_method(write_method, build=f"os.chdir({str(elsewhere)!r})")
    run.denoise(found, store, Path("out"), workers=workers)
    monkeypatch.chdir(tmp_path)
    assert list(elsewhere.iterdir()) == []
    np.testing.assert_array_equal(arrays(tmp_path / "out").denoised[1], store.noisy(7))


def test_a_method_has_a_working_folder_of_its_own(store, write_method, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    build = f"os.chdir({str(elsewhere)!r})"
    found = odd_method(write_method, build=build, denoise="open('seen', 'w').close()")
    denoiser = found.build()
    assert Path.cwd() == tmp_path
    apply(found, denoiser, run.view(found, store, 6), "here")
    assert Path.cwd() == tmp_path
    assert (elsewhere / "seen").exists()
    load_method("noisy").build()
    apply(found, denoiser, run.view(found, store, 6), "here")
    assert (tmp_path / "seen").exists()


def test_a_training_that_changes_the_working_folder_writes_to_the_requested_folder(
    store, write_method, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    python = ODD_METHOD.format(attributes="pass", denoise="pass", build="pass")
    python += "def train(p, data, folder):\n    os.chdir('/')\n    (folder / 'w').write_text('x')"
    train(load_method(write_method(python=python)), store, Path("weights"))
    assert sorted(os.listdir(tmp_path / "weights")) == ["training.toml", "w"]
