"""Noisy copies of a real scene, for the metrics of `tembench.metrics.unsupervised`.

Simulated images are simply drawn again. Of a real scene there are three ways to copies, and each
assumes something: thinning assumes Poisson counts, `subsample` that neighbouring pixels are alike,
`neighbouring_frames` that the specimen stands still. All give images that are independent of the
one to denoise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tembench.core import thin, thin_into

__all__ = ["neighbouring_frames", "subsample", "thin", "thin_into"]


def subsample(
    image: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Take the four pixels of each 2 x 2 block as four images.

    The clean image is assumed equal over each block, and noise independent between pixels. Where it
    is not, the uMSE falls short of the MSE against the blocks' mean by a third of the variance
    within a block: by 2.5e-5 e^2/px^2 (measured) for a lattice of 2.4 A with an amplitude of
    0.15 e/px in pixels of 0.0625 A, by 4e-7 to 6e-6 for four images of the benchmark. That matters
    above 40 dB.

    Parameters
    ----------
    image : array (y, x)
        Noisy image with pixel noise of any kind, at least 2 x 2 px; the last row or column of an
        odd number is cut off.
    generator : numpy.random.Generator
        Deals out the pixels of each block, or an image would always be the upper left pixel.

    Returns
    -------
    y, a, b, c : array (y // 2, x // 2)
        The one to denoise, and three to judge by. Pixels are twice as large, e/px stay as they are.
    """
    if image.ndim != 2 or min(image.shape) < 2:
        raise ValueError(f"an image of at least 2 x 2 px expected, got shape {image.shape}")
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).swapaxes(1, 2)
    dealt = generator.permuted(blocks.reshape(rows, columns, 4), axis=-1)
    y, a, b, c = np.ascontiguousarray(np.moveaxis(dealt, -1, 0))
    return y, a, b, c


def neighbouring_frames(
    series: Sequence[np.ndarray] | np.ndarray, index: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take three frames next to one as copies of it.

    The specimen is assumed to stand still: what moves between frames counts as error of the
    denoised image (by way of a) and as noise (by way of b and c).

    Parameters
    ----------
    series : sequence of array (y, x), or array (frame, y, x)
        At least four frames at one dose, denoised one by one: a denoiser that looks at other frames
        of the series has no independent copies there.
    index : int
        The frame to denoise, counted from 0.

    Returns
    -------
    a, b, c : array (y, x)
        The frame before, the one after and the next but one; at the ends of the series their mirror
        images, or the three nearest.

    Raises
    ------
    ValueError
        For fewer than four frames, and for an index outside the series.
    """
    last = len(series) - 1
    if last < 3:
        raise ValueError(f"at least four frames expected, got {len(series)}")
    if not 0 <= index <= last:
        raise ValueError(f"an index from 0 to {last} expected, got {index}")
    if index == 0:
        steps = (1, 2, 3)
    elif index <= last - 2:
        steps = (-1, 1, 2)
    elif index == last - 1:
        steps = (1, -1, -2)
    else:
        steps = (-1, -2, -3)
    a, b, c = (series[index + step] for step in steps)
    return a, b, c
