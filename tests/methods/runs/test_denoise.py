from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from methods_fakes import arrays, refusal, snapshot

from tembench.core.errors import MethodError, MissingPackage, OutputError
from tembench.core.files import locked
from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run
from tembench.methods.runs.apply import view

IMAGES = [6, 7, 8]


@pytest.mark.slow
def test_outputs_are_whole_and_readable_by_xarray(store, tmp_path):
    method = load_method("gaussian")
    out = run.denoise(method, store, tmp_path / "out", workers=0)
    data = arrays(out)
    assert data.denoised.dims == ("image", "y", "x")
    assert data.denoised.dtype == np.float32
    assert data.denoised.shape == (3, *store.shape)
    assert data.image.values.tolist() == IMAGES
    np.testing.assert_allclose(np.diff(data.y), store.pixel_size_A)
    assert data.x.attrs["units"] == "angstrom"
    assert np.isfinite(data.denoised).all()
    assert (data.seconds > 0).all()
    denoiser = method.build()
    for position, number in enumerate(IMAGES):
        expected = denoiser.denoise(view(method, store, number))
        np.testing.assert_array_equal(data.denoised[position], expected)
    metadata = json.loads((out / "denoised.zarr/denoised/zarr.json").read_text())
    assert metadata["chunk_grid"]["configuration"]["chunk_shape"] == [1, *store.shape]


@pytest.mark.slow
def test_the_description_records_method_data_and_run(store, tmp_path):
    out = run.denoise(load_method("gaussian"), store, tmp_path / "out", workers=0)
    content = tomllib.loads((out / "outputs.toml").read_text())
    assert content["format"] == 1
    assert content["method"]["name"] == "gaussian"
    assert content["method"]["parameters"] == dict(load_method("gaussian").parameters)
    assert content["data"] == {
        "recipe": "fake",
        "version": "1.0.0",
        "recipe_id": store.recipe_id,
        "split": "model",
        "part": "test",
        "images": 3,
    }
    assert content["run"]["seconds_per_image"] == pytest.approx(float(arrays(out).seconds.median()))
    assert content["run"]["peak_memory_MB"] > 10
    assert content["run"]["device"] == "cpu"


@pytest.mark.slow
def test_workers_change_no_value(store, tmp_path):
    method = load_method("wiener")
    one = arrays(run.denoise(method, store, tmp_path / "none", workers=0))
    two = arrays(run.denoise(method, store, tmp_path / "two", workers=2))
    xr.testing.assert_equal(one.drop_vars("seconds"), two.drop_vars("seconds"))


@pytest.mark.slow
def test_complete_outputs_are_left_alone(store, tmp_path):
    out = run.denoise(load_method("gaussian"), store, tmp_path / "out", workers=0)
    before = snapshot(out)
    run.denoise(load_method("gaussian"), store, out, workers=0)
    assert snapshot(out) == before


@pytest.mark.slow
def test_the_oracle_alone_sees_the_truth(store, tmp_path):
    clean = run.denoise(load_method("clean"), store, tmp_path / "clean", workers=0)
    noisy = run.denoise(load_method("noisy"), store, tmp_path / "noisy", workers=0)
    for position, number in enumerate(IMAGES):
        np.testing.assert_array_equal(arrays(clean).denoised[position], store.clean(number))
        np.testing.assert_array_equal(arrays(noisy).denoised[position], store.noisy(number))


FAILING = """
import numpy as np
from pathlib import Path
class D:
    calls = 0
    def denoise(self, image):
        D.calls += 1
        if D.calls == {failing} + 1 and not Path({flag!r}).exists():  # one call warms up
            {how}
        return image.counts.astype(np.float32)
def build(parameters):
    return D()
"""


def failing(write_method, tmp_path, how: str, call: int = 2):
    flag = str(tmp_path / "mended")
    return load_method(
        write_method(python=FAILING.format(failing=call, flag=flag, how=how), name="mine")
    )


