"""Registry of the metrics, in the order of the tables' columns.

- `fidelity_metrics`: PSNR, SSIM, MSE, skill, FRC resolution and vacuum
- `column_metrics`: columns found and invented, occupancy, and the paper's protocol
- `corner_metrics`: corners of particles, and columns at places of the training
- `counts_based`: likelihoods and errors computed from recorded counts
- `declare`: helpers that declare metrics of a common form
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tembench.metrics.inputs import MetricInputs
from tembench.metrics.metric import Metric
from tembench.metrics.registry.column_metrics import COLUMN_METRICS, RELEASED_METRICS
from tembench.metrics.registry.corner_metrics import CORNER_METRICS
from tembench.metrics.registry.counts_based import LIKELIHOOD_METRICS, UNSUPERVISED_METRICS
from tembench.metrics.registry.fidelity_metrics import FIDELITY_METRICS

_BY_GROUP = {
    "Fidelity": FIDELITY_METRICS,
    "Columns": COLUMN_METRICS,
    "Corners and ghosts": CORNER_METRICS,
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
"""Names of the metrics by heading."""


def evaluate(inputs: MetricInputs, names: Iterable[str] = METRICS) -> dict[str, float]:
    """Compute metrics of one image.

    Parameters
    ----------
    inputs : MetricInputs
        The denoised image with its truth.
    names : iterable of str
        Names of the metrics; default: all.

    Returns
    -------
    dict of str to float
        Values by metric name, in the registry's order; NaN only where an image lacks what the
        metric needs (what else cannot be computed counts as the worst value), infinite where the
        definition is.
    """
    chosen = set(names)
    # Extreme outputs (1e30 e/px) overflow to infinity, which is then their score.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return {name: metric(inputs) for name, metric in METRICS.items() if name in chosen}


def worst_of(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Worst of several outputs for one image, metric by metric.

    Parameters
    ----------
    scores : sequence of Mapping
        Scores of one image from `evaluate`, for each of the outputs.

    Returns
    -------
    dict of str to float
        Finite values by metric name; NaN where a metric is not defined for the image.
    """
    return {name: METRICS[name].worst_among(row[name] for row in scores) for name in scores[0]}


def versions() -> dict[str, int]:
    """Return the version of every registered metric, as recorded with scores."""
    return {name: metric.version for name, metric in METRICS.items()}
