"""Curves of several trainings: read, told in a table, drawn."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from study_fakes import size_of

from tembench.cli import cli
from tembench.core.errors import MethodError
from tembench.core.files import write_toml
from tembench.methods.training.history import Point, write_history
from tembench.study.curves import curves_csv, curves_markdown, read_trainings

PSNR = "mean PSNR (dB)"
SCORES = (30.0, 33.5, 33.25)


def write_training(
    folder: Path, method: str, *, loss: str = "log-squared", score: str = PSNR
) -> Path:
    """What a training of three validations leaves, as far as curves need it."""
    history = [
        Point(
            step=100 * (i + 1),
            loss=math.log(0.1 / (i + 1)) if loss == "log-squared" else 0.1 / (i + 1),
            score=value,
            learning_rate=1e-3,
            seconds=10.0 * i,
        )
        for i, value in enumerate(SCORES)
    ]
    folder.mkdir(parents=True)
    write_history(history, folder / "history.csv")
    write_toml(
        folder / "fit.toml",
        {
            "format": 2,
            "identity": {"loss": loss},
            "parameters": 12345,
            "validation": score,
            "best_validation": max(SCORES),
            "steps": 300,
            "seconds": 20.5,
            "device": "cpu",
        },
    )
    write_toml(folder / "training.toml", {"method": method, "complete": True})
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    return [
        write_training(tmp_path / "a", "unet"),
        write_training(tmp_path / "b", "dncnn", loss="squared"),
        write_training(tmp_path / "c", "blind-spot", loss="poisson", score="log-likelihood"),
    ]


def test_the_table_tells_the_best_validation(folders: list[Path]) -> None:
    trainings = read_trainings(folders)
    rows = list(csv.DictReader(io.StringIO(curves_csv(trainings))))
    assert [row["method"] for row in rows] == ["unet", "dncnn", "blind-spot"]
    assert rows[0] == {
        "method": "unet",
        "steps": "300",
        "best_validation": "33.5",
        "validation": PSNR,
        "at_step": "200",
        "seconds": "20.5",
        "device": "cpu",
        "parameters": "12345",
    }
    lines = curves_markdown(trainings).splitlines()
    assert lines[2] == "| unet | 300 | 33.50 | – | 200 | 20 | cpu | 12,345 |"
    assert lines[4].startswith("| blind-spot | 300 | – | 33.50000 |")


def test_trainings_of_one_method_go_by_their_folders(folders: list[Path], tmp_path: Path) -> None:
    twin = write_training(tmp_path / "twin", "unet")
    labels = [training.label for training in read_trainings([folders[0], twin, folders[1]])]
    assert labels == [f"unet: {folders[0]}", f"unet: {twin}", "dncnn"]


def test_trainings_of_a_study_tell_their_value(tmp_path: Path) -> None:
    folder = write_training(tmp_path / "white", "unet")
    write_toml(folder / "training.toml", {"method": "unet", "only": {"contrast": "white"}})
    assert read_trainings([folder])[0].label == "unet (white)"


def test_what_holds_no_training_is_refused(folders: list[Path], tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="no complete training"):
        read_trainings([folders[0], tmp_path / "nowhere"])
    (folders[1] / "history.csv").write_text("step,loss\n1,2\n")
    with pytest.raises(MethodError, match="damaged training") as caught:
        read_trainings(folders)
    assert str(folders[1]) in str(caught.value)
    (folders[1] / "history.csv").unlink()
    with pytest.raises(MethodError, match="damaged training"):
        read_trainings(folders)


@pytest.mark.slow
def test_the_command_writes_figure_and_tables(folders: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "curves.png"
    result = CliRunner().invoke(cli, ["study", "curves", *map(str, folders), "--out", str(out)])
    assert result.exit_code == 0, result.exception
    assert out.with_suffix(".md").read_text() in result.output
    assert out.with_suffix(".csv").is_file()
    high = size_of(out)[1]
    # Two kinds of loss and two of validation are four panels, one of each are two.
    CliRunner().invoke(cli, ["study", "curves", str(folders[0]), "--out", str(out)])
    assert size_of(out)[1] < high