@pytest.mark.parametrize(
    ("how", "part"),
    [
        ("return image.counts", "expected a float32 array, got uint8"),
        ("return image.counts.astype(object)", "got object"),
        ("return None", "got NoneType"),
        ("return np.zeros((3, 3), np.float32)", "expected (96, 120), got (3, 3)"),
        ("return image.counts / np.float32('nan')", "not finite"),
        ("raise ValueError('no luck\\nat all')", "denoise failed: ValueError: no luck"),
        ("raise SystemExit(0)", "denoise failed: SystemExit: 0"),
    ],
)
def test_a_wrong_output_names_its_image(store, write_method, tmp_path, how, part):
    method = failing(write_method, tmp_path, how)
    text = refusal(MethodError, run.denoise, method, store, tmp_path / "out", workers=0)
    assert part in text
    assert "image 7" in text
    assert "mine" in text
    assert not (tmp_path / "out/outputs.toml").exists()


@pytest.mark.slow
def test_an_interrupted_run_is_continued(store, write_method, tmp_path):
    method = failing(write_method, tmp_path, "raise KeyboardInterrupt", call=2)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run.denoise(method, store, out, workers=0)
    assert np.isfinite(arrays(out).seconds).values.tolist() == [True, False, False]
    first = (out / "denoised.zarr/denoised/c/0/0/0").stat().st_mtime_ns
    (tmp_path / "mended").touch()
    run.denoise(method, store, out, workers=0)
    assert (out / "denoised.zarr/denoised/c/0/0/0").stat().st_mtime_ns == first
    assert np.isfinite(arrays(out).denoised).all()
    assert (out / "outputs.toml").is_file()


@pytest.mark.slow
def test_an_error_in_a_worker_arrives_in_one_line(store, write_method, tmp_path):
    python = "def build(parameters):\n    raise RuntimeError('not here')"
    method = load_method(write_method(python=python))
    text = refusal(MethodError, run.denoise, method, store, tmp_path / "out", workers=1)
    assert "build failed: RuntimeError: not here" in text


@pytest.mark.slow
def test_a_worker_that_dies_is_reported(store, write_method, tmp_path):
    method = load_method(write_method(python="import os\ndef build(p):\n    os._exit(9)"))
    text = refusal(MethodError, run.denoise, method, store, tmp_path / "out", workers=1)
    assert "worker process died" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "body", ["raise KeyError(1)", "raise SystemExit(0)", "return None", "import no_such_module"]
)
@pytest.mark.parametrize("workers", [0, 1])
def test_a_method_that_cannot_be_built_leaves_nothing(store, write_method, tmp_path, body, workers):
    method = load_method(write_method(python=f"def build(parameters):\n    {body}"))
    kind = MissingPackage if "import" in body else MethodError
    refusal(kind, run.denoise, method, store, tmp_path / "out", workers=workers)
    assert not (tmp_path / "out").exists()


def test_outputs_of_something_else_are_refused(store, write_method, tmp_path):
    out = run.denoise(load_method(write_method()), store, tmp_path / "out", workers=0)
    before = snapshot(out)
    text = refusal(OutputError, run.denoise, load_method("gaussian"), store, out, workers=0)
    assert "method, code, parameters differ" in text
    edited = load_method(write_method(python="def build(parameters): ..."))
    text = refusal(OutputError, run.denoise, edited, store, out, workers=0)
    assert ": code differ" in text
    assert snapshot(out) == before


def test_two_processes_do_not_meet(store, tmp_path):
    (tmp_path / "out").mkdir()
    with locked(tmp_path / "out", OutputError):
        text = refusal(
            OutputError, run.denoise, load_method("noisy"), store, tmp_path / "out", workers=0
        )
    assert "another process is at work" in text
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("what", ["no array", "cut", "no array at all"])
def test_outputs_damaged_between_two_runs(store, tmp_path, what):
    out = run.denoise(load_method("noisy"), store, tmp_path / "out", workers=0)
    (out / "outputs.toml").unlink()
    if what == "no array":
        shutil.rmtree(out / "denoised.zarr/seconds")
    elif what == "cut":
        (out / "denoised.zarr/seconds/c/0").write_bytes(b"\x00\x01")
    else:
        (out / "denoised.zarr/denoised/zarr.json").write_text("{")
    text = refusal(OutputError, run.denoise, load_method("noisy"), store, out, workers=0)
    assert "cannot be resumed" in text


@pytest.mark.parametrize("what", ["file", "foreign"])
def test_a_folder_of_something_else_is_refused(store, tmp_path, what):
    out = tmp_path / "out"
    if what == "file":
        out.write_text("something")
    else:
        (out / "denoised.zarr").mkdir(parents=True)
        (out / "denoised.zarr/mine.txt").write_text("precious")
    text = refusal(OutputError, run.denoise, load_method("noisy"), store, out, workers=0)
    assert "is not a folder of outputs" in text


