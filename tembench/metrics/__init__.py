"""The metrics, each with what a table must know to rank by it.

A metric is a pure function of one `MetricInputs` plus its declaration. `METRICS` is the registry,
in the order of the columns; `evaluate` computes all of it for one image. Images are compared at the
scale where vacuum is 0.45 e/px: a peak of 1 e/px there is one of dose / 0.45 e/px at another dose.
Likelihoods alone need the counts as they were recorded.
"""

from __future__ import annotations

from tembench.metrics.columns import Sites
from tembench.metrics.fidelity import psnr_db, ssim
from tembench.metrics.inputs import MetricInputs, Nulls
from tembench.metrics.metric import Metric, counted, mean
from tembench.metrics.registry import GROUPS, METRICS, evaluate, versions

__all__ = [
    "GROUPS",
    "METRICS",
    "Metric",
    "MetricInputs",
    "Nulls",
    "Sites",
    "counted",
    "evaluate",
    "mean",
    "psnr_db",
    "ssim",
    "versions",
]
