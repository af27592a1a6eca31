"""A method's own code under attack: a MethodError, never a wrong image or a traceback."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from methods_fakes import arrays, refusal

from tembench.core.errors import MethodError, OutputError
from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run
from tembench.methods.runs.apply import apply
from tembench.methods.runs.train import train
from tembench.methods.training.records import read_training

METHOD = """
import os
import numpy as np
from tembench.core.errors import TembenchError

class Own(BaseException):
    pass
class OwnError(TembenchError):
    pass
class Silent(Exception):
    def __str__(self):
        raise Own
class Odd:
    def __repr__(self):
        raise RuntimeError
    dtype = property(lambda self: 1 / 0)
class D:
    {attributes}
    def denoise(self, image):
        {denoise}
        return image.counts.astype(np.float32)
def build(parameters):
    {build}
    return D()
"""


def method(write_method, *, attributes="pass", denoise="pass", build="pass"):
    python = METHOD.format(attributes=attributes, denoise=denoise, build=build)
    return load_method(write_method(python=python))


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("np.ma.masked_invalid(np.where(image.counts > 0, np.nan, 1).astype('f4'))", "masked"),
        ("np.ma.masked_less(image.counts.astype('f4'), 1)", "masked"),
        ("np.ma.array(np.full(image.counts.shape, np.nan, 'f4'))", "not finite"),
        ("image.counts.astype('f4').view(np.recarray)[:3]", "shape"),
        ("image.counts.astype('f8')", "got float64"),
        ("Odd()", "got Odd"),
    ],
)
def test_a_result_that_hides_its_values_is_refused(store, write_method, tmp_path, result, told):
    found = method(write_method, denoise=f"return {result}")
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert told in text
    assert "image 6" in text


@pytest.mark.parametrize(
    "result",
    [
        "image.counts.astype('f4').view(np.matrix)",
        "np.ma.array(image.counts.astype('f4'))",
        "image.counts.astype('>f4')",
        "np.asfortranarray(image.counts.astype('f4'))",
        "np.repeat(image.counts.astype('f4'), 2, axis=1)[:, ::2]",
        "image.counts.astype('f4').view(np.recarray)",
    ],
)
def test_a_result_of_another_form_is_taken_as_a_plain_array(store, write_method, result):
    found = method(write_method, denoise=f"return {result}")
    image = run.view(found, store, 6)
    out = apply(found, found.build(), image, "here")
    assert type(out) is np.ndarray
    assert out.dtype.isnative
    assert out.flags.c_contiguous
    np.testing.assert_array_equal(out, store.noisy(6))


def test_an_image_that_changes_afterwards_stays_as_it_was(store, write_method):
    attributes = "kept = None"
    denoise = "self.kept = image.counts.astype('f4'); return self.kept"
    found = method(write_method, attributes=attributes, denoise=denoise)
    denoiser, image = found.build(), run.view(found, store, 6)
    out = apply(found, denoiser, image, "here")
    denoiser.kept[:] = 7
    np.testing.assert_array_equal(out, store.noisy(6))


def test_a_method_writes_to_its_own_copy_of_the_counts(store, write_method, tmp_path):
    before = store.noisy(6).copy()
    found = method(write_method, denoise="image.counts[:] = 0")
    run.denoise(found, store, tmp_path / "out", workers=0)
    np.testing.assert_array_equal(store.noisy(6), before)


@pytest.mark.parametrize(
    ("attributes", "told"),
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
def test_what_a_denoiser_says_of_itself_is_checked_when_it_is_built(write_method, attributes, told):
    assert told in refusal(MethodError, method(write_method, attributes=attributes).build)


def test_a_denoise_that_cannot_be_read_is_told(write_method):
    python = "class D:\n    denoise = property(lambda self: 1 / 0)\ndef build(p):\n    return D()"
    found = load_method(write_method(python=python))
    assert "attribute denoise failed: ZeroDivisionError" in refusal(MethodError, found.build)


def test_a_whole_number_of_numpy_is_a_number_of_parameters(store, write_method, tmp_path):
    found = method(write_method, attributes="n_parameters = np.int64(7)")
    out = run.denoise(found, store, tmp_path / "out", workers=0)
    assert tomllib.loads((out / "outputs.toml").read_text())["run"]["n_parameters"] == 7


@pytest.mark.parametrize("where", ["build", "denoise"])
@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("raise Silent()", "failed: Silent: no readable message"),
        ("raise GeneratorExit", "failed: GeneratorExit: no message"),
        ("raise Own('oh')", "failed: Own: oh"),
        ("raise OwnError('oh')", "failed: OwnError: oh"),
        ("raise SystemExit(3)", "failed: SystemExit: 3"),
    ],
)
def test_whatever_a_method_raises_is_a_method_error(
    store, write_method, tmp_path, where, raised, told
):
    found = method(write_method, **{where: raised})
    assert told in refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()


def test_errors_of_its_own_kind_come_out_of_a_worker(store, write_method, tmp_path):
    found = method(write_method, denoise="raise OwnError('oh')")
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=1)
    assert "denoise failed: OwnError: oh" in text


def test_ctrl_c_in_a_method_stays_an_interruption(store, write_method, tmp_path):
    found = method(write_method, denoise="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        run.denoise(found, store, tmp_path / "out", workers=0)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_method_that_changes_the_working_folder_changes_no_value(
    store, write_method, tmp_path, monkeypatch, workers
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    found = method(write_method, build=f"os.chdir({str(elsewhere)!r})")
    run.denoise(found, store, Path("out"), workers=workers)
    monkeypatch.chdir(tmp_path)
    assert list(elsewhere.iterdir()) == []
    np.testing.assert_array_equal(arrays(tmp_path / "out").denoised[1], store.noisy(7))


def test_a_method_has_a_working_folder_of_its_own(store, write_method, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    build = f"os.chdir({str(elsewhere)!r})"
    found = method(write_method, build=build, denoise="open('seen', 'w').close()")
    denoiser = found.build()
    assert Path.cwd() == tmp_path
    apply(found, denoiser, run.view(found, store, 6), "here")
    assert Path.cwd() == tmp_path
    assert (elsewhere / "seen").exists()
    load_method("noisy").build()
    apply(found, denoiser, run.view(found, store, 6), "here")
    assert (tmp_path / "seen").exists()


def test_a_training_that_changes_the_working_folder_is_kept_where_it_was_wanted(
    store, write_method, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    python = METHOD.format(attributes="pass", denoise="pass", build="pass")
    python += "def train(p, data, folder):\n    os.chdir('/')\n    (folder / 'w').write_text('x')"
    train(load_method(write_method(python=python)), store, Path("weights"))
    assert sorted(os.listdir(tmp_path / "weights")) == ["training.toml", "w"]


@pytest.mark.parametrize(
    ("denoise", "accepted"),
    [
        ("return np.random.default_rng().random(image.counts.shape).astype('f4')", False),
        ("D.n = getattr(D, 'n', 0) + 1; return np.full_like(image.counts, D.n, 'f4')", False),
        ("return image.counts + np.float32(1e-6) * np.random.default_rng().random()", True),
    ],
)  # fmt: skip
def test_a_method_that_gives_two_results_for_one_image_is_refused(
    store, write_method, tmp_path, denoise, accepted
):
    found = method(write_method, denoise=denoise)
    if accepted:
        run.denoise(found, store, tmp_path / "out", workers=0)
        return
    text = refusal(MethodError, run.denoise, found, store, tmp_path / "out", workers=0)
    assert "denoise returned two results for one image" in text
    assert "image 8" in text
    assert not (tmp_path / "out/outputs.toml").exists()


def test_a_data_file_of_a_method_counts_as_its_code(store, write_method, tmp_path):
    folder = write_method()
    plain = load_method(folder).code_digest()
    for name in ("weights/w.bin", "__pycache__/m.pyc", ".DS_Store", ".git/x", "out/outputs.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    assert load_method(folder).code_digest() == plain
    shutil.rmtree(folder / "weights")
    out = run.denoise(load_method(folder), store, tmp_path / "outputs", workers=0)
    (folder / "kernel.npy").write_text("x")
    text = refusal(OutputError, run.denoise, load_method(folder), store, out, workers=0)
    assert ": code differ" in text
    (folder / "kernel.npy").unlink()
    shutil.move(folder / "out", folder / "data")
    assert load_method(folder).code_digest() == plain


def test_an_image_lost_from_complete_outputs_is_denoised_again(store, write_method, tmp_path):
    found = load_method(write_method())
    out = run.denoise(found, store, tmp_path / "out", workers=0)
    before = arrays(out).denoised.values
    (out / "denoised.zarr/denoised/c/1/0/0").unlink()
    run.denoise(found, store, out, workers=0)
    np.testing.assert_array_equal(arrays(out).denoised.values, before)


RECORD = {"method": '"mine"', "complete": "true", "seconds": "1.0", "split": '"model"'}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seconds", '"long"'),
        ("seconds", "nan"),
        ("seconds", "-1"),
        ("complete", '"yes"'),
        ("made_by", '"me"'),
        ("made_by", "{ processor = 7 }"),
        ("method", "[1]"),
        ("split", "7"),
        ("recipe", "{}"),
        ("parameters", "7"),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_training_record_of_wrong_types_is_told(
    store, write_method, good_python, tmp_path, key, value, again
):
    found = load_method(write_method(python=good_python + "\ndef train(p, d, f):\n    pass\n"))
    weights = tmp_path / "weights"
    weights.mkdir()
    lines = [f"{k} = {v}" for k, v in {**RECORD, key: value}.items()]
    (weights / "training.toml").write_text("\n".join(lines))
    if again:
        text = refusal(MethodError, train, found, store, weights)
    else:
        text = refusal(MethodError, read_training, found, store, "model", weights)
    assert f"training.toml: {key}" in text
    assert "expected" in text


@pytest.mark.parametrize(
    ("key", "value"), [("steps", '"many"'), ("device", "7"), ("seconds", "inf"), ("identity", "1")]
)
def test_a_fit_record_of_wrong_types_is_told(
    store, write_method, good_python, tmp_path, key, value
):
    found = load_method(write_method(python=good_python + "\ndef train(p, d, f):\n    pass\n"))
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "training.toml").write_text("\n".join(f"{k} = {v}" for k, v in RECORD.items()))
    (weights / "fit.toml").write_text(f"{key} = {value}")
    text = refusal(MethodError, read_training, found, store, "model", weights)
    assert f"fit.toml: {key}: expected" in text
