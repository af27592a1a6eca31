"""Average-background-subtraction and Wiener filter in Fourier space, with the rings' background.

Around the direct beam, amplitudes of an image's Fourier transform are those of the background,
noise and amorphous material, and at reflections of a crystal those of both. The background B of a
ring is the mean of its amplitudes |F|, found again with amplitudes above the mean (and a margin)
lowered to it, until it changes by less than the margin. A coefficient F is multiplied by

- ``"wiener"``: (|F|^2 - B^2) / |F|^2
- ``"absf"``: (|F| - B) / |F|

or by 0 where that is negative, and by a Butterworth low-pass filter.

References
----------
L. D. Marks, Ultramicroscopy 62, 43-52 (1996), doi 10.1016/0304-3991(95)00085-2: the Wiener filter.
R. Kilaas, J. Microsc. 190, 45-51 (1998), doi 10.1046/j.1365-2818.1998.3070861.x: both filters.
D. R. G. Mitchell, "HRTEM Filter", a script for DigitalMicrograph: the iteration and the low-pass.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

_MOST_ROUNDS = 200
# Share of a side that is added at each edge.
_MARGIN = 1 / 8


def ring_background(amplitude: np.ndarray, margin_percent: float) -> np.ndarray:
    """Return the background amplitude of each coefficient.

    Parameters
    ----------
    amplitude : numpy.ndarray
        Amplitudes of a Fourier transform as from ``scipy.fft.rfft2``, of shape (y, x // 2 + 1).
    margin_percent : float
        Amplitudes above the mean by more than this are lowered, and the mean is final when it
        changes by less.

    Returns
    -------
    numpy.ndarray
        The background, in the same shape: constant in rings of the width of one coefficient along
        the longer axis of the image.
    """
    ring = _rings(amplitude.shape)
    number = np.bincount(ring)
    lowered = amplitude.ravel().astype(np.float64)
    factor = 1 + margin_percent / 100
    mean = factor * np.bincount(ring, lowered) / number
    for _ in range(_MOST_ROUNDS):
        before = mean
        lowered = np.minimum(lowered, mean[ring])
        mean = factor * np.bincount(ring, lowered) / number
        if np.all(np.abs(mean - before) <= margin_percent / 100 * before):
            break
    return mean[ring].reshape(amplitude.shape)


def filter_gain(amplitude: np.ndarray, background: np.ndarray, kind: str) -> np.ndarray:
    """Return the factor of each coefficient, 0 to 1, of the filter ``"wiener"`` or ``"absf"``."""
    # At most 1, and 0 where both are 0.
    ratio = background / np.maximum(np.maximum(amplitude, background), np.finfo(np.float64).tiny)
    return np.where(amplitude > background, 1 - (ratio**2 if kind == "wiener" else ratio), 0)


def low_pass(shape: tuple[int, int], pixel_size_A: float, per_A: float, order: int) -> np.ndarray:
    """Return a Butterworth filter, one half at `per_A`, for ``rfft2`` of an image of `shape`."""
    along_y, along_x = fft.fftfreq(shape[0], pixel_size_A), fft.rfftfreq(shape[1], pixel_size_A)
    square = (along_y[:, None] ** 2 + along_x**2) / per_A**2
    return 1 / (1 + square**order)


def extended(values: np.ndarray) -> np.ndarray:
    """Return an image with its mirror image beyond the edges, faded to its mean.

    Opposite edges then meet without a step, whose transform is a cross; reflections stay sharper
    than those of an image that is faded itself. The image begins at pixel `margins(shape)`.
    """
    before = margins(values.shape)
    sides = [
        fft.next_fast_len(n + 2 * m, real=True) for n, m in zip(values.shape, before, strict=True)
    ]
    added = [(m, side - n - m) for side, n, m in zip(sides, values.shape, before, strict=True)]
    mean = values.mean()
    fades = [
        np.concatenate([_rise(first), np.ones(n), _rise(last)[::-1]])
        for n, (first, last) in zip(values.shape, added, strict=True)
    ]
    return mean + np.pad(values - mean, added, mode="symmetric") * np.outer(*fades)


def margins(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the pixels that `extended` adds before the first row and column."""
    rows, columns = (max(1, round(side * _MARGIN)) for side in shape)
    return rows, columns


def _rise(length: int) -> np.ndarray:
    return np.sin(np.pi / 2 * (np.arange(length) + 0.5) / length) ** 2


def _rings(shape: tuple[int, ...]) -> np.ndarray:
    rows, columns = shape[0], 2 * (shape[1] - 1)
    longest = max(rows, columns, 1)
    along_y = fft.fftfreq(rows) * longest
    along_x = np.arange(shape[1]) / max(columns, 1) * longest
    return np.rint(np.hypot(along_y[:, None], along_x)).astype(int).ravel()
