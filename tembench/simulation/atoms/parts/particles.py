"""Particles: pieces of crystals by shape, truncated by a support, roughened, with adatoms."""

from __future__ import annotations

import numpy as np

from tembench.core import RecipeError
from tembench.recipe import Particle
from tembench.simulation.atoms.crystal import (
    beam_turn,
    crystal_turn,
    has_cell,
    read_crystal,
    unit_cell,
    zone_axis_of,
)
from tembench.simulation.atoms.parts.particle_shapes import cut_shape
from tembench.simulation.atoms.parts.particle_surface import add_adatoms, roughen, truncate
from tembench.simulation.atoms.parts.pieces import Generators, Piece, occupy
from tembench.simulation.atoms.parts.slabs import strained
from tembench.simulation.atoms.specimen import ImpossibleDrawError

SUPPORT_DIRECTION = {
    "exit": np.array([0.0, 0.0, -1.0]),
    "entrance": np.array([0.0, 0.0, 1.0]),
    "top": np.array([0.0, 1.0, 0.0]),
}
"""Direction from a particle to its support, by the side of the support that it is on."""


def build_particle(
    name: str, particle: Particle[float], support_turn: np.ndarray, generators: Generators
) -> Piece:
    """Build a particle about the origin.

    Parameters
    ----------
    name : str
        Name of the component.
    particle : Particle
        Crystal, orientation, shape and surface.
    support_turn : ndarray, shape (3, 3)
        Turn of the surface that it stands on, which its own orientation is relative to; the unit
        matrix for other sides.
    generators : callable
        Generators of ``"orientation"``, ``"facets"``, ``"lattice"``, ``"occupancy"``,
        ``"roughness"``, ``"adatoms"`` and ``"vacancies"``.

    Returns
    -------
    Piece
        The mean of its atoms' positions is at the origin.

    Raises
    ------
    RecipeError
        If its planes do not enclose it, or its crystal has no such shape.
    ImpossibleDrawError
        If no atom is left.
    """
    cell = unit_cell(particle.crystal)
    lean = particle.orientation
    if particle.shape != "file" and not has_cell(read_crystal(particle.crystal)):
        raise RecipeError("atoms without a cell fill no shape", remedy='Use shape = "file"')
    axes = np.eye(3) if particle.shape == "file" else cell.cell_A
    upright = crystal_turn(lean, axes, generators("orientation"))
    turn = support_turn @ beam_turn(lean.rotation_deg, lean.mistilt_deg, lean.mistilt_azimuth_deg)
    lump = cut_shape(cell, particle, upright, generators)
    lump.positions_A = strained(lump.positions_A @ turn.T, particle.strain, np.zeros(2))
    truncate(lump, support_turn @ SUPPORT_DIRECTION[particle.side], particle.truncation)
    lump.symbols, displacement, occupied = occupy(cell, lump.site, generators("occupancy"))
    # A site that is partly occupied, and empty here, takes no atom either.
    lump.inside &= occupied
    lump.open &= occupied
    roughen(lump, particle.roughness, generators("roughness"))
    add_adatoms(lump, int(particle.adatoms), generators("adatoms"))
    inside = np.flatnonzero(lump.inside)
    kept = inside[generators("vacancies").random(len(inside)) >= particle.defects.vacancies]
    if len(kept) == 0:
        raise ImpossibleDrawError("a particle without atoms", where=name)
    piece = Piece(
        name=name,
        kind="particle",
        symbols=lump.symbols,
        positions_A=lump.positions_A,
        displacement_A=displacement,
        zone_axis=zone_axis_of(lean, turn),
    ).kept(kept)
    return piece.moved(-piece.positions_A.mean(axis=0))
