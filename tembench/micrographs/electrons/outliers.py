"""Outliers: pixels that do not count electrons of the image (hot, dead, saturated or unexposed).

Shot noise limits how far a pixel may deviate from its neighbours, and optics how far neighbours may
differ: no feature of a sampled image is narrower than three pixels at half of its height. Pixels
beyond both limits come from the detector, or were left black where frames were shifted before they
were summed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tembench.micrographs.electrons.noise_level import usual_noise_over_mean
from tembench.micrographs.electrons.saturation import saturation_warning

# Minus the logarithm of the probability of such a deviation, for one pixel of some ten million.
_RARE = 30.0
# A feature 3 px wide at half of its height is at most 1.6 times its neighbours, falls by less than
# half of its height from pixel to pixel, and is at most 8 times the pixels 3 px away if those are
# not almost empty.
_PEAK, _FAR_PEAK, _DROP = 1.6, 8.0, 0.75
_LINE = 1.5
# Largest fractions of hot pixels and of lines in a detector: with more, they belong to the image,
# perhaps a regular test pattern. A few are always accepted.
_MOST_HOT, _MOST_LINES, _FEW = 0.005, 0.1, 16
# Lines in a line's neighbourhood, of which fewer than half may be bad.
_LINES = 7
_SHOWN = 4
_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool)
_BESIDE = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Outliers:
    """Bad pixels of an image, by kind.

    Attributes
    ----------
    hot, dead, empty : numpy.ndarray
        Masks (y, x): too bright, too dark, and rows and columns at an edge without any electron.
    """

    hot: np.ndarray
    dead: np.ndarray
    empty: np.ndarray

    @property
    def mask(self) -> np.ndarray:
        """Mask of all bad pixels, bool (y, x)."""
        return self.hot | self.dead | self.empty

    def described(self, values: np.ndarray) -> str:
        """Describe their numbers and positions; empty if there are none."""
        kinds = (("hot", self.hot), ("dead", self.dead), ("empty", self.empty & ~self.dead))
        return ", ".join(_listed(name, mask, values) for name, mask in kinds if mask.any())

    def warnings(self, values: np.ndarray, *, replaced: bool) -> list[str]:
        """Return a warning about them and one about saturation, as far as there are any."""
        saturated = saturation_warning(values[~self.mask]) if not self.mask.all() else None
        more = [saturated] if saturated else []
        described = self.described(values)
        if not described:
            return more
        if replaced:
            done = f"outlying pixels were replaced by counts of their neighbours: {described}"
            return [done, *more]
        return [
            *more,
            f"outlying pixels: {described}; they are excluded from the dose estimate, but the "
            "method sees them: --mask-outliers replaces them by counts of their neighbours",
        ]


def find_outliers(values: np.ndarray) -> Outliers:
    """Find pixels whose counts are incompatible with those of their neighbours.

    Parameters
    ----------
    values : numpy.ndarray
        Counts (y, x), or counts times a gain; finite.
    """
    none = np.zeros(values.shape, dtype=bool)
    mean = float(values.mean(dtype=np.float64))
    if min(values.shape) < 3 or not mean > 0:
        return Outliers(hot=none, dead=none, empty=none)
    electrons = values.astype(np.float64) / max(usual_noise_over_mean(values), 0.02)
    # In images with few electrons, no pixel can be recognised as too bright, or as too dark.
    most = float(electrons.max())
    hot = _accepted(_hot(electrons), _MOST_HOT) if most > _beyond(np.zeros(())) else none
    rest = fill(electrons, hot)
    empty = _empty(rest)
    rest = fill(rest, empty)
    for axis in (0, 1):
        hot = hot | _accepted(_lines(rest, axis, bright=True), _MOST_LINES)
    dead = none
    rest = fill(rest, hot)
    for axis in (0, 1):
        dead = dead | _accepted(_lines(rest, axis, bright=False), _MOST_LINES)
    if most > 2 * _RARE:
        dead = dead | _dead(fill(rest, dead))
    return Outliers(hot=hot, dead=dead & ~empty & ~hot, empty=empty)


def fill(values: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Replace bad pixels by values of good ones, which preserves the noise of counts.

    Parameters
    ----------
    values : numpy.ndarray
        Image (y, x).
    bad : numpy.ndarray
        Mask (y, x).

    Returns
    -------
    numpy.ndarray
        A copy with each bad pixel replaced by its mirror image about the nearest good one, or by
        that pixel itself if the mirror image is bad too; `values` if all pixels are good or all
        are bad.
    """
    if not bad.any() or bad.all():
        return values
    nearest = ndimage.distance_transform_edt(bad, return_distances=False, return_indices=True)
    near, positions = nearest[:, bad], np.array(np.nonzero(bad))
    far = 2 * near - positions
    outside = (far < 0) | (far >= np.array(values.shape)[:, None])
    far = np.where(outside.any(axis=0), near, far)
    source = np.where(bad[tuple(far)], near, far)
    filled = values.copy()
    filled[bad] = values[tuple(source)]
    return filled


