"""Slabs: crystals that fill the frame, or end at a stepped surface within it."""

from __future__ import annotations

import numpy as np

from tembench.recipe import Slab, Strain
from tembench.simulation.atoms.crystal import (
    UnitCell,
    beam_turn,
    crystal_turn,
    fill_lattice,
    unit_cell,
    zone_axis_of,
)
from tembench.simulation.atoms.parts.pieces import FrameBox, Generators, Piece, occupy
from tembench.simulation.atoms.parts.surfaces import below_surface

_LAYER_GAP_A = 2.5
"""Crystals with wider gaps between their layers along the beam are cut in the gaps only.

Gold has planes at 2.36 A at most; layers of MoS2 are 3.0 A apart, of graphite 3.35 A.
"""
_SAME_HEIGHT_A = 0.05


def build_slab(name: str, slab: Slab[float], box: FrameBox, generators: Generators) -> Piece:
    """Cut a slab out of a crystal whose origin is drawn.

    Parameters
    ----------
    name : str
        Name of the component.
    slab : Slab
        Crystal, orientation, thickness, strain, defects and surface.
    box : FrameBox
        The frame, beyond which the slab runs by its margin.
    generators : callable
        Generators of ``"orientation"``, ``"lattice"``, ``"steps"``, ``"occupancy"`` and
        ``"vacancies"``.

    Returns
    -------
    Piece
        From z = 0 to its thickness; layers of a crystal with gaps along the beam stay whole.
    """
    cell = unit_cell(slab.crystal)
    lean = slab.orientation
    upright = crystal_turn(lean, cell.cell_A, generators("orientation"))
    turn = beam_turn(lean.rotation_deg, lean.mistilt_deg, lean.mistilt_azimuth_deg)
    more = _strain_reach(slab.strain, box)
    period = _layer_period(cell, upright) if lean.zone != "random" else None
    low, high = box.low(0.0, more_A=more), box.high(slab.thickness_A, more_A=more)
    if period is not None:
        # Layers lean with the crystal, beyond z = 0 and the thickness.
        slope = np.tan(np.deg2rad(abs(lean.mistilt_deg)))
        spill = slope * np.hypot(*(high - low)[:2]) + period
        low[2], high[2] = low[2] - spill, high[2] + spill
    faulted = np.array([box.width_A, box.height_A, slab.thickness_A]) / 4
    positions, site = fill_lattice(
        cell, turn @ upright, slab.defects, low, high, faulted, generators("lattice")
    )
    if period is not None:
        heights = (positions - [*box.middle, 0.0]) @ turn[:, 2]
        kept = _whole_layers(heights, slab.thickness_A)
        positions, site = positions[kept], site[kept]
    if slab.surface is not None:
        pivot = [box.width_A / 2, slab.surface * box.height_A, 0.0]
        across, down, _ = ((positions - pivot) @ turn).T
        kept = below_surface(across, -down, box.width_A, int(slab.steps), generators("steps"))
        positions, site = positions[kept], site[kept]
    symbols, displacement, occupied = occupy(cell, site, generators("occupancy"))
    positions = strained(positions, slab.strain, box.middle)
    inside = ((positions >= box.low(-np.inf)) & (positions < box.high(np.inf))).all(axis=1)
    present = generators("vacancies").random(len(positions)) >= slab.defects.vacancies
    return Piece(
        name=name,
        kind="slab",
        symbols=symbols,
        positions_A=positions,
        displacement_A=displacement,
        zone_axis=zone_axis_of(lean, turn),
    ).kept(inside & occupied & present)


def strained(positions: np.ndarray, strain: Strain[float], middle: np.ndarray) -> np.ndarray:
    """Positions after a strain in the image plane about a point.

    The gradient bends the crystal: xx grows with y, and a term in y keeps its shear at 0.
    """
    if not any((strain.xx, strain.yy, strain.xy, strain.gradient_per_nm)):
        return positions
    x, y = (positions[:, :2] - middle).T
    bend = strain.gradient_per_nm / 10
    moved = positions.copy()
    moved[:, 0] += strain.xx * x + strain.xy * y + bend * x * y
    moved[:, 1] += strain.yy * y + strain.xy * x - bend * x**2 / 2
    return moved


def _strain_reach(strain: Strain[float], box: FrameBox) -> float:
    """Largest distance that strain moves an atom of the box."""
    half = np.hypot(*(box.high(0.0) - box.low(0.0))[:2]) / 2
    shares = abs(strain.xx) + abs(strain.yy) + abs(strain.xy)
    return float(1.1 * half * (shares + abs(strain.gradient_per_nm) / 10 * half))


def _layer_period(cell: UnitCell, upright: np.ndarray) -> float | None:
    """Period along the zone axis of a crystal with gaps between its layers, else None.

    Planes at right angles to the zone axis repeat at the greatest common measure of the cell
    vectors' heights; if there is none, they are dense.
    """
    period = 0.0
    for height in np.abs(cell.cell_A @ upright[2]):
        a, b = max(period, height), min(period, height)
        while b > _SAME_HEIGHT_A:
            a, b = b, a % b
            b = 0.0 if a - b < _SAME_HEIGHT_A else b
        period = float(a)
    if period < _LAYER_GAP_A:
        return None
    heights = np.sort(cell.positions_A @ upright[2] % period)
    gap = np.diff(heights, append=heights[0] + period).max()
    return period if gap > _LAYER_GAP_A else None


def _whole_layers(heights: np.ndarray, thickness: float) -> np.ndarray:
    """Atoms of the layers that a thickness holds, at least one, from the one nearest to 0."""
    ordered = np.sort(heights)
    begins = np.flatnonzero(np.diff(ordered, prepend=-np.inf) > _LAYER_GAP_A)
    bottoms, tops = ordered[begins], ordered[np.append(begins[1:], len(ordered)) - 1]
    first = int(np.argmin(np.abs(bottoms)))
    held = np.flatnonzero(tops <= bottoms[first] + thickness + _SAME_HEIGHT_A)
    top = tops[max(first, int(held.max(initial=first)))]
    return np.asarray((heights > bottoms[first] - 0.1) & (heights < top + 0.1))
