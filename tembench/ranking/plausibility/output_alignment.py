"""Positions of outputs: rotated, mirrored or shifted against the clean images, or inverted.

Correlations with the clean images are averaged over all images that are looked at, so that images
that show little do not hide what the others show. Most of those that show something must agree: a
lattice that a method has invented may fit better at a slight shift, but not in most images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tembench.ranking.plausibility.looked_at import LookedAt
from tembench.ranking.plausibility.patterns import SIDE_PX, bin_size, chance, pattern

_FARTHEST_SHIFT_PX, _LEAST_SHIFT_PX = 48, 2
# Least mean correlation that is not by chance: at the images' own positions, where images that have
# nothing in common stay below 0.1, and in the best of all positions, where they reach 0.25 if there
# are few of them. Least relative gain of another position.
_LEAST_CORRELATION, _LEAST_ELSEWHERE, _LEAST_GAIN = 0.15, 0.3, 0.02
# Of the images that show something.
_LEAST_SHARE = 0.6
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


def other_positions(looks: Sequence[LookedAt]) -> Iterator[str]:
    """One sentence if outputs are inverted, or fit the clean images better in another position.

    Parameters
    ----------
    looks : sequence of LookedAt
        Denoised images with their clean ones.
    """
    size = bin_size(looks[0].clean.shape)
    by_chance = chance(min(looks[0].clean.size, SIDE_PX**2))
    maps = {name: _maps(looks, turn, size) for name, turn in _TURNS.items()}
    as_it_is = maps[""][:, 0, 0]
    mean = float(as_it_is.mean())
    if mean < -_LEAST_CORRELATION and _most(as_it_is < -by_chance, np.abs(as_it_is) > by_chance):
        yield (
            f"the contrast seems inverted: the correlation with the clean images is {mean:.2f}. "
            f"{_REMEDY}"
        )
        return
    reach = _FARTHEST_SHIFT_PX // size
    # An oblong image cannot be transposed.
    peaks = {name: _peak(found.mean(axis=0), reach) for name, found in maps.items() if len(found)}
    turn = max(peaks, key=lambda name: peaks[name][0])
    best, shift = peaks[turn]
    there = maps[turn][(slice(None), *(-np.round(shift).astype(int)))]
    better = _most(there > as_it_is, np.maximum(there, as_it_is) > by_chance)
    shift_px = np.round(size * shift).astype(int)
    moved = bool(np.abs(shift_px).max() >= _LEAST_SHIFT_PX)
    if best > max(mean + _LEAST_GAIN * best, _LEAST_ELSEWHERE) and better and (turn or moved):
        way = f"shifted by {shift_px[0]} px in y and {shift_px[1]} px in x" if moved else ""
        how = " and ".join(filter(None, (turn, way)))
        yield (
            f"the outputs fit the clean images better {how}: correlation {best:.2f} instead of "
            f"{mean:.2f}. {_REMEDY}"
        )


def _most(agree: np.ndarray, shows_something: np.ndarray) -> bool:
    """Whether most of the images that show something agree."""
    count = int(shows_something.sum())
    return count > 0 and int((agree & shows_something).sum()) >= _LEAST_SHARE * count


def _maps(looks: Sequence[LookedAt], turn: Turn, size: int) -> np.ndarray:
    """Correlation of each turned output with its clean image at every shift, (images, y, x)."""
    from scipy import fft

    found = []
    for look in looks:
        turned = turn(look.denoised)
        if turned.shape != look.clean.shape:
            return np.zeros((0, 0, 0))
        target = pattern(look.clean, size)
        spectra = [fft.rfft2(one) for one in (pattern(turned, size), target)]
        shifts = fft.irfft2(spectra[0] * np.conj(spectra[1]), s=target.shape)
        found.append(shifts / target.size)
    return np.stack(found)


def _peak(correlation: np.ndarray, farthest: int) -> tuple[float, np.ndarray]:
    """Largest correlation within reach, and the shift (y, x) of the image that gives it."""
    reach = [min(farthest, (side - 3) // 2) for side in correlation.shape]
    centred = np.roll(correlation, [r + 1 for r in reach], axis=(0, 1))
    inner = centred[1 : 2 * reach[0] + 2, 1 : 2 * reach[1] + 2]
    y, x = (int(i) for i in np.unravel_index(int(np.argmax(inner)), inner.shape))
    peak = np.array([y + _top(centred[y : y + 3, x + 1]), x + _top(centred[y + 1, x : x + 3])])
    return float(inner[y, x]), np.array(reach) - peak


def _top(three: np.ndarray) -> float:
    """Position of the top of the parabola through three values, from the middle one."""
    bend = three[0] - 2 * three[1] + three[2]
    return float(np.clip(0.5 * (three[0] - three[2]) / bend, -0.5, 0.5)) if bend < 0 else 0.0
