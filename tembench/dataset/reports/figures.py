"""Figures of a data set: contact sheets of its images, and the label of an image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import (
    INK,
    MUTED,
    OutputError,
    figure_of,
    refuse_inputs,
    save_figure,
    scale_bar,
    shortened,
)
from tembench.dataset.image_table import spread
from tembench.recipe import STANDARD

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tembench.dataset.store import Store


def contact_sheet(store: Store, path: Path, n: int = 12) -> Path:
    """Draw images of a store on a grid with one grey scale and a scale bar of 1 nm.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The data set; `n` of its images are drawn, evenly spaced by number.
    path : Path
        PNG to write.
    n : int
        Number of images.
    """
    refuse_inputs([path], [store.path], OutputError)
    numbers = spread(len(store.table), n)
    images = np.stack([_at_one_dose(store, number) for number in numbers])
    low, high = float(images.min()), float(images.max())
    labels = [image_label(store.table.loc[number]) for number in numbers]
    grey = f"grey {low:.2f} to {high:.2f} e/px"
    foot = f"{_title(store)}: {len(numbers)} of {len(store.table)} clean images; {grey}"
    layout = _Sheet(columns=4, side=2.4, gap=0.08, head=0.34, points=7.5)
    return save_figure(_sheet(store, images, labels, foot, (low, high), layout), path)


def model_sheet(store: Store, path: Path) -> Path:
    """Draw a clean image of every atomic model, all at one defocus and tilt where they have it.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The data set; the image drawn of each model is the one nearest to the store's median
        defocus, with the least tilt.
    path : Path
        PNG to write, 2000 px wide or less: ten models in a row.
    """
    refuse_inputs([path], [store.path], OutputError)
    table = store.table
    off_focus = (table["defocus_nm"] - table["defocus_nm"].median()).abs()
    tilt = np.hypot(table["tilt_x_deg"], table["tilt_y_deg"])
    order = table.index[np.lexsort((table.index, tilt, off_focus))]
    chosen = table.loc[order].drop_duplicates("model").sort_index()
    # A tile has some 180 pixels.
    bins = max(1, min(store.shape) // 360)
    images = np.stack([_binned(_at_one_dose(store, number), bins) for number in chosen.index])
    low, high = float(images.min()), float(images.max())
    labels = [shortened(str(name), 32) for name in chosen["model"]]
    defoci, tilts = chosen["defocus_nm"].unique(), chosen[["tilt_x_deg", "tilt_y_deg"]].to_numpy()
    focus = f"{defoci.min():g} to {defoci.max():g}" if len(defoci) > 1 else f"{defoci[0]:g}"
    how = f"{focus} nm, {'some tilted' if tilts.any() else 'no tilt'}"
    grey = f"grey {low:.2f} to {high:.2f} e/px"
    foot = f"{_title(store)}: its {len(chosen)} atomic models; {how}; {grey}"
    layout = _Sheet(columns=10, side=1.17, gap=0.06, head=0.15, points=5)
    return save_figure(_sheet(store, images, labels, foot, (low, high), layout), path)


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """Images per row; in inches, side of an image, gap between two, height of the label above."""

    columns: int
    side: float
    gap: float
    head: float
    points: float


def _sheet(
    store: Store,
    images: np.ndarray,
    labels: list[str],
    foot: str,
    grey: tuple[float, float],
    layout: _Sheet,
) -> Figure:
    """Figure of labelled images on a grid, with a scale bar of 1 nm and a line of text below."""
    columns = min(layout.columns, len(images))
    rows = -(-len(images) // columns)
    side, gap, foot_height = layout.side, layout.gap, 0.3
    width = columns * (side + gap) + gap
    height = rows * (side + layout.head) + foot_height
    figure = figure_of(width, height)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        corner = (
            (gap + (i % columns) * (side + gap)) / width,
            (foot_height + (rows - 1 - i // columns) * (side + layout.head)) / height,
        )
        axes = figure.add_axes((*corner, side / width, side / height))
        axes.set_axis_off()
        axes.imshow(image, cmap="gray", vmin=grey[0], vmax=grey[1], interpolation="antialiased")
        axes.set_title(label, fontsize=layout.points, color=INK, pad=2.5)
        if i == 0:
            pixel_A = store.pixel_size_A * store.shape[1] / image.shape[1]
            scale_bar(axes, 10.0 / pixel_A, layout.points)
    figure.text(gap / width, 0.08 / height, foot, fontsize=7.5, color=MUTED, va="bottom")
    return figure


def _title(store: Store) -> str:
    return f"{store.recipe.name} {store.recipe.version}"


def _at_one_dose(store: Store, number: int) -> np.ndarray:
    """A clean image scaled to the recipe's dose, so that the grey scale does not show the dose."""
    return store.clean(number) * (store.dose_e_per_px / store.dose_of(number))


def _binned(image: np.ndarray, side: int) -> np.ndarray:
    """Means over squares of `side` pixels; incomplete squares are cropped off."""
    height, width = (extent // side for extent in image.shape)
    whole = image[: height * side, : width * side]
    return whole.reshape(height, side, width, side).mean(axis=(1, 3))


def image_label(row: Any) -> str:
    """Label of an image, given its row of the store's table: model, then how it was taken."""
    tilts = [
        f"{row[f'tilt_{axis}_deg']:g}° about {axis}" for axis in "xy" if row[f"tilt_{axis}_deg"]
    ]
    how = [f"{row['defocus_nm']:g} nm", " and ".join(tilts) or "no tilt"]
    if row["condition"] != STANDARD:
        how.append(str(row["condition"]))
    return f"{shortened(str(row['model']), 34)}\n{', '.join(how)}"
