"""The registry: what each metric declares holds for what it returns."""

from __future__ import annotations

import dataclasses
import doctest
import math

import numpy as np
import pytest

import tembench.metrics
from tembench.metrics import METRICS, Metric, Scene, evaluate, fidelity, mean, versions


def example(error: float) -> dict[str, float]:
    rng = np.random.default_rng(3)
    clean = np.full((20, 20), 0.45)
    clean[5:12, 6:15] = 0.6
    return evaluate(
        Scene(
            clean=clean,
            denoised=clean + error * rng.normal(size=clean.shape),
            dose_e_per_px=0.45,
            particle_mask=clean > 0.5,
        )
    )


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_declaration(metric: Metric) -> None:
    assert METRICS[metric.name] is metric
    assert metric.direction in ("higher", "lower")
    assert metric.range[0] <= metric.ideal <= metric.range[1]
    assert metric.worst in metric.range
    assert metric.worst != metric.ideal
    assert metric.version >= 1
    assert metric.summary.endswith(".")
    with pytest.raises(dataclasses.FrozenInstanceError):
        metric.version = 2  # type: ignore[misc]


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_perfect_is_ideal_and_more_error_is_worse(metric: Metric) -> None:
    values = [example(error)[metric.name] for error in (0.0, 0.01, 0.05, 0.2)]
    assert values[0] == pytest.approx(metric.ideal, abs=1e-12)
    assert all(metric.range[0] <= value <= metric.range[1] for value in values)
    ordered = sorted(values, reverse=metric.direction == "higher")
    assert values == ordered


def test_evaluate_gives_every_metric_in_order() -> None:
    assert list(example(0.1)) == list(METRICS) == list(versions())


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_not_a_number_counts_as_worst(metric: Metric) -> None:
    blind = dataclasses.replace(metric, function=lambda scene: math.nan)
    scene = Scene(
        clean=np.zeros((8, 8)),
        denoised=np.zeros((8, 8)),
        dose_e_per_px=0.45,
        particle_mask=np.zeros((8, 8), dtype=bool),
    )
    assert blind(scene) == metric.worst


def test_a_missing_image_lowers_the_mean_and_is_not_dropped() -> None:
    assert mean(METRICS["psnr_db"], [30.0, 30.0, math.nan]) == pytest.approx(20.0)
    assert mean(METRICS["mse"], [0.1, math.nan]) == math.inf


@pytest.mark.parametrize("module", [tembench.metrics, fidelity])
def test_examples_in_docstrings(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
