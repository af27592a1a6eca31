"""Shown images added to a row are those that scoring writes, or none."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tembench.dataset import open_store
from tembench.methods import denoise, load_method
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.scoring.score import score_outputs
from tembench.ranking.submission import check_submission

sys.path.insert(0, str(Path(__file__).parents[2] / "submissions"))
import add_shown_images as script


@pytest.fixture(scope="session")
def with_shown(tiny_store_path: Path, made_once: Callable[..., Path]) -> Path:
    """Two rows as scoring makes them; read only."""

    def make(folder: Path) -> None:
        store = open_store(tiny_store_path)
        for name in ("gaussian", "noisy"):
            outputs = denoise(load_method(name), store, folder / "outputs" / name, workers=0)
            score_outputs(outputs, store, workers=0)
            submit_outputs(outputs, name, folder / "rows")

    return made_once("with-shown", make) / "rows"


def without_shown(row: Path, folder: Path) -> Path:
    """A copy of a row as it was made before there were shown images."""
    copy = Path(shutil.copytree(row, folder / row.name))
    for name in ("shown.png", "shown.csv"):
        (copy / name).unlink()
    toml = copy / "submission.toml"
    toml.write_text(toml.read_text().partition("\n[shown]\n")[0])
    assert check_submission(copy).shown is None
    return copy


def contents(row: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in row.iterdir()}


def test_they_are_those_that_scoring_writes(
    tiny_store_path: Path, with_shown: Path, tmp_path: Path
) -> None:
    rows = [without_shown(with_shown / name, tmp_path) for name in ("gaussian", "noisy")]
    assert script.main([str(tiny_store_path), *map(str, rows)]) == 0
    for row in rows:
        assert contents(row) == contents(with_shown / row.name)
    assert script.main([str(tiny_store_path), *map(str, rows)]) == 0
    for row in rows:
        assert contents(row) == contents(with_shown / row.name)


def test_a_row_with_other_scores_is_left_out(
    tiny_store_path: Path, with_shown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = without_shown(with_shown / "gaussian", tmp_path)
    toml = row / "submission.toml"
    wider = toml.read_text().replace("sigma_px = 7.0", "sigma_px = 8.0")
    assert wider != toml.read_text()
    toml.write_text(wider)
    before = contents(row)
    assert script.main([str(tiny_store_path), str(row)]) == 1
    assert "has another PSNR" in capsys.readouterr().err
    assert contents(row) == before


def test_a_row_of_other_data_is_left_out(
    tiny_store_path: Path, with_shown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = without_shown(with_shown / "gaussian", tmp_path)
    toml = row / "submission.toml"
    recipe_id = check_submission(row).description.data.recipe_id
    other = hashlib.sha256(b"other").hexdigest()
    toml.write_text(toml.read_text().replace(recipe_id, other))
    assert script.main([str(tiny_store_path), str(row)]) == 1
    assert "scored on another data set" in capsys.readouterr().err
