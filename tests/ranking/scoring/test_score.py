"""Scores are the metrics of each image; they are written whole and reused."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from ranking_fakes import FakeStore, write_arrays
from spoiled_outputs import rewrite

from tembench.core.files import write_toml
from tembench.metrics import METRICS, evaluate, versions
from tembench.ranking.scoring import score as scoring
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.scoring.score import score_outputs


@pytest.mark.slow
def test_scores_are_the_metrics_of_each_image(outputs: Path, store: FakeStore) -> None:
    scores = score_outputs(outputs, store, workers=0).scores
    assert list(scores.columns) == ["image", "model", *METRICS, "seconds"]
    assert list(scores["image"]) == list(store.images())
    assert list(scores["model"]) == list(store.table["model"][store.images()])
    image = int(scores["image"][4])
    denoised = zarr.open_group(outputs / "denoised.zarr", mode="r")["denoised"][4]
    expected = evaluate(metric_inputs(store, image, denoised))
    assert dict(scores.loc[4, list(METRICS)]) == expected
    summary = tomllib.loads((outputs / "scores.toml").read_text())
    assert summary["metrics"] == versions()
    assert summary["method"]["name"] == "good"
    assert (outputs / "panel.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_workers_change_no_value(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_outputs(outputs, store, workers=0)
    alone = (outputs / "scores.csv").read_bytes()
    (outputs / "scores.toml").unlink()
    monkeypatch.setattr(scoring, "_FEWEST_FOR_PROCESSES", 0)
    score_outputs(outputs, store, workers=2)
    assert (outputs / "scores.csv").read_bytes() == alone


@pytest.mark.slow
def test_complete_scores_are_reused(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = score_outputs(outputs, store, workers=0).scores

    def never(*arguments: Any) -> None:
        raise AssertionError("scored again")

    with monkeypatch.context() as patch:
        patch.setattr(scoring, "score_image", never)
        second = score_outputs(outputs, store, workers=0).scores
    assert first.equals(second)


@pytest.mark.slow
@pytest.mark.parametrize("spoil", ["scores", "summary", "versions", "outputs"])
def test_incomplete_or_stale_scores_are_made_again(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    first = score_outputs(outputs, store, workers=0).scores
    if spoil == "scores":
        (outputs / "scores.csv").write_text("image\n")
    elif spoil == "summary":
        (outputs / "scores.toml").write_text("nonsense = [")
    elif spoil == "versions":
        write_toml(
            outputs / "scores.toml",
            {**tomllib.loads((outputs / "scores.toml").read_text()), "metrics": {"psnr_db": 99}},
        )
    else:
        rewrite(outputs, lambda denoised: denoised + np.float32(0.01))
    again = score_outputs(outputs, store, workers=0).scores
    assert again.equals(first) == (spoil != "outputs")


@pytest.mark.slow
def test_images_may_come_in_any_order(outputs: Path, store: FakeStore) -> None:
    expected = score_outputs(outputs, store, workers=0).scores
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr")
    write_arrays(outputs, images[::-1].copy(), denoised[::-1].copy())
    assert score_outputs(outputs, store, workers=0).scores.equals(expected)


@pytest.mark.slow
def test_times_that_were_not_measured_stay_unknown(outputs: Path, store: FakeStore) -> None:
    shutil.rmtree(outputs / "denoised.zarr" / "seconds")
    scores = score_outputs(outputs, store, workers=0).scores
    assert scores["seconds"].isna().all()
    assert not scores[list(METRICS)].isna().any().any()


@pytest.mark.slow
def test_images_that_are_missing_are_not_shown(outputs: Path, store: FakeStore) -> None:
    score_outputs(outputs, store, workers=0)
    complete = tomllib.loads((outputs / "scores.toml").read_text())["shown"]["images"]
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    there = images != complete[0]
    shutil.rmtree(outputs / "denoised.zarr")
    write_arrays(outputs, images[there], denoised[there])
    score_outputs(outputs, store, workers=0)
    shown = tomllib.loads((outputs / "scores.toml").read_text())["shown"]["images"]
    assert shown == complete[1:]
