"""Support index: what electrons that an image has not seen say of its columns as a group.

Single columns are rarely decided at low doses; their sum is. Of each column the electrons on its
disc give a score z and the image an expectation e (`tembench.micrographs.trust.disc_and_ring`); the
index sum(z e) / sum(e^2) is 1 if the columns are on average as strong as they are shown, 0 if
there is nothing. True columns that are stronger than shown may hide invented ones. So the same
scores are explained once by columns that are all there, with a common strength and a scatter of
strengths, and once by a mixture of such columns and empty places: what the mixture gains in
likelihood tells whether a share of the columns is empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics import Estimate
from tembench.micrographs.trust.column_tests import frames_noise
from tembench.micrographs.trust.disc_and_ring import disc_and_ring, scores
from tembench.micrographs.trust.shown_columns import BRIGHT, DARK, shown_columns
from tembench.micrographs.trust.subject import Subject

LEAST_COLUMNS = 10
"""Below this number no index is given."""
# Normal quantile of a false alarm in a hundred, and the gain of twice the log-likelihood that
# mixtures reach by chance less often (`benchmarks/trust_columns.py`).
_QUANTILE = 2.33
_MIXTURE_GAIN, _MIXTURE_SHARE = 12.0, 0.2
_MIXTURE_SHARES = np.linspace(0.0, 1.0, 41)
_STRENGTHS, _SCATTERS = np.geomspace(0.7, 4.0, 22), (0.0, 0.25, 0.5)


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
    empty_share : float
        Likeliest share of the columns with nothing behind them.
    mixture_gain : float
        Twice the log-likelihood that empty places add.
    by : str
        The electrons that it was judged by.
    """

    sign: int
    columns: float
    index: float
    standard_error: float
    empty_share: float
    mixture_gain: float
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
    def is_mixed(self) -> bool:
        """Whether some of the columns are empty although others are there."""
        return self.mixture_gain > _MIXTURE_GAIN and self.empty_share >= _MIXTURE_SHARE

    @property
    def is_informative(self) -> bool:
        """Whether the index tells columns that are there from columns that are not."""
        return 2 * _QUANTILE * self.standard_error < 1


def support_indices(subject: Subject) -> tuple[SupportIndex, ...] | str:
    """Compute the support index of the bright and of the dark columns.

    Parameters
    ----------
    subject : Subject
        With other frames these judge the image itself; else each half of the electrons judges the
        columns found in the other.

    Returns
    -------
    tuple of SupportIndex or str
        One for each sign of which there are enough columns; the reason if nothing can be said.
    """
    if subject.frames:
        found, by = [_scored(subject, subject.denoised, subject.all_frames, 1.0)], "other frames"
        noise = frames_noise(subject) ** 0.5
        found = [(sign, z / noise, e / noise) for sign, z, e in found]
    elif subject.no_parts:
        return subject.no_parts
    else:
        halves, shown = subject.halves, subject.denoised_halves
        found = [_scored(subject, shown[i], halves[1 - i], 0.5) for i in (0, 1)]
        by = "the other half of the electrons"
    sign, z, expected = (np.concatenate(parts) for parts in zip(*found, strict=True))
    indices = []
    for one in (BRIGHT, DARK):
        which = sign == one
        if which.sum() >= LEAST_COLUMNS * len(found):
            index = support_index(z[which], expected[which])
            share, gain = empty_share(one * z[which], one * expected[which])
            indices.append(
                SupportIndex(
                    sign=one,
                    columns=which.sum() / len(found),
                    index=index.value,
                    standard_error=index.standard_error,
                    empty_share=share,
                    mixture_gain=gain,
                    by=by,
                )
            )
    return tuple(indices)


def support_index(z: np.ndarray, expected: np.ndarray) -> Estimate:
    """Support index of columns and its standard error.

    Parameters
    ----------
    z, expected : numpy.ndarray
        Scores and their expectations (columns,), from
        `tembench.micrographs.trust.disc_and_ring.scores`.

    Examples
    --------
    >>> support_index(np.array([2.0, 1.0]), np.array([2.0, 2.0])).value
    0.75
    """
    weight = float(np.sum(expected**2))
    return Estimate(
        value=float(np.sum(z * expected)) / weight, standard_error=weight**-0.5, pixels=len(z)
    )


def empty_share(z: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Likeliest share of columns with nothing behind them, and what it explains.

    Parameters
    ----------
    z, expected : numpy.ndarray
        Scores and expectations (columns,), positive where a column is as shown.

    Returns
    -------
    share, gain : float
        The share, and twice the log-likelihood gained over columns that are all there. In both
        cases these have a common strength between 0.7 and 4 times that shown, with a relative
        scatter of 0, 0.25 or 0.5.
    """
    empty = np.exp(-0.5 * z**2)[:, None]
    shares = _MIXTURE_SHARES
    best, best_share, all_there = -np.inf, 0.0, -np.inf
    for scatter in _SCATTERS:
        variance = 1 + (scatter * expected) ** 2
        for strength in _STRENGTHS:
            there = np.exp(-0.5 * (z - strength * expected) ** 2 / variance) / np.sqrt(variance)
            mixed = shares * empty + (1 - shares) * there[:, None]
            likelihoods = np.log(np.maximum(mixed, 1e-300)).sum(axis=0)
            all_there = max(all_there, float(likelihoods[0]))
            at = int(likelihoods.argmax())
            if likelihoods[at] > best:
                best, best_share = float(likelihoods[at]), float(shares[at])
    return best_share, 2 * (best - all_there)


def _scored(
    subject: Subject, image: np.ndarray, counts: np.ndarray | None, share: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signs, scores and expectations of the columns of an image, by other counts."""
    assert counts is not None
    px = subject.pixel_size_A
    columns = shown_columns(image, pixel_size_A=px, dose_e_per_px=share * subject.dose_e_per_px)
    seen = disc_and_ring(counts, columns.xy_px, px)
    z, expected = scores(seen, disc_and_ring(image, columns.xy_px, px))
    return columns.sign, z, expected
