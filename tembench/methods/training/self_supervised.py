"""Self-supervised objectives: counts are predicted from other counts of the same image.

Binomial thinning: each electron is assigned at random to one of two images, which are then
independent Poisson images of the same expectation. On average the best prediction of the second
image from the first is its expectation, whatever its noise: no clean image is needed, and nothing
is approximate.

Blind spot: a network that does not see a bin cannot learn its noise, only its expectation.

References
----------
J. Lehtinen et al., "Noise2Noise: Learning Image Restoration without Clean Data", ICML 2018
(arXiv 1803.04189), on learning from pairs.
S. Laine, T. Karras, J. Lehtinen, T. Aila, "High-Quality Self-Supervised Deep Image Denoising",
NeurIPS 2019 (arXiv 1901.10277), on blind spots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tembench.core import seed_sequence
from tembench.methods.training.config import TrainingConfig
from tembench.methods.training.losses import LOSSES
from tembench.methods.training.objective import Objective
from tembench.methods.training.samples import SYMMETRIES, CountCache, augment, read_counts

if TYPE_CHECKING:
    from tembench.methods.protocol import TrainingData

HELD_OUT_LIKELIHOOD = "minus the loss on held-out counts"

PairMaker = Callable[
    [Tensor, float | Tensor, np.random.Generator, torch.Generator], tuple[Tensor, Tensor]
]
"""Makes input (n, 1, y, x) and target (n, 2, y, x) from counts (n, y, x), as `split_counts`.

Its second argument is the dose over the nominal one, a number or (n, 1, 1).
"""


def split_counts(
    counts: Tensor, kept: Tensor, in_vacuum: float | Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Split Poisson counts into two independent parts (binomial thinning).

    Parameters
    ----------
    counts : Tensor
        (n, y, x), integers.
    kept : Tensor
        Probability that an electron is in the first image, (n,).
    in_vacuum : float or Tensor
        Counts expected in a bin of vacuum; (n, 1, 1) where they differ.
    generator : torch.Generator
        Source of randomness, on the device of `counts`.

    Returns
    -------
    first : Tensor
        (n, 1, y, x), in units of the vacuum's expectation.
    second : Tensor
        (n, 2, y, x): the other counts in that unit, and the counts that correspond to 1.
    """
    chance = kept[:, None, None].expand_as(counts)
    first = torch.binomial(counts, chance, generator=generator)
    exposure = in_vacuum * (1 - chance)
    second = torch.stack([(counts - first) / exposure, exposure], dim=1)
    return (first / (in_vacuum * chance))[:, None], second


