"""The objective on frames that are predicted from one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training_fakes import Forbidden, Small, lattice

from tembench.core import MethodError
from tembench.methods.protocol import MovieFrames, TrainingData
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.frame_pairs import FramePairs, frames_objective
from tembench.methods.training.loop import fit

CONFIG = TrainingConfig(
    steps=6, batch=2, crop=16, binning=4, loss="poisson-of-means", validate_every=3, device="cpu"
)
HELD_OUT = (3, 4)
CPU = torch.device("cpu")


def data(reach: int, marked: tuple[int, ...] = (), frames: int = 9) -> TrainingData:
    """Frames of one scene; those marked are brighter by far."""
    generator = np.random.default_rng(0)
    counts = np.stack([generator.poisson(lattice(0)) for _ in range(frames)]).astype(np.uint8)
    counts[list(marked)] += 100
    return TrainingData(
        train=Forbidden(),
        validation=Forbidden(),
        noisy=counts,
        movie=MovieFrames(held_out=HELD_OUT, reach=reach),
        pixel_size_A=0.1,
        dose_e_per_px=0.45,
        seed=5,
    )


@pytest.mark.parametrize("reach", [0, 2])
def test_held_out_frames_are_in_no_input_and_no_target(reach: int) -> None:
    objective = frames_objective(data(reach, marked=HELD_OUT), CONFIG, CPU)
    for step in range(20):
        given, target = objective.sampler.draw(step)
        assert given.shape == (2, 1, 16, 16)
        assert target.shape == (2, 2, 16, 16)
        assert max(given.max(), target[:, 0].max()) < 20


@pytest.mark.parametrize("reach", [0, 2])
def test_no_frame_is_in_both_input_and_target(reach: int) -> None:
    for marked in range(9):
        objective = frames_objective(data(reach, marked=(marked,)), CONFIG, CPU)
        for step in range(10):
            given, target = objective.sampler.draw(step)
            bright = (given > 20).flatten(1).any(1) & (target[:, 0] > 20).flatten(1).any(1)
            assert not bright.any()


def test_inputs_and_targets_have_the_expectation_of_the_scene() -> None:
    made = data(2)
    assert made.movie is not None
    assert made.noisy is not None
    pairs = FramePairs(list(made.noisy), made, made.movie, CONFIG)
    random = np.random.default_rng(1)
    drawn = [pairs.drawn(random) for _ in range(60)]
    assert np.mean([given for given, _ in drawn]) == pytest.approx(1, abs=0.02)
    assert np.mean([target[0] for _, target in drawn]) == pytest.approx(1, abs=0.02)
    given, target = pairs.held_out(3)
    assert given.shape == (1, 1, 24, 24)
    assert target.shape == (1, 2, 24, 24)
    # One frame is the target: its counts in vacuum, where it shows the scene.
    assert target[0, 1].max() == pytest.approx(0.45 * 16)


def test_a_training_on_frames_is_the_same_each_time(tmp_path: Path) -> None:
    scores = []
    for name in ("one", "other"):
        torch.manual_seed(0)
        network = Small()
        history = fit(
            network, data(1), CONFIG, tmp_path / name, architecture={}, objective=frames_objective
        )
        scores.append([point.score for point in history])
    assert scores[0] == scores[1]
    assert len(scores[0]) == 2


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(MethodError, match="too few frames to predict one from another"):
        frames_objective(replace(data(0), movie=MovieFrames(held_out=(1,))), CONFIG, CPU)
    with pytest.raises(MethodError, match="no movie to train on"):
        frames_objective(replace(data(0), movie=None), CONFIG, CPU)
