"""Plotting helpers that all figures share: canvas, labels, scale bar and PNG file.

Figures use Matplotlib's object interface with the Agg canvas: no window, no global state, and they
may be drawn in any thread.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench.core.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED = "#1c2430", "#68707d"
# Name of the PNG's text chunk that records the numbers of the figure.
_RECORD = "tembench"


def shortened(text: str, length: int) -> str:
    """Text cut to a length, with an ellipsis where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"


def scale_bar(axes: Axes, length_px: float, points: float) -> None:
    """Draw a bar of 1 nm, `length_px` in data units, into the lower left corner."""
    left, right = axes.get_xlim()
    x, share = 0.05, length_px / (right - left)
    axes.plot(
        [x, x + share],
        [0.06, 0.06],
        transform=axes.transAxes,
        color="white",
        lw=points / 3,
        solid_capstyle="butt",
    )
    axes.annotate(
        "1 nm",
        (x + share / 2, 0.06),
        (0, points / 3),
        xycoords="axes fraction",
        textcoords="offset points",
        color="white",
        fontsize=points,
        ha="center",
    )


def figure_of(width: float, height: float, dpi: float = 160) -> Figure:
    """A white figure; width and height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path, record: Mapping[str, Any] | None = None) -> Path:
    """Write a figure as PNG, whole or not at all.

    Parameters
    ----------
    figure : Figure
        The figure.
    path : Path
        PNG to write.
    record : Mapping, optional
        Numbers that the figure shows, written into the PNG; text beside the figure takes them
        from there with `picture_record`.
    """
    buffer = io.BytesIO()
    # Without date and version, so that the same figure is the same file.
    metadata = {"Software": None} | ({_RECORD: json.dumps(record)} if record else {})
    figure.savefig(buffer, format="png", metadata=metadata)
    write_bytes(Path(path), buffer.getvalue())
    return Path(path)


def picture_record(path: Path) -> dict[str, Any]:
    """Numbers that a figure shows, as recorded in its PNG; empty if it has no record."""
    from PIL import Image

    with Image.open(path) as picture:
        record: dict[str, Any] = json.loads(picture.info.get(_RECORD, "{}"))
    return record
