"""Column tests: which columns of an image its electrons support, which they contradict.

Each column is tested against its own surroundings by electrons of other frames if there are any,
else by the image's own: a fifth of them at a time is held out, the rest denoised, and the five
log-likelihood ratios are added. The places are those of the whole image, which has seen all
electrons, so that the null distribution of the sum is simulated. At low doses most columns can be
neither supported nor contradicted: the power of the test, computed for each column as if it were
exactly as shown, says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tembench.metrics import (
    DISC_A,
    FALSE_ALARM_RATE,
    Null,
    column_ratio,
    disc_pixels,
    search_px,
)
from tembench.micrographs.trust.column_evidence.shown_columns import ShownColumns
from tembench.micrographs.trust.column_evidence.surroundings import (
    DiscAndRing,
    disc_and_ring,
    frames_noise,
    log_ratio,
    p_value,
)
from tembench.micrographs.trust.subject import FOLDS, Subject

LEAST_RATIO = 2.7
"""Sum of five log ratios that at most 1 % of columns without matter exceed, nat (simulated)."""
CONTRADICTED = -float(np.log(1 / FALSE_ALARM_RATE))
"""Log ratio below which at most 1 % of true columns fall, nat (Markov's inequality)."""
SUPPORTED, UNDECIDED, AGAINST = 1, 0, -1
VERDICTS = {SUPPORTED: "supported", UNDECIDED: "not decided", AGAINST: "contradicted"}
"""Verdicts in words."""
VERDICT_COLOURS = {SUPPORTED: (42, 133, 176), UNDECIDED: (226, 190, 84), AGAINST: (214, 84, 30)}
"""Colour (red, green, blue) of each verdict in pictures."""
HELD_OUT, OTHER_FRAMES, OWN_COUNTS = "electrons held out", "the other frames", "its own electrons"


@dataclass(frozen=True, kw_only=True)
class ColumnVerdicts:
    """Columns that an image shows, each with what the electrons say of it.

    Attributes
    ----------
    columns : ShownColumns
        The columns.
    by : str
        The electrons that they are tested by: `HELD_OUT`, `OTHER_FRAMES` or `OWN_COUNTS`.
    ratio : numpy.ndarray
        Log-likelihood ratio of each column against its surroundings, nat, (columns,).
    ratio_vacuum : numpy.ndarray
        Log-likelihood ratio of its disc against vacuum, nat, (columns,).
    p_value : numpy.ndarray
        Exact probability without a column, by other frames; NaN by held-out electrons.
    power : numpy.ndarray
        Probability that a column would be supported if it were exactly as shown, (columns,).
    verdict : numpy.ndarray
        `SUPPORTED`, `UNDECIDED` or `AGAINST`, (columns,).
    threshold : float
        Ratio above which a column is supported; NaN where the p-value decides.
    noise : float
        Variance of the other frames' electrons over that of counted ones, by which they are
        discounted.
    """

    columns: ShownColumns
    by: str
    ratio: np.ndarray
    ratio_vacuum: np.ndarray
    p_value: np.ndarray
    power: np.ndarray
    verdict: np.ndarray
    threshold: float = float("nan")
    noise: float = 1.0

    def number(self, verdict: int, sign: int) -> int:
        """Return the number of columns of one sign with a verdict."""
        return int(((self.verdict == verdict) & (self.columns.sign == sign)).sum())

    def due(self, sign: int) -> float:
        """Return the number that would be supported if all were exactly as shown."""
        return float(self.power[self.columns.sign == sign].sum())


def judge_columns(
    subject: Subject, columns: ShownColumns, threshold: float = LEAST_RATIO
) -> ColumnVerdicts:
    """Test each column that an image shows.

    Parameters
    ----------
    subject : Subject
        The image, and its method or other frames.
    columns : ShownColumns
        Its columns.
    threshold : float
        Sum of log ratios above which held-out electrons support a column.
    """
    shown = disc_and_ring(subject.denoised, columns.xy_px, subject.pixel_size_A)
    if subject.frames:
        return _by_frames(subject, columns, shown)
    if subject.no_parts:
        return _by_own_counts(subject, columns)
    ratio, vacuum = fold_ratios(subject, columns)
    counts = disc_and_ring(subject.image.counts, columns.xy_px, subject.pixel_size_A)
    return ColumnVerdicts(
        columns=columns,
        by=HELD_OUT,
        ratio=ratio,
        ratio_vacuum=vacuum,
        p_value=np.full(len(columns), np.nan),
        power=ratio_power(counts.total, counts.share, shown.disc_share, threshold),
        verdict=np.where(ratio > threshold, SUPPORTED, np.where(ratio < CONTRADICTED, AGAINST, 0)),
        threshold=threshold,
    )


def fold_ratios(subject: Subject, columns: ShownColumns) -> tuple[np.ndarray, np.ndarray]:
    """Sum the log ratios of columns over five parts of the electrons, each held out once.

    Returns
    -------
    against_surroundings, against_vacuum : numpy.ndarray
        Nat, (columns,).
    """
    local, vacuum = np.zeros(len(columns)), np.zeros(len(columns))
    for part, predicted in subject.folds:
        counts = disc_and_ring(part, columns.xy_px, subject.pixel_size_A)
        shown = disc_and_ring(predicted, columns.xy_px, subject.pixel_size_A)
        local += log_ratio(counts, shown)
        vacuum += _against_vacuum(counts, shown, subject.dose_e_per_px / FOLDS)
    return local, vacuum


def ratio_power(
    total: np.ndarray, share: np.ndarray, shown_share: np.ndarray, threshold: float
) -> np.ndarray:
    """Probability that the log ratio of a column exceeds a threshold if it is as shown.

    Parameters
    ----------
    total : numpy.ndarray
        Electrons on disc and ring, (columns,).
    share, shown_share : numpy.ndarray
        The disc's share of the pixels and of the image, (columns,).
    threshold : float
        Nat.
    """
    from scipy.stats import binom

    total = np.rint(total)
    slope = np.log(shown_share / share) - np.log((1 - shown_share) / (1 - share))
    level = total * np.log((1 - shown_share) / (1 - share))
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(slope == 0, np.inf, (threshold - level) / slope)
    bright = binom.sf(np.floor(needed), total, shown_share)
    dark = binom.cdf(np.ceil(needed) - 1, total, shown_share)
    return np.where(slope > 0, bright, np.where(slope < 0, dark, 0.0))


def p_value_power(
    total: np.ndarray, share: np.ndarray, shown_share: np.ndarray, sign: np.ndarray
) -> np.ndarray:
    """Probability that the exact test calls a column if it is as shown; as for `ratio_power`."""
    from scipy.stats import binom

    total = np.rint(total)
    most = binom.isf(FALSE_ALARM_RATE, total, share)
    least = binom.ppf(FALSE_ALARM_RATE, total, share)
    # The quantile itself may have a probability above the rate on its own side.
    bright = binom.sf(most, total, shown_share)
    dark = binom.cdf(least - 1, total, shown_share)
    return np.where(sign > 0, bright, dark)


def _by_frames(subject: Subject, columns: ShownColumns, shown: DiscAndRing) -> ColumnVerdicts:
    frames = subject.all_frames
    assert frames is not None
    noise = 1.0
    if subject.not_counted:
        noise = frames_noise(subject.image.counts, frames, subject.pixel_size_A)
    counts = disc_and_ring(frames, columns.xy_px, subject.pixel_size_A)
    fewer = replace(counts, disc=counts.disc / noise, ring=counts.ring / noise)
    ratio, p = log_ratio(fewer, shown), p_value(fewer, columns.sign)
    scaled = replace(
        shown, disc=shown.disc * subject.frames_factor, ring=shown.ring * subject.frames_factor
    )
    return ColumnVerdicts(
        columns=columns,
        by=OTHER_FRAMES,
        ratio=ratio,
        ratio_vacuum=_against_vacuum(counts, scaled, subject.dose_e_per_px * subject.frames_factor)
        / noise,
        p_value=p,
        power=p_value_power(fewer.total, fewer.share, shown.disc_share, columns.sign),
        verdict=np.where(
            p < FALSE_ALARM_RATE, SUPPORTED, np.where(ratio < CONTRADICTED, AGAINST, UNDECIDED)
        ),
        noise=noise,
    )


def _by_own_counts(subject: Subject, columns: ShownColumns) -> ColumnVerdicts:
    """Test discs against vacuum by the electrons that the image was made from."""
    px, dose = subject.pixel_size_A, subject.dose_e_per_px
    counts = disc_and_ring(subject.image.counts, columns.xy_px, px)
    shown = disc_and_ring(subject.denoised, columns.xy_px, px)
    ratio = _against_vacuum(counts, shown, dose)
    pixels = disc_pixels(DISC_A / px)
    generator = subject.generator("searched null")
    side = int(40 / px)
    critical = float("nan")
    if not subject.not_counted:
        null = Null.of_frames(
            (generator.poisson(dose, (side, side)) for _ in range(8)),
            DISC_A / px,
            dose,
            search_px(px),
        )
        critical = null.critical(FALSE_ALARM_RATE) * pixels
    nothing = np.full(len(columns), np.nan)
    return ColumnVerdicts(
        columns=columns,
        by=OWN_COUNTS,
        ratio=nothing,
        ratio_vacuum=ratio,
        p_value=nothing,
        power=nothing,
        verdict=np.where(ratio > critical, SUPPORTED, UNDECIDED),
        threshold=critical,
    )


def _against_vacuum(counts: DiscAndRing, shown: DiscAndRing, dose_e_per_px: float) -> np.ndarray:
    """Log-likelihood ratio of the discs' rates against vacuum, nat per disc."""
    pixels = np.maximum(counts.pixels, 1)
    return pixels * column_ratio(
        counts.disc / pixels, shown.disc / pixels, dose_e_per_px=dose_e_per_px
    )


def contrast_power(
    columns: ColumnVerdicts, contrasts: np.ndarray, electrons: float, share: float
) -> np.ndarray:
    """Power of the test that columns were judged by, for columns of given contrasts.

    Parameters
    ----------
    columns : ColumnVerdicts
        The columns and their test.
    contrasts : numpy.ndarray
        Mean of the disc over that of the ring, less 1; negative for dark columns.
    electrons : float
        Electrons on disc and ring.
    share : float
        The disc's share of the pixels.
    """
    disc = (1 + contrasts) * share
    shown = disc / (disc + 1 - share)
    total, shares = np.full(len(contrasts), electrons), np.full(len(contrasts), share)
    if columns.by == OTHER_FRAMES:
        return p_value_power(total / columns.noise, shares, shown, np.sign(contrasts))
    return ratio_power(total, shares, shown, columns.threshold)
