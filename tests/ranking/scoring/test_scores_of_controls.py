"""Scores of the controls bound those of every other method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tembench.metrics import METRICS
from tembench.ranking.scoring.scores_file import read_scores

# Estimated from noisy recordings: by chance the clean image need not be the best.
ESTIMATED = {name for name in METRICS if name.startswith(("llr_", "umse"))}


# Read off by a rule that fits the clean image only nearly: it is the best in the mean.
FITTED = {"occupancy_correlation", "occupancy_error_atoms", "site_accuracy"}
# A mean brightness, which noise leaves as it is: single values may be darker than an empty site.
BRIGHTNESS = {name for name in METRICS if name.startswith("site_shown")}


@pytest.fixture(scope="module")
def frames(scored: Path) -> dict[str, pd.DataFrame]:
    return {path.name: read_scores(path / "scores.csv") for path in scored.iterdir()}


def loss(values: Any, name: str) -> Any:
    """Lower is better."""
    return -values if METRICS[name].direction == "higher" else values


@pytest.mark.parametrize("name", sorted(BRIGHTNESS))
def test_the_clean_image_has_the_right_brightness(
    frames: dict[str, pd.DataFrame], name: str
) -> None:
    known = frames["clean"][name].dropna()
    assert len(known) > 0
    assert known.to_numpy() == pytest.approx(METRICS[name].ideal)
    assert all(
        frame[name].isna().sum() == frames["clean"][name].isna().sum() for frame in frames.values()
    )


@pytest.mark.parametrize(
    "name", [name for name in METRICS if name not in ESTIMATED | FITTED | BRIGHTNESS]
)
def test_nothing_is_better_than_the_clean_image(frames: dict[str, pd.DataFrame], name: str) -> None:
    assert frames["clean"][name].to_numpy() == pytest.approx(METRICS[name].ideal)
    best = loss(frames["clean"][name], name)
    assert all((loss(frame[name], name) >= best).all() for frame in frames.values())


@pytest.mark.parametrize("name", sorted(FITTED))
def test_the_clean_image_is_the_best_in_the_mean(
    frames: dict[str, pd.DataFrame], name: str
) -> None:
    means = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    assert means["clean"] == pytest.approx(loss(METRICS[name].ideal, name), abs=0.01)
    assert min(means.values()) == means["clean"]


@pytest.mark.parametrize("name", sorted(ESTIMATED - {"llr_called", "llr_invented"}))
def test_estimates_distinguish_the_clean_image_from_poor_ones(
    frames: dict[str, pd.DataFrame], name: str
) -> None:
    means = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    # By columns' discs, "poor" is as good as clean: its noise averages out.
    others = {"noisy", "vacuum"} if name == "llr_columns" else {"noisy", "vacuum", "poor"}
    assert all(means["clean"] < means[other] for other in others)


@pytest.mark.parametrize("name", METRICS)
def test_scores_are_in_the_declared_range(frames: dict[str, pd.DataFrame], name: str) -> None:
    low, high = METRICS[name].range
    assert all(frame[name].dropna().between(low, high).all() for frame in frames.values())


@pytest.mark.parametrize(
    "name",
    [
        "psnr_db",
        "ssim",
        "mse",
        "skill",
        "particle_skill",
        "frc_resolution_A",
        "vacuum_ripple",
        "vacuum_false_per_nm2",
        "columns_invented",
        "occupancy_error_atoms",
        "llr_pixels",
        "umse",
        "umse_product",
        "umse_paired",
    ],
)
def test_the_noisy_image_is_the_worst(frames: dict[str, pd.DataFrame], name: str) -> None:
    losses = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    assert max(losses.values()) == losses["noisy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skill", 0.0),
        ("particle_skill", 0.0),
        ("vacuum_false_per_nm2", 0.0),
        ("column_precision", 0.0),
        ("column_recall", 0.0),
        ("column_f1", 0.0),
        ("surface_jaccard", 0.0),
        ("columns_invented", 0.0),
        ("position_error_pm", 124.0),
        ("occupancy_correlation", 0.0),
        ("released_f1", 0.0),
        ("llr_columns", 0.0),
        ("llr_called", 0.0),
        ("llr_invented", 0.0),
        ("llr_pixels", 0.0),
    ],
)
def test_the_constant_image_scores_exactly(
    frames: dict[str, pd.DataFrame], name: str, value: float
) -> None:
    assert (frames["vacuum"][name] == value).all()


def test_the_constant_image_adds_no_ripple_to_vacuum(frames: dict[str, pd.DataFrame]) -> None:
    assert (frames["vacuum"]["vacuum_ripple"] < 1e-4).all()
