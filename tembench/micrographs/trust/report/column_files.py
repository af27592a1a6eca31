"""Column files: the columns with their verdicts as CSV, and for napari and ImageJ."""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np

from tembench.core import csv_text
from tembench.micrographs.trust.column_evidence import (
    VERDICT_COLOURS,
    VERDICTS,
    ColumnVerdicts,
)

# Of every archive, so that the same columns give the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def columns_csv(
    columns: ColumnVerdicts, pixel_size_A: float, px_per_px: tuple[float, float]
) -> str:
    """Return the columns as CSV, one a line, with places in angstrom and in the file's pixels.

    Parameters
    ----------
    columns : ColumnVerdicts
        The columns with their verdicts.
    pixel_size_A : float
        Pixel size at which they were found.
    px_per_px : tuple of float
        That size in pixels of the file, along y and x: 1 where these are square.
    """
    head = [
        "column", "x_A", "y_A", "x_px", "y_px", "kind", "contrast",
        "log_ratio_surroundings", "log_ratio_vacuum", "p_value", "power", "verdict",
    ]  # fmt: skip
    places = file_places(columns, px_per_px)
    rows = [
        [
            str(number + 1),
            *(f"{value * pixel_size_A:.3f}" for value in columns.columns.xy_px[number]),
            *(f"{value:.2f}" for value in places[number]),
            "bright" if columns.columns.sign[number] > 0 else "dark",
            f"{columns.columns.contrast[number]:.4f}",
            *(
                "" if math.isnan(values[number]) else f"{values[number]:.4g}"
                for values in (columns.ratio, columns.ratio_vacuum, columns.p_value, columns.power)
            ),
            VERDICTS[int(columns.verdict[number])],
        ]
        for number in range(len(columns.columns))
    ]
    return csv_text([head, *rows])


def napari_csv(columns: ColumnVerdicts, px_per_px: tuple[float, float]) -> str:
    """Return the columns as napari opens them: a layer of points, with properties."""
    head = ["index", "axis-0", "axis-1", "verdict", "contrast"]
    rows = [
        [
            str(number),
            f"{y:.3f}",
            f"{x:.3f}",
            VERDICTS[int(columns.verdict[number])],
            f"{columns.columns.contrast[number]:.4f}",
        ]
        for number, (x, y) in enumerate(file_places(columns, px_per_px))
    ]
    return csv_text([head, *rows])


def imagej_rois(columns: ColumnVerdicts, px_per_px: tuple[float, float]) -> bytes:
    """Return the columns as ImageJ's RoiManager opens them: a ZIP of multi-point selections."""
    from roifile import ROI_TYPE, ImagejRoi

    # ImageJ counts from the corner of a pixel.
    places = file_places(columns, px_per_px) + 0.5
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for verdict, name in VERDICTS.items():
            which = columns.verdict == verdict
            if not which.any():
                continue
            roi = ImagejRoi.frompoints(places[which].astype(np.float32), name=name)
            roi.roitype = ROI_TYPE.POINT
            roi.stroke_color = bytes((255, *VERDICT_COLOURS[verdict]))
            archive.writestr(zipfile.ZipInfo(f"{name}.roi", _DATE), roi.tobytes())
    return buffer.getvalue()


def file_places(columns: ColumnVerdicts, px_per_px: tuple[float, float]) -> np.ndarray:
    """Return the places x and y of the columns in pixels of the file, (columns, 2)."""
    down, across = px_per_px
    # Pixels of both grids begin at the same corner.
    return (columns.columns.xy_px + 0.5) * (across, down) - 0.5
