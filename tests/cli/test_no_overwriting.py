"""Every command refuses outputs that would overwrite its inputs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core.errors import TembenchError
from tembench.core.paths import baselines_folder

REFUSALS = ("would overwrite an input", "is the folder of the method")


def content(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path, tiny_store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store, a link to it, a method with weights, outputs and submissions."""
    shutil.copytree(tiny_store_path, tmp_path / "store.zarr")
    (tmp_path / "link.zarr").symlink_to(tmp_path / "store.zarr")
    shutil.copytree(baselines_folder() / "gaussian", tmp_path / "mine")
    weights = tmp_path / "weights" / "unet"
    weights.mkdir(parents=True)
    (weights / "curve.csv").write_text("step,loss")
    outputs = tmp_path / "outputs" / "mine"
    outputs.mkdir(parents=True)
    (outputs / "scores.csv").write_text("image,psnr_db")
    (outputs / "denoised.zarr").mkdir()
    submissions = Path(__file__).parents[2] / "submissions" / "ptceo2-18k"
    if submissions.is_dir():
        shutil.copytree(submissions / "noisy", tmp_path / "submissions" / "noisy")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "generalization.csv").write_text("published")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = {
    "outputs into their store": "denoise mine store.zarr --workers 0 --out link.zarr/outputs",
    "outputs as their store": "denoise mine link.zarr --workers 0 --out store.zarr",
    "outputs as the method": "denoise mine store.zarr --workers 0 --out mine",
    "weights into the store": "train unet link.zarr --out store.zarr",
    "waves onto themselves": "reimage store.zarr --recipe quickstart --out link.zarr",
    "a sheet into its store": "images store.zarr --out link.zarr/zarr.json",
    "a card into its store": "describe store.zarr --out link.zarr/card",
    "models into their store": "images store.zarr --models --out store.zarr/clean/zarr.json",
    "a picture as the panel": "inspect outputs/mine store.zarr --out outputs/mine/panel.png",
    "a picture into the store": "inspect outputs/mine link.zarr --out store.zarr/zarr.json",
    "rows as the scores": "score outputs/mine store.zarr --rows outputs/mine/scores.csv",
    "rows into the arrays": "score outputs/mine store.zarr --rows outputs/mine/denoised.zarr/a.csv",
    "a submission as its outputs": "submit outputs/mine --name mine --folder outputs",
    "a submission over its outputs": "submit outputs/mine --name outputs --folder .",
    "a table as a row": "leaderboard submissions --format csv --out submissions/noisy/scores.csv",
    "a page in a row": "leaderboard submissions --update submissions/noisy/README.md",
    "curves into weights": "study curves weights/unet --out weights/unet/curve.png",
    "fields into scores": "study field-of-view outputs/mine --out outputs/mine/scores.png",
    "a study over the one compared": "study generalization store.zarr --factor defect "
    "--out results --compare results/generalization.csv",
    "a study into the store": "study generalization store.zarr --factor defect --out link.zarr/s",
    "an audit into the store": "audit mine store.zarr --out link.zarr/audit",
    "changed specimens into the store": "audit mine store.zarr --out a --cases link.zarr/cases",
    "an audit into a method": "audit mine store.zarr --out mine",
    "an audit into weights": "audit unet store.zarr --weights weights/unet --out weights/unet",
    "a run into a method": "run quickstart --method mine --out mine",
}


@pytest.mark.slow
@pytest.mark.parametrize("case", COMMANDS)
def test_a_command_refuses_to_overwrite_its_inputs(case: str, folder: Path) -> None:
    if "submissions" in COMMANDS[case] and not (folder / "submissions").is_dir():
        pytest.skip("needs the submissions of a checkout")
    before = content(folder)
    result = CliRunner().invoke(cli, ["--quiet", *COMMANDS[case].split()])
    assert isinstance(result.exception, TembenchError), (result.output, result.exception)
    assert any(text in str(result.exception) for text in REFUSALS), str(result.exception)
    assert content(folder) == before
