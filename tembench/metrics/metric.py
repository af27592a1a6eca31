"""Metric declarations: a function of one image's inputs, with all that a table needs to rank it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tembench.metrics.inputs import MetricInputs

FARTHEST = 1e100
"""A number beyond any score: the squared error of float32 pixels is below 1e80, and that of the
constant image, which skill divides by, above 1e-15. Means and squares of it do not overflow."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Declaration of a metric.

    Attributes
    ----------
    name : str
        Column name in every file, with the unit where there is one.
    title : str
        Heading in a table.
    unit : str
        Unit of the value; empty for a pure number.
    direction : {"higher", "lower"}
        Which way is better.
    ideal : float
        The value of a perfect image.
    range : tuple of float
        Smallest and largest possible value.
    version : int
        Increased whenever a value could change; tables never mix versions.
    decimals : int
        Number of decimals shown.
    summary : str
        Definition in one sentence.
    function : callable
        From a `MetricInputs` to the value.
    limits : tuple of float
        For an infinite range: bounds that no float32 image can exceed.
    ideal_is_reached : bool
        Whether a perfect image attains the ideal value, even an infinite one.
    clean_is_ideal : bool
        Whether the clean image attains the ideal value on every image.
    clean_is_best : bool
        Whether no image is better than the clean one, apart from the scatter of the recordings that
        some metrics are computed from. A table with a better row is refused.
    needs : str
        What an image must have for the metric to be defined: ``"columns"``, ``"particle"``,
        ``"vacuum"``, ``"corners"`` of particles, ``"empty corners"``, ``"training columns"``, or
        nothing.
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
    clean_is_ideal: bool = True
    clean_is_best: bool = True
    needs: str = ""

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds on the scores of float32 images: the range, with finite ends."""
        return max(self.range[0], self.limits[0]), min(self.range[1], self.limits[1])

    @property
    def worst(self) -> float:
        """The end of the range opposite to the ideal; what cannot be computed counts as this."""
        return self.range[0] if self.direction == "higher" else self.range[1]

    def worst_among(self, values: Iterable[float]) -> float:
        """The worst of several scores of one image, within the bounds; NaN if it is not defined."""
        low, high = self.bounds
        worst = min(values) if self.direction == "higher" else max(values)
        return worst if math.isnan(worst) else min(high, max(low, worst))

    def __call__(self, inputs: MetricInputs) -> float:
        """The metric of one image: NaN only where it is not defined, else NaN becomes `worst`."""
        if inputs.lacks(self.needs):
            return math.nan
        value = float(self.function(inputs))
        return self.worst if math.isnan(value) else value


def mean(values: Iterable[float]) -> float:
    """Mean over the images for which a metric is defined; NaN where it is for none.

    Parameters
    ----------
    values : iterable of float
        One value per image; NaN where the metric is not defined, such as a column metric of an
        image without true columns.
    """
    array = np.array(list(values), dtype=np.float64)
    known = array[~np.isnan(array)]
    return float(np.mean(known)) if len(known) else math.nan
