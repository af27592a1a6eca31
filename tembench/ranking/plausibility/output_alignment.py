"""Positions of outputs: rotated, mirrored or shifted against the clean images, or inverted.

A sentence is given only if all images agree: a lattice that a method has invented may fit better at
a slight shift, but not at the same shift for every defocus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tembench.ranking.plausibility.looked_at import LookedAt
from tembench.ranking.plausibility.patterns import SIDE_PX, bin_size, chance, pattern

_FARTHEST_SHIFT_PX, _LEAST_SHIFT_PX = 48, 2
# Least correlation that is not by chance, and least relative gain of another position.
_LEAST_CORRELATION, _LEAST_GAIN = 0.1, 0.02
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


def other_positions(looks: Sequence[LookedAt]) -> Iterator[str]:
    """One sentence if outputs are inverted, or fit the clean images better in another position.

    Parameters
    ----------
    looks : sequence of LookedAt
        Denoised images with their clean ones.
    """
    fits = [_fit(look.denoised, look.clean) for look in looks]
    by_chance = chance(min(looks[0].clean.size, SIDE_PX**2))
    mean = float(np.mean([fit.as_it_is for fit in fits]))
    if all(fit.as_it_is < -max(_LEAST_CORRELATION, by_chance) for fit in fits):
        yield (
            f"the contrast seems inverted: the correlation with the clean images is {mean:.2f}. "
            f"{_REMEDY}"
        )
        return
    turns = {fit.turn for fit in fits}
    shift = np.median([fit.shift for fit in fits], axis=0).round().astype(int)
    agreed = len(turns) == 1 and all(np.abs(fit.shift - shift).max() <= 1 for fit in fits)
    better = all(fit.best > max(fit.as_it_is + _LEAST_GAIN * fit.best, by_chance) for fit in fits)
    moved = bool(np.abs(shift).max() >= _LEAST_SHIFT_PX)
    if agreed and better and (turns != {""} or moved):
        best = float(np.mean([fit.best for fit in fits]))
        way = f"shifted by {shift[0]} px in y and {shift[1]} px in x" if moved else ""
        how = " and ".join(filter(None, (*turns, way)))
        yield (
            f"the outputs fit the clean images better {how}: correlation {best:.2f} instead of "
            f"{mean:.2f}. {_REMEDY}"
        )


def _fit(image: np.ndarray, clean: np.ndarray) -> _Fit:
    from scipy import fft

    size = bin_size(clean.shape)
    target = pattern(clean, size)
    conjugate = np.conj(fft.rfft2(target))
    found: list[tuple[float, str, np.ndarray]] = []
    as_it_is = 0.0
    for name, turn in _TURNS.items():
        turned = turn(image)
        if turned.shape != clean.shape:
            continue
        spectrum = fft.rfft2(pattern(turned, size))
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
