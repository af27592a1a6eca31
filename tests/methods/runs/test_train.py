from __future__ import annotations

import pickle
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from methods_fakes import arrays, refusal, snapshot

from tembench.core.errors import MethodError, MissingPackage, OutputError
from tembench.core.files import locked
from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run
from tembench.methods.runs.train import train
from tembench.methods.runs.training_data import CleanImages
from tembench.methods.training.records import read_training

TRAINED = """
from pathlib import Path
import numpy as np
class D:
    def __init__(self, level): self.level = level
    def denoise(self, image): return np.full(image.counts.shape, self.level, np.float32)
def build(parameters):
    return D(float(Path(parameters["weights"], "level.txt").read_text()))
def train(parameters, data, folder):
    if Path({flag!r}).exists(): raise KeyboardInterrupt
    assert data.seed >= 0 and len(data.validation) == 3
    level = np.mean([data.train[i].mean() for i in range(len(data.train))])
    Path(folder, "level.txt").write_text(str(level))
"""


@pytest.fixture
def trained(write_method, tmp_path):
    return load_method(write_method(python=TRAINED.format(flag=str(tmp_path / "stop"))))


@pytest.mark.slow
def test_train_then_denoise(store, trained, tmp_path):
    weights = train(trained, store, tmp_path / "weights")
    out = run.denoise(trained, store, tmp_path / "out", weights=weights, workers=0)
    level = np.mean([store.clean(i).mean() for i in range(3)])
    np.testing.assert_allclose(arrays(out).denoised, level, rtol=1e-6)
    content = tomllib.loads((out / "outputs.toml").read_text())
    assert content["run"]["training_seconds"] > 0
    assert content["run"]["training_recipe"] == "fake"
    assert content["run"]["training_split"] == "model"
    assert content["method"]["trained_on"] == "this track"
    assert content["run"]["training_device"]
    before = snapshot(weights)
    train(trained, store, weights)
    assert snapshot(weights) == before


def test_training_reads_no_test_image(store, trained, tmp_path):
    seen = []
    store.clean = lambda image, clean=store.clean: seen.append(image) or clean(image)
    train(trained, store, tmp_path / "weights")
    assert set(seen) == {0, 1, 2}


def test_a_control_made_of_all_images_reads_them_all(store, tmp_path):
    seen = []
    store.clean = lambda image, clean=store.clean: seen.append(image) or clean(image)
    for name in ("dictionary", "recipe-oracle"):
        train(load_method(name), store, tmp_path / name)
        training = store.images("model", "train")
        assert set(seen) == set(training if name == "dictionary" else store.table.index)
        assert len(np.load(tmp_path / name / "sums.npy")) == len(set(seen))
        seen.clear()


def test_interrupted_training_is_known_and_continued(store, trained, tmp_path):
    weights = tmp_path / "weights"
    (tmp_path / "stop").touch()
    with pytest.raises(KeyboardInterrupt):
        train(trained, store, weights)
    assert "not finished" in refusal(MethodError, read_training, trained, store, "model", weights)
    (tmp_path / "stop").unlink()
    train(trained, store, weights)
    assert read_training(trained, store, "model", weights)["training_seconds"] > 0


def test_two_trainings_do_not_meet(store, trained, tmp_path):
    (tmp_path / "weights").mkdir()
    with locked(tmp_path / "weights", MethodError):
        text = refusal(MethodError, train, trained, store, tmp_path / "weights")
    assert "another process is at work" in text


def test_weights_that_may_have_seen_the_test_images(store, trained, tmp_path):
    weights = train(trained, store, tmp_path / "weights", split="paper")
    text = refusal(
        MethodError, run.denoise, trained, store, tmp_path / "out", weights=weights, workers=0
    )
    assert "trained on split paper" in text
    assert not (tmp_path / "out").exists()


def test_weights_are_missing_or_of_another(store, trained, write_method, tmp_path):
    assert "tembench train mine" in refusal(
        MethodError, run.denoise, trained, store, tmp_path / "out", workers=0
    )
    weights = train(trained, store, tmp_path / "weights")
    store.recipe_id = "f" * 64
    assert "something else: recipe_id" in refusal(MethodError, train, trained, store, weights)


def test_training_images_travel_to_workers(store):
    source = pickle.loads(pickle.dumps(CleanImages(store, (2, 0))))
    assert len(source) == 2
    np.testing.assert_array_equal(source[0], store.clean(2))


@pytest.mark.slow
def test_a_method_may_bring_its_weights(store, trained, tmp_path):
    weights = train(trained, store, trained.folder / "weights")
    out = run.denoise(trained, store, tmp_path / "out", workers=0)
    level = float((weights / "level.txt").read_text())
    np.testing.assert_allclose(arrays(out).denoised, level, rtol=1e-6)


@pytest.mark.slow
def test_a_method_with_a_base_takes_the_weights_of_that(store, trained, write_method, tmp_path):
    toml = (trained.folder / "method.toml").read_text().replace('"mine"', '"tuned"')
    toml = toml.replace("[parameters]", f"[parameters]\nbase = {str(trained.folder)!r}")
    code = TRAINED.format(flag="").partition("def train")[0]
    tuned = load_method(write_method(toml=toml, python=code, name="tuned"))
    assert "tembench train mine" in refusal(
        MethodError, run.denoise, tuned, store, tmp_path / "none", workers=0
    )
    weights = train(trained, store, tmp_path / "weights")
    out = run.denoise(tuned, store, tmp_path / "out", weights=weights, workers=0)
    assert tomllib.loads((out / "outputs.toml").read_text())["run"]["training_seconds"] > 0
    # Another base, other outputs.
    source = trained.folder / "method.py"
    source.write_text(source.read_text() + "\n# changed\n")
    text = refusal(OutputError, run.denoise, tuned, store, out, weights=weights, workers=0)
    assert "code" in text
    # A base may come with its weights.
    shipped = train(load_method(trained.folder), store, trained.folder / "weights")
    assert tuned.shipped_weights == shipped


def test_a_training_that_lacks_a_package_leaves_no_folder_that_looks_like_weights(
    write_method: Any, store: Any, tmp_path: Path
) -> None:
    python = "import no_such_module_at_all\ndef build(p): ...\ndef train(p, data, folder): ..."
    method = load_method(write_method(python=python))
    with pytest.raises(MissingPackage):
        train(method, store, tmp_path / "weights")
    assert not (tmp_path / "weights").exists()
