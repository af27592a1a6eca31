"""Training settings: checks and schedules."""

from __future__ import annotations

import pytest
import torch
from training_fakes import DOSE

from tembench.core.errors import MethodError
from tembench.methods.networks.setup import pick_device
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.samples.image_cache import ImageCache

CPU = torch.device("cpu")


def test_bad_settings_are_named_together() -> None:
    with pytest.raises(MethodError, match=r"steps.*schedule must be one of cosine"):
        TrainingConfig(steps=0, schedule="linear")
    with pytest.raises(MethodError, match=r"validate_every must be at least 1, got 0"):
        TrainingConfig(steps=1, validate_every=0)
    with pytest.raises(MethodError, match="no such device"):
        pick_device("abacus")
    with pytest.raises(MethodError, match="no image"):
        ImageCache([], DOSE, CPU, 1.0)


def test_the_rate_halves_on_a_plateau_and_the_training_ends_early() -> None:
    config = TrainingConfig(
        steps=100, schedule="plateau", warm_up=0.0, plateau_patience=2, stop_patience=4
    )
    scores = [1.0, 2.0, 1.5, 1.9, 1.8, 1.7]
    rates = [config.rate(10, scores[:n]) / config.learning_rate for n in range(len(scores) + 1)]
    assert rates == [1, 1, 1, 1, 0.5, 0.5, 0.25]
    assert [config.ended(scores[:n]) for n in (0, 2, 5, 6)] == [False, False, False, True]
