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

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tembench.core import seed_sequence

CONFIDENCE = 0.95
RESAMPLES = 4000


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
        """Mean over the images of each model, (..., models); NaN for a model without a value.

        Parameters
        ----------
        values : array (..., images)
            Scores, of one row or of several; NaN where there is none.
        """
        known = ~np.isnan(values)
        if known.all():
            return self._sums(values) / self._sums(np.ones(len(self.membership)))
        counts = self._sums(known.astype(np.float64))
        sums = self._sums(np.where(known, values, 0.0))
        return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)

    def have_a_value(self, values: np.ndarray) -> np.ndarray:
        """Which models have an image with a value, (..., models)."""
        known = ~np.isnan(values)
        if known.all():
            return np.ones((*values.shape[:-1], self.models), dtype=bool)
        return self._sums(known.astype(np.float64)) > 0

    def _sums(self, values: np.ndarray) -> np.ndarray:
        """Sum over the images of each model, (..., models)."""
        sums = np.zeros((*values.shape[:-1], self.models))
        for models, images in self._by_turns:
            sums[..., models] += values[..., images]
        return sums

    @functools.cached_property
    def _by_turns(self) -> list[tuple[np.ndarray | slice, np.ndarray]]:
        """The first image of each model that has one, then the second of each, and so on."""
        order = np.argsort(self.membership, kind="stable")
        models = self.membership[order]
        turn = np.arange(len(order)) - np.searchsorted(models, models)
        turns = [order[turn == number] for number in range(int(turn.max(initial=-1)) + 1)]
        every = self.models
        return [
            (slice(None) if len(images) == every else self.membership[images], images)
            for images in turns
        ]

    @functools.cached_property
    def shares(self) -> np.ndarray:
        """Share of each model in the mean of each draw, (models, resamples)."""
        return (self.weights / self.weights.sum(axis=1, keepdims=True)).T

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean over models of their means over images, (...,); NaN without any value.

        Parameters
        ----------
        values : array (..., images)
            Scores, of one row or of several; NaN where there is none.
        """
        known = self.have_a_value(values)
        with np.errstate(invalid="ignore"):
            sums = np.where(known, self.of_models(values), 0.0).sum(axis=-1)
            return np.asarray(sums / np.count_nonzero(known, axis=-1))

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


def alike(known: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows of a mask that are the same: each such row, and the numbers of the rows like it.

    Parameters
    ----------
    known : array of bool (rows, columns)
        Which values each row has.
    """
    groups: dict[bytes, list[int]] = {}
    for number, packed in enumerate(np.packbits(known, axis=1)):
        groups.setdefault(packed.tobytes(), []).append(number)
    return [(known[numbers[0]], np.array(numbers)) for numbers in groups.values()]


def stretch(models: int, confidence: float = CONFIDENCE) -> float:
    """Ratio of Student's interval to the bootstrap's; see the module's docstring."""
    from scipy.special import ndtri, stdtrit

    upper = (1 + confidence) / 2
    student = float(stdtrit(models - 1, upper))
    return student / float(ndtri(upper)) * float(np.sqrt(models / (models - 1)))
