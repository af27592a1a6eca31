"""Drift and jitter against closed forms; jumps of atoms that leave no two atoms too close."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from scipy.spatial import cKDTree

from tembench.recipe import Exposure
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.imaging.motion import frame_motion, frame_states, jump_columns

STILL = Exposure(
    dose_e_per_A2=100.0,
    frames=8,
    drift_A=0.0,
    drift_azimuth_deg=0.0,
    jitter_A=0.0,
    jump_share=0.0,
    detector="ideal",
)
AXIS = np.array([0.0, 0.0, 1.0])
ZONE = np.linalg.qr(np.array([[1.0, 1, 0], [0, 0, 1], [1, -1, 0]]).T)[0].T


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ball(crystal: Atoms, radius: float, centres: list[tuple[float, float, float]]) -> Specimen:
    """Balls of a cubic crystal, [1-10] along the beam, as one component of particles."""
    lattice = crystal.repeat(9)
    places = (lattice.positions - lattice.positions.mean(axis=0)) @ ZONE.T
    inside = np.linalg.norm(places, axis=1) < radius
    positions = np.concatenate([places[inside] + centre for centre in centres])
    symbols = np.tile(np.array(lattice.get_chemical_symbols())[inside], len(centres))
    return Specimen(
        symbols=symbols,
        positions_A=positions,
        component=np.zeros(len(symbols), dtype=int),
        names=("particle",),
        kinds=("particle",),
        zone_axes=(AXIS,),
        displacement_A=np.full(len(symbols), 0.08),
        frame_A=(40.0, 40.0),
        depth_A=40.0,
    )


GOLD = bulk("Au", cubic=True)
PARTICLE = ball(GOLD, 9.0, [(20.0, 20.0, 20.0)])


def on_a_plate(particle: Specimen) -> Specimen:
    """The particle with a plate of platinum that touches its exit side."""
    plate = bulk("Pt", cubic=True).repeat((10, 10, 2)).positions
    plate += [0, 0, particle.positions_A[:, 2].max() + 2.5 - plate[:, 2].min()]
    number = len(plate)
    return replace(
        particle,
        symbols=np.concatenate([particle.symbols, np.full(number, "Pt")]),
        positions_A=np.concatenate([particle.positions_A, plate]),
        component=np.concatenate([particle.component, np.ones(number, dtype=int)]),
        names=("particle", "plate"),
        kinds=("particle", "slab"),
        zone_axes=(AXIS, AXIS),
        displacement_A=np.full(len(particle.symbols) + number, 0.08),
        depth_A=float(plate[:, 2].max()),
    )


def least_distances(specimen: Specimen) -> dict[tuple[str, str], float]:
    """Least distance of two atoms of each pair of elements."""
    found = {}
    for first in np.unique(specimen.symbols):
        for second in np.unique(specimen.symbols):
            a, b = (specimen.positions_A[specimen.symbols == s] for s in (first, second))
            found[first, second] = cKDTree(a).query(b, k=2)[0][:, int(first == second)].min()
    return found


def moved(before: Specimen, after: Specimen) -> np.ndarray:
    return np.flatnonzero(np.any(before.positions_A != after.positions_A, axis=1))


def test_drift_is_even_and_centred() -> None:
    exposure = replace(STILL, drift_A=0.4, drift_azimuth_deg=30.0)
    found = np.array(frame_motion(exposure, 5, generator()))
    shifts, paths = found[:, 0], found[:, 1]
    step = 0.4 * np.array([np.cos(np.pi / 6), 0.5])
    np.testing.assert_allclose(np.diff(shifts, axis=0), np.tile(step, (4, 1)))
    np.testing.assert_allclose(paths, np.tile(step, (5, 1)))
    np.testing.assert_allclose(shifts.mean(axis=0), 0, atol=1e-12)


def test_jitter_has_its_deviation_and_no_mean() -> None:
    frames = 4
    shifts = np.array(
        [
            [shift for shift, _ in frame_motion(replace(STILL, jitter_A=0.3), frames, draw)]
            for draw in map(generator, range(400))
        ]
    )
    np.testing.assert_allclose(shifts.mean(axis=1), 0, atol=1e-12)
    # 400 independent draws of a variance with 3 degrees of freedom, on two axes: within 3 %.
    assert shifts.std() == pytest.approx(0.3 * np.sqrt(1 - 1 / frames), rel=0.05)


def test_a_single_frame_is_centred_and_moves() -> None:
    exposure = replace(STILL, drift_A=0.6, drift_azimuth_deg=90.0, jitter_A=0.5)
    [(shift, path)] = frame_motion(exposure, 1, generator())
    assert shift == (0.0, 0.0)
    assert path == pytest.approx((0.0, 0.6))


@pytest.mark.parametrize("specimen", [PARTICLE, on_a_plate(PARTICLE)], ids=["alone", "plate"])
def test_jumps_move_one_atom_each_and_keep_distances(specimen: Specimen) -> None:
    least = least_distances(specimen)
    draw = generator()
    for _ in range(12):
        after = jump_columns(specimen, draw)
        [atom] = moved(specimen, after)
        assert specimen.component[atom] == 0
        old, new = specimen.positions_A[atom], after.positions_A[atom]
        assert np.hypot(*(new - old)[:2]) > 0.5
        assert 0 <= new[2] <= specimen.depth_A
        found = least_distances(after)
        assert all(found[pair] >= 0.95 * least[pair] for pair in least)
        gold = after.positions_A[after.symbols == "Au"]
        d = np.linalg.norm(gold - new, axis=1)
        assert np.sum((d > 0) & (d < 3.4)) >= 3
        specimen = after


def test_every_site_of_a_jump_is_one_of_the_lattice() -> None:
    for seed in range(20):
        after = jump_columns(PARTICLE, generator(seed))
        [atom] = moved(PARTICLE, after)
        others = np.delete(PARTICLE.positions_A, atom, axis=0)
        cubic = (after.positions_A[atom] - others) @ ZONE / (GOLD.cell[0, 0] / 2)
        np.testing.assert_allclose(cubic, np.rint(cubic), atol=1e-6)
        assert np.all(np.rint(cubic.sum(axis=1)) % 2 == 0)


def test_weakly_bound_atoms_jump() -> None:
    tree = cKDTree(PARTICLE.positions_A)
    for seed in range(20):
        [atom] = moved(PARTICLE, jump_columns(PARTICLE, generator(seed)))
        assert len(tree.query_ball_point(PARTICLE.positions_A[atom], 3.4)) - 1 <= 8


def test_an_atom_stays_on_its_particle() -> None:
    two = ball(GOLD, 6.5, [(10.0, 20.0, 20.0), (30.0, 20.0, 20.0)])
    draw, left = generator(), []
    for _ in range(30):
        after = jump_columns(two, draw)
        [atom] = moved(two, after)
        sides = [specimen.positions_A[atom, 0] < 20 for specimen in (two, after)]
        assert sides[0] == sides[1]
        left.append(sides[0])
    assert 5 < sum(left) < 25


def test_elements_of_a_compound_stay_on_their_own_sites() -> None:
    specimen = ball(bulk("CdSe", "zincblende", a=6.05, cubic=True), 10.0, [(20.0, 20.0, 20.0)])
    least = least_distances(specimen)
    jumped = set()
    for seed in range(8):
        after = jump_columns(specimen, generator(seed))
        [atom] = moved(specimen, after)
        jumped.add(str(specimen.symbols[atom]))
        found = least_distances(after)
        assert all(found[pair] >= 0.95 * least[pair] for pair in least)
    assert jumped == {"Cd", "Se"}


def test_where_nothing_can_jump_the_specimen_is_the_same() -> None:
    diamond = ball(bulk("C", "diamond", cubic=True), 7.0, [(20.0, 20.0, 20.0)])
    outside = replace(PARTICLE, positions_A=PARTICLE.positions_A + np.array([60.0, 0, 0]))
    single = replace(
        PARTICLE,
        symbols=PARTICLE.symbols[:1],
        positions_A=PARTICLE.positions_A[:1],
        component=PARTICLE.component[:1],
        displacement_A=PARTICLE.displacement_A[:1],
    )
    slab = replace(PARTICLE, kinds=("slab",))
    for specimen in (diamond, outside, single, slab):
        assert jump_columns(specimen, generator()) is specimen


def test_states_count_the_jumps() -> None:
    states, indices = frame_states(PARTICLE, replace(STILL, jump_share=0.4), 20, generator())
    assert states[0] is PARTICLE
    assert indices[0] == 0
    assert set(np.diff(indices)) == {0, 1}
    assert indices[-1] == len(states) - 1
    assert len(states) > 3
    for before, after in pairwise(states):
        assert len(moved(before, after)) == 1


def test_how_often_atoms_jump() -> None:
    assert frame_states(PARTICLE, STILL, 30, generator())[1] == [0] * 30
    assert frame_states(PARTICLE, replace(STILL, jump_share=1.0), 4, generator())[1] == [0, 1, 2, 3]
    assert frame_states(PARTICLE, replace(STILL, jump_share=1.0), 1, generator())[1] == [0]


def test_motion_and_jumps_follow_from_the_generator_alone() -> None:
    exposure = replace(STILL, drift_A=0.2, jitter_A=0.2)
    assert frame_motion(exposure, 3, generator(1)) == frame_motion(exposure, 3, generator(1))
    assert frame_motion(exposure, 3, generator(1)) != frame_motion(exposure, 3, generator(2))
    first, again = (jump_columns(PARTICLE, generator(3)).positions_A for _ in range(2))
    np.testing.assert_array_equal(first, again)
