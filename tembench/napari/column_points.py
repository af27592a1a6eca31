"""Columns of a denoised image as points of napari, coloured by what its electrons say of them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from tembench.api import naming_arguments
from tembench.metrics import DISC_A
from tembench.micrographs import (
    AGAINST,
    SUPPORTED,
    VERDICT_COLOURS,
    VERDICTS,
    ColumnVerdicts,
    Subject,
    check_vacuum,
    find_shown,
    judge_columns,
    noise_facts,
)
from tembench.napari.layer_images import LayerData, LayerImages

STEPS = 2
"""Steps of `judged_columns`."""


def column_points(
    images: LayerImages,
    index: tuple[int, ...],
    *,
    xy_px: np.ndarray,
    verdicts: np.ndarray,
    features: dict[str, np.ndarray],
) -> LayerData:
    """Return the columns of an image as a layer of points.

    Parameters
    ----------
    images : LayerImages
        The layer that they belong to.
    index : tuple of int
        Index of the image in its stack.
    xy_px : numpy.ndarray
        Centres x and y (columns, 2), in pixels of the layer.
    verdicts : numpy.ndarray
        `SUPPORTED`, `UNDECIDED` or `AGAINST` of `tembench.micrographs.trust`,
        (columns,).
    features : dict of str to numpy.ndarray
        More about each column, shown where the pointer is, (columns,) each.

    Returns
    -------
    data, attributes, type
        A layer of napari: circles of a column's size at the place of the image.
    """
    names = np.array([VERDICTS[verdict] for verdict in verdicts.tolist()], dtype=object)
    places = np.column_stack([np.full((len(xy_px), len(index)), index), xy_px[:, ::-1]])
    sizes = images.frames.pixel_sizes_A
    size_px = 2 * DISC_A / min(sizes) if sizes else 10.0
    attributes: dict[str, Any] = {
        "name": f"{images.name} columns",
        **images.placed,
        "features": {"verdict": names, **features},
        "face_color": "transparent",
        "border_color": "verdict",
        "border_color_cycle": {VERDICTS[key]: _hex(rgb) for key, rgb in VERDICT_COLOURS.items()},
        "border_width": 0.12,
        "size": size_px,
    }
    return places, attributes, "points"


def judged_columns(images: LayerImages, index: tuple[int, ...]) -> Generator[int, None, LayerData]:
    """Denoise one image and judge the columns that it then shows.

    Parameters
    ----------
    images : LayerImages
        The layer.
    index : tuple of int
        Index of the image in its stack.

    Yields
    ------
    int
        Number of steps done, of `STEPS`.

    Returns
    -------
    data, attributes, type
        The layer of `column_points`; its ``metadata["tembench"]["said"]`` sums it up in words.

    Raises
    ------
    ImageError
        If the image cannot be counts.
    MethodError
        If the method cannot be used, or fails.
    """
    with naming_arguments():
        denoiser = images.denoiser()
        number = images.frames.number(index)
        counted = denoiser.counted(images.frames.stack(images.data), number)
        denoised = denoiser.result(counted, number)
        yield 1
        noise = noise_facts(counted.image.counts, counted.counting.correlation)
        subject = Subject(
            image=counted.image,
            denoised=denoised,
            name=denoiser.ready.name,
            # A part of the electrons has no neighbours in time.
            ready=None if denoiser.reach else denoiser.ready,
            not_counted=noise.not_counted,
            correlated=noise.is_correlated,
        )
        shown = find_shown(
            denoised,
            pixel_size_A=counted.image.pixel_size_A,
            dose_e_per_px=counted.image.dose_e_per_px,
        )
        columns = judge_columns(subject, shown, check_vacuum(subject, shown).threshold)
        yield 2
    data, attributes, kind = column_points(
        images,
        index,
        xy_px=_on_file_pixels(columns.columns.xy_px, counted.file_pixel_sizes_A),
        verdicts=columns.verdict,
        features={
            "contrast": columns.columns.contrast,
            "log_ratio": columns.ratio,
            "power": columns.power,
        },
    )
    attributes["metadata"] = {"tembench": {**denoiser.record, "said": _summary(columns)}}
    return data, attributes, kind


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _on_file_pixels(xy_px: np.ndarray, sizes_A: tuple[float, float]) -> np.ndarray:
    """Return places on square pixels on those of the file; pixels have their centre at 0."""
    down, across = sizes_A
    return (xy_px + 0.5) * (min(sizes_A) / np.array([across, down])) - 0.5


def _summary(columns: ColumnVerdicts) -> list[str]:
    """Return a line each for bright and for dark columns."""
    lines = []
    for sign, kind in ((1, "bright"), (-1, "dark")):
        number = int((columns.columns.sign == sign).sum())
        due = columns.due(sign)
        lines.append(
            f"{columns.number(SUPPORTED, sign)} of {number} {kind} columns are supported by "
            f"{columns.by}, {columns.number(AGAINST, sign)} contradicted"
            + (f"; {due:.0f} would be supported if all were as shown" if np.isfinite(due) else "")
        )
    return lines
