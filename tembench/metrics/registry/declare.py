"""Helpers that declare metrics of a common form, and the rule for blank images."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from tembench.metrics.inputs import MetricInputs
from tembench.metrics.metric import FARTHEST, Metric

MOST_COLUMNS = 1e6
"""Above the number of columns in any image, and in a square nanometre of the finest pixels."""
MetricFunction = Callable[[MetricInputs], float]


def share(
    name: str, title: str, summary: str, function: MetricFunction, top: float = 1.0
) -> Metric:
    """A share: higher is better, 1 is ideal."""
    return Metric(
        name=name,
        title=title,
        unit="",
        direction="higher",
        ideal=1.0,
        range=(0.0, top),
        version=1,
        decimals=3,
        summary=summary,
        function=function,
        limits=(0.0, MOST_COLUMNS),
    )


def lower(
    name: str,
    title: str,
    unit: str,
    summary: str,
    function: MetricFunction,
    *,
    decimals: int,
    top: float = math.inf,
    bottom: float = 0.0,
    version: int = 1,
    least: float = -FARTHEST,
    most: float = FARTHEST,
) -> Metric:
    """Declare an error or a number of mistakes: lower is better, 0 is ideal."""
    return Metric(
        name=name,
        title=title,
        unit=unit,
        direction="lower",
        ideal=0.0,
        range=(bottom, top),
        version=version,
        decimals=decimals,
        summary=summary,
        function=function,
        limits=(least, most),
    )


def invents_nothing(inputs: MetricInputs) -> bool:
    """Return whether no column outside the support was invented."""
    return inputs.reading.whole.invented == 0


def with_particle(of: MetricFunction, *, flat: float = 0.0) -> MetricFunction:
    """Extend a metric to blank images: 1 if nothing was invented, else `flat`.

    `flat` is the value of a constant image in images that are not blank.
    """

    def value(inputs: MetricInputs) -> float:
        if inputs.is_blank:
            return 1.0 if invents_nothing(inputs) else flat
        return of(inputs)

    return value


def needing(what: str, *metrics: Metric) -> tuple[Metric, ...]:
    """Metrics that are defined only for an image that has something; see `Metric.needs`."""
    return tuple(replace(metric, needs=what) for metric in metrics)


def from_recordings(*metrics: Metric) -> tuple[Metric, ...]:
    """Metrics computed from noisy recordings: the clean image is the best in the mean alone."""
    return tuple(replace(metric, clean_is_ideal=False) for metric in metrics)


def not_bounded(*metrics: Metric) -> tuple[Metric, ...]:
    """Metrics that read an image by a rule by which another may be better than the clean one."""
    return tuple(replace(m, clean_is_ideal=False, clean_is_best=False) for m in metrics)
