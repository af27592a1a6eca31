"""Warnings about outputs that seem to be in other units, positions or orders, or too good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tembench.ranking.plausibility.looked_at import DenoisedImages, look_at
from tembench.ranking.plausibility.near_truth import as_good_as_clean
from tembench.ranking.plausibility.output_alignment import other_positions
from tembench.ranking.plausibility.output_order import other_order
from tembench.ranking.plausibility.output_units import other_units

if TYPE_CHECKING:
    from tembench.dataset import Store


def implausibilities(images: DenoisedImages, store: Store) -> list[str]:
    """One sentence for each implausible property of outputs, with its remedy; usually none.

    Parameters
    ----------
    images : DenoisedImages
        The denoised images.
    store : tembench.dataset.store.Store
        The store that they were made from.
    """
    looks = look_at(images, store)
    if not looks:
        return []
    units = [*other_units(looks)]
    if all(look.is_constant for look in looks):
        constant = "every image is constant. Write expected electrons per pixel"
        return units if images.is_control else [*units, constant]
    # In another order no position fits all images, but in another position another image may fit.
    positions = [*other_positions(looks)]
    order = [] if positions else [*other_order(looks, images.numbers, store)]
    truth = [] if images.is_control else [*as_good_as_clean(looks)]
    # The mean of another image tells nothing of units.
    return [*(order or [*units, *positions]), *truth]
