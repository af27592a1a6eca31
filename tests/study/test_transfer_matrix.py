"""Results read and written: CSV, Markdown, figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from study_fakes import size_of

from tembench.core.errors import TableError
from tembench.study.generalization import Study
from tembench.study.transfer_figure import matrix_figure
from tembench.study.transfer_matrix import Cell, Matrix, matrix_csv, matrix_of, read_results
from tembench.study.transfer_text import matrix_markdown

HEADER = "experiment,trained_on,tested_on,n,psnr_db_mean,psnr_db_std,ssim_mean,ssim_std\n"
# Two rows of each kind, of numbers made up.
ROWS = """contrast,black,black,9,39.5,1.046,0.99,0.0039
contrast,black,white,7,27.25,3.702,0.91,0.0391
contrast,white,black,9,36.5,1.65,0.97,0.0067
contrast,white,white,7,36.25,0.901,0.984,0.0035
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.csv"
    path.write_text(HEADER + ROWS)
    return path


def study_of(matrix: Matrix, train: dict[str, int], test: dict[str, int]) -> Study:
    return Study(
        matrix=matrix, title="Flat", recipe="fake 1.0.0", split="model", parameters={},
        train=train, test=test,
    )  # fmt: skip


def test_results_come_back_as_they_were_written(results: Path) -> None:
    found = read_results(results)
    assert matrix_csv(found.values()) == HEADER + ROWS
    # (39.5 - 36.5 + 36.25 - 27.25) / 2
    assert found["contrast"].gap_db() == pytest.approx(6.0)


def test_one_image_has_no_spread_and_none_no_cell() -> None:
    scores = {"a": {1: (30.0, 0.5)}, "b": {1: (20.0, 0.25)}}
    matrix = matrix_of("defect", scores, {"a": [1], "b": []})
    assert matrix.cells["b", "a"] == Cell(
        n=1, psnr_db_mean=20.0, psnr_db_std=0.0, ssim_mean=0.25, ssim_std=0.0
    )
    assert set(matrix.cells) == {("a", "a"), ("b", "a")}
    assert np.isnan(matrix_of("defect", {"a": scores["a"]}, {"a": [1]}).gap_db())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "wrong columns"),
        ("experiment,n\ncontrast,3\n", "wrong columns"),
        (HEADER + "colour,a,b,1,1,1,1,1\n", "line 2: unknown experiment"),
        (HEADER + "contrast,a,b,0,1,1,1,1\n", "line 2: not a row"),
        (HEADER + "contrast,a,b,2,nan,1,1,1\n", "line 2: not a row"),
        (HEADER + "contrast,a,b,2\n", "line 2: not a row"),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)
    with pytest.raises(TableError, match=what):
        read_results(path)
    for missing in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(TableError, match=r"no such file|not a table"):
            read_results(missing)


def test_markdown_says_what_is_left_out(results: Path) -> None:
    reference = read_results(results)
    scores = {"black": {1: (40.0, 0.99)}, "white": {1: (35.0, 0.95)}}
    matrix = matrix_of("contrast", scores, {"black": [1], "grey": [], "white": []})
    study = study_of(matrix, {"black": 12, "white": 13}, {"black": 1, "grey": 0, "white": 0})
    text = matrix_markdown([study], reference, "theirs")
    assert "| black | 12 | 40.00 ± 0.00 (39.50) | – | – (27.25) |" in text
    assert "| *n* |  | 1 | 0 | 0 |" in text
    assert "No image of grey, white is under test in this split: n = 0, left out." in text
    assert "No image of grey is in the training of this split: no network." in text
    assert "no atomic model on both sides" in text
    assert "mean of theirs" in text
    assert "theirs" not in matrix_markdown([study])


@pytest.mark.slow
@pytest.mark.parametrize("compared", [False, True])
def test_the_figure_has_a_heat_map_for_each_metric(
    results: Path, tmp_path: Path, compared: bool
) -> None:
    reference = read_results(results)
    study = study_of(reference["contrast"], {"black": 3, "white": 3}, {"black": 9, "white": 7})
    path = tmp_path / "figure.png"
    matrix_figure([study], path, reference if compared else None, "theirs")
    width, height = size_of(path)
    assert width == 7.5 * 160
    alone = tmp_path / "alone.png"
    matrix_figure([study], alone)
    assert (size_of(alone)[1] < height) is compared
