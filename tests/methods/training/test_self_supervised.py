"""Self-supervised objectives: exact splits, and clean images never read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from tembench.methods.method import load_method
from tembench.methods.protocol import TrainingData
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.samples.count_cache import read_counts
from tembench.methods.training.self_supervised import (
    CountSampler,
    blind_spot_objective,
    split_counts,
    thinning_objective,
)

CPU = torch.device("cpu")


SHORT = TrainingConfig(
    steps=2, batch=3, crop=10, binning=4, loss="poisson", validation_images=2, device="cpu"
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [0.5, 0.8])
def test_the_two_parts_are_independent_poisson_images(kept: float) -> None:
    expected, n = 9.0, 400_000
    whole = torch.poisson(torch.full((1, 500, 800), expected), generator=generator(1))
    first, second = split_counts(whole, torch.tensor([kept]), 1.0, generator(2))
    one = (first * kept).numpy().ravel()
    other = (second[:, 0] * (1 - kept)).numpy().ravel()
    np.testing.assert_allclose(one + other, whole.numpy().ravel(), atol=1e-4)
    for part, mean in ((one, kept * expected), (other, (1 - kept) * expected)):
        assert part.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / n))
        # Of a Poisson variance, the variance is (mean + 2 mean^2) / n.
        assert part.var() == pytest.approx(mean, abs=4 * np.sqrt((mean + 2 * mean**2) / n))
        observed = np.bincount(part.round().astype(int), minlength=30)[:30]
        wanted = n * stats.poisson.pmf(np.arange(30), mean)
        busy = wanted > 20
        chi2 = ((observed - wanted)[busy] ** 2 / wanted[busy]).sum()
        assert chi2 < stats.chi2.ppf(0.9999, busy.sum())
    # Four standard errors of the correlation of independent values, and of their squares.
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(n)
    squares = (one - one.mean()) ** 2, (other - other.mean()) ** 2
    assert abs(np.corrcoef(*squares)[0, 1]) < 4 / np.sqrt(n)


def test_both_parts_are_in_units_of_the_vacuum() -> None:
    whole = torch.poisson(torch.full((2, 200, 200), 28.8), generator=generator())
    first, second = split_counts(whole, torch.tensor([0.5, 0.9]), 28.8, generator())
    np.testing.assert_allclose(first.mean((1, 2, 3)), 1, atol=0.01)
    np.testing.assert_allclose(second[:, 0].mean((1, 2)), 1, atol=0.02)
    np.testing.assert_allclose(second[:, 1, 0, 0], [14.4, 2.88], rtol=1e-5)


OBJECTIVES = {
    "thinning": (thinning_objective, {"images": 4, "kept": [0.5, 0.8]}),
    "blind spot": (blind_spot_objective, {"images": 4}),
}


@pytest.mark.parametrize("which", OBJECTIVES)
def test_a_self_supervised_objective_never_reads_clean_images(
    noisy_data: TrainingData, which: str
) -> None:
    make, more = OBJECTIVES[which]
    objective = make(noisy_data, SHORT, CPU, **more)
    shown, answer = objective.sampler.draw(0)
    assert shown.shape == (3, 1, 10, 10)
    assert answer.shape == (3, 2, 10, 10)
    again, _ = objective.sampler.draw(0)
    assert torch.equal(shown, again)
    assert not torch.equal(shown, objective.sampler.draw(1)[0])
    assert objective.validate(lambda noisy: noisy) == objective.validate(lambda noisy: noisy)
    # Flat images: the flat prediction is the best one there is.
    flat = objective.validate(torch.ones_like)
    assert flat > objective.validate(lambda noisy: torch.full_like(noisy, 1.2))
    # Counts predict themselves, but not those of the other part.
    assert (flat > objective.validate(lambda noisy: noisy.clamp_min(0.1))) is (which == "thinning")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["thinning", "blind-spot"])
def test_a_whole_training_needs_no_clean_image(
    noisy_data: TrainingData, tmp_path: Path, name: str
) -> None:
    tiny: dict[str, Any] = {"steps": 2, "batch": 1, "crop": 6, "channels": 4, "device": "cpu"}
    method = load_method(name)
    tiny = {key: value for key, value in tiny.items() if key in method.parameters}
    method.train(noisy_data, tmp_path, **tiny)
    assert (tmp_path / "weights.safetensors").is_file()


def test_batches_depend_on_step_and_seed_alone(noisy_data: TrainingData) -> None:
    cache = read_counts(noisy_data.noisy, binning=4, most=0, device=CPU)

    def make_pair(counts: torch.Tensor, *_: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return counts[:, None], counts[:, None]

    one, other = (CountSampler(cache, make_pair, SHORT, seed, CPU) for seed in (1, 2))
    later = one.draw(5)
    assert torch.equal(later[0], CountSampler(cache, make_pair, SHORT, 1, CPU).draw(5)[0])
    assert not torch.equal(later[0], other.draw(5)[0])
