"""What an image has in vacuum, where nobody says it."""

from __future__ import annotations

import numpy as np

from tembench.methods.binning import bin_counts

_BIN, _BLOCK = 8, 16
_SAMPLE = 1 << 17


def vacuum_of_counts(counts: np.ndarray) -> float:
    """Estimate the counts per pixel in vacuum of a noisy image.

    Parameters
    ----------
    counts : numpy.ndarray
        (y, x), at a sampling fine enough to show atoms.

    Returns
    -------
    float
        Mean of the brighter half of those squares of 128 px in which nothing but shot noise is
        seen: vacuum is flat, and over a square brighter than matter, which scatters electrons out
        of the aperture. The mean of the image where no square is flat or there are few.
    """
    bins = bin_counts(counts, _BIN)
    rows, columns = bins.shape[0] // _BLOCK, bins.shape[1] // _BLOCK
    if rows * columns < 4:
        return float(counts.mean(dtype=np.float64))
    tiles = bins[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    squares = tiles.swapaxes(1, 2).reshape(rows * columns, _BLOCK**2)
    means = squares.mean(axis=1, dtype=np.float64)
    spread = squares.var(axis=1, ddof=1, dtype=np.float64) / np.maximum(means, 1e-12)
    usual = float(np.quantile(spread, 0.1))
    # Against the flattest of them, for not all detectors count as Poisson says.
    flat = means[spread < usual * (1 + 3 * np.sqrt(2 / _BLOCK**2))]
    return float(flat[flat >= np.median(flat)].mean()) / _BIN**2


def vacuum_of_clean(image: np.ndarray) -> float:
    """Return the commonest value of a clean image.

    The half-sample mode: again and again the shortest half of the sorted values (D. R. Bickel,
    R. Fruehwirth, Comput. Stat. Data Anal. 50, 3500-3530 (2006), doi 10.1016/j.csda.2005.07.011).
    """
    values = image.ravel()
    values = np.sort(values[:: -(-values.size // _SAMPLE)].astype(np.float64))
    while len(values) > 3:
        half = (len(values) + 1) // 2
        first = int(np.argmin(values[half - 1 :] - values[: len(values) - half + 1]))
        values = values[first : first + half]
    return float(values.mean())