class CountSampler:
    """Sampler of noisy crops, augmented and turned into input and target; a `Sampler`.

    Parameters
    ----------
    cache : CountCache
        The noisy images.
    make_pair : callable
        Makes input and target from counts.
    config : TrainingConfig
        Batch, crop and symmetries.
    seed : int
        Seed of the training.
    device : torch.device
        Where batches are made.
    """

    def __init__(
        self,
        cache: CountCache,
        make_pair: PairMaker,
        config: TrainingConfig,
        seed: int,
        device: torch.device,
    ) -> None:
        self._cache, self._make_pair, self._config, self._seed = cache, make_pair, config, seed
        self._generator = torch.Generator(device)

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of one step: input (n, 1, y, x) and target (n, 2, y, x)."""
        random = np.random.default_rng(seed_sequence(self._seed, "noisy-training", step))
        self._generator.manual_seed(int(random.integers(2**62)))
        images, crops = self._cache.random_crops(random, self._config.batch, self._config.crop)
        augmented = augment(crops[:, None], SYMMETRIES[self._config.symmetries], random)[:, 0]
        doses = self._cache.relative_doses(images)
        return self._make_pair(augmented, doses, random, self._generator)

    def digest(self) -> str:
        """Return a digest of the images."""
        return self._cache.digest()


def thinning_objective(
    data: TrainingData,
    config: TrainingConfig,
    device: torch.device,
    *,
    images: int,
    kept: list[float],
) -> Objective:
    """Predict one part of the counts from the other, with a new split at each step.

    Parameters
    ----------
    data, config, device
        As for every `ObjectiveFactory`; clean images are not used.
    images : int
        Number of noisy images, spread evenly over the training part; 0 uses all.
    kept : list of float
        Least and greatest fraction of the counts in the network's input.
    """
    in_vacuum = data.dose_e_per_px * config.binning**2
    return _self_supervised_objective(data, config, device, images, thinning_pairs(kept, in_vacuum))


def thinning_pairs(kept: list[float], in_vacuum: float) -> PairMaker:
    """Return a function that splits counts, in fractions that differ from crop to crop.

    Parameters
    ----------
    kept : list of float
        Least and greatest fraction of the counts in the first part.
    in_vacuum : float
        Counts expected in a bin of vacuum.
    """

    def make_pair(
        counts: Tensor,
        dose: float | Tensor,
        random: np.random.Generator,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        fractions = random.uniform(kept[0], kept[1], len(counts))
        chance = torch.as_tensor(fractions, dtype=torch.float32, device=counts.device)
        return split_counts(counts, chance, in_vacuum * dose, generator)

    return make_pair


def blind_spot_objective(
    data: TrainingData, config: TrainingConfig, device: torch.device, *, images: int
) -> Objective:
    """Predict each bin's counts from those around it; parameters as for `thinning_objective`."""
    in_vacuum = data.dose_e_per_px * config.binning**2

    def make_pair(
        counts: Tensor,
        dose: float | Tensor,
        random: np.random.Generator,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        noisy = counts / (in_vacuum * dose)
        exposure = torch.full_like(noisy, in_vacuum) * dose
        return noisy[:, None], torch.stack([noisy, exposure], dim=1)

    return _self_supervised_objective(data, config, device, images, make_pair)


def _self_supervised_objective(
    data: TrainingData,
    config: TrainingConfig,
    device: torch.device,
    images: int,
    make_pair: PairMaker,
) -> Objective:
    cache = read_counts(
        data.noisy,
        binning=config.binning,
        most=images,
        device=device,
        relative_doses=_relative(data.doses_e_per_px, data),
    )
    held_out = read_counts(
        data.noisy_validation,
        binning=config.binning,
        most=config.validation_images,
        device=device,
        relative_doses=_relative(data.validation_doses_e_per_px, data),
    )
    counts = torch.stack([held_out.bins(number) for number in range(len(held_out))])
    doses = held_out.relative_doses(range(len(held_out)))
    if data.validation_targets is None:
        # The same split of the held-out counts throughout a training.
        random = np.random.default_rng(seed_sequence(data.seed, "noisy-validation"))
        generator = torch.Generator(device)
        generator.manual_seed(int(random.integers(2**62)))
        inputs, targets = make_pair(counts, doses, random, generator)
    else:
        rest = read_counts(
            data.validation_targets,
            binning=config.binning,
            most=config.validation_images,
            device=device,
        )
        others = torch.stack([rest.bins(number) for number in range(len(rest))])
        in_vacuum = data.dose_e_per_px * config.binning**2 * doses
        exposure = torch.full_like(others, data.held_out_share) * in_vacuum
        inputs = (counts / in_vacuum)[:, None]
        targets = torch.stack([others / exposure, exposure], dim=1)

    def validate(predict: Callable[[Tensor], Tensor]) -> float:
        pairs = zip(inputs.split(1), targets.split(1), strict=True)
        losses = [LOSSES[config.loss](predict(noisy), target) for noisy, target in pairs]
        return -float(torch.stack(losses).mean())

    sampler = CountSampler(cache, make_pair, config, data.seed, device)
    return Objective(sampler=sampler, validate=validate, score_label=HELD_OUT_LIKELIHOOD)


def _relative(doses: Sequence[float] | None, data: TrainingData) -> list[float] | None:
    """Return doses over the nominal one."""
    return None if doses is None else [dose / data.dose_e_per_px for dose in doses]
