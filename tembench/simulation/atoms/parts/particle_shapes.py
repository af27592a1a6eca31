"""Shapes of particles: Wulff polyhedra, spheres, boxes and decahedra cut out of a crystal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import Particle
from tembench.simulation.atoms.crystal import (
    UnitCell,
    about,
    face_centred_cubic,
    fill_lattice,
    nearest_distance,
    planes_of_families,
    read_crystal,
)
from tembench.simulation.atoms.parts.particle_surface import Lump
from tembench.simulation.atoms.parts.pieces import Generators

_IRREGULAR = 1.2
"""Each plane of a family is 1 to 1.2 times as far as the family says."""
_BOND_REACH = 1.25
"""Sites within this many nearest distances are neighbours."""

Size = Callable[[np.ndarray], np.ndarray]


def cut_shape(
    cell: UnitCell,
    particle: Particle[float],
    upright: np.ndarray,
    generators: Generators,
) -> Lump:
    """Cut a shape out of a crystal, with the empty sites around it.

    Parameters
    ----------
    cell : UnitCell
        The crystal.
    particle : Particle
        Shape, diameter, facets and planar faults.
    upright : ndarray, shape (3, 3)
        Turn of the crystal's Cartesian axes to its zone axis.
    generators : callable
        Generators of ``"facets"`` (distances of planes) and ``"lattice"`` (origin and faults).

    Returns
    -------
    Lump
        Sites in the frame's axes about the shape's centre, before rotation and mistilt.
    """
    bond = nearest_distance(cell) * _BOND_REACH
    if particle.shape == "file":
        # As they are: a unit cell would have those beyond its faces put back into it.
        positions = read_crystal(particle.crystal).positions
        every = np.ones(len(positions), dtype=bool)
        return Lump(positions @ upright.T, np.arange(len(every)), every, ~every, bond)
    if particle.shape == "decahedron":
        return _decahedron(cell, particle, upright, bond, generators("facets"))
    wanted = np.pi / 6 * particle.diameter_A**3 / cell.volume_per_site_A3
    size, fixed = _size_function(cell, particle, upright, generators("facets"))
    faulted = np.full(3, particle.diameter_A / 6)
    half = 0.8 * particle.diameter_A + bond
    for _ in range(6):
        corner = np.full(3, half)
        positions, site = fill_lattice(
            cell, upright, particle.defects, -corner, corner, faulted, generators("lattice")
        )
        sizes = size(positions)
        inside = _inside(sizes, fixed, wanted)
        if np.abs(positions[inside]).max(initial=0.0) < half - bond:
            return _lump(positions, site, inside, bond)
        # The shape is longer than the box of sites: the same draw again, in a larger one.
        half *= 1.4
    raise RecipeError(
        "facets do not enclose a particle",
        expected="families of planes on all sides of it",
        got=", ".join(sorted(particle.facets)),
    )


def _size_function(
    cell: UnitCell,
    particle: Particle[float],
    upright: np.ndarray,
    generator: np.random.Generator,
) -> tuple[Size, float | None]:
    """Size of the least shape that holds a point, and the size of the shape if it is given."""
    if particle.shape == "sphere":
        return lambda positions: np.linalg.norm(positions, axis=1), None
    if particle.shape == "box":
        return lambda positions: np.abs(positions).max(axis=1), particle.diameter_A / 2
    normals, distances, _ = planes_of_families(cell, particle.facets)
    reach = distances * generator.uniform(1, _IRREGULAR, len(distances))
    planes = (normals / reach[:, None]) @ upright.T
    return lambda positions: (positions @ planes.T).max(axis=1), None


def _inside(sizes: np.ndarray, fixed: float | None, wanted: float) -> np.ndarray:
    """Sites within a fixed size, or as many as are wanted, and then the whole outer plane."""
    if fixed is not None:
        return sizes < fixed
    number = round(wanted)
    if number < 1 or len(sizes) == 0:
        return np.zeros(len(sizes), dtype=bool)
    number = min(number, len(sizes))
    return np.asarray(sizes <= np.partition(sizes, number - 1)[number - 1] * (1 + 1e-9))


def _lump(positions: np.ndarray, site: np.ndarray, inside: np.ndarray, bond: float) -> Lump:
    """Keep the sites inside, and those around them that an atom may go to."""
    if not inside.any():
        return Lump(positions, site, inside, inside.copy(), bond)
    low, high = positions[inside].min(axis=0) - bond, positions[inside].max(axis=0) + bond
    near = ((positions >= low) & (positions <= high)).all(axis=1)
    return Lump(positions[near], site[near], inside[near], ~inside[near], bond)


def _decahedron(
    cell: UnitCell,
    particle: Particle[float],
    upright: np.ndarray,
    bond: float,
    generator: np.random.Generator,
) -> Lump:
    """Five wedges of a face-centred crystal about a common [110], each between two {111}.

    The angle of 70.5 degrees between these planes is widened to 72 by strain across the wedge.
    """
    edge = float(np.linalg.norm(cell.cell_A[0]))
    if len(cell.positions_A) != 4 or not face_centred_cubic(cell):
        raise RecipeError(
            "a decahedron of a crystal that is not face-centred cubic with one atom a site",
            expected='the conventional cell of such an element: structure = "fcc"',
        )
    if particle.defects.twins or particle.defects.stacking_faults:
        raise RecipeError("a decahedron with planar faults", expected="its own five twins only")
    reach = int(np.ceil(1.2 * particle.diameter_A / edge)) * 2
    index = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), axis=-1)
    index = index.reshape(-1, 3)
    # Across the wedge, along [1-10] / 2, along the axis, [110] / 2, outwards, [001] / 2.
    across, along, outwards = index.T
    wedge = (outwards >= 0) & (np.abs(across) <= outwards)
    wedge &= ((across + along) % 2 == 0) & ((outwards + along) % 2 == 0)
    unit = np.array([edge / 2, edge / 2 * np.tan(np.pi / 5), edge / np.sqrt(8)])
    sites = np.stack([outwards, across, along], axis=1)[wedge]
    points = sites * unit
    five, sizes = [], []
    for number in range(5):
        # A plane between two wedges, and the axis, belong to one of them.
        own = (sites[:, 1] < sites[:, 0]) | ((sites[:, 0] == 0) & (number == 0))
        caps = generator.uniform(1, _IRREGULAR, 3) * [0.75, 1.0, 1.0]
        x, _, z = points[own].T
        slopes = [x / caps[0], (x + np.sqrt(2) * z) / caps[1], (x - np.sqrt(2) * z) / caps[2]]
        sizes.append(np.max(slopes, axis=0))
        five.append(points[own] @ about(np.array([0.0, 0.0, 1.0]), 2 * np.pi / 5 * number).T)
    # From the wedge's axes to the crystal's: [001], [1-10] and [110] of the first wedge.
    crystal = np.array([[0, 0, 1], [1, -1, 0], [1, 1, 0]]) / np.sqrt([[1], [2], [2]])
    positions, size = np.concatenate(five) @ crystal @ upright.T, np.concatenate(sizes)
    wanted = np.pi / 6 * particle.diameter_A**3 / cell.volume_per_site_A3
    inside = _inside(size, None, wanted)
    return _lump(positions, np.zeros(len(positions), dtype=int), inside, bond)
