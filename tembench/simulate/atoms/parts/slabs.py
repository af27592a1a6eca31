"""Slabs: crystals that fill the frame, or end at a stepped surface within it."""

from __future__ import annotations

import numpy as np

from tembench.recipe.draws.components import Slab, Strain
from tembench.simulate.atoms.crystal import (
    UnitCell,
    beam_turn,
    crystal_turn,
    fill_lattice,
    unit_cell,
    zone_axis_of,
)
from tembench.simulate.atoms.parts.pieces import FrameBox, Generators, Piece, occupy
from tembench.simulate.atoms.parts.surfaces import below_surface

_LAYER_GAP_A = 2.5
"""Crystals with wider gaps between their layers along the beam are cut in the gaps only.

Gold has planes at 2.36 A at most; layers of MoS2 are 3.0 A apart, of graphite 3.35 A.
"""


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
    layers = _layers(cell, upright) if lean.zone != "random" else None
    depth = slab.thickness_A if layers is None else _whole_layers(layers, slab.thickness_A)
    # Layers lean with the crystal, beyond z = 0 and the thickness.
    slope = 0.0 if layers is None else np.tan(np.deg2rad(abs(lean.mistilt_deg)))
    spill = slope * np.hypot(*(box.high(0.0) - box.low(0.0))[:2]) + (0 if layers is None else 0.1)
    low, high = box.low(-spill, more_A=more), box.high(depth + spill, more_A=more)
    if layers is not None:
        low[2], high[2] = low[2] - layers[0], high[2] + layers[0]
    faulted = np.array([box.width_A, box.height_A, depth]) / 4
    positions, site = fill_lattice(
        cell, turn @ upright, slab.defects, low, high, faulted, generators("lattice")
    )
    if layers is not None:
        kept = _cut_in_gaps(positions, turn[:, 2], box, layers, depth)
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


def _layers(cell: UnitCell, upright: np.ndarray) -> tuple[float, float] | None:
    """Period of layers along the zone axis and thickness of one; None for a crystal without gaps.

    Planes at right angles to the zone axis repeat at the greatest common measure of the cell
    vectors' heights; if there is none, they are dense.
    """
    period = 0.0
    for height in np.abs(cell.cell_A @ upright[2]):
        a, b = max(period, height), min(period, height)
        while b > 0.05:
            a, b = b, a % b
            b = 0.0 if a - b < 0.05 else b
        period = float(a)
    if period < _LAYER_GAP_A:
        return None
    heights = np.sort(cell.positions_A @ upright[2] % period)
    gap = np.diff(heights, append=heights[0] + period).max()
    return (period, float(period - gap)) if gap > _LAYER_GAP_A else None


def _whole_layers(layers: tuple[float, float], thickness: float) -> float:
    """Extent of the whole layers that a thickness holds, at least one."""
    period, one = layers
    return float(one + period * max(0, np.floor((thickness - one) / period + 1e-6)))


def _cut_in_gaps(
    positions: np.ndarray,
    axis: np.ndarray,
    box: FrameBox,
    layers: tuple[float, float],
    depth: float,
) -> np.ndarray:
    """Atoms of a whole number of layers, the first from height 0 in the frame's middle."""
    heights = (positions - [*box.middle, 0.0]) @ axis
    ordered = np.sort(heights)
    starts = ordered[np.diff(ordered, prepend=-np.inf) > _LAYER_GAP_A]
    first = starts[np.argmin(np.abs(starts))]
    return np.asarray((heights > first - 0.1) & (heights < first + depth + 0.1))
