"""Focal series of counts; an image on its own is a series of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from tembench.dataset import spread
from tembench.methods.counts.binning import bin_counts
from tembench.methods.protocol import FocalSeries, NoisyImage, NoisySeries

Item = TypeVar("Item")


def series_of(image: NoisyImage) -> NoisySeries:
    """Return the series that contains an image; without one, a series of the image alone."""
    if image.series is not None:
        return image.series
    return NoisySeries(counts=image.counts[None], axis="defocus", values_nm=(0.0,), position=0)


def bin_series(counts: np.ndarray, binning: int) -> np.ndarray:
    """Sum counts (n, y, x) over blocks of each image, see `bin_counts`; float32."""
    return np.stack([bin_counts(image, binning) for image in counts])


def known_series(series: Sequence[FocalSeries], images: int) -> Sequence[FocalSeries]:
    """Return `series`; where it is empty, a series of one for each of `images` images."""
    if series:
        return series
    return [FocalSeries(images=(number,), defocus_nm=(0.0,)) for number in range(images)]


def spread_evenly(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` items, spread evenly; all of them for 0."""
    return [items[index] for index in spread(len(items), most or len(items))]
