"""Preview of a drawn recipe: clean and noisy images of a few of its specimens, without a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import (
    INK,
    MUTED,
    OutputError,
    figure_of,
    progress,
    refuse_inputs,
    run_tasks,
    save_figure,
    scale_bar,
    shortened,
)
from tembench.dataset.drawn import DrawnContents, SpecimenImages
from tembench.dataset.drawn.simulate_specimen import simulate_specimen
from tembench.recipe import DrawnRecipe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches: side of an image, gap, height of the label above a pair, height of the foot.
_SIDE, _GAP, _HEAD, _FOOT = 2.0, 0.06, 0.36, 0.3
_COLUMNS = 6


def draw_preview(recipe: DrawnRecipe, path: Path, number: int = 12, *, workers: int = 2) -> Path:
    """Draw the first image of the first specimens of a recipe, clean above noisy.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe; its images are those that a store of it has.
    path : Path
        PNG to write.
    number : int
        Number of specimens.
    workers : int
        Number of processes; 0 simulates in this one.

    Raises
    ------
    RecipeError
        If a specimen cannot be drawn.
    """
    refuse_inputs([path], [], OutputError)
    contents = DrawnContents(recipe)
    specimens = _first_of_each_draw(contents, number)
    shown = {}
    with progress(f"Drawing specimens of {recipe.name}", len(specimens)) as advance:
        for one in run_tasks(_PreviewJob(recipe), specimens, workers, OutputError):
            shown[one.number] = one
            advance(1)
    return save_figure(_figure(recipe, [shown[number] for number in specimens]), path)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A specimen's first image, over vacuum, clean and as recorded, and its label."""

    number: int
    clean: np.ndarray
    noisy: np.ndarray
    label: str
    pixel_size_A: float


@dataclass(frozen=True)
class _PreviewJob:
    recipe: DrawnRecipe

    def prepare(self) -> Callable[[int], _Shown]:
        contents = DrawnContents(self.recipe)
        return lambda number: _shown(contents, number)


def _first_of_each_draw(contents: DrawnContents, number: int) -> list[int]:
    """Specimens to show: the first ones, and of the variants of a draw the first."""
    return list(range(0, contents.n_specimens, contents.recipe.variants))[:number]


def _shown(contents: DrawnContents, number: int) -> _Shown:
    one = simulate_specimen(contents.recipe, contents.place_of(number), only=1)
    return _Shown(
        number=number,
        clean=one.clean(0),
        noisy=one.noisy(0, 0) / one.dose_e_per_px(one.images[0]),
        label=_label(contents.place_of(number).name, one),
        pixel_size_A=one.built.cell.pixel_size_A,
    )


def _label(name: str, one: SpecimenImages) -> str:
    drawn, image = one.built.drawn, one.images[0]
    optics = image.optics
    first = f"{name}, {drawn.kind}"
    second = (
        f"{one.built.specimen.depth_A:.0f} Å thick, C10 {optics.C10_nm:.1f} nm, "
        f"{image.exposure.dose_e_per_A2:.3g} e/Å²"
    )
    third = f"{optics.energy_keV:g} kV ({drawn.microscope}), {image.exposure.detector}"
    if one.built.seed.attempt:
        third += f"; {one.built.seed.attempt} refused"
    return "\n".join(shortened(line, 48) for line in (first, second, third))


def _figure(recipe: DrawnRecipe, shown: list[_Shown]) -> Figure:
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    pair = _HEAD + 2 * _SIDE + 2 * _GAP
    width, height = columns * (_SIDE + _GAP) + _GAP, rows * pair + _FOOT
    figure = figure_of(width, height)
    for index, one in enumerate(shown):
        row, column = divmod(index, columns)
        left = _GAP + column * (_SIDE + _GAP)
        top = height - row * pair - _HEAD
        for line, image in enumerate((one.clean, one.noisy)):
            bottom = top - (line + 1) * _SIDE - line * _GAP
            axes = figure.add_axes((left / width, bottom / height, _SIDE / width, _SIDE / height))
            _draw(axes, image, one.clean)
            if line == 0:
                axes.set_title(one.label, fontsize=5.6, color=INK, pad=2.5)
                scale_bar(axes, 10.0 / one.pixel_size_A, 6)
    foot = (
        f"{recipe.name} {recipe.version}: {len(shown)} of its specimens, clean above noisy; "
        "the grey scale is that of each clean image, twice as wide for the noisy one; bar 1 nm"
    )
    figure.text(_GAP / width, 0.08 / height, foot, fontsize=7, color=MUTED, va="bottom")
    return figure


def _draw(axes: Axes, image: np.ndarray, clean: np.ndarray) -> None:
    """One image on the grey scale of the clean one, widened so that noise is not clipped to it."""
    low, high = np.quantile(clean, (0.001, 0.999))
    middle, half = (low + high) / 2, max(high - low, 0.02) / 2
    spread = 1.0 if image is clean else 2.0
    axes.set_axis_off()
    axes.imshow(
        image,
        cmap="gray",
        vmin=middle - spread * half,
        vmax=middle + spread * half,
        interpolation="antialiased",
    )
