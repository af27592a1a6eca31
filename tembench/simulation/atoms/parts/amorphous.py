"""Amorphous films: pieces of a periodic box of atoms that keep their distances.

Points are pushed apart until each has three neighbours at about the length of a bond, and all
others stand off by 1.55 bonds, as second neighbours do in carbon (2.2 of 1.42 A). In units of the
bond such a box depends on one number alone, the atoms per cubic bond, so that a process makes one
box for all films of about that number, once.
"""

from __future__ import annotations

import functools

import numpy as np

from tembench.core import compiled, seed_sequence
from tembench.recipe import Film
from tembench.simulation.atoms.crystal import fill_box, random_turn
from tembench.simulation.atoms.parts.pieces import FrameBox, Generators, Piece

DALTON_G_PER_A3 = 1.660539
"""One dalton per cubic angstrom, in g/cm3 (CODATA 2018: 1.66053907e-24 g)."""
_BOX_ATOMS = 6000
"""Atoms of the box: 40 A wide for carbon of 1.9 g/cm3."""
_RUNG = 1.06
"""Boxes are made for numbers of atoms per cubic bond in steps of 6 per cent.

Stretching a box to the number that is asked for then changes distances by one per cent at most.
"""
_STANDOFF = 1.55
_SWEEPS = 60
_ROUGHNESS_A = 1.0
"""Root mean square height of a film's faces."""
_WAVES_A = (8.0, 40.0)
"""Shortest and longest wave of a face's heights."""


def build_film(name: str, film: Film[float], box: FrameBox, generators: Generators) -> Piece:
    """Cut a film from the periodic box: any rotation, any place, both faces rough.

    Parameters
    ----------
    name : str
        Name of the component.
    film : Film
        Composition, density, thickness and bond.
    box : FrameBox
        The frame, beyond which the film runs by its margin.
    generators : callable
        Generators of ``"piece"`` (place and turn), ``"faces"`` and ``"elements"``.

    Returns
    -------
    Piece
        Its faces have mean heights of 0 and the thickness.
    """
    from ase.data import atomic_masses, atomic_numbers

    elements = sorted(film.composition)
    shares = np.array([film.composition[symbol] for symbol in elements], dtype=float)
    shares /= shares.sum()
    mass = float(shares @ [atomic_masses[atomic_numbers[symbol]] for symbol in elements])
    per_A3 = film.density_g_cm3 / (DALTON_G_PER_A3 * mass)
    edge = (_BOX_ATOMS / per_A3) ** (1 / 3)
    rung = round(np.log(per_A3 * film.bond_A**3) / np.log(_RUNG))
    piece = generators("piece")
    turn = random_turn(piece)
    reach = 4 * _ROUGHNESS_A
    positions, _ = fill_box(
        edge * turn.T,
        edge * relaxed_box(rung) @ turn.T,
        edge * piece.random(3) @ turn.T,
        box.low(-reach),
        box.high(film.thickness_A + reach),
    )
    faces = generators("faces")
    lower, upper = _face(positions, faces), _face(positions, faces)
    z = positions[:, 2]
    positions = positions[(z >= lower) & (z < film.thickness_A + upper)]
    drawn = generators("elements").random(len(positions))
    place = np.searchsorted(np.cumsum(shares), drawn, side="right")
    return Piece(
        name=name,
        kind="film",
        symbols=np.array(elements)[np.minimum(place, len(elements) - 1)],
        positions_A=positions,
        displacement_A=np.full(len(positions), np.nan),
        zone_axis=None,
    )


