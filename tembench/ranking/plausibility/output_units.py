"""Units of outputs: their mean against that of the noisy images, and their range.

No method changes the number of electrons by a quarter; other units or a rescaling do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tembench.ranking.plausibility.looked_at import LookedAt

_MOST_OFF = 1.25
# A method keeps the number of electrons to a few per cent, so that a unit is recognised by it.
_OFF_IN_A_UNIT = 1.07
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
    if _is_one([ours.mean() / theirs.mean(), np.median(ratios)], _MOST_OFF):
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
    if _is_one(ratios * areas_A2, _OFF_IN_A_UNIT):
        unit = "as if in electrons per square angstrom"
        # On pixels of a sixteenth of an angstrom, both are the same.
        either = f"{unit}, or multiplied by 255" if _is_one(ratios / 255, _OFF_IN_A_UNIT) else unit
        return either, ": multiply each image by its pixel's area"
    if _is_one(ratios * doses, _OFF_IN_A_UNIT):
        return "as if vacuum were 1", ": multiply each image by its dose in vacuum"
    values = np.concatenate([look.denoised.ravel() for look in looks])
    if values.max() <= 255 and (values == np.round(values)).all():
        return "all of them whole numbers up to 255, as if of 8-bit pictures", ""
    if abs(values.mean()) < 0.1 * values.std():
        return "as if their mean were subtracted", ""
    factor = float(np.median(ratios))
    if factor > 0 and _is_one(ratios / factor, _OFF_IN_A_UNIT):
        return f"as if multiplied by {factor:.3g}", f": divide by {factor:.3g}"
    return "as if in other units", ""


def _is_one(ratios: Sequence[float] | np.ndarray, most_off: float) -> bool:
    return all(1 / most_off <= ratio <= most_off for ratio in ratios)
