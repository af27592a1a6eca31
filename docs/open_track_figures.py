"""Figures of the open track: contact sheets of 100 draws, and the distribution of every value.

python docs/open_track_figures.py                  # draws all of them into docs/
python docs/open_track_figures.py draws values     # or those that are named
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tembench.core import INK, MUTED, figure_of, progress, scale_bar
from tembench.dataset.drawn.drawn_contents import Place
from tembench.dataset.drawn.group_columns import grouping_values
from tembench.dataset.drawn.simulate_specimen import SpecimenImages, simulate_specimen
from tembench.recipe import (
    DrawnImage,
    DrawnRecipe,
    DrawnSpecimen,
    draw_images,
    draw_specimen,
    drawn_values,
    load_recipe,
    specimen_seed,
    value_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOCS = Path(__file__).parent
RECIPE, PART = "open-hrtem", "dev"
BLUE = "#2f6db3"
# The draws of each sheet, and how they are laid out; inches.
SHEETS, EACH, COLUMNS = 2, 50, 10
SIDE, GAP, HEAD, FOOT = 1.0, 0.03, 0.25, 0.22
GREYS = 32
BINNING = 3
SPECIMENS = 1000
BINS = 40
# A choice between 0 and a range has most of its draws in one bin: its share is written instead.
SPIKE = 0.2
MOST_BARS = 21
LOGARITHMIC = ("pixel_size_A", "dose_e_per_A2", "convergence_mrad", "film_thickness_A")


def draw_sheets() -> None:
    """Two contact sheets of the first 100 specimens of the part `dev`, clean above noisy."""
    recipe = loaded()
    for sheet in range(SHEETS):
        numbers = range(sheet * EACH, (sheet + 1) * EACH)
        made = []
        with progress(f"Drawing sheet {sheet + 1}", EACH) as advance:
            for number in numbers:
                made.append(simulate_specimen(recipe, Place(PART, number, 0), only=1))
                advance(1)
        save_grey(contact_sheet(recipe, numbers, made), DOCS / f"{RECIPE}-draws-{sheet + 1}.png")


def contact_sheet(recipe: DrawnRecipe, numbers: range, made: list[SpecimenImages]) -> Figure:
    """First images of specimens, each clean above noisy on the clean one's grey scale."""
    rows, pair = -(-len(made) // COLUMNS), HEAD + 2 * SIDE + 2 * GAP
    width, height = COLUMNS * (SIDE + GAP) + GAP, rows * pair + FOOT
    figure = figure_of(width, height, dpi=190)
    for index, (number, one) in enumerate(zip(numbers, made, strict=True)):
        row, column = divmod(index, COLUMNS)
        clean, dose = one.clean(0), one.dose_e_per_px(one.images[0])
        noisy = binned(one.noisy(0, 0)) / dose
        low, high = np.quantile(clean, (0.001, 0.999))
        middle, half = (low + high) / 2, max(high - low, 0.02) / 2
        left, top = GAP + column * (SIDE + GAP), height - row * pair - HEAD
        for line, (image, spread) in enumerate(((clean, half), (noisy, noise_range(noisy, half)))):
            bottom = top - (line + 1) * SIDE - line * GAP
            place = (left / width, bottom / height, SIDE / width, SIDE / height)
            axes = figure.add_axes(place)
            axes.set_axis_off()
            axes.imshow(image, cmap="gray", vmin=middle - spread, vmax=middle + spread)
            if line == 0:
                axes.set_title(label(number, one), fontsize=3.9, color=INK, pad=1.5)
                scale_bar(axes, 10.0 / one.built.cell.pixel_size_A, 4)
    foot = (
        f"{recipe.name} {recipe.version}, part {PART}, specimens {numbers.start} to "
        f"{numbers.stop - 1}: the first image of each, clean above noisy; grey from the 0.1st to "
        "the 99.9th percentile of the clean image, wider for noise, which is averaged over "
        f"{BINNING} x {BINNING} pixels; bar 1 nm"
    )
    figure.text(GAP / width, 0.06 / height, foot, fontsize=5.5, color=MUTED, va="bottom")
    return figure


def binned(image: np.ndarray) -> np.ndarray:
    """Means of squares of pixels: at the size of print, single counts are seen as grey."""
    rows, columns = (size // BINNING for size in image.shape)
    blocks = image[: rows * BINNING, : columns * BINNING]
    return blocks.reshape(rows, BINNING, columns, BINNING).mean(axis=(1, 3))


def noise_range(noisy: np.ndarray, half: float) -> float:
    """Half of the grey scale of a noisy image: that of the clean one, or 2.5 deviations."""
    return float(max(half, 2.5 * noisy.std()))


def label(number: int, one: SpecimenImages) -> str:
    """Kind, thickness, defocus, dose, microscope and detector of a specimen's first image."""
    drawn, image = one.built.drawn, one.images[0]
    depth = f"{one.built.specimen.depth_A / 10:.1f} nm thick" if one.built.specimen.names else ""
    lines = (
        f"{number} {drawn.kind} {depth}",
        f"C10 {image.optics.C10_nm:.1f} nm, {image.exposure.dose_e_per_A2:.0f} e/Å²",
        f"{drawn.microscope}, {image.exposure.detector}",
    )
    return "\n".join(lines)


def save_grey(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG of a few greys, which noise makes large."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    picture = Image.open(buffer).convert("L")
    picture.quantize(GREYS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path)


def draw_values() -> None:
    """The distribution of every value, over the first specimens of the part to train on."""
    recipe = loaded()
    numbers, texts = defaultdict(list), defaultdict(Counter)
    jobs = [("train", number) for number in range(SPECIMENS)]
    jobs += [("movie", number) for number in range(recipe.n_specimens("movie"))]
    with progress("Drawing values", len(jobs)) as advance:
        for part, number in jobs:
            specimen = draw_specimen(recipe, *specimen_seed(recipe, part, number))
            images = draw_images(recipe, specimen)
            for image in images if part == "train" else images[:1]:
                for name, value in values_of(recipe, part, specimen, image).items():
                    if isinstance(value, str):
                        texts[name][value] += 1
                    else:
                        numbers[name].append(value)
            advance(1)
    units = {one.name: one.unit for one in value_names(recipe)}
    varied = {name: values for name, values in numbers.items() if len(set(values)) > 1}
    path = DOCS / f"{RECIPE}-values.png"
    values_figure(recipe, varied, texts, units).savefig(path, format="png")
    print(path)


def values_of(
    recipe: DrawnRecipe, part: str, specimen: DrawnSpecimen, image: DrawnImage
) -> dict[str, str | float]:
    """Values of an image; of all particles of a count, and of a movie its exposure alone."""
    if part == "movie":
        exposure = {k: v for k, v in vars(image.exposure).items() if isinstance(v, float)}
        return {f"movie {name}": value for name, value in exposure.items()}
    found = drawn_values(recipe, specimen, image) | grouping_values(recipe, specimen, image)
    return {re.sub(r"-\d+(?=_)", "", name): value for name, value in found.items()}


def values_figure(
    recipe: DrawnRecipe,
    numbers: Mapping[str, list[float]],
    texts: Mapping[str, Counter[str]],
    units: Mapping[str, str],
) -> Figure:
    """Bars of the texts, and a histogram of each number."""
    columns, above, each = 9, 4.9, 0.8
    rows = -(-len(numbers) // columns)
    height = above + rows * each + 0.3
    figure = figure_of(12.6, height, dpi=100)
    across = -(-len(texts) // 2)
    for index, (name, counts) in enumerate(texts.items()):
        row, column = divmod(index, across)
        bottom = 1 - ((row + 1) * above / 2 - 0.3) / height
        place = ((column + 0.5) / across, bottom, 0.46 / across, (above / 2 - 0.6) / height)
        bars(figure.add_axes(place), name, counts)
    for index, (name, values) in enumerate(numbers.items()):
        row, column = divmod(index, columns)
        bottom = 1 - (above + (row + 1) * each - 0.32) / height
        place = (column / columns + 0.011, bottom, 1 / columns - 0.022, (each - 0.48) / height)
        histogram(figure.add_axes(place), name, np.array(values), units)
    foot = (
        f"{recipe.name} {recipe.version}: values of the first {SPECIMENS} specimens of the part "
        "train and of their images, and of all movies, as they are drawn first (specimens whose "
        "atoms cannot be placed are drawn again); all particles of a count together"
    )
    figure.text(0.012, 0.08 / height, foot, fontsize=7, color=MUTED, va="bottom")
    return figure


def bars(axes: Axes, name: str, counts: Counter[str]) -> None:
    """Shares of the values of a text, the most frequent first."""
    total, common = sum(counts.values()), counts.most_common(MOST_BARS)
    axes.barh([value for value, _ in common], [n / total for _, n in common], color=BLUE)
    axes.invert_yaxis()
    more = f" ({len(common)} of {len(counts)})" if len(counts) > MOST_BARS else ""
    axes.set_title(f"{name.replace('_', ' ')}{more}", fontsize=6.5, color=INK, pad=2)
    finish(axes)


def histogram(axes: Axes, name: str, values: np.ndarray, units: Mapping[str, str]) -> None:
    """Histogram of a number; on a logarithmic axis where it is drawn evenly in the logarithm."""
    own = name.removeprefix("movie ")
    (common, count), *_ = Counter(values.tolist()).most_common(1)
    note = ""
    if count / len(values) > SPIKE and len(set(values.tolist())) > BINS:
        note = f", {count / len(values):.0%} at {common:g}"
        values = values[values != common]
    logarithmic = own in LOGARITHMIC
    space = np.geomspace if logarithmic else np.linspace
    axes.hist(values, bins=space(values.min(), values.max(), BINS), color=BLUE)
    if logarithmic:
        axes.set_xscale("log")
        ends = (float(f"{values.min():.2g}"), float(f"{values.max():.2g}"))
        axes.set_xticks(ends, [f"{end:g}" for end in ends])
        axes.minorticks_off()
    axes.set_yticks([])
    shown = re.sub(r"_(A|nm|um|mm|deg|keV|mrad|per_A|per_nm|e_per_A2|g_cm3)$", "", name)
    symbols = {"angstrom": "Å", "degree": "°", "electron / angstrom^2": "e/Å²"}
    unit = symbols.get(units.get(own, ""), units.get(own, "")).replace("1 / angstrom", "1/Å")
    title = f"{shown.replace('_', ' ')}{f', {unit}' if unit else ''}{note}"
    axes.set_title(title, fontsize=5.2, color=INK, pad=2)
    finish(axes)


def finish(axes: Axes) -> None:
    """Small ticks, and no box."""
    axes.tick_params(labelsize=5, colors=INK, length=1.5, pad=1, which="both")
    axes.spines[["top", "right"]].set_visible(False)


def loaded() -> DrawnRecipe:
    """The recipe of the open track."""
    recipe = load_recipe(RECIPE)
    assert isinstance(recipe, DrawnRecipe)
    return recipe


FIGURES = {"draws": draw_sheets, "values": draw_values}

if __name__ == "__main__":
    for name in sys.argv[1:] or FIGURES:
        FIGURES[name]()