def _accepted(found: np.ndarray, share: float) -> np.ndarray:
    """Return the pixels found, or none if they are too many to come from the detector."""
    return found & (np.count_nonzero(found) <= max(_FEW, share * found.size))


def _hot(electrons: np.ndarray) -> np.ndarray:
    """Find single pixels, small clusters and blocks of one value, each with a sharp edge."""
    beside = ndimage.maximum_filter(electrons, footprint=_BESIDE, mode="mirror")
    bright = electrons > _beyond(_PEAK * beside)
    bright |= electrons > _beyond(_FAR_PEAK * _most_expected(electrons, 3))
    usual = np.asarray(max(float(np.median(electrons)), 1.0))
    bright |= (electrons == electrons.max()) & (electrons > _beyond(_FAR_PEAK * usual))
    return _sharp(electrons, bright)


def _dead(electrons: np.ndarray) -> np.ndarray:
    """Find single pixels far darker than all of their neighbours."""
    beside = ndimage.minimum_filter(electrons, footprint=_CROSS, mode="mirror")
    least = beside / _PEAK
    dark = electrons < least - np.sqrt(2 * _RARE * np.maximum(least, 0))
    return np.asarray(dark & (beside > _mean_at(electrons, 3) / _PEAK))


def _sharp(electrons: np.ndarray, bright: np.ndarray) -> np.ndarray:
    """Keep connected regions whose brightest value drops within one pixel."""
    labels, number = ndimage.label(bright, structure=np.ones((3, 3)))
    if not number:
        return bright
    beside = ndimage.minimum_filter(electrons, footprint=_CROSS, mode="mirror")
    index = np.arange(number + 1)
    drop = ndimage.maximum(electrons - beside, labels, index)
    sharp = drop >= _DROP * ndimage.maximum(electrons, labels, index)
    sharp[0] = False
    return np.asarray(sharp[labels])


def _lines(electrons: np.ndarray, axis: int, *, bright: bool) -> np.ndarray:
    """Find rows (axis 0) or columns that are brighter, or darker, than those on both sides."""
    sums = np.maximum(electrons.sum(axis=1 - axis), 0)
    usual = ndimage.median_filter(sums, _LINES, mode="reflect")
    if bright:
        found = sums > usual + np.maximum((_LINE - 1) * usual, 8 * np.sqrt(usual) + 20)
    else:
        found = sums < usual - np.maximum(0.75 * usual, np.sqrt(2 * _RARE * usual))
    labels, number = ndimage.label(found)
    sharp = _sharp_above if bright else _sharp_below
    for label in range(1, number + 1):
        lines = np.flatnonzero(labels == label)
        below, above = sums[: lines[0]][::-1], sums[lines[-1] + 1 :]
        sides = [side[:3] for side in (below, above) if len(side)]
        narrow = len(sides) == 2 and len(lines) <= _LINES // 2
        found[lines] = narrow and sharp(sums[lines] - usual[lines], sides)
    return np.broadcast_to(found[:, None] if axis == 0 else found[None], electrons.shape)


