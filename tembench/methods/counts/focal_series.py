"""What methods of series have in common: an image that stands alone is a series of one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tembench.methods.counts.binning import bin_counts
from tembench.methods.protocol import FocalSeries, NoisyImage, NoisySeries


def series_of(image: NoisyImage) -> NoisySeries:
    """Return the series that an image belongs to; without one, that of the image alone."""
    if image.series is not None:
        return image.series
    return NoisySeries(counts=image.counts[None], axis="defocus", values_nm=(0.0,), position=0)


def bin_series(counts: np.ndarray, binning: int) -> np.ndarray:
    """Sum counts (n, y, x) over blocks of each image, see `bin_counts`; float32."""
    return np.stack([bin_counts(each, binning) for each in counts])


def known_series(series: Sequence[FocalSeries], images: int) -> Sequence[FocalSeries]:
    """Return `series`, or, where none is known, each of so many images by itself."""
    if series:
        return series
    return [FocalSeries(images=(number,), defocus_nm=(0.0,)) for number in range(images)]
