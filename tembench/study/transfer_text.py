"""Markdown report of a study of generalisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tembench.core import markdown_table
from tembench.ranking import UNKNOWN, number_text
from tembench.study.generalization import Study
from tembench.study.transfer_matrix import Cell, Matrix

SPLIT_TEXTS = {
    "model": "split by model (no atomic model on both sides)",
    "paper": "the paper's split by image (neighbours of a test image are in the training)",
}


def matrix_markdown(
    studies: Sequence[Study], reference: Mapping[str, Matrix] | None = None, source: str = ""
) -> str:
    """Return the results as Markdown, with those of a reference in brackets.

    Parameters
    ----------
    studies : sequence of Study
        One per factor.
    reference : Mapping of str to Matrix, optional
        Other results, by factor, from `tembench.study.transfer_matrix.read_results`.
    source : str
        Name of the reference.
    """
    sections = [
        _section(study, (reference or {}).get(study.matrix.factor), source) for study in studies
    ]
    return "\n\n".join(["# Generalisation", *sections]) + "\n"


def protocol_text(study: Study) -> str:
    """Name the method, the recipe and the split in one line."""
    return f"{study.title} on {study.recipe}, {SPLIT_TEXTS[study.split]}"


def gap_text(matrix: Matrix) -> str:
    """State the mean gap of networks trained on other values; empty without any such pair."""
    gap = matrix.gap_db()
    if math.isnan(gap):
        return ""
    sign = "worse" if gap >= 0 else "better"
    return f"trained on another value: {number_text(abs(gap), 2)} dB {sign} in the mean"


def _section(study: Study, reference: Matrix | None, source: str) -> str:
    matrix = study.matrix
    lines = [f"## {matrix.factor.capitalize()}", "", f"{protocol_text(study)}."]
    for title, cell_text in (("PSNR, dB", _psnr), ("SSIM", _ssim)):
        what = f"{title}, mean ± standard deviation over images"
        what += f"; in brackets the mean of {source}" if reference else ""
        lines += ["", f"{what}:", "", _table(study, reference, cell_text).rstrip()]
    lines += ["", *_remarks(study, reference, source)]
    return "\n".join(lines).rstrip()


def _table(study: Study, reference: Matrix | None, cell_text: Callable[[Cell, bool], str]) -> str:
    matrix = study.matrix
    rows = [["trained on", "images", *(f"tested on {value}" for value in matrix.tested_on)]]
    for trained in matrix.trained_on:
        cells = [trained, str(study.train[trained])]
        for tested in matrix.tested_on:
            text = UNKNOWN
            if (trained, tested) in matrix.cells:
                text = cell_text(matrix.cells[trained, tested], True)
            if reference and (trained, tested) in reference.cells:
                text += f" ({cell_text(reference.cells[trained, tested], False)})"
            cells.append(text)
        rows.append(cells)
    rows.append(["*n*", "", *(str(study.test[value]) for value in matrix.tested_on)])
    return markdown_table(rows)


def _remarks(study: Study, reference: Matrix | None, source: str) -> list[str]:
    gaps = [("", study.matrix)] + ([(f"{source}, ", reference)] if reference else [])
    texts = [f"{name}{text}" for name, matrix in gaps if (text := gap_text(matrix))]
    lines = ["; ".join(texts)[:1].upper() + "; ".join(texts)[1:] + "."] if texts else []
    untested = [value for value, n in study.test.items() if n == 0]
    if untested:
        lines.append(
            f"No image of {', '.join(untested)} is under test in this split: n = 0, left out."
        )
    untrained = [value for value in study.test if value not in study.train]
    if untrained:
        lines.append(
            f"No image of {', '.join(untrained)} is in the training of this split: no network."
        )
    return [part for line in lines for part in (line, "")]


def _psnr(cell: Cell, spread: bool) -> str:
    return f"{cell.psnr_db_mean:.2f}" + (f" ± {cell.psnr_db_std:.2f}" if spread else "")


def _ssim(cell: Cell, spread: bool) -> str:
    return f"{cell.ssim_mean:.4f}" + (f" ± {cell.ssim_std:.4f}" if spread else "")
