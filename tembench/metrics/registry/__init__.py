"""The registry: every metric of the tables, in the order of the columns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tembench.metrics.inputs import MetricInputs
from tembench.metrics.metric import Metric
from tembench.metrics.registry.column_metrics import COLUMN_METRICS, RELEASED_METRICS
from tembench.metrics.registry.counts_based import LIKELIHOOD_METRICS, UNSUPERVISED_METRICS
from tembench.metrics.registry.fidelity_metrics import FIDELITY_METRICS

_BY_GROUP = {
    "Fidelity": FIDELITY_METRICS,
    "Columns": COLUMN_METRICS,
    "Released protocol": RELEASED_METRICS,
    "Likelihood": LIKELIHOOD_METRICS,
    "Without the clean image": UNSUPERVISED_METRICS,
}
METRICS: dict[str, Metric] = {
    metric.name: metric for group in _BY_GROUP.values() for metric in group
}
GROUPS: dict[str, tuple[str, ...]] = {
    heading: tuple(metric.name for metric in group) for heading, group in _BY_GROUP.items()
}
"""Names of the metrics under the headings that they are shown under."""


def evaluate(inputs: MetricInputs, names: Iterable[str] = METRICS) -> dict[str, float]:
    """Metrics of one image.

    Parameters
    ----------
    inputs : MetricInputs
        The image and its truth.
    names : iterable of str
        Which; all of the registry if not given.

    Returns
    -------
    dict of str to float
        By metric name, in the registry's order; never NaN (counted as worst),
        infinite where the definition says so.
    """
    chosen = set(names)
    # Absurd outputs (1e30 e/px) overflow to infinity, which is their score.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return {name: metric(inputs) for name, metric in METRICS.items() if name in chosen}


def versions() -> dict[str, int]:
    """Version of every registered metric, as written beside scores."""
    return {name: metric.version for name, metric in METRICS.items()}
