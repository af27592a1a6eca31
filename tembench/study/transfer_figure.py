"""Heat maps of a study of generalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure, shortened
from tembench.ranking import UNKNOWN
from tembench.study.generalization import Study
from tembench.study.transfer_matrix import Cell, Matrix
from tembench.study.transfer_text import SPLIT_TEXTS, gap_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In inches.
_CELL, _LEFT, _RIGHT, _NARROWEST = (0.74, 0.42), 1.15, 0.15, 7.5
_HEAD, _TITLE, _FOOT = 0.48, 0.3, 0.66
_ACROSS = 2
_MAP = "viridis"
_EMPTY_CELL = "#eceef1"
_MEASURES = (("PSNR, dB", "psnr_db_mean", 2), ("SSIM", "ssim_mean", 4))


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """One heat map: one score of a matrix, on a colour scale that panels may share."""

    title: str
    matrix: Matrix
    field: str
    decimals: int
    scale: tuple[float, float]


def matrix_figure(
    studies: Sequence[Study],
    path: Path,
    reference: Mapping[str, Matrix] | None = None,
    source: str = "",
) -> Path:
    """Draw PSNR and SSIM of every factor, one row each, with those of a reference beside them.

    Parameters
    ----------
    studies : sequence of Study
        One per factor.
    path : Path
        PNG to write.
    reference : Mapping of str to Matrix, optional
        Other results by factor. All cells of one factor and metric share a colour scale.
    source : str
        Name of the reference.
    """
    panels = [_panels(study, reference or {}, source) for study in studies]
    widest = _LEFT + max(len(study.test) for study in studies) * _CELL[0]
    width = max(_ACROSS * widest + _RIGHT, _NARROWEST)
    rows = [_TITLE + len(study.train) * _CELL[1] + _FOOT for study in studies]
    heights = [_HEAD + len(p) // _ACROSS * row for p, row in zip(panels, rows, strict=True)]
    total = sum(heights)
    figure = figure_of(width, total)
    top = total
    for study, own, row, height in zip(studies, panels, rows, heights, strict=True):
        head = f"{study.matrix.factor.capitalize()}: {_head(study)}"
        figure.text(_RIGHT / width, (top - 0.12) / total, head, fontsize=9, color=INK, va="top")
        for index, panel in enumerate(own):
            left = index % _ACROSS * widest + _LEFT
            bottom = top - _HEAD - index // _ACROSS * row - row + _FOOT
            size = (len(study.test) * _CELL[0] / width, len(study.train) * _CELL[1] / total)
            _draw(figure.add_axes((left / width, bottom / total, *size)), study, panel)
        top -= height
    return save_figure(figure, path)


def _head(study: Study) -> str:
    """Two lines: the method and recipe, then the split and the gap."""
    name = shortened(study.title, 60)
    result = "; ".join(filter(None, (SPLIT_TEXTS[study.split], gap_text(study.matrix))))
    return f"{name} on {study.recipe}\n{result}"


def _panels(study: Study, reference: Mapping[str, Matrix], source: str) -> list[_Panel]:
    other = reference.get(study.matrix.factor)
    found = [(study.matrix, "")] + ([(other, source)] if other else [])
    panels = []
    for title, field, decimals in _MEASURES:
        values = [getattr(cell, field) for matrix, _ in found for cell in matrix.cells.values()]
        low, high = min(values), max(values)
        panels += [
            _Panel(
                title=f"{title}, {shortened(name, 24)}" if name else title,
                matrix=matrix,
                field=field,
                decimals=decimals,
                # A single value is drawn in the middle of the scale.
                scale=(low, high) if high > low else (low - 1, high + 1),
            )
            for matrix, name in found
        ]
    return panels


def _draw(axes: Axes, study: Study, panel: _Panel) -> None:
    """Draw one heat map with its numbers; cells without images are grey."""
    trained, tested = list(study.train), list(study.test)
    cells = panel.matrix.cells
    values = np.full((len(trained), len(tested)), np.nan)
    for (row, column), cell in cells.items():
        if row in trained and column in tested:
            values[trained.index(row), tested.index(column)] = getattr(cell, panel.field)
    low, high = panel.scale
    axes.set_facecolor(_EMPTY_CELL)
    axes.imshow(values, cmap=_MAP, vmin=low, vmax=high, aspect="auto")
    for (y, x), value in np.ndenumerate(values):
        known = np.isfinite(value)
        text = f"{value:.{panel.decimals}f}" if known else UNKNOWN
        # Dark text on the light end of the map.
        dark = not known or (value - low) / (high - low) > 0.55
        axes.text(
            x, y, text, ha="center", va="center", fontsize=8.5, color=INK if dark else "white"
        )
    counts = [_count(cells, column) for column in tested]
    labels = [f"{column}\n{count}" for column, count in zip(tested, counts, strict=True)]
    axes.set_xticks(range(len(tested)), labels, fontsize=7.5, color=INK)
    axes.set_yticks(range(len(trained)), trained, fontsize=7.5, color=INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("tested on", fontsize=7.5, color=MUTED, labelpad=2)
    axes.set_ylabel("trained on", fontsize=7.5, color=MUTED, labelpad=2)
    axes.set_title(panel.title, fontsize=8.5, color=INK, pad=5, loc="left")


def _count(cells: Mapping[tuple[str, str], Cell], tested: str) -> str:
    found = {cell.n for (_, column), cell in cells.items() if column == tested}
    return f"n = {max(found, default=0)}"
