"""Field of view: scores of networks over their receptive field, as tables and a figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import (
    INK,
    MUTED,
    TableError,
    csv_text,
    figure_of,
    markdown_escaped,
    markdown_table,
    save_figure,
)
from tembench.dataset.image_table import image_table
from tembench.metrics import METRICS, Metric
from tembench.ranking import CONFIDENCE, UNKNOWN, interval_text, metric_heading, value_text
from tembench.recipe import Recipe, load_closed_recipe, recipe_id
from tembench.study.scored_networks import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOUR = "#b4531f"
_GAIN_COLOURS = ("#2f6f8f", "#b4531f", "#5b8c3a", "#7a4f9a")
_BY_DEFOCUS = ("psnr_db", "column_f1")


def recipe_of(name: str, identity: str) -> Recipe:
    """Load the recipe of the images that submissions were tested on.

    Parameters
    ----------
    name : str
        A recipe shipped with tembench, or a file.
    identity : str
        Recipe id recorded in the submissions.

    Raises
    ------
    RecipeError
        If there is no such recipe.
    TableError
        If it has another id.
    """
    recipe = load_closed_recipe(name)
    if recipe_id(recipe) != identity:
        raise TableError(
            "not the recipe of the submissions",
            where=name,
            expected=f"recipe id {identity[:12]}",
            got=recipe_id(recipe)[:12],
            remedy="name the file of the right recipe with --recipe",
        )
    return recipe


def field_markdown(networks: Sequence[Network]) -> str:
    """Return the comparison as Markdown: a table of means, then one of gains.

    Parameters
    ----------
    networks : sequence of Network
        From `tembench.study.scored_networks.compare`.
    """
    metrics = _metrics(networks)
    data = networks[0].submission.description.data
    head = ["Network", "Scales", "Field, Å", "Field, px", "Parameters"]
    means = [[*head, *(metric_heading(metric) for metric in metrics)]]
    gains = [["Scales", *(metric_heading(metric) for metric in metrics)]]
    for before, network in zip((None, *networks), networks, strict=False):
        size = [f"{network.field_A:.1f}", str(network.field_px), f"{network.parameters:,}"]
        values = [value_text(metric, network.values[metric.name].mean) for metric in metrics]
        title = network.submission.description.method.title
        means.append([markdown_escaped(title), str(network.scales), *size, *values])
        if before is not None:
            texts = [_gain_text(metric, network) for metric in metrics]
            gains.append([f"{before.scales} to {network.scales}", *texts])
    return (
        f"# Field of view\n\n{data.recipe} {data.version}, {data.part} part of split {data.split}, "
        f"{data.images} images. The field is that of the architecture: all that may change one "
        f"output.\n\n{markdown_table(means, padded=True)}\n"
        f"Gain over the network of the next smaller field, image by image, with its "
        f"{CONFIDENCE:.0%} interval (bootstrap over atomic models):\n\n"
        f"{markdown_table(gains, padded=True)}"
    )


def field_csv(networks: Sequence[Network]) -> str:
    """Return all numbers of the comparison as CSV, one row per network."""
    metrics = _metrics(networks)
    ends = ("mean", "low", "high")
    columns = [f"{m.name}{gain}_{end}" for m in metrics for gain in ("", "_gain") for end in ends]
    rows: list[list[object]] = [["name", "scales", "field_A", "field_px", "parameters", *columns]]
    for network in networks:
        cells: list[object] = []
        for metric in metrics:
            for interval in (network.values[metric.name], network.gains.get(metric.name)):
                cells += [getattr(interval, end) if interval else "" for end in ends]
        size = (network.scales, network.field_A, network.field_px, network.parameters)
        rows.append([network.submission.name, *size, *cells])
    return csv_text(rows)


def field_figure(networks: Sequence[Network], recipe: Recipe, path: Path) -> Path:
    """Draw every metric over the receptive field, and the gains over defocus.

    Parameters
    ----------
    networks : sequence of Network
        From `tembench.study.scored_networks.compare`.
    recipe : Recipe
        Recipe of the images, for their size and their defoci.
    path : Path
        PNG to write.
    """
    metrics = _metrics(networks)
    by_defocus = [metric for metric in metrics if metric.name in _BY_DEFOCUS]
    panels = len(metrics) + len(by_defocus)
    down = -(-panels // 3)
    width, height = 10.8, 2.9 * down + 0.3
    figure = figure_of(width, height)
    grid = figure.add_gridspec(
        down, 3, left=0.06, right=0.985, wspace=0.26, hspace=0.5,
        bottom=0.65 / height, top=1 - 0.35 / height,
    )  # fmt: skip
    # Fidelity in the first row, column metrics in the second, each with its gain at the end.
    order = (
        [m for m in metrics if not m.name.endswith("f1")],
        [m for m in metrics if m.name.endswith("f1")],
    )
    index = 0
    for group in order:
        for metric in group:
            _draw_metric(figure.add_subplot(grid[index]), networks, metric, recipe)
            index += 1
        for metric in group:
            if metric in by_defocus:
                _draw_gain(figure.add_subplot(grid[index]), networks, metric, recipe)
                index += 1
    return save_figure(figure, path)


def _metrics(networks: Sequence[Network]) -> list[Metric]:
    return [METRICS[name] for name in networks[0].values]


def _gain_text(metric: Metric, network: Network) -> str:
    gain = network.gains[metric.name]
    span = interval_text(metric, gain)
    text = value_text(metric, gain.mean)
    return text if span == UNKNOWN else f"{text} ({span})"


def _draw_metric(axes: Axes, networks: Sequence[Network], metric: Metric, recipe: Recipe) -> None:
    fields = np.array([network.field_A for network in networks])
    found = [network.values[metric.name] for network in networks]
    means = np.array([value.mean for value in found])
    axes.set_xscale("log")
    axes.plot(fields, means, "o-", color=_COLOUR, ms=5, lw=1.4)
    for field, value in zip(fields, found, strict=True):
        if math.isfinite(value.low) and math.isfinite(value.high):
            axes.plot([field, field], [value.low, value.high], color=_COLOUR, lw=2.4, alpha=0.35)
    axes.set_xlim(fields.min() / 1.5, fields.max() * 1.5)
    axes.set_xticks(fields, [f"{n.field_A:.0f} Å\n{n.scales} scales" for n in networks])
    axes.set_xticks([], minor=True)
    axes.axvline(recipe.box.width_A, color=MUTED, lw=0.9, ls=":", zorder=0)
    axes.annotate(
        "image", (recipe.box.width_A, 0.03), (3, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", fontsize=7, color=MUTED,
    )  # fmt: skip
    _finish(axes, metric_heading(metric), "receptive field")


def _draw_gain(axes: Axes, networks: Sequence[Network], metric: Metric, recipe: Recipe) -> None:
    """Draw the mean difference to the network with the smallest field, by defocus."""
    first = networks[0]
    images = first.submission.scores["image"].to_numpy()
    defocus = image_table(recipe)["defocus_nm"].to_numpy(dtype=float)[images]
    at = np.unique(defocus)
    worst = first.submission.scores[metric.name].to_numpy(dtype=np.float64)
    for network, colour in zip(networks[1:], _GAIN_COLOURS * len(networks), strict=False):
        gain = network.submission.scores[metric.name].to_numpy(dtype=np.float64) - worst
        means = [gain[defocus == value].mean() for value in at]
        label = f"{network.scales} scales"
        axes.plot(at, means, "o-", color=colour, ms=3, lw=1.3, label=label)
    axes.axhline(0, color=MUTED, lw=0.9, zorder=0)
    axes.legend(fontsize=7.5, frameon=False, labelcolor=INK)
    _finish(axes, f"{metric_heading(metric)}: gain over {first.scales} scales", "defocus, nm")


def _finish(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title, fontsize=8.5, color=INK, loc="left", pad=5)
    axes.set_xlabel(below, fontsize=8, color=MUTED, labelpad=2)
    axes.tick_params(which="both", labelsize=7.5, colors=MUTED)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
