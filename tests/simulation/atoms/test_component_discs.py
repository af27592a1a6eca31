"""Masks of components: discs about their atoms, and the vacuum far from all."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import CERIA, GOLD, built, oriented, particle, slab

from tembench.simulation import Specimen, component_masks


def within(specimen: Specimen, kind: str | None, reach: float) -> np.ndarray:
    kinds = np.array(specimen.kinds)[specimen.component]
    chosen = np.ones(len(kinds), dtype=bool) if kind is None else kinds == kind
    rows, columns = np.mgrid[:128, :96] * 0.4
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    distance, _ = cKDTree(specimen.positions_A[chosen, :2]).query(pixels)
    return (distance <= reach).reshape(128, 96)


def test_masks_are_the_pixels_near_atoms() -> None:
    specimen = built(
        {
            "slab": slab(CERIA, oriented((1, -1, 0), (1, 1, 1)), surface=0.6),
            "particle": particle(GOLD, oriented((1, 1, 0)), on="slab", side="top"),
        }
    )
    masks = component_masks(specimen, (128, 96), 0.4)
    assert set(masks) == {"particle", "support", "film", "vacuum"}
    np.testing.assert_array_equal(masks["particle"], within(specimen, "particle", 2.0))
    np.testing.assert_array_equal(masks["support"], within(specimen, "slab", 2.0))
    np.testing.assert_array_equal(masks["vacuum"], ~within(specimen, None, 4.0))
    assert not masks["film"].any()
    assert 0.02 < masks["particle"].mean() < 0.4
    assert 0.1 < masks["vacuum"].mean() < 0.9


def test_a_vacuum_is_all_vacuum() -> None:
    masks = component_masks(built({}), (16, 16), 1.0)
    assert masks["vacuum"].all()
    assert not masks["particle"].any()
