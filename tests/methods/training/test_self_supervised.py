"""Learning without clean images: exact splits, and no look at the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from methods_fakes import DOSE_E_PER_PX, refusal
from scipy import stats

from tembench.core.errors import MethodError
from tembench.methods.counts.binning import bin_counts, unbin, upsample_centres
from tembench.methods.method import load_method
from tembench.methods.networks.centres import Centres, centre_weights, centres
from tembench.methods.networks.gated_unet import GatedUNet
from tembench.methods.protocol import TrainingData
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.count_cache import cache_image, read_counts
from tembench.methods.training.losses import LOSSES
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


class Forbidden:
    """A source that must not be looked into."""

    def __len__(self) -> int:
        raise AssertionError("looked at clean images")

    def __getitem__(self, index: int) -> np.ndarray:
        raise AssertionError("looked at a clean image")


def counts(number: int, shape: tuple[int, int] = (60, 68)) -> np.ndarray:
    return np.random.default_rng(number).poisson(DOSE_E_PER_PX, shape).astype(np.uint8)


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(
        train=Forbidden(),
        validation=Forbidden(),
        noisy=[counts(number) for number in range(5)],
        noisy_validation=[counts(number) for number in (7, 8)],
        waves=None,
        pixel_size_A=0.0625,
        dose_e_per_px=DOSE_E_PER_PX,
        seed=3,
    )


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


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


LESSONS = {
    "thinning": (thinning_objective, {"images": 4, "kept": [0.5, 0.8]}),
    "blind spot": (blind_spot_objective, {"images": 4}),
}


@pytest.mark.parametrize("which", LESSONS)
def test_a_lesson_never_looks_at_clean_images(data: TrainingData, which: str) -> None:
    make, more = LESSONS[which]
    objective = make(data, SHORT, CPU, **more)
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


@pytest.mark.parametrize("name", ["thinning", "blind-spot"])
def test_a_whole_training_needs_no_clean_image(
    data: TrainingData, tmp_path: Path, name: str
) -> None:
    tiny: dict[str, Any] = {"steps": 2, "batch": 1, "crop": 6, "channels": 4, "device": "cpu"}
    method = load_method(name)
    tiny = {key: value for key, value in tiny.items() if key in method.parameters}
    method.train(data, tmp_path, **tiny)
    assert (tmp_path / "weights.safetensors").is_file()


def test_the_pool_holds_counts_in_bins(data: TrainingData) -> None:
    cache = read_counts(data.noisy, binning=4, most=0, device=CPU)
    assert (len(cache), cache.shape) == (5, (15, 17))
    np.testing.assert_array_equal(cache.bins(2), bin_counts(counts(2), 4))
    odd = read_counts(data.noisy, binning=3, most=0, device=CPU)
    np.testing.assert_array_equal(odd.bins(1), bin_counts(counts(1)[:, :66], 3))
    assert len(read_counts(data.noisy, binning=4, most=3, device=CPU)) == 3
    assert cache.digest() != odd.digest()


def test_pieces_begin_at_half_bins() -> None:
    # The row's number in each pixel: a piece's first bin tells where it begins.
    rows = np.repeat(np.arange(40, dtype=np.uint8)[:, None], 40, axis=1)
    cache = read_counts([rows], binning=4, most=0, device=CPU)
    pieces = cache.random_crops(np.random.default_rng(0), 200, 3)
    first_rows = {float(value) / 16 - 1.5 for value in pieces[:, 0, 0]}
    assert first_rows == set(range(0, 29, 2))


def test_what_a_detector_recorded_is_rounded_in_bins() -> None:
    recorded = counts(3).astype(np.float32) + 0.3
    recorded[:4, :4] = -1
    cache = cache_image(recorded, 4, CPU)
    wanted = np.rint(bin_counts(recorded, 4))
    wanted[0, 0] = 0
    np.testing.assert_array_equal(cache.bins(0), wanted)
    np.testing.assert_array_equal(cache_image(counts(3), 4, CPU).bins(0), bin_counts(counts(3), 4))


def test_what_no_training_can_use_is_refused(data: TrainingData) -> None:
    def cache(images: Any) -> str:
        return refusal(MethodError, read_counts, images, binning=4, most=0, device=CPU)

    assert "no noisy image" in cache(None)
    assert "no noisy image" in cache([])
    assert "smaller than one bin" in cache([counts(0, (3, 60))])
    assert "not integer counts" in cache([counts(0).astype(np.float32)])


def test_the_likelihood_is_weighted_by_its_counts() -> None:
    rate = torch.rand((2, 1, 5, 5), generator=generator()) + 0.5
    exposure = torch.tensor([3.0, 20.0])[:, None, None, None].expand(2, 1, 5, 5)
    seen = torch.poisson(rate * exposure, generator=generator())
    loss = LOSSES["poisson"](rate, torch.cat([seen / exposure, exposure], dim=1))
    flat = LOSSES["poisson"](torch.ones_like(rate), torch.cat([seen / exposure, exposure], dim=1))
    logs = [
        stats.poisson.logpmf(seen.numpy(), (each * exposure).numpy()).sum()
        for each in (rate, torch.ones_like(rate))
    ]
    assert float(flat - loss) == pytest.approx(
        (logs[0] - logs[1]) / float(exposure.sum()), rel=1e-4
    )


def test_a_network_of_means_gives_values_at_centres() -> None:
    y, x = np.mgrid[:40, :48]
    means = 1 + 0.2 * np.cos(2 * np.pi * x / 4.1) * np.cos(2 * np.pi * y / 5.2)
    spline = unbin(means * 64, 8, (320, 384))
    weights = torch.from_numpy(centre_weights(8)).float()
    values = centres(torch.from_numpy(means).float()[None, None], weights)[0, 0].numpy()
    again = upsample_centres(values, 8, (320, 384))
    inner = slice(72, -72), slice(72, -72)
    np.testing.assert_allclose(again[inner], spline[inner], atol=2e-4)
    assert np.abs(values - means)[9:-9, 9:-9].max() > 0.02


def test_centres_tell_how_far_they_look() -> None:
    network = Centres(GatedUNet(channels=4, blocks_down=[1, 1], blocks_up=[1], kernel=3).eval())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1)
    side = 2 * network.margin + 5
    counts_in = torch.ones((1, 1, side, side), requires_grad=True)
    network(counts_in)[0, 0, side // 2, side // 2].backward()
    assert counts_in.grad is not None
    seen = counts_in.grad[0, 0].abs().sum(0).nonzero().ravel() - side // 2
    assert seen.abs().max() <= network.margin


def test_batches_depend_on_step_and_seed_alone(data: TrainingData) -> None:
    cache = read_counts(data.noisy, binning=4, most=0, device=CPU)

    def make_pair(counts: torch.Tensor, *_: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return counts[:, None], counts[:, None]

    one, other = (CountSampler(cache, make_pair, SHORT, seed, CPU) for seed in (1, 2))
    later = one.draw(5)
    assert torch.equal(later[0], CountSampler(cache, make_pair, SHORT, 1, CPU).draw(5)[0])
    assert not torch.equal(later[0], other.draw(5)[0])
