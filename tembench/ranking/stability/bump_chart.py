"""Bump chart: the rank of each method in the table and in each fresh draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure, shortened
from tembench.ranking.stability import FRESH_SPECIMENS, OTHER_NOISE, TABLE, agreement

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_HEADINGS = {FRESH_SPECIMENS: "Fresh specimens", OTHER_NOISE: "Same specimens, other noise"}
# Colours that readers with any colour vision tell apart (Okabe and Ito, 2008).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#68707d")
_LONGEST_LABEL = 24


def bump_chart(ranks: pd.DataFrame, path: Path) -> Path:
    """Draw the rank of each method by draw: specimens on the left, noise on the right.

    Parameters
    ----------
    ranks : DataFrame
        From `draw_ranks`.
    path : Path
        PNG to write.
    """
    table = ranks[ranks["kind"] == TABLE].sort_values("rank", kind="stable")
    methods = [str(method) for method in table["method"]]
    draws = int(ranks["draw"].max())
    width, height = max(2.6 + 0.5 * draws, 4.0), 1.25 + 0.24 * len(methods)
    figure = figure_of(2 * width, height)
    for number, kind in enumerate(_HEADINGS):
        left = number * width + 0.55
        box = (left / (2 * width), 0.55 / height, 0.5 * (draws + 1) / (2 * width))
        axes = figure.add_axes((*box, 1 - 1.1 / height))
        _panel(axes, ranks, kind, methods, draws)
    return save_figure(figure, path)


def _panel(axes: Axes, ranks: pd.DataFrame, kind: str, methods: list[str], draws: int) -> None:
    shown = ranks[ranks["kind"].isin([TABLE, kind])]
    for number, method in enumerate(methods):
        own = shown[shown["method"] == method].sort_values("draw")
        colour = _COLOURS[number % len(_COLOURS)]
        style = "-" if number < len(_COLOURS) else "--"
        axes.plot(own["draw"], own["rank"], style, color=colour, lw=1.4, marker="o", ms=3.5)
        axes.annotate(
            shortened(method, _LONGEST_LABEL),
            (draws, _label_place(shown, methods, draws)[method]),
            (7, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=colour,
        )
    found = agreement(ranks, kind)
    below = f"Spearman with the table: {found.mean():.2f} on average, {found.min():.2f} at least"
    axes.set_title(_HEADINGS[kind], loc="left", fontsize=8.5, color=INK, pad=18)
    axes.annotate(
        below,
        (0, 1),
        (0, 7),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        color=MUTED,
    )
    axes.set_ylim(len(methods) + 0.5, 0.5)
    axes.set_xlim(-0.25, draws + 0.25)
    axes.set_yticks(range(1, len(methods) + 1))
    axes.set_xticks(range(draws + 1), ["table", *map(str, range(1, draws + 1))])
    axes.set_xlabel("draw", fontsize=7.5, color=MUTED)
    axes.set_ylabel("rank", fontsize=7.5, color=MUTED)
    axes.tick_params(labelsize=7, colors=MUTED, length=0)
    axes.spines[:].set_visible(False)


def _label_place(shown: pd.DataFrame, methods: list[str], draws: int) -> dict[str, float]:
    """Height of each label: the ranks of the last draw, ties one below the other."""
    last = shown[shown["draw"] == draws].set_index("method")["rank"].loc[methods]
    order = np.argsort(last.to_numpy(), kind="stable")
    return {methods[index]: place + 1.0 for place, index in enumerate(order)}
