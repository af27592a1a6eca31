"""Support index: what electrons that an image has not seen say of its columns as a group.

Single columns are rarely decided at low doses; their sum is. Of each column the electrons on its
disc give a score z and the image an expectation e (module `surroundings`); the index
sum(z e) / sum(e^2) is 1 if the columns are on average as strong as they are shown, 0 if
there is nothing. But real columns that are stronger than shown hide invented ones. So the scores
are explained by a mixture, too: a share of the places is empty, at the others are columns with a
common strength and a scatter of strengths. The likelihood of each share tells how many of the
columns are empty at least, and at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics import Estimate
from tembench.micrographs.trust.column_evidence.shown_columns import BRIGHT, DARK, find_shown
from tembench.micrographs.trust.column_evidence.surroundings import (
    disc_and_ring,
    frames_noise,
    scores,
)
from tembench.micrographs.trust.subject import Subject

LEAST_COLUMNS = 10
"""Below this number no index is given."""
# Normal quantile of a false alarm in a hundred.
_QUANTILE = 2.33
_SHARES = np.linspace(0.0, 1.0, 41)
_STRENGTHS, _SCATTERS = np.geomspace(0.7, 4.0, 22), (0.0, 0.25, 0.5)
# Twice the log-likelihood below the best at each end of an interval of 90 %.
_BELOW_BEST = 2.71
# Lower end from which on columns are called empty. Of 50 images with less than a tenth of invented
# columns the largest lower end was 0.075, of 62 with more than a quarter it was above 0.25 in 37
# (`benchmarks/trust_columns.py`, four images of each kind).
_MOSTLY_REAL, _UNCLEAR = 0.25, 0.4


@dataclass(frozen=True, kw_only=True)
class SupportIndex:
    """Support index of the bright or the dark columns of an image.

    Attributes
    ----------
    sign : int
        1 for bright columns, -1 for dark ones.
    columns : float
        Number of columns; the mean of both halves, where each is judged by the other.
    index, standard_error : float
        The index and its standard error.
    by : str
        The electrons that it was judged by.
    """

    sign: int
    columns: float
    index: float
    standard_error: float
    by: str

    @property
    def is_low(self) -> bool:
        """Whether the columns are weaker than shown, at a false-alarm rate of 1 %."""
        return self.index + _QUANTILE * self.standard_error < 1

    @property
    def is_unsupported(self) -> bool:
        """Whether even half of the strength shown is too much, at the same rate."""
        return self.index + _QUANTILE * self.standard_error < 0.5

    @property
    def is_informative(self) -> bool:
        """Whether the index tells columns that are there from columns that are not."""
        return 2 * _QUANTILE * self.standard_error < 1


@dataclass(frozen=True, kw_only=True)
class EmptyShare:
    """Share of the columns with nothing behind them.

    Attributes
    ----------
    share, low, high : float
        The likeliest share, and its interval of 90 %.
    gain : float
        Twice the log-likelihood of the likeliest share over that of none.
    """

    share: float
    low: float
    high: float
    gain: float

    @property
    def is_large(self) -> bool:
        """Whether some of the columns are empty although others may be real."""
        return self.low >= _MOSTLY_REAL

    @property
    def is_small(self) -> bool:
        """Whether most of the columns are certainly real."""
        return self.high <= _UNCLEAR


@dataclass(frozen=True, kw_only=True)
class GroupSupport:
    """What unseen electrons say of the columns as a group.

    Attributes
    ----------
    indices : tuple of SupportIndex
        Of the bright and of the dark columns, if there are enough.
    empty : EmptyShare or None
        Of both together; None if there are too few.
    """

    indices: tuple[SupportIndex, ...]
    empty: EmptyShare | None


def group_support(subject: Subject) -> GroupSupport | str:
    """Compute the support index of the columns, and the share of them that is empty.

    Parameters
    ----------
    subject : Subject
        With other frames these judge the image itself; else each half of the electrons judges the
        columns found in the other.

    Returns
    -------
    GroupSupport or str
        The reason if nothing can be said.
    """
    if subject.frames:
        frames = subject.all_frames
        assert frames is not None
        noise = 1.0
        if subject.not_counted:
            noise = frames_noise(subject.image.counts, frames, subject.pixel_size_A) ** 0.5
        sign, z, expected = _scored(subject, subject.denoised, frames, 1.0)
        found, by = [(sign, z / noise, expected / noise)], "the other frames"
    elif subject.no_parts:
        return subject.no_parts
    else:
        halves, shown = subject.halves, subject.denoised_halves
        found = [_scored(subject, shown[i], halves[1 - i], 0.5) for i in (0, 1)]
        by = "the other half of the electrons"
    sign, z, expected = (np.concatenate(parts) for parts in zip(*found, strict=True))
    indices = []
    likelihood = np.zeros(len(_SHARES))
    for one in (BRIGHT, DARK):
        which = sign == one
        if which.sum() >= LEAST_COLUMNS * len(found):
            index = support_index(z[which], expected[which])
            likelihood += share_likelihood(one * z[which], one * expected[which])
            indices.append(
                SupportIndex(
                    sign=one,
                    columns=float(which.sum()) / len(found),
                    index=index.value,
                    standard_error=index.standard_error,
                    by=by,
                )
            )
    return GroupSupport(indices=tuple(indices), empty=likely_share(likelihood) if indices else None)


def support_index(z: np.ndarray, expected: np.ndarray) -> Estimate:
    """Support index of columns and its standard error.

    Parameters
    ----------
    z, expected : numpy.ndarray
        Scores and their expectations (columns,), from
        `tembench.micrographs.trust.column_evidence.surroundings.scores`.

    Examples
    --------
    >>> support_index(np.array([2.0, 1.0]), np.array([2.0, 2.0])).value
    0.75
    """
    weight = float(np.sum(expected**2))
    return Estimate(
        value=float(np.sum(z * expected)) / weight, standard_error=weight**-0.5, pixels=len(z)
    )


def share_likelihood(z: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Log-likelihood of each share of empty places between 0 and 1, (41,).

    Parameters
    ----------
    z, expected : numpy.ndarray
        Scores and expectations (columns,), positive where a column is as shown.

    Returns
    -------
    numpy.ndarray
        With the likeliest strength of the others, between 0.7 and 4 times that shown, and scatter
        of it, 0, 0.25 or 0.5 of the expectation.
    """
    empty = np.exp(-0.5 * z**2)[:, None]
    best = np.full(len(_SHARES), -np.inf)
    for scatter in _SCATTERS:
        variance = 1 + (scatter * expected) ** 2
        for strength in _STRENGTHS:
            there = np.exp(-0.5 * (z - strength * expected) ** 2 / variance) / np.sqrt(variance)
            mixed = _SHARES * empty + (1 - _SHARES) * there[:, None]
            best = np.maximum(best, np.log(np.maximum(mixed, 1e-300)).sum(axis=0))
    return best


def likely_share(likelihood: np.ndarray) -> EmptyShare:
    """Return the likeliest share and its interval from `share_likelihood`.

    Examples
    --------
    Of twenty columns shown at three standard deviations a half is there:

    >>> z = np.concatenate([np.zeros(10), np.full(10, 3.0)])
    >>> found = likely_share(share_likelihood(z, np.full(20, 3.0)))
    >>> found.share, found.is_large
    (0.5, True)
    """
    below = 2 * (likelihood.max() - likelihood)
    likely = _SHARES[below < _BELOW_BEST]
    return EmptyShare(
        share=float(_SHARES[likelihood.argmax()]),
        low=float(likely[0]),
        high=float(likely[-1]),
        gain=float(below[0]),
    )


def _scored(
    subject: Subject, image: np.ndarray, counts: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signs, scores and expectations of the columns of an image, by other counts."""
    px = subject.pixel_size_A
    columns = find_shown(image, pixel_size_A=px, dose_e_per_px=share * subject.dose_e_per_px)
    seen = disc_and_ring(counts, columns.xy_px, px)
    z, expected = scores(seen, disc_and_ring(image, columns.xy_px, px))
    return columns.sign, z, expected
