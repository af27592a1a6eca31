"""Warnings about outputs that seem to be in other units, rotated, mirrored or shifted.

For a few images, the mean is compared with that of the noisy image, and the pattern, rotated,
mirrored and shifted, with the clean image. Scores are never corrected. A warning is given only if
all these images agree: a lattice that a method has invented may fit better at a slight shift, but
not at the same shift for every defocus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.ranking.scoring import CheckedOutputs

if TYPE_CHECKING:
    from tembench.dataset import Store

_LOOKED_AT = 4
# No method changes the number of electrons by more; other units or a rescaling do.
_MEAN_RATIO = (0.8, 1.25)
# Patterns are binned to about this many pixels a side, at which columns are still resolved.
_SIDE_PX = 200
_FARTHEST_SHIFT_PX, _LEAST_SHIFT_PX = 48, 2
# Least correlation that is not by chance, and least relative gain of another position.
_LEAST_CORRELATION, _LEAST_GAIN = 0.1, 0.02
_SIGMAS = 8.0
_REMEDY = "Write expected electrons per pixel, each image at its own pixels"

Turn = Callable[[np.ndarray], np.ndarray]
_TURNS: dict[str, Turn] = {
    "": lambda a: a,
    "turned by 90°": lambda a: np.rot90(a, 1),
    "turned by 180°": lambda a: np.rot90(a, 2),
    "turned by 270°": lambda a: np.rot90(a, 3),
    "mirrored left to right": lambda a: a[:, ::-1],
    "mirrored top to bottom": lambda a: a[::-1],
    "transposed": lambda a: a.T,
    "transposed and turned by 180°": lambda a: a.T[::-1, ::-1],
}


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """Correlation with the clean image as it is, and the best of all rotations and shifts."""

    as_it_is: float
    best: float
    turn: str
    shift: np.ndarray


def implausibilities(outputs: CheckedOutputs, store: Store) -> list[str]:
    """One sentence for each implausible property of outputs; usually none.

    Parameters
    ----------
    outputs : CheckedOutputs
        The denoised images.
    store : tembench.dataset.store.Store
        The store that they were made from.
    """
    positions = np.linspace(0, len(outputs.images) - 1, _LOOKED_AT).round().astype(int)
    chosen = np.unique(outputs.images[positions]).tolist()
    reader = outputs.reader()
    denoised = [reader.denoised(image).astype(np.float64) for image in chosen]
    noisy = [np.asarray(store.noisy(image), dtype=np.float64) for image in chosen]
    found = [*_scale(denoised, noisy)]
    if all(_is_constant(image) for image in denoised):
        is_control = outputs.description.method.is_control
        found += ["every image is constant"] * (not is_control)
    else:
        pairs = zip(chosen, denoised, strict=True)
        fits = [_fit(image, np.asarray(store.clean(number))) for number, image in pairs]
        found += _alignment(fits, min(denoised[0].size, _SIDE_PX**2))
    return [f"{text}. {_REMEDY}" for text in found]


def _is_constant(image: np.ndarray) -> bool:
    return bool(np.ptp(image) <= 1e-6 * np.abs(image).max())


def _scale(denoised: list[np.ndarray], noisy: list[np.ndarray]) -> Iterator[str]:
    ours = float(np.mean([image.mean() for image in denoised]))
    theirs = float(np.mean([image.mean() for image in noisy]))
    ends = {(float(image.min()), float(image.max())) for image in denoised}
    if ends in ({(0.0, 1.0)}, {(0.0, 255.0)}):
        yield f"every image ranges from 0 to {ends.pop()[1]:g}, as if rescaled for display"
    elif not _MEAN_RATIO[0] <= ours / theirs <= _MEAN_RATIO[1]:
        yield (
            f"the mean of the outputs is {ours:.3g}, {ours / theirs:.3g} times that of the noisy "
            f"images ({theirs:.3g} e/px), as if in other units"
        )


def _alignment(fits: list[_Fit], pixels: int) -> Iterator[str]:
    chance = _SIGMAS / np.sqrt(pixels)
    mean = float(np.mean([fit.as_it_is for fit in fits]))
    if all(fit.as_it_is < -max(_LEAST_CORRELATION, chance) for fit in fits):
        yield f"the contrast seems inverted: the correlation with the clean images is {mean:.2f}"
        return
    turns = {fit.turn for fit in fits}
    shift = np.median([fit.shift for fit in fits], axis=0).round().astype(int)
    agreed = len(turns) == 1 and all(np.abs(fit.shift - shift).max() <= 1 for fit in fits)
    better = all(fit.best > max(fit.as_it_is + _LEAST_GAIN * fit.best, chance) for fit in fits)
    moved = bool(np.abs(shift).max() >= _LEAST_SHIFT_PX)
    if agreed and better and (turns != {""} or moved):
        best = float(np.mean([fit.best for fit in fits]))
        way = f"shifted by {shift[0]} px in y and {shift[1]} px in x" if moved else ""
        how = " and ".join(filter(None, (*turns, way)))
        yield (
            f"the outputs fit the clean images better {how}: correlation {best:.2f} instead of "
            f"{mean:.2f}"
        )


def _fit(image: np.ndarray, clean: np.ndarray) -> _Fit:
    from scipy import fft

    size = max(1, min(clean.shape) // _SIDE_PX)
    target = _standard(_binned(clean, size))
    conjugate = np.conj(fft.rfft2(target))
    found: list[tuple[float, str, np.ndarray]] = []
    as_it_is = 0.0
    for name, turn in _TURNS.items():
        turned = turn(image)
        if turned.shape != clean.shape:
            continue
        spectrum = fft.rfft2(_standard(_binned(turned, size)))
        correlation = fft.irfft2(spectrum * conjugate, s=target.shape) / target.size
        if not name:
            as_it_is = float(correlation[0, 0])
        best, shift = _best_shift(correlation, _FARTHEST_SHIFT_PX // size)
        found.append((best, name, size * shift))
    best, turn_name, shift = max(found, key=lambda one: one[0])
    return _Fit(as_it_is=as_it_is, best=best, turn=turn_name, shift=shift)


def _best_shift(correlation: np.ndarray, farthest: int) -> tuple[float, np.ndarray]:
    """Largest correlation within reach, and the shift (y, x) of the image that gives it."""
    reach = [min(farthest, (side - 3) // 2) for side in correlation.shape]
    centred = np.roll(correlation, [r + 1 for r in reach], axis=(0, 1))
    inner = centred[1 : 2 * reach[0] + 2, 1 : 2 * reach[1] + 2]
    y, x = (int(i) for i in np.unravel_index(int(np.argmax(inner)), inner.shape))
    peak = np.array([y + _peak(centred[y : y + 3, x + 1]), x + _peak(centred[y + 1, x : x + 3])])
    return float(inner[y, x]), np.array(reach) - peak


def _peak(three: np.ndarray) -> float:
    """Position of the top of the parabola through three values, from the middle one."""
    bend = three[0] - 2 * three[1] + three[2]
    return float(np.clip(0.5 * (three[0] - three[2]) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _binned(image: np.ndarray, size: int) -> np.ndarray:
    """Means of blocks of `size` px a side; incomplete blocks at the ends are left out."""
    rows, columns = image.shape[0] // size, image.shape[1] // size
    blocks = np.asarray(image, dtype=np.float64)[: rows * size, : columns * size]
    # Divided first, since the sum of absurdly large values overflows.
    blocks = blocks / max(float(np.abs(blocks).max()), 1e-300)
    return blocks.reshape(rows, size, columns, size).mean(axis=(1, 3))


def _standard(image: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1; all zero where nothing varies."""
    centred = image - image.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 1e-9 else np.zeros_like(centred)