def _face(positions: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Height of a rough face at each atom, 0 in the mean: eight random waves."""
    number = 8
    wavelengths = _WAVES_A[0] * (_WAVES_A[1] / _WAVES_A[0]) ** generator.random(number)
    azimuths, phases = 2 * np.pi * generator.random((2, number))
    waves = 2 * np.pi / wavelengths * np.stack([np.cos(azimuths), np.sin(azimuths)])
    height = np.cos(positions[:, :2] @ waves + phases).sum(axis=1)
    return np.asarray(_ROUGHNESS_A * np.sqrt(2 / number) * (height - height.mean()))


@functools.lru_cache(maxsize=32)
def relaxed_box(rung: int) -> np.ndarray:
    """Periodic box of points that keep their distances, shape (points, 3), from 0 to 1.

    `rung` names the number of points per cubic bond, 1.06 to that power. The same on every machine
    that rounds alike: its seed is its own.
    """
    generator = np.random.Generator(np.random.PCG64(seed_sequence(0, "amorphous box")))
    width = (_BOX_ATOMS / _RUNG**rung) ** (1 / 3)
    points = width * generator.random((_BOX_ATOMS, 3))
    _push_apart(points, width, _STANDOFF, _SWEEPS)
    points = points / width
    points.setflags(write=False)
    return points


def _push_apart(points: np.ndarray, width: float, standoff: float, sweeps: int) -> None:
    """Move points of a periodic box until three neighbours are at 1 and others at `standoff`.

    A pair is bonded where either is among the other's three nearest.
    """
    n = len(points)
    cells = int(width / standoff)
    first, second = np.empty((2, 40 * n), dtype=np.int64)
    between = np.empty((40 * n, 3))
    step, nearest, bonds = np.empty((n, 3)), np.empty((n, 3)), np.empty((n, 3), dtype=np.int64)
    for sweep in range(sweeps):
        points %= width
        cell = np.minimum((points * (cells / width)).astype(np.int64), cells - 1)
        pairs = _near_pairs(points, cell, cells, width, standoff, first, second, between)
        distance = np.linalg.norm(between[:pairs], axis=1)
        nearest.fill(standoff)
        bonds.fill(-1)
        _find_bonds(nearest, bonds, first, second, distance)
        # The others give way in the end.
        soft = 0.3 - 0.25 * sweep / sweeps
        step.fill(0.0)
        _add_steps(step, bonds, first, second, between, distance, standoff, soft)
        points += step


@compiled
def _near_pairs(  # pragma: no cover
    points: np.ndarray,
    cell: np.ndarray,
    cells: int,
    width: float,
    reach: float,
    first: np.ndarray,
    second: np.ndarray,
    between: np.ndarray,
) -> int:
    """List pairs within reach, each once, with the vector from the second to the first."""
    heads = np.full(cells * cells * cells, -1)
    following = np.empty(len(points), dtype=np.int64)
    half, found = width / 2, 0
    for i in range(len(points)):
        for neighbour in range(27):
            a = (cell[i, 0] + neighbour // 9 - 1) % cells
            b = (cell[i, 1] + neighbour // 3 % 3 - 1) % cells
            c = (cell[i, 2] + neighbour % 3 - 1) % cells
            j = heads[(a * cells + b) * cells + c]
            while j >= 0:
                square = 0.0
                for axis in range(3):
                    d = points[i, axis] - points[j, axis]
                    if d > half:
                        d -= width
                    elif d < -half:
                        d += width
                    square += d * d
                    # Overwritten by the next pair if this one is too far apart.
                    between[found, axis] = d
                if square < reach * reach and found < len(first) - 1:
                    first[found], second[found] = i, j
                    found += 1
                j = following[j]
        # Only points before i are listed, so that each pair is found once.
        own = (cell[i, 0] * cells + cell[i, 1]) * cells + cell[i, 2]
        following[i] = heads[own]
        heads[own] = i
    return found


@compiled
def _find_bonds(  # pragma: no cover
    nearest: np.ndarray,
    bonds: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    distance: np.ndarray,
) -> None:
    """Enter the three nearest neighbours of every point, in order of distance."""
    for p in range(2 * len(distance)):
        pair = p // 2
        i, j = first[pair], second[pair]
        if p % 2:
            i, j = j, i
        rank = 3
        while rank > 0 and distance[pair] < nearest[i, rank - 1]:
            rank -= 1
            if rank < 2:
                nearest[i, rank + 1], bonds[i, rank + 1] = nearest[i, rank], bonds[i, rank]
            nearest[i, rank], bonds[i, rank] = distance[pair], j


@compiled
def _add_steps(  # pragma: no cover
    step: np.ndarray,
    bonds: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    between: np.ndarray,
    distance: np.ndarray,
    standoff: float,
    soft: float,
) -> None:
    """Add to the steps of both points of a pair a share of what their distance lacks."""
    for p in range(len(distance)):
        i, j, r = first[p], second[p], max(distance[p], 1e-3)
        bonded = False
        for rank in range(3):
            bonded = bonded or bonds[i, rank] == j or bonds[j, rank] == i
        share = 0.4 * (1.0 - r) / r if bonded else soft * (standoff - r) / r
        for axis in range(3):
            step[i, axis] += share * between[p, axis]
            step[j, axis] -= share * between[p, axis]
