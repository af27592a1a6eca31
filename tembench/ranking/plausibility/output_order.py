"""Order of outputs: each against other clean images than its own.

Outputs that were written as a bare array have no numbers, and may be in another order than was
assumed. The usual orders are tried first; then each image is looked for among all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tembench.dataset import opaque_numbers
from tembench.ranking.plausibility.looked_at import LookedAt
from tembench.ranking.plausibility.patterns import bin_size, correlation, fine_pattern

if TYPE_CHECKING:
    from tembench.dataset import Store

# Fewer pixels than are needed to see a shift: all images of a part are compared.
_SIDE_PX = 100
# Fine patterns of two specimens of open-hrtem rarely correlate by more than 0.1; those of models of
# the closed track do, so that the own image must be left behind as well.
_LEAST_CORRELATION, _LEAST_GAIN = 0.15, 0.1
_FEWEST, _LEAST_SHARE = 3, 0.75
_LEAST_SINGLE_GAIN, _LEAST_MEAN_GAIN = 0.01, 0.05
_MOST_SEARCHED = 2000
_SHOWN = 3
_REMEDY = "Number the images, or name their order with --order"


def other_order(looks: Sequence[LookedAt], numbers: np.ndarray, store: Store) -> Iterator[str]:
    """One sentence if outputs show other images than those that they are taken for.

    Parameters
    ----------
    looks : sequence of LookedAt
        Denoised images with their clean ones.
    numbers : array of int
        Numbers of all denoised images, ascending.
    store : tembench.dataset.store.Store
        The store that they were made from.
    """
    size = bin_size(store.shape, _SIDE_PX)
    ours = {look.number: fine_pattern(look.denoised, size) for look in looks}
    own = {look.number: fine_pattern(look.clean, size) for look in looks}
    fits = {n: correlation(one, own[n]) for n, one in ours.items()}
    rivals = {
        n: max((correlation(one, own[m]) for m in own if m != n), default=-1.0)
        for n, one in ours.items()
    }
    if all(fits[n] > rivals[n] + _LEAST_GAIN for n in ours):
        return
    for name, shown in _orders(numbers, store).items():
        moved = {n: shown[n] for n in ours if shown.get(n, n) != n}
        pairs = [
            (fits[n], correlation(ours[n], fine_pattern(store.clean(m), size)))
            for n, m in moved.items()
        ]
        if _fit_better(pairs):
            yield f"the outputs seem to be {name}: they show other images than their own. {_REMEDY}"
            return
    # Outputs that fit their own images best, if only just, are not looked for elsewhere.
    if 2 * sum(rivals[n] > fits[n] for n in ours) < len(ours):
        return
    found = _found(ours, fits, numbers, store, size)
    if len(found) >= _FEWEST and 2 * len(found) >= len(ours):
        shows = [f"that of image {n} shows image {other}" for n, other in found.items()]
        yield (
            f"{len(found)} of {len(ours)} outputs looked at show other images than their own: "
            f"{', '.join(shows[:_SHOWN])}. {_REMEDY}"
        )


def _fit_better(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether nearly all outputs fit other images better than their own, given both fits.

    In the closed track neighbours are alike, so that each gains little.
    """
    telling = [pair for pair in pairs if max(pair) > _LEAST_CORRELATION]
    gains = [theirs - own for own, theirs in telling]
    better = sum(gain > _LEAST_SINGLE_GAIN for gain in gains)
    enough = better >= max(_FEWEST, _LEAST_SHARE * len(telling))
    return enough and float(np.mean(gains)) > _LEAST_MEAN_GAIN


def _orders(numbers: np.ndarray, store: Store) -> dict[str, dict[int, int]]:
    """Image that each output shows, by its number, if outputs are in the order of that name."""
    kept = numbers.tolist()
    shuffled = [n for _, n in sorted(zip(opaque_numbers(store, kept), kept, strict=True))]
    found = {
        "in the order of the store, not that of its inputs": (shuffled, kept),
        "in the order of its inputs, not that of the store": (kept, shuffled),
    }
    for order, where in ((shuffled, ""), (kept, " in the order of the store")):
        found[f"in reverse order{where}"] = (order, order[::-1])
        found[f"one image late{where}"] = (order[1:], order[:-1])
        found[f"one image early{where}"] = (order[:-1], order[1:])
    return {name: dict(zip(*pair, strict=True)) for name, pair in found.items()}


def _found(
    ours: Mapping[int, np.ndarray],
    fits: Mapping[int, float],
    numbers: np.ndarray,
    store: Store,
    size: int,
) -> dict[int, int]:
    """Image that fits best, by the number of an output; only those that fit well enough."""
    best = {n: (max(fits[n] + _LEAST_GAIN, _LEAST_CORRELATION), n) for n in ours}
    step = -(-len(numbers) // _MOST_SEARCHED)
    for other in numbers[::step].tolist():
        theirs = fine_pattern(store.clean(other), size)
        for n, one in ours.items():
            if other != n and (fit := correlation(one, theirs)) > best[n][0]:
                best[n] = (fit, other)
    return {n: other for n, (_, other) in best.items() if other != n}
