"""Bright blobs of one size: peaks of the response of `tembench.metrics.filters`.

Mohan et al. (arXiv 2010.12970) find atomic columns with scikit-image's ``blob_log`` at a single
size; response and peaks are the same here. Of blobs that are too close together the strongest is
kept, whereas ``blob_log`` keeps an arbitrary one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.core import compiled


@dataclass(frozen=True, kw_only=True)
class Blobs:
    """Blobs of an image, the strongest first.

    Attributes
    ----------
    x_px, y_px : ndarray of float, shape (blobs,)
        Centres, with sub-pixel precision.
    response : ndarray, shape (blobs,)
        Response at the pixel of the peak.
    """

    x_px: np.ndarray
    y_px: np.ndarray
    response: np.ndarray

    def __len__(self) -> int:
        """Number of blobs."""
        return len(self.response)

    @property
    def xy_px(self) -> np.ndarray:
        """Centres x and y, shape (blobs, 2)."""
        return np.stack([self.x_px, self.y_px], axis=1)

    def chosen(self, which: np.ndarray) -> Blobs:
        """Select blobs by a mask or by their indices."""
        return Blobs(x_px=self.x_px[which], y_px=self.y_px[which], response=self.response[which])


def find_blobs(response: np.ndarray, threshold: float, separation_px: float) -> Blobs:
    """Find the peaks of a blob response.

    Parameters
    ----------
    response : ndarray of float64, shape (y, x)
        From `tembench.metrics.filters.blob_response`.
    threshold : float
        Lower bound of a peak's response.
    separation_px : float
        Of peaks closer together than this, the highest is kept.

    Returns
    -------
    Blobs
        A pixel is a peak if none of its eight neighbours is higher and at least one is lower.
        Centres are the vertices of parabolas through the peak and its neighbours along each axis.
    """
    rows, columns = _peaks(response, threshold)
    height = response[rows, columns]
    # Equal peaks in the order of their pixels, so that the result is reproducible.
    order = np.lexsort((columns, rows, -height))
    rows, columns, height = rows[order], columns[order], height[order]
    kept = _strongest(np.stack([columns, rows], axis=1), separation_px)
    rows, columns, height = rows[kept], columns[kept], height[kept]
    return Blobs(
        x_px=columns + _offset(response.T, columns, rows),
        y_px=rows + _offset(response, rows, columns),
        response=height,
    )


def _offset(response: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Sub-pixel offset of the vertex of a parabola through three rows, -0.5 to 0.5."""
    last = response.shape[0] - 1
    above = response[np.maximum(rows - 1, 0), columns]
    below = response[np.minimum(rows + 1, last), columns]
    curvature = 2 * response[rows, columns] - above - below
    inside = (rows > 0) & (rows < last) & (curvature > 0)
    shift = (below - above) / np.where(inside, 2 * curvature, 1.0)
    return np.where(inside, np.clip(shift, -0.5, 0.5), 0.0)


def _strongest(xy_px: np.ndarray, separation_px: float) -> np.ndarray:
    """Mask of the points that remain when each, in order, removes later ones too close to it."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(xy_px), dtype=bool)
    if len(xy_px) < 2:
        return kept
    # Slightly less, so that points exactly at the separation are both kept.
    reach = separation_px * (1 - 1e-9)
    pairs = cKDTree(xy_px).query_pairs(reach, output_type="ndarray")
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
        if kept[first]:
            kept[second] = False
    return kept


@compiled
def _peaks(
    response: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:  # pragma: no cover
    rows, columns = response.shape
    found = np.empty((rows * columns, 2), dtype=np.int32)
    n = 0
    for i in range(rows):
        line = response[i]
        for j in range(columns):
            value = line[j]
            if not value > threshold:
                continue
            left, right = max(j - 1, 0), min(j + 1, columns - 1)
            if line[left] > value or line[right] > value:
                continue
            highest, flat = True, line[left] == value and line[right] == value
            for k in (max(i - 1, 0), min(i + 1, rows - 1)):
                for m in range(left, right + 1):
                    highest = highest and not response[k, m] > value
                    flat = flat and response[k, m] == value
            # The kernel does not sum to exactly zero: without the second condition every pixel of
            # a bright constant image would be a peak.
            if highest and not flat:
                found[n] = i, j
                n += 1
    return found[:n, 0].copy(), found[:n, 1].copy()
