"""Transfer matrix: scores of networks trained on one value of a factor and tested on all.

Read and written in the form of the authors' released results: ``experiment, trained_on, tested_on,
n, psnr_db_mean, psnr_db_std, ssim_mean, ssim_std``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import TableError, csv_text
from tembench.study.plan import STUDY_FACTORS
from tembench.study.train_and_score import Scores

RESULT_COLUMNS = (
    "experiment", "trained_on", "tested_on", "n",
    "psnr_db_mean", "psnr_db_std", "ssim_mean", "ssim_std",
)  # fmt: skip
_DECIMALS = {"psnr_db_mean": 3, "psnr_db_std": 3, "ssim_mean": 4, "ssim_std": 4}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Scores of one network on the images of one value.

    Attributes
    ----------
    n : int
        Number of test images.
    psnr_db_mean, psnr_db_std, ssim_mean, ssim_std : float
        Means over the images and their sample standard deviations; 0 for one image.
    """

    n: int
    psnr_db_mean: float
    psnr_db_std: float
    ssim_mean: float
    ssim_std: float


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Scores of one factor.

    Attributes
    ----------
    factor : str
        "contrast", "structure" or "defect".
    trained_on, tested_on : tuple of str
        Values of the factor.
    cells : Mapping
        By (trained on, tested on); a pair without images is left out.
    """

    factor: str
    trained_on: tuple[str, ...]
    tested_on: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]

    def gap_db(self) -> float:
        """Mean advantage in PSNR of the network trained on the tested value over the others, dB.

        Averaged over the tested values that have a network of their own; NaN if there is none.
        """
        gaps = [
            self.cells[value, value].psnr_db_mean - self.cells[other, value].psnr_db_mean
            for value in self.tested_on
            for other in self.trained_on
            if other != value and (value, value) in self.cells and (other, value) in self.cells
        ]
        return float(np.mean(gaps)) if gaps else math.nan


def matrix_of(
    factor: str, networks: Mapping[str, Scores], test: Mapping[str, Sequence[int]]
) -> Matrix:
    """Average the scores of networks over the images of each value.

    Parameters
    ----------
    factor : str
        Name of the factor.
    networks : Mapping of str to Scores
        Scores of each network, by the value that it was trained on.
    test : Mapping of str to sequence of int
        Numbers of the test images by value.
    """
    cells = {
        (trained, tested): _cell(scores, images)
        for trained, scores in networks.items()
        for tested, images in test.items()
        if images
    }
    return Matrix(factor=factor, trained_on=tuple(networks), tested_on=tuple(test), cells=cells)


def _cell(scores: Scores, images: Sequence[int]) -> Cell:
    values = np.array([scores[image] for image in images])
    spread = values.std(axis=0, ddof=1) if len(images) > 1 else np.zeros(2)
    psnr, ssim = values.mean(axis=0)
    return Cell(
        n=len(images),
        psnr_db_mean=float(psnr),
        psnr_db_std=float(spread[0]),
        ssim_mean=float(ssim),
        ssim_std=float(spread[1]),
    )


def matrix_csv(matrices: Iterable[Matrix]) -> str:
    """Return the results as CSV, with the columns and digits of the released results."""
    rows: list[tuple[object, ...]] = [RESULT_COLUMNS]
    for matrix in matrices:
        for (trained, tested), cell in _in_order(matrix):
            numbers = [round(getattr(cell, name), digits) for name, digits in _DECIMALS.items()]
            rows.append((matrix.factor, trained, tested, cell.n, *numbers))
    return csv_text(rows)


def _in_order(matrix: Matrix) -> Iterator[tuple[tuple[str, str], Cell]]:
    for trained in matrix.trained_on:
        for tested in matrix.tested_on:
            if (trained, tested) in matrix.cells:
                yield (trained, tested), matrix.cells[trained, tested]


def read_results(path: Path) -> dict[str, Matrix]:
    """Read results in the form of the released ones; return them by factor.

    Raises
    ------
    TableError
        If the file does not exist, or has other columns or invalid values.
    """
    path = Path(path)
    expected = f"a CSV file with the columns {', '.join(RESULT_COLUMNS)}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = tuple(reader.fieldnames or ())
            rows = list(reader)
    except FileNotFoundError:
        raise TableError("no such file", where=str(path), expected=expected) from None
    except (IsADirectoryError, UnicodeDecodeError, csv.Error) as problem:
        got = f"{type(problem).__name__}"
        raise TableError("not a table", where=str(path), expected=expected, got=got) from None
    if columns != RESULT_COLUMNS:
        got = ", ".join(columns)[:200] or "an empty file"
        raise TableError("wrong columns", where=str(path), expected=expected, got=got)
    found: dict[str, dict[tuple[str, str], Cell]] = {}
    for line, row in enumerate(rows, 2):
        cells = found.setdefault(_factor(row, path, line), {})
        cells[row["trained_on"], row["tested_on"]] = _read_cell(row, path, line)
    return {
        factor: Matrix(
            factor=factor,
            trained_on=tuple(dict.fromkeys(trained for trained, _ in cells)),
            tested_on=tuple(dict.fromkeys(tested for _, tested in cells)),
            cells=cells,
        )
        for factor, cells in found.items()
    }


def _factor(row: Mapping[str, str], path: Path, line: int) -> str:
    if row["experiment"] not in STUDY_FACTORS:
        raise TableError(
            f"line {line}: unknown experiment",
            where=str(path),
            expected=f"one of {', '.join(STUDY_FACTORS)}",
            got=repr(row["experiment"]),
        )
    return row["experiment"]


def _read_cell(row: Mapping[str, str], path: Path, line: int) -> Cell:
    try:
        values = {name: float(row[name]) for name in _DECIMALS}
        n = int(row["n"])
    except (ValueError, TypeError):
        n, values = 0, {}
    if n < 1 or not all(map(math.isfinite, values.values())):
        raise TableError(
            f"line {line}: not a row of results",
            where=str(path),
            expected="a positive n and finite means and standard deviations",
        )
    return Cell(n=n, **values)
