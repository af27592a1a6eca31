"""Look-up among known images: the mean of clean images, weighted by the likelihood of the counts.

This is a control. It learns nothing and is invariant to nothing, so what it can denoise is what was
in its images before: the same specimen in the same place. A test that it wins measures memory.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tembench.core import MethodError, progress
from tembench.methods.counts.binning import bin_counts, unbin
from tembench.methods.protocol import ImageSource, NoisyImage

LOG_RATES, SUMS = "log_rates.npy", "sums.npy"
# Relative to a block's dose. A block without electrons would never be likely.
_FLOOR = 1e-3
# The others change no pixel by a thousandth of the dose, however bright.
_LEAST_WEIGHT = 1e-6


def write_dictionary(
    images: Sequence[ImageSource], dose_e_per_px: float, folder: Path, *, binning: int
) -> None:
    """Write the images of a look-up, binned.

    Parameters
    ----------
    images : sequence of ImageSource
        Clean images, e/px, all of one shape and at one dose.
    dose_e_per_px : float
        That dose.
    folder : pathlib.Path
        Gets ``log_rates.npy``, natural logarithms of the expected counts in blocks over those in
        vacuum, float32 (images, rows, columns), and ``sums.npy``, the sum of that ratio over the
        blocks of each image, float64. They appear whole or not at all.
    binning : int
        Side of a block, px.
    """
    every = [(source, index) for source in images for index in range(len(source))]
    first = bin_counts(every[0][0][every[0][1]], binning)
    part = folder / f".{LOG_RATES}"
    rates = np.lib.format.open_memmap(
        part, mode="w+", dtype=np.float32, shape=(len(every), *first.shape)
    )
    sums = np.empty(len(every))
    with progress("Binning images", len(every)) as advance:
        for number, (source, index) in enumerate(every):
            ratio = bin_counts(source[index], binning) / (dose_e_per_px * binning**2)
            np.maximum(ratio, _FLOOR, out=ratio)
            sums[number] = ratio.sum(dtype=np.float64)
            rates[number] = np.log(ratio)
            advance(1)
    rates.flush()
    np.save(folder / SUMS, sums)
    os.replace(part, folder / LOG_RATES)


class LookUp:
    """Denoiser that returns the posterior mean over known clean images.

    Every image is equally likely before the counts are seen; the likelihood is that of Poisson
    counts in blocks. The logarithms of all likelihoods are one matrix product.

    Parameters
    ----------
    folder : pathlib.Path
        Folder that `write_dictionary` wrote to.
    binning : int
        Side of a block, px, as it was written with.

    Raises
    ------
    MethodError
        If the folder has no dictionary.
    """

    def __init__(self, folder: Path, binning: int) -> None:
        try:
            self._log_rates = np.load(folder / LOG_RATES, mmap_mode="r")
            self._sums = np.load(folder / SUMS)
        except (OSError, ValueError) as problem:
            raise MethodError(
                "no dictionary of images",
                where=str(folder),
                expected=f"{LOG_RATES} and {SUMS}",
                got=type(problem).__name__,
                remedy="Make it: tembench train METHOD STORE",
            ) from None
        self._binning = binning

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the posterior mean; the dose in vacuum where no known image reaches.

        Parameters
        ----------
        image : NoisyImage
            Counts of any shape, whose upper left corner is laid on that of the known images,
            whatever the size of its pixels.

        Returns
        -------
        numpy.ndarray
            Expected electrons per pixel, float32 (y, x).
        """
        counts = bin_counts(image.counts, self._binning)
        rows, columns = (
            min(sides) for sides in zip(counts.shape, self._log_rates.shape[1:], strict=True)
        )
        log_rates = self._log_rates[:, :rows, :columns]
        expected = image.dose_e_per_px * self._binning**2
        weights = self._weights(counts[:rows, :columns], log_rates, expected)
        known = np.flatnonzero(weights > _LEAST_WEIGHT * weights.max())
        mean = np.tensordot(weights[known], np.exp(log_rates[known].astype(np.float64)), axes=1)
        height, width = image.counts.shape
        shape = (min(height, rows * self._binning), min(width, columns * self._binning))
        result = np.full((height, width), image.dose_e_per_px, dtype=np.float32)
        smooth = unbin(mean * expected / weights[known].sum(), self._binning, shape)
        result[: shape[0], : shape[1]] = np.maximum(smooth, 0)
        return result

    def _weights(self, counts: np.ndarray, log_rates: np.ndarray, expected: float) -> np.ndarray:
        """Likelihood of each image, relative to the largest."""
        flat = log_rates.reshape(len(log_rates), -1)
        if log_rates.shape[1:] == self._log_rates.shape[1:]:
            sums = self._sums
        else:
            sums = np.exp(flat.astype(np.float64)).sum(axis=1)
        # In blocks of images: float64 sums of float32 products, whatever the number of threads.
        logs = flat @ counts.ravel().astype(np.float32) - expected * sums
        return np.asarray(np.exp(logs - logs.max()))
