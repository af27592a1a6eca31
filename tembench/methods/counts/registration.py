"""Registration of the frames of a movie: their shifts, found from noisy counts, and their sums.

A frame of a movie has too few electrons to be aligned with its neighbour alone. Three things make
up for that. Frequencies are weighted by the share of signal in them, which the mean power spectrum
of all frames shows whatever their shifts. A first, even drift is found from the correlations of all
pairs of frames at one distance in time, averaged. Each frame is then aligned with the sum of the
others, several times.

References
----------
A. Bartesaghi et al., Structure 20, 1823-1828 (2012), doi 10.1016/j.str.2012.08.026, on frames
aligned with the sum of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import fft

from tembench.methods.counts.binning import bin_counts

# Side of the bins that frames are compared in, and the shift searched around a prediction: more
# than half of a lattice spacing could lead to the next column.
_BIN_A, _REACH_A = 0.2, 1.2
# Distances in time at which pairs of frames give the drift.
_LAGS = (1, 2, 3, 4, 6, 8)
_ROUNDS = 4
# No microscope transfers signal of smaller periods, in bins.
_NOISE_ALONE = 0.4


def frame_shifts(frames: np.ndarray, pixel_size_A: float) -> np.ndarray:
    """Find the shifts of frames against each other.

    Parameters
    ----------
    frames : numpy.ndarray
        Counts (n, y, x) of one scene, in order of time, without gaps.
    pixel_size_A : float
        Pixel size, angstrom.

    Returns
    -------
    numpy.ndarray
        (n, 2), y and x in pixels, of mean 0: what is at x in a frame of shift s is at x + t - s in
        one of shift t. Zeros where nothing but noise is seen.

    Examples
    --------
    >>> scene = np.zeros((64, 64))
    >>> scene[20:30, 30:36] = 9
    >>> frames = np.stack([np.roll(scene, (2 * t, -t), (0, 1)) for t in range(5)])
    >>> np.rint(np.diff(frame_shifts(frames, 0.2), axis=0)).astype(int).tolist()
    [[2, -1], [2, -1], [2, -1], [2, -1]]
    """
    count = len(frames)
    side = max(1, round(_BIN_A / pixel_size_A))
    if count < 2 or min(frames.shape[1:]) < 16 * side:
        return np.zeros((count, 2))
    compared = _Compared(frames, side)
    reach = max(3, round(_REACH_A / (side * pixel_size_A)))
    speed = np.zeros(2)
    for lag in (lag for lag in _LAGS if lag < count):
        spectra = compared.spectra
        together = np.mean(
            [compared.correlation(b, a) for a, b in zip(spectra, spectra[lag:], strict=False)],
            axis=0,
        )
        speed = _highest(together, speed * lag, reach) / lag
    shifts = np.arange(count)[:, None] * speed
    for done in range(_ROUNDS):
        aligned = [
            compared.moved(one, shift) for one, shift in zip(compared.spectra, shifts, strict=True)
        ]
        total = np.sum(aligned, axis=0)
        steps = [
            _highest(compared.correlation(one, total - one), np.zeros(2), max(3, reach - 2 * done))
            for one in aligned
        ]
        shifts = shifts + np.array(steps)
    return np.asarray((shifts - shifts.mean(axis=0)) * side)


def registered_sum(
    frames: Sequence[np.ndarray], shifts: np.ndarray, position: int, chosen: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Sum frames, each shifted by whole pixels onto one of them.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        Counts (y, x) of each frame, all of one shape.
    shifts : numpy.ndarray
        Their shifts (n, 2), as from `frame_shifts`.
    position : int
        The frame whose pixels the sum is on.
    chosen : sequence of int
        The frames to sum.

    Returns
    -------
    total : numpy.ndarray
        (y, x), float32.
    seen : numpy.ndarray
        Number of the frames that show each pixel (y, x), float32.
    """
    height, width = frames[position].shape
    total = np.zeros((height, width), dtype=np.float32)
    seen = np.zeros((height, width), dtype=np.float32)
    for number in chosen:
        down, across = (int(step) for step in np.rint(shifts[number] - shifts[position]))
        if abs(down) >= height or abs(across) >= width:
            continue
        rows = slice(max(0, -down), min(height, height - down))
        columns = slice(max(0, -across), min(width, width - across))
        moved_rows = slice(rows.start + down, rows.stop + down)
        moved_columns = slice(columns.start + across, columns.stop + across)
        total[rows, columns] += frames[number][moved_rows, moved_columns]
        seen[rows, columns] += 1
    return total, seen


class _Compared:
    """Spectra of frames, and the weights of their frequencies."""

    def __init__(self, frames: np.ndarray, side: int) -> None:
        height, width = (extent // side * side for extent in frames.shape[1:])
        binned = np.stack([bin_counts(frame[:height, :width], side) for frame in frames])
        self._shape: tuple[int, int] = binned.shape[1:]
        rows, columns = self._shape
        window = np.outer(np.hanning(rows), np.hanning(columns)).astype(np.float32)
        self.spectra = fft.rfft2((binned - binned.mean()) * window)
        self._y, self._x = fft.fftfreq(rows)[:, None], fft.rfftfreq(columns)
        frequency = np.hypot(self._y, self._x)
        power = np.mean(np.abs(self.spectra) ** 2, axis=0)
        noise = float(power[frequency > _NOISE_ALONE].mean()) or 1.0
        # Two standard errors of the noise are no signal.
        signal = np.maximum(power / noise - 1 - 2 / np.sqrt(len(frames)), 0)
        signal[frequency > _NOISE_ALONE] = 0
        self._weights = (signal / (1 + signal)).astype(np.float32)

    def correlation(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the weighted cross-correlation (y, x): the shift of the first is its peak."""
        product: np.ndarray = fft.irfft2(one * np.conj(other) * self._weights, s=self._shape)
        return product

    def moved(self, spectrum: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Return the spectrum of a frame moved back by its shift."""
        phase = np.exp(2j * np.pi * (self._y * shift[0] + self._x * shift[1]))
        return np.asarray(spectrum * phase.astype(np.complex64))


def _highest(correlation: np.ndarray, around: np.ndarray, reach: int) -> np.ndarray:
    """Return the place (y, x) of the highest value near another, with a parabola's fraction."""
    rows, columns = (round(at) + np.arange(-reach, reach + 1) for at in around.tolist())
    height, width = correlation.shape
    near = correlation[np.ix_(rows % height, columns % width)]
    if not near.max() > near.min():
        return around
    at = np.unravel_index(int(near.argmax()), near.shape)
    best = np.array([rows[at[0]], columns[at[1]]], dtype=np.float64)
    for axis, line in enumerate((near[:, at[1]], near[at[0]])):
        index = int(at[axis])
        if 0 < index < len(line) - 1:
            before, middle, after = line[index - 1 : index + 2]
            bend = before - 2 * middle + after
            best[axis] += 0.5 * (before - after) / bend if bend < 0 else 0
    return best
