"""Units of outputs: their mean against that of the noisy images, and their range.

No method changes the number of electrons by a quarter; other units or a rescaling do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tembench.ranking.plausibility.looked_at import LookedAt

_MEAN_RATIO = (0.8, 1.25)
_SAME_FACTOR = 1.1
_RANGES = {(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 65535.0)}
_REMEDY = "Write expected electrons per pixel"


def other_units(looks: Sequence[LookedAt]) -> Iterator[str]:
    """One sentence if outputs seem to be in other units than electrons per pixel.

    Parameters
    ----------
    looks : sequence of LookedAt
        Denoised images with their noisy ones.
    """
    ends = {(float(look.denoised.min()), float(look.denoised.max())) for look in looks}
    if len(ends) == 1 and ends <= _RANGES:
        low, high = ends.pop()
        yield (
            f"every image ranges from {low:g} to {high:g}, as if rescaled for display. {_REMEDY}"
        )
        return
    ours, theirs = (
        np.array([getattr(look, name).mean() for look in looks]) for name in ("denoised", "noisy")
    )
    ratios = ours / np.maximum(theirs, 1e-30)
    if _is_one(np.array([ours.mean() / theirs.mean()])) and _is_one(np.array([np.median(ratios)])):
        return
    unit, factors = _unit(looks, ratios)
    yield (
        f"the mean of the outputs is {ours.mean():.3g}, {ours.mean() / theirs.mean():.3g} times "
        f"that of the noisy images ({theirs.mean():.3g} e/px), {unit}. {_REMEDY}{factors}"
    )


def _unit(looks: Sequence[LookedAt], ratios: np.ndarray) -> tuple[str, str]:
    """What the ratios of all images agree with, and by what to multiply."""
    areas_A2 = np.array([look.pixel_size_A**2 for look in looks])
    doses = np.array([look.dose_e_per_px for look in looks])
    if _is_one(ratios * areas_A2):
        return "as if in electrons per square angstrom", ": multiply each image by its pixel's area"
    if _is_one(ratios * doses):
        return "as if vacuum were 1", ": multiply each image by its dose in vacuum"
    values = np.concatenate([look.denoised.ravel() for look in looks])
    if values.max() <= 255 and (values == np.round(values)).all():
        return "all of them whole numbers up to 255, as if of 8-bit pictures", ""
    if abs(values.mean()) < 0.1 * values.std():
        return "as if their mean were subtracted", ""
    if ratios.min() > 0 and ratios.max() < _SAME_FACTOR**2 * ratios.min():
        return (
            f"as if multiplied by {np.median(ratios):.3g}",
            f": divide by {np.median(ratios):.3g}",
        )
    return "as if in other units", ""


def _is_one(ratios: np.ndarray) -> bool:
    low, high = _MEAN_RATIO
    return bool((ratios >= low).all() and (ratios <= high).all())