def _sharp_above(height: np.ndarray, sides: list[np.ndarray]) -> bool:
    """Return whether bright lines drop at once to the level of more distant ones."""
    return all(side[0] - side.min() <= (1 - _DROP) * height.max() for side in sides)


def _sharp_below(height: np.ndarray, sides: list[np.ndarray]) -> bool:
    """Return whether the lines beside dark ones have the full level of more distant ones."""
    return all(side[0] >= side.max() / _PEAK for side in sides)


def _empty(electrons: np.ndarray) -> np.ndarray:
    """Find rows and columns at the edges without any electron next to fully exposed ones.

    Sums of shifted frames have such edges. An edge that darkens gradually belongs to the image.
    """
    empty = np.zeros(electrons.shape, dtype=bool)
    for axis in (0, 1):
        sums = np.abs(electrons).sum(axis=1 - axis)
        if not sums.any():
            return empty
        for back in (False, True):
            ordered = sums[::-1] if back else sums
            width = int(np.flatnonzero(ordered)[0])
            first, next_ones = ordered[width], ordered[width + 1 : width + _LINES]
            if width and next_ones.size and first >= max(_RARE, float(np.median(next_ones)) / 2):
                lines = slice(len(sums) - width, None) if back else slice(width)
                empty[(lines, slice(None)) if axis == 0 else (slice(None), lines)] = True
    return empty if np.count_nonzero(empty) <= empty.size / 2 else np.zeros_like(empty)


def _mean_at(electrons: np.ndarray, distance: int) -> np.ndarray:
    """Return the mean over a square ring around each pixel."""
    outer, inner = 2 * distance + 1, 2 * distance - 1
    sums = _box(electrons, outer) - _box(electrons, inner)
    return np.asarray(sums / (outer**2 - inner**2))


def _box(electrons: np.ndarray, side: int) -> np.ndarray:
    if side == 1:
        return electrons
    return np.asarray(ndimage.uniform_filter(electrons, side, mode="mirror") * side**2)


def _most_expected(electrons: np.ndarray, distance: int) -> np.ndarray:
    """Return the ring's largest plausible expected value: its mean plus four deviations."""
    number = 8 * distance
    counted = np.maximum(_mean_at(electrons, distance), 0) * number
    return np.asarray((counted + 4 * np.sqrt(counted) + 8) / number)


def _beyond(expected: np.ndarray) -> np.ndarray:
    """Return counts that the expected electrons practically never reach (Bernstein's bound)."""
    third = _RARE / 3
    return np.asarray(expected + third + np.sqrt(third**2 + 2 * _RARE * expected))


def _listed(name: str, mask: np.ndarray, values: np.ndarray) -> str:
    """Return the number of pixels of a kind, and the positions of the first of them."""
    rows, columns = (np.flatnonzero(mask.all(axis=1 - axis)) for axis in (0, 1))
    single = mask.copy()
    single[rows] = False
    single[:, columns] = False
    parts = [_lines_listed("row", rows), _lines_listed("column", columns)]
    y, x = np.nonzero(single)
    shown = [f"{values[i, j]:g} at x {j}, y {i}" for i, j in zip(y, x, strict=True)][:_SHOWN]
    if shown:
        more = f" and {len(y) - _SHOWN} more" if len(y) > _SHOWN else ""
        parts.append(f"{'; '.join(shown)}{more}")
    return f"{np.count_nonzero(mask)} {name} ({'; '.join(p for p in parts if p)})"


def _lines_listed(name: str, numbers: np.ndarray) -> str:
    if not len(numbers):
        return ""
    if len(numbers) == 1:
        return f"{name} {numbers[0]}"
    return f"{len(numbers)} {name}s from {numbers[0]} to {numbers[-1]}"