SLOW = """
import time
import numpy as np
class D:
    def denoise(self, image):
        time.sleep(0.4)
        return image.counts.astype(np.float32)
def build(parameters): return D()
"""

# A shell's background job ignores Ctrl-C, and so would all that it starts.
SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = {path!r}
from pathlib import Path
from methods_fakes import FakeStore
from tembench.methods.runs import denoise as run
from tembench.methods.method import load_method
if __name__ == "__main__":
    store = FakeStore(Path("nowhere"), count=30)
    try:
        run.denoise(load_method({method!r}), store, Path({out!r}), workers=2)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGKILL])
def test_a_run_is_resumed_after_ctrl_c_and_kill(store, write_method, tmp_path, signal_sent):
    folder, out = write_method(python=SLOW), tmp_path / "out"
    here = Path(__file__)
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.format(
            path=[str(here.parents[3]), str(here.parents[1])],
            method=str(folder),
            out=str(out),
        )
    )
    process = subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (out / "denoised.zarr/seconds/c/0").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal_sent)
    stderr = process.communicate(timeout=30)[1]
    if signal_sent == signal.SIGINT:
        assert process.returncode == 130, stderr
        assert "Traceback" not in stderr
    done = np.isfinite(arrays(out).seconds).values
    assert 0 < done.sum() < 10
    assert not (out / "outputs.toml").exists()


@pytest.mark.slow
def test_outputs_of_the_test_and_of_the_rest_do_not_mix(store, write_method, tmp_path):
    method = load_method(write_method())
    out, rest, subset = tmp_path / "out", tmp_path / "rest", tmp_path / "subset"
    run.denoise(method, store, out, workers=0)
    assert "part differ" in refusal(
        OutputError, run.denoise, method, store, out, part="test-full", workers=0
    )
    run.denoise(method, store, rest, part="test-full", workers=0)
    run.denoise(method, store, subset, part="test-subset", workers=0)
    for folder, part in ((out, "test"), (rest, "test-full"), (subset, "test-subset")):
        data = tomllib.loads((folder / "outputs.toml").read_text())["data"]
        assert data["part"] == part
        assert arrays(folder)["image"].values.tolist() == store.images("model", part).tolist()


SERIES = """
import numpy as np
class D:
    def denoise(self, image):
        series = image.series
        assert series.axis == "defocus"
        assert np.array_equal(series.counts[series.position], image.counts)
        assert len(series.values_nm) == len(series.counts)
        return series.counts.mean(0, dtype=np.float32) + np.float32(series.position)
def build(parameters): return D()
"""


@pytest.mark.slow
def test_a_method_of_series_sees_the_neighbours_in_defocus(
    store, write_method, good_toml, tmp_path
):
    toml = 'input = "series"\n' + good_toml
    method = load_method(write_method(toml=toml, python=SERIES))
    out = run.denoise(method, store, tmp_path / "out", workers=0)
    mean = np.mean([store.noisy(number) for number in IMAGES], axis=0, dtype=np.float32)
    for position in range(3):
        np.testing.assert_allclose(arrays(out).denoised[position], mean + position, rtol=1e-6)
    content = tomllib.loads((out / "outputs.toml").read_text())
    assert content["method"]["input"] == "series"
    image = view(method, store, 7)
    assert (image.series.position, image.series.values_nm) == (1, (12.0, 14.0, 16.0))
    assert np.shares_memory(image.counts, image.series.counts)


def test_other_methods_see_no_series(store, write_method):
    assert view(load_method(write_method()), store, 7).series is None


@pytest.mark.parametrize(
    ("attribute", "message"),
    [("n_parameters = 1234", 1234), ("network = torch.nn.Linear(3, 5)", 20), ("network = 7", None)],
)
def test_the_size_of_a_network_is_recorded(store, write_method, tmp_path, attribute, message):
    python = f"""
import numpy as np
import torch
class D:
    {attribute}
    def denoise(self, image): return image.counts.astype(np.float32)
def build(parameters): return D()
"""
    sized = run.denoise(load_method(write_method(python=python)), store, tmp_path / "a", workers=0)
    content = tomllib.loads((sized / "outputs.toml").read_text())
    assert content["run"].get("n_parameters") == message
