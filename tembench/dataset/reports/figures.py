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
    import pandas as pd
    from matplotlib.figure import Figure

    from tembench.dataset.store import Store

_MOST_SPECIMENS = 200


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
    tiles = [
        _Tile(
            image=_at_one_dose(store, number),
            label=image_label(store.table.loc[number]),
            pixel_size_A=store.pixel_size_of(number),
        )
        for number in numbers
    ]
    foot = f"{_title(store)}: {len(numbers)} of {len(store.table)} clean images"
    layout = _Sheet(columns=4, side=2.4, gap=0.08, head=0.34, points=7.5)
    return save_figure(_sheet(tiles, foot, layout), path)


def model_sheet(store: Store, path: Path) -> Path:
    """Draw a clean image of every atomic model, all at one defocus and tilt where they have it.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The data set; the image drawn of each model is the one nearest to the store's median
        defocus, with the least tilt. Of a drawn data set, the first image of each specimen is
        drawn, of at most 200 of them.
    path : Path
        PNG to write, 2000 px wide or less: ten models in a row.
    """
    refuse_inputs([path], [store.path], OutputError)
    chosen, how = _one_of_each_model(store)
    # A tile has some 180 pixels.
    bins = max(1, min(store.shape) // 360)
    tiles = [
        _Tile(
            image=_binned(_at_one_dose(store, number), bins),
            label=shortened(str(name), 32),
            pixel_size_A=store.pixel_size_of(number) * bins,
        )
        for number, name in chosen["model"].items()
    ]
    layout = _Sheet(columns=10, side=1.17, gap=0.06, head=0.15, points=5)
    return save_figure(_sheet(tiles, f"{_title(store)}: {how}", layout), path)


def _one_of_each_model(store: Store) -> tuple[pd.DataFrame, str]:
    """Rows of one image of each model or specimen, and a text on which they are."""
    table = store.table
    if "condition" not in table:
        first = table.drop_duplicates("model")
        chosen = first.iloc[spread(len(first), _MOST_SPECIMENS)]
        return chosen, f"first images of {len(chosen)} of {len(first)} specimens"
    off_focus = (table["defocus_nm"] - table["defocus_nm"].median()).abs()
    tilt = np.hypot(table["tilt_x_deg"], table["tilt_y_deg"])
    order = table.index[np.lexsort((table.index, tilt, off_focus))]
    chosen = table.loc[order].drop_duplicates("model").sort_index()
    defoci, tilts = chosen["defocus_nm"].unique(), chosen[["tilt_x_deg", "tilt_y_deg"]].to_numpy()
    focus = f"{defoci.min():g} to {defoci.max():g}" if len(defoci) > 1 else f"{defoci[0]:g}"
    tilted = "some tilted" if tilts.any() else "no tilt"
    return chosen, f"its {len(chosen)} atomic models; {focus} nm, {tilted}"


@dataclass(frozen=True, kw_only=True)
class _Tile:
    """An image in electrons per pixel, its label, and the size of its pixels."""

    image: np.ndarray
    label: str
    pixel_size_A: float


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """Images per row; in inches, side of an image, gap between two, height of the label above."""

    columns: int
    side: float
    gap: float
    head: float
    points: float


def _sheet(tiles: list[_Tile], foot: str, layout: _Sheet) -> Figure:
    """Figure of labelled images on a grid, with scale bars of 1 nm and a line of text below.

    Images whose pixels are alike share the bar of the first.
    """
    columns = min(layout.columns, len(tiles))
    rows = -(-len(tiles) // columns)
    side, gap, foot_height = layout.side, layout.gap, 0.3
    width = columns * (side + gap) + gap
    height = rows * (side + layout.head) + foot_height
    low = min(float(tile.image.min()) for tile in tiles)
    high = max(float(tile.image.max()) for tile in tiles)
    alike = len({tile.pixel_size_A for tile in tiles}) == 1
    figure = figure_of(width, height)
    for i, tile in enumerate(tiles):
        corner = (
            (gap + (i % columns) * (side + gap)) / width,
            (foot_height + (rows - 1 - i // columns) * (side + layout.head)) / height,
        )
        axes = figure.add_axes((*corner, side / width, side / height))
        axes.set_axis_off()
        axes.imshow(tile.image, cmap="gray", vmin=low, vmax=high, interpolation="antialiased")
        axes.set_title(tile.label, fontsize=layout.points, color=INK, pad=2.5)
        if i == 0 or not alike:
            scale_bar(axes, 10.0 / tile.pixel_size_A, layout.points)
    text = f"{foot}; grey {low:.2f} to {high:.2f} e/px"
    figure.text(gap / width, 0.08 / height, text, fontsize=7.5, color=MUTED, va="bottom")
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
    if "condition" not in row:
        return _drawn_label(row)
    tilts = [
        f"{row[f'tilt_{axis}_deg']:g}° about {axis}" for axis in "xy" if row[f"tilt_{axis}_deg"]
    ]
    how = [f"{row['defocus_nm']:g} nm", " and ".join(tilts) or "no tilt"]
    if row["condition"] != STANDARD:
        how.append(str(row["condition"]))
    return f"{shortened(str(row['model']), 34)}\n{', '.join(how)}"


def _drawn_label(row: Any) -> str:
    """Label of a drawn image: specimen and kind, then defocus and dose, and the frame if not 0."""
    how = [f"C10 {row['C10_nm']:.1f} nm", f"{row['dose_e_per_A2']:.3g} e/Å²"]
    if row["frame"]:
        how.append(f"frame {row['frame']}")
    name = f"{row['model']}, {row['kind']}"
    return f"{shortened(name, 34)}\n{', '.join(how)}"
