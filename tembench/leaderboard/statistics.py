"""Statistics of a ranking: confidence intervals over atomic models, and shared ranks.

Images of one atomic model are not independent: they show the same atoms at another defocus or tilt.
The benchmark asks how a method performs on a *new* model. Models are therefore drawn with
replacement, each with all its images (cluster bootstrap), and the same draws are used for all rows,
so that differences between rows are compared on the same images (paired).

Few models give little information, and a plain percentile bootstrap hides that: with m models its
interval never extends beyond the best and the worst of them. The interval is therefore stretched
about the mean by ``t_{m-1} / z * sqrt(m / (m - 1))``, the ratio of Student's interval to the
bootstrap's for normal bootstrap means: 9.2 at two models, 1.6 at five, 1.1 at twenty. For normal
scores the stretched interval contains the true mean in 93 of 100 cases at two models, and in about
95 from three models on. One model gives no interval: (-inf, inf).

References
----------
B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (Chapman & Hall, 1993): the percentile
interval. T. C. Hesterberg, The American Statistician 69, 371-386 (2015),
doi 10.1080/00031305.2015.1089789: its narrowness for small samples, and a similar correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tembench.core import seed_sequence

CONFIDENCE = 0.95
RESAMPLES = 4000


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean over images and its confidence interval over models."""

    mean: float
    low: float
    high: float

    def includes(self, value: float) -> bool:
        """Whether `value` is within the bounds."""
        return self.low <= value <= self.high


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """Draws of models with replacement, shared by all rows of a table.

    Attributes
    ----------
    membership : array of int (images,)
        Model of each image, 0 to models - 1.
    weights : array (resamples, models)
        How often each model was drawn.
    """

    membership: np.ndarray
    weights: np.ndarray

    @property
    def models(self) -> int:
        """Number of models."""
        return self.weights.shape[1]

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean over images in each resample, (resamples,)."""
        sums = np.bincount(self.membership, weights=values, minlength=self.models)
        counts = np.bincount(self.membership, minlength=self.models)
        return (self.weights @ sums) / (self.weights @ counts)

    def among(self, images: np.ndarray) -> Resampling:
        """The same draws, restricted to the images of a mask.

        Models without such an image are removed, and so are draws that contain only those.
        """
        if images.all():
            return self
        present, membership = np.unique(self.membership[images], return_inverse=True)
        weights = self.weights[:, present]
        return Resampling(membership=membership, weights=weights[weights.any(axis=1)])


def resampling(models: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0) -> Resampling:
    """Draw models with replacement.

    Parameters
    ----------
    models : sequence of str
        Model of each image.
    resamples : int
        Number of draws.
    seed : int
        Seed of the draws; tables use 0, so that the same rows always give the same table.
    """
    names, membership = np.unique(np.asarray(models, dtype=str), return_inverse=True)
    rng = np.random.default_rng(seed_sequence(seed, "bootstrap"))
    weights = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    return Resampling(membership=membership, weights=weights.astype(np.float64))


def interval(values: np.ndarray, draws: Resampling, *, confidence: float = CONFIDENCE) -> Interval:
    """Mean over images with its interval over models.

    Parameters
    ----------
    values : array (images,)
        Scores, in the order of the images of `draws`. Infinite scores give an infinite mean (NaN
        if both infinities occur), and infinite bounds where bounds would be undefined.
    draws : Resampling
        From `resampling`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        Stretched for few models, as the module's docstring explains.
    """
    values = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        mean = float(np.mean(values))
    if not np.isfinite(values).all():
        # All infinite: nothing varies. Some: one draw with such an image is infinite.
        same = bool((values == values[0]).all())
        return Interval(mean=mean, low=mean if same else -np.inf, high=mean if same else np.inf)
    if draws.models == 1:
        return Interval(mean=mean, low=-np.inf, high=np.inf)
    tails = (1 - confidence) / 2
    low, high = np.quantile(draws.means(values), [tails, 1 - tails])
    factor = stretch(draws.models, confidence)
    return Interval(mean=mean, low=mean + factor * (low - mean), high=mean + factor * (high - mean))


def difference(
    first: np.ndarray, second: np.ndarray, draws: Resampling, *, confidence: float = CONFIDENCE
) -> Interval:
    """Mean of ``first - second`` image by image, with its interval over models.

    Equal scores differ by zero, even infinite ones.
    """
    first = np.asarray(first, dtype=np.float64)
    second = np.asarray(second, dtype=np.float64)
    gap = np.zeros_like(first)
    np.subtract(first, second, out=gap, where=first != second)
    return interval(gap, draws, confidence=confidence)


def stretch(models: int, confidence: float = CONFIDENCE) -> float:
    """Ratio of Student's interval to the bootstrap's; see the module's docstring."""
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence) / 2
    student = float(stdtrit(models - 1, upper))
    return student / float(ndtri(upper)) * float(np.sqrt(models / (models - 1)))
