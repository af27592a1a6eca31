"""What a metric is: a pure function of one inputs plus what a table must know to rank by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tembench.metrics.inputs import MetricInputs

FARTHEST = 1e100
"""Beyond any score: the squared error of float32 pixels is below 1e80, that of the constant image,
which skill divides by, above 1e-15. Means and squares of such numbers do not overflow."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric's declaration.

    Attributes
    ----------
    name : str
        Column name in every file, with the unit where there is one.
    title : str
        Heading in a table.
    unit : str
        Empty for a pure number.
    direction : {"higher", "lower"}
        Which way is better.
    ideal : float
        The value of a perfect image.
    range : tuple of float
        Smallest and largest possible value.
    version : int
        Raised whenever a value could change; tables never mix versions.
    decimals : int
        Digits worth showing.
    summary : str
        One sentence.
    function : callable
        From a `MetricInputs` to the value.
    limits : tuple of float
        Where the range is endless: what no float32 image can exceed.
    ideal_is_reached : bool
        Whether a perfect image has the ideal itself, even an infinite one.
    """

    name: str
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    ideal: float
    range: tuple[float, float]
    version: int
    decimals: int
    summary: str
    function: Callable[[MetricInputs], float]
    limits: tuple[float, float] = (-FARTHEST, FARTHEST)
    ideal_is_reached: bool = True

    @property
    def bounds(self) -> tuple[float, float]:
        """What the scores of float32 images lie within: the range, without its endless ends."""
        return max(self.range[0], self.limits[0]), min(self.range[1], self.limits[1])

    @property
    def worst(self) -> float:
        """The end of the range away from the ideal: what a missing value counts as."""
        return self.range[0] if self.direction == "higher" else self.range[1]

    def __call__(self, inputs: MetricInputs) -> float:
        """The metric of one image; NaN becomes `worst`."""
        value = float(self.function(inputs))
        return self.worst if math.isnan(value) else value


def mean(metric: Metric, values: Iterable[float]) -> float:
    """Mean over images in which a missing (NaN) value counts as the worst one.

    Parameters
    ----------
    metric : Metric
        Says what the worst value is.
    values : iterable of float
        One per image.
    """
    return float(np.mean(counted(metric, values)))


def counted(metric: Metric, values: Iterable[float]) -> np.ndarray:
    """The values as they enter a mean: float64, NaN replaced by the worst."""
    array = np.array(list(values), dtype=np.float64)
    return np.where(np.isnan(array), metric.worst, array)
