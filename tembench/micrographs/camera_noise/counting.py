"""Counting rule: the gain and offset by which stored values become electrons, and their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tembench.core import ImageError
from tembench.micrographs.camera_noise.counting_messages import (
    CLEAN,
    LEAST_USUAL,
    MOST_USUAL,
    converted,
    doubts,
    indeterminate,
    noiseless,
    picture_doubts,
)
from tembench.micrographs.camera_noise.gain_estimate import GainEstimate, Interval95, estimate_gain
from tembench.micrographs.camera_noise.noise_correlation import (
    NoiseCorrelation,
    measure_correlation,
)
from tembench.micrographs.electrons import (
    check_finite,
    fill,
    narrow_counts,
    noise_over_mean,
    usual_noise_over_mean,
    value_step,
)

# Slope of the variance on the mean, over that of counts, from which on values have an offset.
_MOST_SLOPE = 2.0
# How many times its interval a gain may be from 1 for whole values to be counts.
_WIDER = 2.0
# Below this side an image is too small for an estimate.
_LEAST_PX = 16
OPTION, FILE, ESTIMATED, COUNTS = "option", "file", "estimated", "counts"


@dataclass(frozen=True, kw_only=True)
class Counting:
    """The conversion of stored values to electrons: (value - offset) / gain.

    Attributes
    ----------
    gain, offset : float
        Stored units per electron; stored value without electrons.
    gain_from, offset_from : str
        ``"option"``, ``"file"``, ``"estimated"`` from the noise, or ``"counts"``: the values have
        the noise of counts as they are.
    gain_interval, offset_interval : tuple of float or None
        95 % intervals of what was estimated.
    read_noise_e : float or None
        Electrons rms, where it was noticed.
    correlation : NoiseCorrelation or None
        Correlation of the noise of neighbouring pixels; None for images below 64 x 64 px.
    allow_negative : bool
        Whether values below 0 electrons are kept, as read noise produces them: where the user
        accepts them, gives an offset, or gain and offset were estimated.
    warnings : tuple of str
        One line each.
    """

    gain: float = 1.0
    offset: float = 0.0
    gain_from: str = COUNTS
    offset_from: str = COUNTS
    gain_interval: Interval95 | None = None
    offset_interval: Interval95 | None = None
    read_noise_e: float | None = None
    correlation: NoiseCorrelation | None = None
    allow_negative: bool = False
    warnings: tuple[str, ...] = ()

    def counts(self, values: np.ndarray) -> np.ndarray:
        """Convert stored values to electrons.

        Parameters
        ----------
        values : numpy.ndarray
            Stored values (y, x).

        Returns
        -------
        numpy.ndarray
            (y, x); integers in the narrowest unsigned type that holds them, else float32.

        Raises
        ------
        ImageError
            If values are not finite, or negative where they must not be.
        """
        self.check(values)
        return narrow_counts(self.electrons(values), divided=self.gain != 1)

    def check(self, values: np.ndarray) -> None:
        """Refuse values (y, x) that are not finite, or negative where they must not be."""
        check_finite(values)
        if not self.allow_negative and values.min() < self.offset:
            raise ImageError(
                "has negative values",
                expected="counts",
                got=f"{np.count_nonzero(values < self.offset)} of {values.size}, down to "
                f"{values.min():g}",
                remedy="Give the value without electrons with --offset, or accept read noise with "
                "--allow-negative",
            )

    def electrons(self, values: np.ndarray) -> np.ndarray:
        """Return (values - offset) / gain of an array (y, x), unchecked."""
        if self.offset:
            values = values - np.float64(self.offset)
        return values / np.float64(self.gain) if self.gain != 1 else values


def counting_of(
    frames: Sequence[np.ndarray],
    *,
    gain: float | None = None,
    offset: float | None = None,
    in_electrons: bool = False,
    allow_negative: bool = False,
    outliers: np.ndarray | None = None,
) -> Counting:
    """Find how the values of an image, or of frames sampled from a movie, become electrons.

    Values with the noise of counts are taken as they are. Others are converted by gain and offset
    estimated from their noise, with a warning that reports both.

    Parameters
    ----------
    frames : sequence of numpy.ndarray
        Stored values (y, x) of one image or of several frames, of one shape.
    gain, offset : float, optional
        Stored units per electron and stored value without electrons, if they are known. An offset
        that is not given beside a gain is 0.
    in_electrons : bool
        The file states that values are electrons.
    allow_negative : bool
        Accept negative values of a gain that was given or stated.
    outliers : numpy.ndarray, optional
        Mask (y, x) of pixels to ignore.

    Raises
    ------
    ImageError
        If the values cannot be counts: not finite, without electrons, without the noise of counts,
        or of a gain that their noise does not determine.
    """
    for frame in frames:
        check_finite(frame)
    judged = [frame if outliers is None else fill(frame, outliers) for frame in frames]
    given = gain is not None or in_electrons
    start = Counting(
        gain=gain or 1.0,
        gain_from=OPTION if gain is not None else FILE if in_electrons else COUNTS,
        offset=offset or 0.0,
        offset_from=COUNTS if offset is None else OPTION,
        correlation=measure_correlation(judged),
        allow_negative=allow_negative or offset is not None,
    )
    found = _given(judged, start) if given else _judged(judged, start)
    correlation = start.correlation
    if correlation is not None and correlation.correlated:
        warning = f"{correlation.described()}: its electrons cannot be split into independent parts"
        found = replace(found, warnings=(*found.warnings, warning))
    for frame in frames:
        found.check(frame)
    return found


def _given(frames: list[np.ndarray], start: Counting) -> Counting:
    """Keep the gain, with warnings where the noise disagrees."""
    electrons = [start.electrons(frame) for frame in frames]
    if not start.allow_negative:
        for frame in frames:
            start.check(frame)
    ratio = _noise(electrons)
    if ratio < CLEAN:
        raise noiseless(ratio)
    return replace(start, warnings=doubts(electrons[0], ratio, divided=start.gain != 1))


def _judged(frames: list[np.ndarray], start: Counting) -> Counting:
    """Find the gain, and the offset if it was not given."""
    above = [start.electrons(frame) for frame in frames]
    if not any(frame.any() for frame in above):
        raise ImageError("contains no counts", got="a mean of 0")
    enough = min(frames[0].shape) >= _LEAST_PX
    if min(frame.min() for frame in above) >= 0:
        # Second differences are blind to most of a correlated noise.
        correlation = start.correlation
        spread = correlation if correlation is not None and correlation.spreads else None
        ratio = _noise(above) * (1.0 if spread is None else spread.hidden_power)
        step = value_step(above[0])
        if step is not None and LEAST_USUAL < ratio / step < MOST_USUAL:
            warning = (
                f"values are multiples of {step:.6g}, which is taken for the value of one "
                "electron; override it with --gain"
            )
            return replace(start, gain=step, gain_from=ESTIMATED, warnings=(warning,))
        if LEAST_USUAL < ratio < MOST_USUAL and not (enough and _has_offset(above, ratio)):
            return replace(start, warnings=doubts(above[0], ratio, divided=False))
    _refuse_noiseless(above[0])
    if not enough:
        start.check(frames[0])
        raise indeterminate(f"{frames[0].shape[1]} x {frames[0].shape[0]} px")
    offset = None if start.offset_from == COUNTS else start.offset
    return _estimated(
        frames, start, estimate_gain(frames, offset=offset, correlation=start.correlation)
    )


def _estimated(frames: list[np.ndarray], start: Counting, estimate: GainEstimate) -> Counting:
    """Use an estimate if it is determinate, with a warning that reports it."""
    if not estimate.determinate:
        # Negative values say more about the image than their noise.
        start.check(frames[0])
        low, high = estimate.gain_interval
        raise indeterminate(
            f"a gain of {estimate.gain:.3g} ({low:.3g} to {high:.3g}), assuming "
            f"{estimate.assumption}"
            if estimate.gain > 0 and np.isfinite(low)
            else "a noise variance that does not grow with the mean"
        )
    estimate = _exact(frames, estimate)
    given = start.offset_from == OPTION
    spreads = start.correlation is not None and start.correlation.spreads
    return replace(
        start,
        gain=estimate.gain,
        gain_from=ESTIMATED,
        gain_interval=estimate.gain_interval,
        offset=estimate.offset,
        offset_from=OPTION if given else ESTIMATED,
        offset_interval=None if given else estimate.offset_interval,
        read_noise_e=estimate.read_noise_e,
        allow_negative=True,
        warnings=(converted(estimate, spreads=spreads), *picture_doubts(frames[0])),
    )


def _exact(frames: list[np.ndarray], estimate: GainEstimate) -> GainEstimate:
    """Return a gain of 1 if the estimate admits it beside an offset of 0, or in whole values."""
    (low, high), (least, most) = estimate.gain_interval, estimate.offset_interval
    nearest = float(np.rint(estimate.offset))
    if low <= 1 <= high and estimate.offset == 0:
        return replace(estimate, gain=1.0, offset=nearest)
    # Whole values of nearly unit gain are counts on a pedestal: a camera that scales electrons by a
    # factor so near to 1 is far rarer than an interval that misses by as much again.
    gain = estimate.gain
    low, high = gain - _WIDER * (gain - low), gain + _WIDER * (high - gain)
    near = least - 0.5 < nearest < most + 0.5 and most - least < 1
    whole = all((frame == np.rint(frame)).all() for frame in frames)
    if low <= 1 <= high and near and whole:
        return replace(estimate, gain=1.0, offset=nearest)
    return estimate


def _has_offset(above: list[np.ndarray], ratio: float) -> bool:
    """Return whether the variance grows faster with the mean than in proportion."""
    slope = estimate_gain(above)
    return slope.offset != 0 and slope.gain_interval[0] > _MOST_SLOPE * ratio


def _noise(electrons: list[np.ndarray]) -> float:
    """Return the noise variance over the mean; refuse values without electrons."""
    mean = float(np.mean([frame.mean(dtype=np.float64) for frame in electrons]))
    if not mean > 0:
        raise ImageError("contains no counts", got=f"a mean of {mean:g}")
    lit = [frame for frame in electrons if frame.mean(dtype=np.float64) > 0]
    ratio = float(np.mean([noise_over_mean(frame) for frame in lit]))
    if ratio < MOST_USUAL:
        return ratio
    # A few bad pixels raise the mean square of the whole image.
    return min(ratio, float(np.median([usual_noise_over_mean(frame) for frame in lit])))


def _refuse_noiseless(values: np.ndarray) -> None:
    """Refuse an image without noise: compared with its height above its lowest values."""
    height = values - np.float64(np.quantile(values, 0.001))
    ratio = noise_over_mean(height) if height.mean() > 0 else 0.0
    if ratio < CLEAN:
        raise noiseless(ratio)
