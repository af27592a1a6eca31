"""Statistics of a ranking: means over specimens, and their confidence intervals.

Images of one specimen are not independent: they show the same atoms at another defocus or tilt. The
benchmark asks how a method performs on a *new* specimen, an atomic model of a closed recipe or a
draw of a drawn one. Specimens therefore weigh equally, however many images each has: a mean is over
specimens, of the means over each one's images. For the interval, specimens are drawn with
replacement, each with all its images (cluster bootstrap), and the same draws are used for all rows,
so that differences between rows are compared on the same images (paired).

A metric that is not defined for an image is NaN there. Such images count nowhere: a specimen's mean
is over the images that have the metric, and the mean over the specimens that have such an image.

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
    """A mean over specimens and its confidence interval.

    Attributes
    ----------
    mean, low, high : float
        Mean and bounds; NaN where no image has the metric.
    models : int
        Number of specimens that the mean is over.
    """

    mean: float
    low: float
    high: float
    models: int = 0

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

    def of_models(self, values: np.ndarray) -> np.ndarray:
        """Mean over the images of each model, (models,); NaN for a model without a value."""
        known = ~np.isnan(values)
        at = self.membership[known]
        counts = np.bincount(at, minlength=self.models)
        sums = np.bincount(at, weights=values[known], minlength=self.models)
        return np.divide(sums, counts, out=np.full(self.models, np.nan), where=counts > 0)

    def mean(self, values: np.ndarray) -> float:
        """Mean over models of their means over images; NaN without any value."""
        own = self.of_models(values)
        with np.errstate(invalid="ignore"):
            return float(np.mean(own[~np.isnan(own)])) if not np.isnan(own).all() else np.nan

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean over the drawn models in each resample that has a value, (resamples,)."""
        own = self.of_models(values)
        known = ~np.isnan(own)
        drawn = self.weights[:, known]
        counts = drawn.sum(axis=1)
        some = counts > 0
        return (drawn[some] @ own[known]) / counts[some]

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
    """Mean over models with its interval.

    Parameters
    ----------
    values : array (images,)
        Scores, in the order of the images of `draws`; NaN where the metric is not defined. Infinite
        scores give an infinite mean (NaN if both infinities occur), and infinite bounds where
        bounds would be undefined.
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
    known = values[~np.isnan(values)]
    if not known.size:
        return Interval(mean=np.nan, low=np.nan, high=np.nan)
    mean = draws.mean(values)
    models = int(np.count_nonzero(~np.isnan(draws.of_models(values))))
    if not np.isfinite(known).all():
        # All infinite: nothing varies. Some: one draw with such an image is infinite.
        same = bool((known == known[0]).all())
        low, high = (mean, mean) if same else (-np.inf, np.inf)
        return Interval(mean=mean, low=low, high=high, models=models)
    return bootstrap_interval(mean, draws.means(values), models, confidence=confidence)


def bootstrap_interval(
    mean: float, means: np.ndarray, models: int, *, confidence: float = CONFIDENCE
) -> Interval:
    """Interval from the means of bootstrap draws, stretched for few models.

    Parameters
    ----------
    mean : float
        The statistic of all models.
    means : array (resamples,)
        The same statistic in each draw.
    models : int
        Number of models that were drawn from; one gives no interval, (-inf, inf).
    confidence : float
        Nominal coverage.
    """
    if models == 1:
        return Interval(mean=mean, low=-np.inf, high=np.inf, models=1)
    tails = (1 - confidence) / 2
    low, high = np.quantile(means, [tails, 1 - tails])
    factor = stretch(models, confidence)
    low, high = (mean + factor * (end - mean) for end in (low, high))
    return Interval(mean=mean, low=low, high=high, models=models)


def difference(
    first: np.ndarray, second: np.ndarray, draws: Resampling, *, confidence: float = CONFIDENCE
) -> Interval:
    """Mean of ``first - second`` image by image, with its interval over models.

    Equal scores differ by zero, even infinite ones. Images that one of both lacks count nowhere.
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
