"""A store against its own digests, and a sample of it against a new simulation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tembench.core import progress, seed_sequence
from tembench.dataset.generation.damage import damaged, damaged_coordinates
from tembench.dataset.generation.simulate_model import simulate_model
from tembench.dataset.store import Store

TOLERANCE_STEPS = 1
"""Packed values may differ by one step (0.2 % of the dose or less): transforms differ in the last
bits of a float between machines, and a value may then be rounded to the neighbour."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One model, stored against simulated anew.

    Attributes
    ----------
    model : str
        Name of the model.
    verdict : str
        ``"exact"``, ``"within tolerance"`` or ``"different"``.
    largest_e_per_px : float
        Largest difference of a clean pixel.
    """

    model: str
    verdict: str
    largest_e_per_px: float


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    shards, models : int
        How many were read back.
    damaged_shards, damaged_waves : tuple of int
        Those whose values do not match their digest.
    damaged_coordinates : tuple of str
        Arrays that do not follow from the recipe, such as a factor or the true columns.
    sample : tuple of Comparison
        The models that were simulated anew.
    """

    shards: int
    models: int
    damaged_shards: tuple[int, ...]
    damaged_waves: tuple[int, ...]
    damaged_coordinates: tuple[str, ...]
    sample: tuple[Comparison, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is damaged or different."""
        return not (
            self.damaged_shards
            or self.damaged_waves
            or self.damaged_coordinates
            or any(comparison.verdict == "different" for comparison in self.sample)
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "good": self.good}


def verify(store: Store, *, sample: int = 0) -> Verification:
    """Read a whole store back and simulate some of its models anew.

    Parameters
    ----------
    store : Store
        The data set.
    sample : int
        How many models to simulate, spread over the recipe; always the same ones for a recipe.
    """
    shards, waves = damaged(store)
    n_models = len(store.recipe.models)
    # What is damaged is known to differ, and may not even be read.
    whole = [n for n in range(n_models) if n not in waves and not {*store.shards_of(n)} & {*shards}]
    generator = np.random.default_rng(seed_sequence(store.recipe.seed, "verification"))
    order = generator.permutation(n_models).tolist()
    chosen = sorted([number for number in order if number in whole][:sample])
    comparisons = []
    with progress("Simulating anew", len(chosen)) as advance:
        for number in chosen:
            comparisons.append(_compare(store, number))
            advance(1)
    return Verification(
        shards=store.recipe.n_images // store.recipe.images_per_shard,
        models=n_models,
        damaged_shards=tuple(shards),
        damaged_waves=tuple(waves),
        damaged_coordinates=tuple(damaged_coordinates(store)),
        sample=tuple(comparisons),
    )


def _compare(store: Store, number: int) -> Comparison:
    recipe = store.recipe
    fresh = simulate_model(recipe, number)
    first = recipe.first_image(number)
    largest = 0
    for place, packed in enumerate(fresh.packed):
        stored = store.packed(first + place).astype(np.int32)
        largest = max(largest, int(np.abs(stored - packed).max()))
    same_waves = np.array_equal(store.waves(number), fresh.spectra)
    if largest == 0 and same_waves:
        verdict = "exact"
    else:
        verdict = "within tolerance" if largest <= TOLERANCE_STEPS else "different"
    return Comparison(
        model=recipe.models[number].name,
        verdict=verdict,
        largest_e_per_px=largest * store.packing.step,
    )
