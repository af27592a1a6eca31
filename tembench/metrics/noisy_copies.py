"""Independent noisy copies of real images, for the metrics of `tembench.metrics.unsupervised`.

Meant for images of your own: tembench itself draws further copies of its simulated images. There
are three ways to obtain copies of a real image, each with an assumption: `thin` assumes Poisson
counts, `subsample` that neighbouring pixels have the same expected value, and
`neighbouring_frames` that the specimen does not move. All give copies whose noise is independent of
the image to denoise.

thin, thin_into: split the electrons of an image at random (defined in `tembench.core`)
subsample: the four pixels of each 2 x 2 block as four images
neighbouring_frames: adjacent frames of a series
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tembench.core import thin, thin_into

__all__ = ["neighbouring_frames", "subsample", "thin", "thin_into"]


def subsample(
    image: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Split an image into four: one pixel of each 2 x 2 block for each.

    Assumes that the clean image is constant over each block and that noise is independent between
    pixels. Where the clean image varies within blocks, the uMSE underestimates the MSE against the
    blocks' mean by a third of the variance within a block: by 2.5e-5 e^2/px^2 (measured) for a
    lattice of 2.4 A with an amplitude of 0.15 e/px in pixels of 0.0625 A, by 4e-7 to 6e-6 for four
    images of the benchmark. This matters above 40 dB.

    Parameters
    ----------
    image : array (y, x)
        Noisy image with any kind of pixel noise, at least 2 x 2 px; an odd last row or column is
        cut off.
    generator : numpy.random.Generator
        Assigns the pixels of each block to the four images at random.

    Returns
    -------
    y, a, b, c : array (y // 2, x // 2)
        The image to denoise, and three copies. Pixels are twice as large; e/px are unchanged.
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
    """Return three adjacent frames of a series as copies of one frame.

    Assumes that the specimen does not move: changes between frames count as error of the denoised
    image (through a) and as noise (through b and c).

    Parameters
    ----------
    series : sequence of array (y, x), or array (frame, y, x)
        At least four frames of the same dose, each denoised on its own: for a denoiser that uses
        other frames of the series, these are not independent copies.
    index : int
        Index of the frame to denoise, from 0.

    Returns
    -------
    a, b, c : array (y, x)
        The previous frame, the next one and the next but one; mirrored near the end of the series,
        and the three nearest frames at its ends.

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
