"""Other frames of the same scene, aligned to an image: independent copies of it, with any noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from tembench.methods import NoisyImage

_MOST_FRAMES = 8
_SMOOTH_A = 0.4
# Drift beyond this share of the side leaves too little in common.
_MOST_DRIFT = 0.25
# The correlation must be higher by so many standard deviations of its noise for a shift.
_CLEAR = 7.0
# Power of the differences between frames, the farthest over the next: the scene changes.
_CHANGED = 1.25
_LEAST_PX = 128


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Mean of the other frames, on the part of an image that they share with it.

    Attributes
    ----------
    part : tuple of slice
        The part (y, x) of the image.
    mean : numpy.ndarray
        Mean of the frames there, e/px at the dose of the image.
    frames : int
        Number of frames.
    largest_shift_px : float
        Largest shift that was undone, px.
    refusal : str
        Reason why the frames cannot be used; else empty.
    """

    part: tuple[slice, slice] = (slice(None), slice(None))
    mean: np.ndarray
    frames: int = 0
    largest_shift_px: float = 0.0
    refusal: str = ""

    def described(self) -> str:
        """Describe what was done to the frames."""
        moved = (
            f"shifted by up to {self.largest_shift_px:.0f} px, by whole pixels, to follow the drift"
            if self.largest_shift_px
            else "in which no drift is seen"
        )
        return f"{self.frames} other frames, {moved}"


def copies_of(image: NoisyImage, frames: Sequence[NoisyImage]) -> Copies:
    """Align other frames to an image by whole pixels, and average them.

    Parameters
    ----------
    image : NoisyImage
        The image.
    frames : sequence of NoisyImage
        Other frames of the same scene, the nearest in time first, of the same shape; eight are
        used. Noise may be of any kind, if that of one frame is independent of that of another.

    Returns
    -------
    Copies
        With a refusal if fewer than two frames have its shape, they drift by more than a quarter
        of the image, or differ the more the farther apart they are.

    Notes
    -----
    The shift is the peak of the cross-correlation of the frames, smoothed by a Gaussian of 0.4
    angstrom, if it is higher than without a shift by seven standard deviations of noise. A frame
    that shows a scene slightly different adds the same error to all candidates, apart from what
    they share with it.
    """
    usable = [one for one in frames if one.counts.shape == image.counts.shape][:_MOST_FRAMES]
    nothing = np.empty((0, 0), np.float32)
    if len(usable) < 2:
        return Copies(mean=nothing, refusal="fewer than two other frames of its shape were given")
    smooth = _smoothed(image)
    shifts = [_shift(smooth, _smoothed(frame)) for frame in usable]
    largest = max(max(abs(down), abs(across)) for down, across in shifts)
    if largest > _MOST_DRIFT * min(image.counts.shape):
        return Copies(mean=nothing, refusal=f"the other frames are shifted by {largest} px")
    part = tuple(
        slice(max(0, -min(moves)), side - max(0, max(moves)))
        for moves, side in zip(zip(*shifts, strict=True), image.counts.shape, strict=True)
    )
    rows, columns = part
    if min(rows.stop - rows.start, columns.stop - columns.start) < _LEAST_PX:
        return Copies(mean=nothing, refusal="the frames share too small a part")
    aligned = []
    for frame, (down, across) in zip(usable, shifts, strict=True):
        values = frame.counts[
            rows.start + down : rows.stop + down, columns.start + across : columns.stop + across
        ]
        aligned.append(values * np.float32(image.dose_e_per_px / frame.dose_e_per_px))
    growth = _growth(smooth[rows, columns], aligned, image.pixel_size_A)
    if growth > _CHANGED:
        return Copies(
            mean=nothing,
            refusal=f"the scene changes: distant frames differ {growth:.2f} times as much from the "
            "image as its neighbours do",
        )
    return Copies(
        part=(rows, columns),
        mean=np.asarray(np.mean(aligned, axis=0, dtype=np.float32)),
        frames=len(aligned),
        largest_shift_px=float(largest),
    )


def _smoothed(image: NoisyImage) -> np.ndarray:
    sigma_px = _SMOOTH_A / image.pixel_size_A
    values = ndimage.gaussian_filter(image.counts.astype(np.float32), sigma_px)
    # Slow changes of the background would pull the peak.
    return np.asarray(values - ndimage.gaussian_filter(values, 16 * sigma_px))


def _shift(image: np.ndarray, frame: np.ndarray) -> tuple[int, int]:
    """Return the shift (y, x) of a frame; 0 unless the correlation is clearly less there."""
    spectrum = np.conj(fft.rfft2(image)) * fft.rfft2(frame)
    correlation = fft.irfft2(spectrum, s=image.shape)
    place = np.unravel_index(int(correlation.argmax()), image.shape)
    down, across = (
        int((p + side // 2) % side - side // 2) for p, side in zip(place, image.shape, strict=True)
    )
    # The frame is moved back: the signal's coefficients are real then, the noise's have any phase.
    turn_y = np.exp(2j * np.pi * fft.fftfreq(image.shape[0]) * down)
    turn_x = np.exp(2j * np.pi * fft.rfftfreq(image.shape[1]) * across)
    noise = (spectrum * turn_y[:, None] * turn_x).imag
    # The other half of the plane is the mirror image of this.
    error = np.sqrt(2 * (noise.astype(np.float64) ** 2).sum()) / correlation.size
    if correlation[place] - correlation[0, 0] < _CLEAR * error:
        return 0, 0
    return down, across


def _growth(smooth: np.ndarray, aligned: list[np.ndarray], pixel_size_A: float) -> float:
    """Return the power of the differences to the farther half of the frames over the nearer's."""
    sigma_px = _SMOOTH_A / pixel_size_A
    powers = []
    for values in aligned:
        other = ndimage.gaussian_filter(values, sigma_px)
        other = other - ndimage.gaussian_filter(other, 16 * sigma_px)
        powers.append(float(((other - smooth) ** 2).mean()))
    half = len(powers) // 2
    return float(np.mean(powers[half:])) / max(float(np.mean(powers[:half])), 1e-30)
