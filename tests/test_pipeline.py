"""Whole runs of the benchmark: mistakes are reported before the long work starts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tembench.core import list_methods
from tembench.core.errors import MethodError, OutputError, TembenchError
from tembench.core.paths import baselines_folder
from tembench.dataset import open_store
from tembench.methods import method_toml as description
from tembench.methods.method import load_method
from tembench.methods.runs.denoise import denoise
from tembench.pipeline import run_benchmark
from tembench.ranking import check_submission, submit_outputs
from tembench.recipe import Recipe

SUBMISSIONS = Path(__file__).parent.parent / "submissions"


def third_party_method(folder: Path, name: str, base: str = "gaussian") -> Path:
    """A copy of a baseline under another name."""
    made = folder / "mine"
    shutil.copytree(baselines_folder() / base, made, ignore=shutil.ignore_patterns("weights"))
    text = (made / "method.toml").read_text()
    (made / "method.toml").write_text(text.replace(f'name = "{base}"', f'name = "{name}"', 1))
    return made


def run(recipe: Recipe, folder: Path, method: Path) -> list[str]:
    lines: list[str] = []
    run_benchmark(recipe, folder, methods=(str(method),), workers=0, say=lines.append)
    return lines


@pytest.fixture
def folder(tiny_store_path: Path, tmp_path: Path) -> Path:
    """Folder of a run whose data set is complete."""
    shutil.copytree(tiny_store_path, tmp_path / "run" / "store.zarr")
    return tmp_path / "run"


@pytest.mark.slow
def test_every_name_of_a_method_is_valid_for_a_submission(
    tiny_recipe: Recipe, folder: Path, tmp_path: Path
) -> None:
    lines = run(tiny_recipe, folder, third_party_method(tmp_path, "my_method-2"))
    assert lines[-1].startswith("my_method-2: denoised in")
    assert check_submission(folder / "submissions" / "my_method-2").name == "my_method-2"


@pytest.mark.parametrize("name", ["My", "-a", "_a", "a.b", "a b", "é", "x" * 65, ""])
def test_invalid_names_are_refused_by_both_before_the_work(
    tiny_recipe: Recipe, tmp_path: Path, name: str
) -> None:
    with pytest.raises(MethodError, match=r"method\.toml: name"):
        run(tiny_recipe, tmp_path / "run", third_party_method(tmp_path, name))
    assert not (tmp_path / "run").exists()
    with pytest.raises(OutputError, match="not a name for a submission"):
        submit_outputs(tmp_path, name, tmp_path)


def test_all_existing_names_are_valid() -> None:
    names = [load_method(name).name for name in list_methods()]
    names += [path.parent.name for path in SUBMISSIONS.glob("*/*/submission.toml")]
    assert len(names) > 50
    assert all(re.fullmatch(description.METHOD_NAME, name) for name in names)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_module\ndef build(p): ...", "needs the package no_such_module"),
        ("def build(p):\n    raise ValueError('no luck')", "build failed: ValueError: no luck"),
        ("def build(p):\n    return 3", "build returned no denoiser"),
        ("1 / 0\ndef build(p): ...\ndef train(p, d, f): ...", "import failed: ZeroDivisionError"),
    ],
)
def test_a_method_that_cannot_be_loaded_is_reported_before_the_work(
    tiny_recipe: Recipe, tmp_path: Path, code: str, message: str
) -> None:
    mine = third_party_method(tmp_path, "mine")
    (mine / "method.py").write_text(code)
    with pytest.raises(TembenchError, match=message):
        run(tiny_recipe, tmp_path / "run", mine)
    assert not (tmp_path / "run" / "store.zarr").exists()


@pytest.mark.slow
def test_outputs_of_other_code_are_reported_before_the_work(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path
) -> None:
    mine, folder = third_party_method(tmp_path, "mine"), tmp_path / "run"
    outputs = folder / "outputs" / "mine"
    denoise(load_method(mine), open_store(tiny_store_path), outputs, workers=0)
    (mine / "method.py").write_text((mine / "method.py").read_text() + "\n# changed\n")
    with pytest.raises(OutputError, match="outputs of another run: code differ"):
        run(tiny_recipe, folder, mine)
    assert not (folder / "store.zarr").exists()


def test_a_training_of_other_parameters_is_reported_before_the_work(
    tiny_recipe: Recipe, tmp_path: Path
) -> None:
    weights = tmp_path / "run" / "weights" / "mine"
    weights.mkdir(parents=True)
    text = (baselines_folder() / "unet" / "weights" / "training.toml").read_text()
    (weights / "training.toml").write_text(text)
    with pytest.raises(MethodError, match=r"holds the training of something else: method, .*param"):
        run(tiny_recipe, tmp_path / "run", third_party_method(tmp_path, "mine", "unet"))
    assert not (tmp_path / "run" / "store.zarr").exists()
