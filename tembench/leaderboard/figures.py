"""Pictures of images, methods and the table.

Matplotlib's object interface with the Agg canvas throughout: no window, no global state, and
figures may be drawn in any thread.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.files import write_bytes
from tembench.leaderboard.table import RANKED_BY, Row, Table
from tembench.leaderboard.wording import Axis, seconds_text, value_text
from tembench.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tembench.dataset.store import Store

PANEL_PX = 256
PANEL_TILES = ("noisy", "denoised", "clean", "error")
# Ends and middle of the error's colours: too low, right, too high.
_LOW, _MIDDLE, _HIGH = (33, 102, 172), (247, 247, 247), (178, 24, 43)
_INK, _MUTED, _RULE = "#1c2430", "#68707d", "#d7dbe0"
# Where the intervals lie in the table's picture.
_BAR = (0.475, 0.675)
_KIND_COLOURS = {"control": "#9aa3af", "classical": "#2f6f8f", "learned": "#b4531f"}


def panel_image(store: Store, images: np.ndarray) -> int:
    """The image that every method's panel shows: of median defocus, tilted least, then first.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Its table gives defocus and tilt.
    images : array of int
        Numbers to choose from.
    """
    factors = store.table.loc[images]
    off_focus = (factors["defocus_nm"] - factors["defocus_nm"].median()).abs().to_numpy()
    tilt = np.hypot(factors["tilt_x_deg"], factors["tilt_y_deg"]).to_numpy()
    return int(images[np.lexsort((images, tilt, off_focus))[0]])


def panel(store: Store, image: int, denoised: np.ndarray) -> bytes:
    """Draw one image around its particle: noisy, denoised, clean, error.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        Gives the noisy and the clean image and the particle's mask.
    image : int
        Number of the image.
    denoised : array (y, x)
        Expected e/px.

    Returns
    -------
    bytes
        A PNG of four square tiles in a row, one pixel per pixel. Denoised and clean share the grey
        scale of the clean crop; counts are black at 0, white four standard deviations above the
        dose; the error is blue where too low, red where too high, full at half the clean range.
    """
    crop = particle_crop(store.particle_mask(image))
    clean = np.asarray(store.clean(image)[crop], dtype=np.float64)
    noisy = np.asarray(store.noisy(image)[crop], dtype=np.float64)
    estimate = np.asarray(denoised[crop], dtype=np.float64)
    low, high = float(clean.min()), float(clean.max())
    reach = max(high - low, 1e-6)
    dose = store.dose_e_per_px
    tiles = (
        _grey(noisy, 0.0, dose + 4 * dose**0.5),
        _grey(estimate, low, low + reach),
        _grey(clean, low, low + reach),
        _diverging((estimate - clean) / (reach / 2)),
    )
    return _png(np.concatenate(tiles, axis=1))


def particle_crop(mask: np.ndarray, size: int = PANEL_PX) -> tuple[slice, slice]:
    """Square of `size` px (less in a smaller image) around a particle's free surface.

    Centred on the mask from side to side, and begun a sixth of its height above the mask's top, so
    that vacuum, surface and particle are in view. The image's centre where the mask is empty.
    """
    size = min(size, *mask.shape)
    where = np.argwhere(mask)
    if len(where):
        corner = (where[:, 0].min() - size / 6, where[:, 1].mean() - size / 2)
    else:
        corner = ((mask.shape[0] - size) / 2, (mask.shape[1] - size) / 2)
    y, x = (
        int(np.clip(round(start), 0, side - size))
        for start, side in zip(corner, mask.shape, strict=True)
    )
    return slice(y, y + size), slice(x, x + size)


def contact_sheet(store: Store, path: Path, n: int = 12) -> Path:
    """Draw images of a store on a grid with one grey scale and a scale bar of 1 nm.

    Parameters
    ----------
    store : tembench.dataset.store.Store
        The images; `n` of them are taken, evenly over models, defoci and tilts.
    path : Path
        PNG to write.
    n : int
        Number of images.
    """
    numbers = _spread(len(store.table), n)
    images = [store.clean(number) for number in numbers]
    low = min(float(image.min()) for image in images)
    high = max(float(image.max()) for image in images)
    columns = min(4, len(numbers))
    rows = -(-len(numbers) // columns)
    # Inches: square images, room for two lines of label above each, a line of text below all.
    side, gap, label, foot = 2.4, 0.08, 0.34, 0.3
    width, height = columns * (side + gap) + gap, rows * (side + label) + foot
    figure = _figure(width, height)
    grid = [
        figure.add_axes(
            (
                (gap + (i % columns) * (side + gap)) / width,
                (foot + (rows - 1 - i // columns) * (side + label)) / height,
                side / width,
                side / height,
            )
        )
        for i in range(len(numbers))
    ]
    for axes, number, image in zip(grid, numbers, images, strict=True):
        axes.set_axis_off()
        axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="antialiased")
        axes.set_title(_label(store.table.loc[number]), fontsize=7.5, color=_INK, pad=3)
    _scale_bar(grid[0], 10.0 / store.pixel_size_A, images[0].shape)
    figure.text(
        gap / width,
        0.08 / height,
        f"{store.recipe.name} {store.recipe.version}: {len(numbers)} of {len(store.table)} clean "
        f"images; grey {low:.2f} to {high:.2f} e/px",
        fontsize=7.5,
        color=_MUTED,
        va="bottom",
    )
    return _save(figure, path)


def table_image(table: Table, path: Path) -> Path:
    """Draw the table as a picture for a README: values, and PSNR with its interval as a bar.

    Parameters
    ----------
    table : Table
        From `tembench.leaderboard.table.build`.
    path : Path
        PNG to write.
    """
    height = 0.34 * len(table.rows) + 1.1
    figure = _figure(9.6, height)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(table.rows) + 2.1, -1.15)
    axis = Axis(
        [row.values[RANKED_BY] for row in table.rows if not row.is_control],
        [row.values[RANKED_BY] for row in table.rows if row.is_control],
    )
    for tick in axis.ticks:
        x = _along(axis, tick)
        axes.plot([x, x], [0, len(table.rows)], color=_RULE, lw=0.6, zorder=0)
        axes.text(x, len(table.rows) + 0.22, f"{tick:g}", ha="center", fontsize=6.5, color=_MUTED)
    headings = (
        (0.04, "Rank", "right"),
        (0.065, "Method", "left"),
        (0.44, "PSNR, dB", "right"),
        (0.575, f"{table.confidence:.0%} interval over models", "center"),
        (0.755, "SSIM", "right"),
        (0.825, "Skill", "right"),
        (0.905, "Particle skill", "right"),
        (0.985, "s/image", "right"),
    )
    for x, text, align in headings:
        axes.text(x, -0.45, text, ha=align, va="center", fontsize=8, color=_MUTED)
    axes.axhline(0.0, 0.012, 0.988, color=_INK, lw=0.9)
    for y, row in enumerate(table.rows):
        _draw_row(axes, row, y + 0.5, axis)
        axes.axhline(y + 1.0, 0.012, 0.988, color=_RULE, lw=0.5)
    data = table.data
    axes.text(
        0.015,
        len(table.rows) + 0.85,
        f"{data.recipe} {data.version}, {data.part} part of split {data.split}: {data.images} "
        f"images of {table.models} models. Controls are not ranked; methods that share a rank "
        "cannot be told apart.",
        fontsize=7.5,
        color=_MUTED,
        va="center",
    )
    for i, (kind, colour) in enumerate(_KIND_COLOURS.items()):
        axes.plot([0.02 + 0.1 * i], [len(table.rows) + 1.5], "o", ms=4.5, color=colour)
        axes.text(
            0.03 + 0.1 * i, len(table.rows) + 1.5, kind, fontsize=7.5, color=_MUTED, va="center"
        )
    return _save(figure, path)


def _draw_row(axes: Axes, row: Row, y: float, axis: Axis) -> None:
    method = row.submission.identity.method
    colour = _KIND_COLOURS[method.kind]
    ink = _MUTED if method.is_control else _INK
    style = "italic" if method.is_control else "normal"
    rank = "–" if row.rank is None else str(row.rank)
    main = row.values[RANKED_BY]
    cells = [
        (0.04, rank, "right"),
        (0.065, _shortened(method.title, 44), "left"),
        (0.44, value_text(METRICS[RANKED_BY], main.mean), "right"),
        (0.985, seconds_text(row.seconds_per_image), "right"),
    ]
    for x, name in ((0.755, "ssim"), (0.825, "skill"), (0.905, "particle_skill")):
        if name in row.values:
            cells.append((x, value_text(METRICS[name], row.values[name].mean), "right"))
    for x, text, align in cells:
        axes.text(
            x,
            y,
            text,
            ha=align,
            va="center",
            fontsize=9,
            color=ink,
            fontstyle=style,
            parse_math=False,
        )
    if not np.isfinite(main.mean):
        return
    low, middle, high = (_along(axis, value) for value in (main.low, main.mean, main.high))
    axes.plot([low, high], [y, y], color=colour, lw=2.4, alpha=0.45, solid_capstyle="butt")
    marker = "o" if axis.holds(main.mean) else "<" if main.mean < axis.low else ">"
    axes.plot([middle], [y], marker, ms=4.5, color=colour)


def _along(axis: Axis, value: float) -> float:
    left, right = _BAR
    return left + axis.place(value) * (right - left)


def _spread(total: int, n: int) -> list[int]:
    # A step that shares no factor with the number of tilts or defoci would be luck: take a grid.
    return sorted({round(float(x)) for x in np.linspace(0, total - 1, min(n, total))})


def _label(row: Any) -> str:
    tilts = [
        f"{row[f'tilt_{axis}_deg']:g}° about {axis}" for axis in "xy" if row[f"tilt_{axis}_deg"]
    ]
    name = str(row["model"])
    return f"{_shortened(name, 34)}\n{row['defocus_nm']:g} nm, {' and '.join(tilts) or 'no tilt'}"


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _scale_bar(axes: Axes, length_px: float, shape: tuple[int, int]) -> None:
    y, x = 0.94 * shape[0], 0.05 * shape[1]
    axes.plot([x, x + length_px], [y, y], color="white", lw=2.5, solid_capstyle="butt")
    axes.text(
        x + length_px / 2, y - 0.02 * shape[0], "1 nm", color="white", fontsize=7.5, ha="center"
    )


def _grey(image: np.ndarray, low: float, high: float) -> np.ndarray:
    grey = np.clip((image - low) / (high - low), 0.0, 1.0) * 255
    return np.repeat(np.rint(grey).astype(np.uint8)[..., None], 3, axis=2)


def _diverging(value: np.ndarray) -> np.ndarray:
    share = np.clip(np.abs(value), 0.0, 1.0)[..., None]
    end = np.where(value[..., None] < 0, np.array(_LOW), np.array(_HIGH))
    return np.rint(np.array(_MIDDLE) * (1 - share) + end * share).astype(np.uint8)


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=160, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Figure, path: Path) -> Path:
    buffer = io.BytesIO()
    # Neither date nor version inside: the same figure is the same file.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    write_bytes(Path(path), buffer.getvalue())
    return Path(path)


def tiles() -> Iterator[tuple[str, float]]:
    """Name and place (0 to 1, as CSS positions a background) of each tile of a panel."""
    for i, name in enumerate(PANEL_TILES):
        yield name, i / (len(PANEL_TILES) - 1)
