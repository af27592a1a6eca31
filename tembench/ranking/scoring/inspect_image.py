"""Figure of one denoised image: its columns, their likelihood ratios and its scores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import (
    INK,
    MUTED,
    OutputError,
    figure_of,
    first_few,
    refuse_inputs,
    save_figure,
    scale_bar,
)
from tembench.dataset import image_label
from tembench.metrics import (
    DISC_A,
    FALSE_ALARM_RATE,
    METRICS,
    MetricInputs,
    column_marks,
    evaluate,
    invented_discs,
    true_discs,
)
from tembench.ranking.number_format import value_text
from tembench.ranking.scoring import panel_image, particle_crop, read_outputs, written_files
from tembench.ranking.scoring.metric_inputs import metric_inputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tembench.dataset import Store

_CROP_A = 34.0
_MATCHED, _MISSED, _INVENTED, _REMOVED = "#2ca25f", "#e34a33", "#f5b700", "#7fb8ff"
_LISTED_METRICS = (
    "psnr_db",
    "ssim",
    "particle_skill",
    "frc_resolution_A",
    "vacuum_ripple",
    "column_precision",
    "column_recall",
    "column_f1",
    "surface_f1",
    "released_f1",
    "position_error_pm",
    "occupancy_correlation",
    "occupancy_error_atoms",
    "site_accuracy",
    "llr_columns",
    "llr_called",
    "llr_invented",
    "umse_paired",
)


def inspect_image(
    outputs: Path, store: Store, image: int | None = None, path: Path | None = None
) -> Path:
    """Draw noisy, denoised and clean image, columns, likelihood ratios and scores.

    Parameters
    ----------
    outputs : Path
        A method's folder with ``outputs.toml`` and ``denoised.zarr``.
    store : tembench.dataset.store.Store
        The store that the outputs were made from.
    image : int, optional
        Number of one of the denoised images; the image of the panels if not given.
    path : Path, optional
        PNG to write; ``inspect-NUMBER.png`` if not given.

    Raises
    ------
    OutputError
        If the outputs break a rule, or the image is not among them.
    """
    written = Path("inspect-NUMBER.png") if path is None else Path(path)
    refuse_inputs([written], [store.path, *written_files(outputs)], OutputError)
    checked = read_outputs(outputs, store)
    image = panel_image(store, checked.images) if image is None else image
    if image not in checked.images:
        raise OutputError(
            f"no image {image} in these outputs",
            where=str(outputs),
            expected=f"one of {len(checked.images)} images: {first_few(checked.images)}",
            remedy="Choose one with --image",
        )
    inputs = metric_inputs(store, image, checked.reader().denoised(image))
    where = f"{store.recipe.name} {store.recipe.version}, image {image}: "
    label = image_label(store.table.loc[image]).replace("\n", ", ")
    title = f"{checked.description.method.title}\n{where}{label}"
    target = Path(f"inspect-{image}.png") if path is None else Path(path)
    values = {
        name: value_text(METRICS[name], v) for name, v in evaluate(inputs, _LISTED_METRICS).items()
    }
    record = {
        "method": checked.description.method.name,
        "recipe": store.recipe.name,
        "image": image,
    }
    record |= {"scores": values, "columns": _counts(inputs)}
    return save_figure(_draw(inputs, title, values), target, record)


def _counts(inputs: MetricInputs) -> dict[str, int]:
    counts = inputs.reading.whole
    return {name: int(getattr(counts, name)) for name in ("matched", "missed", "invented")}


def _draw(inputs: MetricInputs, title: str, values: Mapping[str, str]) -> Figure:
    figure = figure_of(11.4, 8.5, dpi=120)
    figure.text(0.012, 0.975, title, fontsize=11, color=INK, va="top", parse_math=False)
    side = int(min(_CROP_A / inputs.pixel_size_A, *inputs.clean.shape))
    rows, columns = particle_crop(inputs.particle_mask, side)
    crop = (rows, columns)
    # At least a fifth of the dose on either side: a blank image would show its rounding errors.
    low = min(float(inputs.clean.min()), 0.8 * inputs.dose_e_per_px)
    high = max(float(inputs.clean.max()), 1.2 * inputs.dose_e_per_px)
    top = inputs.dose_e_per_px + 4 * inputs.dose_e_per_px**0.5
    panels: list[Axes] = []
    for i in range(5):
        corner = (0.012 + 0.33 * (i % 3), 0.475 - 0.465 * (i // 3))
        axes = figure.add_axes((*corner, 0.32, 0.43))
        axes.set_xticks([])
        axes.set_yticks([])
        panels.append(axes)
    for axes, pixels, grey, text in (
        (panels[0], inputs.noisy, (0.0, top), "noisy"),
        (panels[1], inputs.denoised, (low, high), f"denoised, {low:.2f} to {high:.2f} e/px"),
        (panels[2], inputs.clean, (low, high), "clean, same grey scale"),
        (panels[3], inputs.denoised, (low, high), _legend(inputs)),
    ):
        axes.imshow(pixels[crop], cmap="gray", vmin=grey[0], vmax=grey[1], extent=_extent(crop))
        axes.set_title(text, fontsize=8.5, color=INK, pad=3)
    _draw_columns(panels[3], inputs)
    _draw_ratios(panels[4], inputs)
    for axes in panels:
        axes.set_xlim(columns.start, columns.stop)
        axes.set_ylim(rows.stop, rows.start)
    scale_bar(panels[0], 10.0 / inputs.pixel_size_A, 8.0)
    _write_scores(figure, values)
    return figure


def _extent(crop: tuple[slice, slice]) -> tuple[float, float, float, float]:
    rows, columns = crop
    return columns.start - 0.5, columns.stop - 0.5, rows.stop - 0.5, rows.start - 0.5


def _legend(inputs: MetricInputs) -> str:
    sense = "" if inputs.truth.sign > 0 else " (dark)"
    counts = ", ".join(f"{number} {name}" for name, number in _counts(inputs).items())
    return f"columns{sense}: {counts}"


def _draw_columns(axes: Axes, inputs: MetricInputs) -> None:
    marks = column_marks(inputs)
    for kind, marker, colour in (
        ("matched", "o", _MATCHED),
        ("missed", "x", _MISSED),
        ("invented", "s", _INVENTED),
        ("removed", "+", _REMOVED),
    ):
        x, y = marks.xy_A[marks.kind == kind].T / inputs.pixel_size_A
        axes.plot(x, y, marker, ms=6.5, mew=1.4, color=colour, fillstyle="none")


def _draw_ratios(axes: Axes, inputs: MetricInputs) -> None:
    """Draw discs coloured by likelihood ratio as in the paper; significant ones have a ring."""
    from matplotlib.collections import EllipseCollection

    axes.set_facecolor("#f4f5f7")
    pixel_A = inputs.pixel_size_A
    discs_of = (true_discs(inputs), invented_discs(inputs))
    centres, ratios, called = (
        np.concatenate([getattr(one, name) for one in discs_of])
        for name in ("xy_A", "ratio", "called")
    )
    reach = max(2 * inputs.nulls.fixed.critical(FALSE_ALARM_RATE), 1e-9)
    size = np.full(len(centres), 2 * DISC_A / pixel_A)
    drawn = EllipseCollection(
        size,
        size,
        np.zeros(len(centres)),
        units="xy",
        offsets=centres / pixel_A,
        offset_transform=axes.transData,
        cmap="RdBu_r",
        edgecolors=np.where(called, INK, "none").tolist(),
        linewidths=1.0,
    )
    drawn.set_array(ratios)
    drawn.set_clim(-reach, reach)
    axes.add_collection(drawn)
    axes.set_aspect("equal")
    true, invented = (f"{one.called.sum()} of {len(one.called)}" for one in discs_of)
    axes.set_title(
        f"likelihood ratio against vacuum; ringed: above the {FALSE_ALARM_RATE:.0%} null\n"
        f"{true} true columns, {invented} invented",
        fontsize=8.5,
        color=INK,
        pad=3,
    )
    bar = axes.inset_axes((0.25, 0.035, 0.5, 0.022))
    colours = axes.figure.colorbar(drawn, cax=bar, orientation="horizontal")
    colours.ax.tick_params(labelsize=6.5, length=2, pad=1)
    colours.ax.set_title("nat per pixel", fontsize=6.5, pad=2, color=MUTED)


def _write_scores(figure: Figure, values: Mapping[str, str]) -> None:
    for i, (name, value) in enumerate(values.items()):
        metric, y = METRICS[name], 0.425 - 0.0208 * i
        figure.text(0.70, y, metric.title, fontsize=8.5, color=MUTED)
        figure.text(0.90, y, f"{value} {metric.unit}", fontsize=8.5, color=INK, ha="left")
    keys = (
        "circle: matched, cross: missed, square: invented,\n"
        "plus: place of a column that a defect removed"
    )
    figure.text(0.70, 0.018, keys, fontsize=7.5, color=MUTED)
