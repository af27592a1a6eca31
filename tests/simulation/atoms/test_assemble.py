"""Specimens put together: contact, order, overlaps, seeds, displacements, nothing at all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import (
    CERIA,
    GOLD,
    SRTIO3,
    built,
    film,
    from_file,
    named,
    of_kind,
    oriented,
    particle,
    slab,
)

from tembench.core import RecipeError
from tembench.recipe import PtCeO2
from tembench.simulation import ImpossibleDrawError, displacement_of
from tembench.simulation.atoms.crystal import beam_turn

UPRIGHT = oriented((0, 0, 1))
TITANATE = slab(from_file(SRTIO3), UPRIGHT)
PROFILE = slab(CERIA, oriented((1, -1, 0), (1, 1, 1)), surface=0.6)


def approach(first: np.ndarray, second: np.ndarray) -> float:
    return float(cKDTree(first).query(second)[0].min())


@pytest.mark.slow
@pytest.mark.parametrize("side", ["exit", "entrance"])
def test_a_particle_touches_its_film(side: str) -> None:
    drawn = {"film": film(), "particle": particle(GOLD, UPRIGHT, on="film", side=side, gap_A=2.3)}
    specimen = built(drawn)
    carbon, gold = of_kind(specimen, "film"), of_kind(specimen, "particle")
    assert approach(carbon, gold) == pytest.approx(2.3, abs=1e-6)
    before = gold[:, 2].mean() < carbon[:, 2].mean()
    assert before == (side == "entrance")
    assert specimen.positions_A[:, 2].min() == pytest.approx(0.5)
    assert specimen.depth_A == pytest.approx(specimen.positions_A[:, 2].max() + 0.5)


def test_a_particle_stands_on_a_surface_in_profile() -> None:
    for seed in range(3):
        drawn = {
            "particle": particle(GOLD, UPRIGHT, on="slab", side="top", x=0.4, y=0.9, gap_A=2.2),
            "slab": PROFILE,
        }
        specimen = built(drawn, seed=seed)
        crystal, gold = of_kind(specimen, "slab"), of_kind(specimen, "particle")
        assert approach(crystal, gold) == pytest.approx(2.2, abs=1e-6)
        assert gold[:, 1].mean() < crystal[:, 1].min()
        assert gold[:, 0].mean() == pytest.approx(16)


@pytest.mark.parametrize("angle", [30.0, 90.0, 200.0])
def test_a_particle_turns_with_the_surface_that_it_stands_on(angle: float) -> None:
    # The same specimen turned about the middle of the surface, but for the frame's edges.
    places = []
    for rotation in (0.0, angle):
        lean = oriented((1, -1, 0), (1, 1, 1), rotation_deg=rotation)
        drawn = {
            "slab": slab(CERIA, lean, surface=0.5),
            "particle": particle(GOLD, UPRIGHT, on="slab", side="top", truncation=0.3),
        }
        specimen = built(drawn)
        crystal, gold = of_kind(specimen, "slab"), of_kind(specimen, "particle")
        assert approach(crystal, gold) == pytest.approx(2.3, abs=1e-6)
        turn = beam_turn(rotation, 0, 0)[:2, :2]
        places.append((gold[:, :2] - 20) @ turn)
    # The crystal's atoms lie elsewhere, so the height may differ by a part of the gap.
    np.testing.assert_allclose(np.ptp(places[0], axis=0), np.ptp(places[1], axis=0))
    np.testing.assert_allclose(places[0].mean(axis=0)[0], places[1].mean(axis=0)[0], atol=1e-9)
    assert places[1].mean(axis=0)[1] == pytest.approx(places[0].mean(axis=0)[1], abs=3.5)


def test_the_order_of_components_changes_no_atom() -> None:
    parts = {"slab": PROFILE, "particle": particle(GOLD, UPRIGHT, on="slab", side="top")}
    first, second = built(parts), built(dict(reversed(parts.items())))
    assert first.names == second.names == ("slab", "particle")
    np.testing.assert_array_equal(first.positions_A, second.positions_A)


def test_another_component_changes_no_draw() -> None:
    alone = built({"slab": PROFILE})
    both = built({"slab": PROFILE, "particle": particle(GOLD, UPRIGHT, on="slab", side="top")})
    np.testing.assert_allclose(
        of_kind(both, "slab")[:, :2], of_kind(alone, "slab")[:, :2], atol=1e-12
    )


def test_seeds_prefixes_and_attempts_change_the_draw() -> None:
    reference = built({"slab": TITANATE}).positions_A
    np.testing.assert_array_equal(built({"slab": TITANATE}).positions_A, reference)
    for other in (built({"slab": TITANATE}, seed=2), built({"slab": TITANATE}, prefix="other.")):
        assert not np.array_equal(other.positions_A[:50], reference[:50])


def test_slabs_stand_behind_one_another() -> None:
    specimen = built({"first": TITANATE, "second": slab(GOLD, UPRIGHT)})
    first = specimen.positions_A[specimen.component == 0]
    second = specimen.positions_A[specimen.component == 1]
    assert approach(first, second) == pytest.approx(2.5, abs=1e-6)
    assert second[:, 2].min() > first[:, 2].max()


def test_a_model_of_platinum_on_ceria_stands_behind_a_slab() -> None:
    model = PtCeO2(
        recipe="ptceo2-18k", model="PtNp2-D0_sloped_50A", x=0.5, y=0.5, rotation_deg=0.0,
        mistilt_deg=0.0, mistilt_azimuth_deg=0.0,
    )  # fmt: skip
    specimen = built({"slab": slab(GOLD, UPRIGHT), "model": model})
    first, second = of_kind(specimen, "slab"), of_kind(specimen, "support")
    assert second[:, 2].min() > first[:, 2].max()
    assert approach(first, second) < 4
    np.testing.assert_allclose(
        of_kind(specimen, "particle")[:, 2].mean(), second[:, 2].mean(), atol=2
    )


def test_particles_that_overlap_are_impossible() -> None:
    alone = particle(GOLD, UPRIGHT)
    with pytest.raises(ImpossibleDrawError, match="particle-2: it overlaps particle"):
        built({"particle": alone, "particle-2": alone})
    built({"particle": alone, "particle-2": particle(GOLD, UPRIGHT, x=1.4)})


def test_a_particle_beside_its_support_is_impossible() -> None:
    on = particle(GOLD, UPRIGHT, on="slab", x=3.0)
    with pytest.raises(ImpossibleDrawError, match="no atom of slab to touch"):
        built({"slab": TITANATE, "particle": on})


def test_count_0_is_no_particle() -> None:
    assert built({"particle": particle(GOLD, UPRIGHT, count=0)}).names == ()


@pytest.mark.parametrize(
    ("on", "side", "words"), [("film", "exit", "on no slab"), ("slab", "top", "no surface")]
)
def test_supports_that_are_not_there_are_refused(on: str, side: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        built({"slab": TITANATE, "particle": particle(GOLD, UPRIGHT, on=on, side=side)})


def test_mistakes_are_said_to_be_in_their_component() -> None:
    lean = oriented((0, 0, 1), (0, 0, 1))
    with pytest.raises(RecipeError, match=r"^kinds\.a\.slab: up is along the zone axis"):
        built({"slab": slab(GOLD, lean)}, prefix="kinds.a.")


def test_nothing_is_a_vacuum() -> None:
    specimen = built({})
    assert len(specimen.symbols) == len(specimen.positions_A) == len(specimen.component) == 0
    assert specimen.depth_A > 0


def test_one_plane_has_a_depth() -> None:
    graphene = named("hcp", ("C",), 2.46, 6.7)
    specimen = built({"slab": slab(graphene, UPRIGHT, thickness_A=1.0)})
    assert np.ptp(specimen.positions_A[:, 2]) < 1e-6
    assert specimen.depth_A == pytest.approx(1)


def test_displacements_are_the_recipes_or_the_tables() -> None:
    specimen = built({"slab": TITANATE}, displacement_A={"O": 0.09})
    for symbol in ("Sr", "Ti", "O"):
        expected = 0.09 if symbol == "O" else displacement_of(symbol)[0]
        found = specimen.displacement_A[specimen.symbols == symbol]
        np.testing.assert_allclose(found, expected)
