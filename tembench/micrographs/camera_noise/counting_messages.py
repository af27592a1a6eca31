"""Messages about the values of an image: what they are converted by, doubts, and refusals."""

from __future__ import annotations

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.camera_noise.gain_estimate import GainEstimate, Interval95

CLEAN, LEAST_USUAL, MOST_USUAL = 0.02, 0.7, 1.4
"""Noise variance over mean below which an image is clean, and that of usual cameras.

It is 1 for counted electrons, less for a detector that blurs, more for one that misses electrons or
counts some more than once.
"""
# Share of pixels at the largest value of an image that is clipped there.
_CLIPPED = 1e-3


def converted(estimate: GainEstimate, *, spreads: bool) -> str:
    """Tell gain, offset and read noise with their intervals, and what they rest on.

    Parameters
    ----------
    estimate : GainEstimate
        The estimate that is used.
    spreads : bool
        The signal of an electron spreads to its neighbours.
    """
    parts = [f"gain {_with_interval(estimate.gain, estimate.gain_interval)}"]
    if estimate.offset or estimate.offset_interval[0] != estimate.offset_interval[1]:
        parts.append(f"offset {_with_interval(estimate.offset, estimate.offset_interval)}")
    if estimate.read_noise_e and estimate.read_noise_interval:
        parts.append(
            f"read noise {_with_interval(estimate.read_noise_e, estimate.read_noise_interval)} e"
        )
    noise = "variance (extrapolated, since an electron reaches its neighbours)"
    return (
        f"values are converted to electrons with {', '.join(parts)}, estimated from "
        f"{noise if spreads else 'variance'} against mean, assuming {estimate.assumption}; "
        "override with --gain, --offset"
    )


def doubts(electrons: np.ndarray, ratio: float, *, divided: bool) -> tuple[str, ...]:
    """Return warnings about electrons with unusual noise, and about fractions of electrons.

    Parameters
    ----------
    electrons : numpy.ndarray
        Electrons (y, x).
    ratio : float
        The variance of their noise over their mean.
    divided : bool
        They were divided by a gain.
    """
    said = []
    if not LEAST_USUAL < ratio < MOST_USUAL:
        said.append(
            f"the noise variance is {ratio:.2f} times the mean (1 for counted electrons): the "
            "detector blurs or adds noise, or the values need another --gain or --offset"
        )
    whole = electrons.dtype.kind in "uib"
    if not whole and np.abs(electrons - np.rint(electrons)).max() >= (0.1 if divided else 1e-3):
        said.append("the counts are not integers and are used as they are")
    return tuple(said)


def picture_doubts(values: np.ndarray) -> tuple[str, ...]:
    """Return warnings about stored values (y, x) that may be a picture's grey levels."""
    said = []
    share = float(np.mean(values == values.max()))
    if share > _CLIPPED and values.max() > np.median(values) + 1:
        said.append(
            f"{100 * share:.2g} % of the pixels have the largest value, {values.max():g}: if it is "
            "clipped there, electrons are lost"
        )
    if values.dtype == np.uint8:
        said.append(
            "values of 8 bits may be a picture's grey levels: if its contrast was changed by more "
            "than a factor and an offset (gamma), they do not count electrons, and nothing in the "
            "image tells"
        )
    return tuple(said)


def noiseless(ratio: float) -> ImageError:
    """Return the error about an image whose noise variance is a small part of the mean."""
    return ImageError(
        "does not have the noise of counted electrons",
        expected="a noise variance close to the mean",
        got=f"{ratio:.2g} times the mean",
        remedy="For a clean image, draw noise with --add-noise; otherwise give the value of one "
        "electron with --gain",
    )


def indeterminate(got: str) -> ImageError:
    """Return the error about values of which no gain was found."""
    return ImageError(
        "has values whose gain cannot be estimated from their noise",
        expected="counts, or a noise variance that grows with the mean",
        got=got,
        remedy="Give the value without electrons with --offset, and of one electron with --gain",
    )


def _with_interval(value: float, interval: Interval95) -> str:
    low, high = interval
    # As many decimals as tell the ends of the interval apart.
    decimals = int(np.clip(1 - np.floor(np.log10(max(high - low, 1e-12))), 0, 9))
    return f"{value:.{decimals}f} ({low:.{decimals}f} to {high:.{decimals}f})"
