"""Redistribution of electrons to pixels of another size: one by one, or by binomial draws.

An electron is anywhere within its old pixel with equal probability, so the electrons of one old
pixel are assigned to the new ones in proportion to the overlapping area: a multinomial draw. The
positions along y and x are independent, so this is a chain of binomial draws along one axis and
then along the other, whose cost does not grow with the counts.
"""

from __future__ import annotations

import numpy as np

# Electrons placed at once.
_MOST = 1 << 22
# Below this mean per pixel, electrons are placed one by one: at low dose that is faster, and
# published results at low dose were drawn this way.
_FEW_PER_PX = 16
# A row is placed at once, with some 40 bytes per electron.
_FEW_PER_ROW = 1 << 24
# Pixels split at once.
_PIXELS = 1 << 20


def along_y_and_x(ratio: float | tuple[float, float]) -> tuple[float, float]:
    """Return a ratio of pixel sizes along y and along x; one number stands for both."""
    return ratio if isinstance(ratio, tuple) else (ratio, ratio)


def few_electrons(counts: np.ndarray) -> bool:
    """Return whether electrons are few enough to be placed one by one."""
    # In double precision: sums of the largest counts exceed 64 bits.
    rows = counts.sum(axis=1, dtype=np.float64)
    return bool(rows.sum() <= _FEW_PER_PX * counts.size and rows.max() <= _FEW_PER_ROW)


def place_one_by_one(
    counts: np.ndarray,
    ratio: float | tuple[float, float],
    shape: tuple[int, int],
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw a position for every electron.

    Parameters
    ----------
    counts : numpy.ndarray
        Integer counts (y, x).
    ratio : float or tuple of float
        Size of an old pixel in new ones, or that along y and x.
    shape : tuple of int
        Shape (y, x) of the new image; electrons beyond it are dropped.
    generator : numpy.random.Generator
        Generator of the positions.

    Returns
    -------
    numpy.ndarray
        Counts, int64, of `shape`.
    """
    height, width = shape
    down, across = along_y_and_x(ratio)
    placed = np.zeros(height * width, dtype=np.int64)
    totals = counts.sum(axis=1, dtype=np.int64)
    first = 0
    while first < len(counts):
        last = first + max(1, int(np.searchsorted(totals[first:].cumsum(), _MOST, side="right")))
        y, x = np.nonzero(counts[first:last])
        each = counts[first:last][y, x].astype(np.int64)
        y, x = np.repeat(y + first, each), np.repeat(x, each)
        y = ((y + generator.random(len(y))) * down).astype(np.int64)
        x = ((x + generator.random(len(x))) * across).astype(np.int64)
        inside = (y < height) & (x < width)
        start = int(first * down) * width
        number = np.bincount((y[inside] * width + x[inside]) - start)
        placed[start : start + len(number)] += number
        first = last
    return placed.reshape(height, width)


def split_among_pixels(
    counts: np.ndarray,
    ratio: float | tuple[float, float],
    shape: tuple[int, int],
    generator: np.random.Generator,
) -> np.ndarray:
    """Divide the electrons of each old pixel among the new ones that it overlaps.

    Parameters, result and its distribution (for counts up to 2^53) are those of `place_one_by_one`;
    time and memory depend on the number of pixels, not of electrons.
    """
    height, width = shape
    down, across = along_y_and_x(ratio)
    rows = _split_rows(counts, down, height, generator)
    return np.ascontiguousarray(_split_rows(rows.T, across, width, generator).T)


def _split_rows(
    counts: np.ndarray, ratio: float, height: int, generator: np.random.Generator
) -> np.ndarray:
    """Divide electrons along the first axis; int64 (height, x)."""
    split = np.zeros((height, counts.shape[1]), dtype=np.int64)
    step = max(1, _PIXELS // counts.shape[1])
    for first in range(0, len(counts), step):
        rest = counts[first : first + step].astype(np.int64)
        old = np.arange(first, first + len(rest))
        for new, probability in _probabilities(old, ratio):
            part = generator.binomial(rest, probability[:, None])
            rest -= part
            _add_rows(split, part, new)
    return split


def _probabilities(old: np.ndarray, ratio: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the new pixels that old ones overlap, from the first on.

    Returns
    -------
    list of tuple
        For each old pixel the index of a new one, and the probability that an electron not
        assigned to an earlier one belongs there.
    """
    begin, end = old * ratio, (old + 1) * ratio
    at = np.floor(begin).astype(np.int64)
    probabilities = []
    while (begin < end).any():
        edge = np.minimum(at + 1, end)
        left = end - begin
        share = np.where(left > 0, (edge - begin) / np.where(left > 0, left, 1), 0.0)
        # Exactly 1 for the last pixel, so that rounding loses no electron.
        probabilities.append((at.copy(), np.where(edge >= end, 1.0, np.clip(share, 0, 1))))
        begin, at = edge, at + 1
    return probabilities


def _add_rows(total: np.ndarray, rows: np.ndarray, index: np.ndarray) -> None:
    """Add rows at ascending indices, which may repeat; those beyond the end are dropped."""
    inside = index < len(total)
    rows, index = rows[inside], index[inside]
    if len(index):
        starts = np.flatnonzero(np.diff(index, prepend=-1))
        total[index[starts]] += np.add.reduceat(rows, starts, axis=0)
