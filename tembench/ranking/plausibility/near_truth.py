"""Outputs that are the clean images, or as good: shot noise keeps every denoiser far from them.

An output is compared with the clean image as it is, and after the best linear change of its values,
so that a copy of the truth is found behind another scale, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.ranking.plausibility.looked_at import LookedAt

NEAR_E_PER_PX = 1e-3
"""Root mean square error, on the scale where vacuum is 0.45 e/px, that no denoiser reaches."""
# An efficient fit of so few parameters would have this error; an image with columns needs more. Of
# all rows of the closed and the open track, none but the look-up is below 20.
_FEWEST_PARAMETERS = 5.0
# Error of the constant image, in units of the two limits, from which an image has something in it.
_CONTRAST = 10.0
_CONTRAST_PARAMETERS = 400.0


def as_good_as_clean(looks: Sequence[LookedAt]) -> Iterator[str]:
    """One sentence if at least half of the outputs are as good as the clean images.

    Parameters
    ----------
    looks : sequence of LookedAt
        Denoised images with their clean ones. Those that show nothing are left out.
    """
    found = [error for look in looks if (error := _error(look)) is not None]
    near = [error for error, is_near in found if is_near]
    if near and 2 * len(near) >= len(found):
        worst = max(near)
        yield (
            f"{len(near)} of {len(found)} images looked at are as good as the clean image (they "
            f"differ by {worst:.2g} e/px or less, at 0.45 e/px in vacuum), which is only possible "
            "with the truth. Denoise the noisy images alone, see tembench inputs"
        )


def _error(look: LookedAt) -> tuple[float, bool] | None:
    """Error of an output, and whether it is too small; None for an image that shows nothing."""
    scale = REFERENCE_DOSE_E_PER_PX / look.dose_e_per_px
    contrast = scale * float(look.clean.std())
    if contrast < _CONTRAST * NEAR_E_PER_PX:
        return None
    error = min(
        scale * float(np.sqrt(np.mean((look.denoised - look.clean) ** 2))),
        contrast * float(np.sqrt(_unexplained(look))),
    )
    # Of an estimate with k free parameters, the mean squared error is k times the dose over the
    # number of pixels.
    parameters = (error / scale) ** 2 * look.clean.size / look.dose_e_per_px
    of_contrast = (contrast / scale) ** 2 * look.clean.size / look.dose_e_per_px
    too_few = parameters < _FEWEST_PARAMETERS and of_contrast > _CONTRAST_PARAMETERS
    return error, error <= NEAR_E_PER_PX or too_few


def _unexplained(look: LookedAt) -> float:
    """Share of the clean image's variance that no linear change of the output explains."""
    ours, theirs = look.denoised - look.denoised.mean(), look.clean - look.clean.mean()
    # Divided first, since squares of absurdly large values overflow.
    ours = ours / max(float(np.abs(ours).max()), 1e-300)
    variances = float(np.mean(ours**2)) * float(np.mean(theirs**2))
    if variances == 0:
        return 1.0
    return max(0.0, 1.0 - float(np.mean(ours * theirs)) ** 2 / variances)
