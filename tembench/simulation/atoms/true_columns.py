"""True atomic columns of a specimen: atoms grouped along each component's zone axis."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError, cKDTree

from tembench.simulation.atoms.specimen import Specimen

LINK_A = 0.30
"""Atoms whose projections along the zone axis are nearer than this are of one column."""
_ON_ZONE = 5.0
"""Neighbours in projection, over those of as many random atoms, from which columns are defined.

On zone axes the ratio is 7 to 21, off them at most 1.0, in amorphous films 0.9 to 1.0.
"""
_ALONE_A = 0.6
"""Atoms that are all farther apart than this in projection are columns of one atom each."""
LEAN_SHARE = 0.5
"""Columns are defined while their ends are apart by less than this share of their distance."""
_REACHES_A = (4.2, 5.0, 6.0, 7.0, 8.0)
_WIDEST_ANGLE_DEG = 80.0
"""A column with no other within reach in an angle wider than this is at the surface.

The reach is the least of these at which columns deep inside the component are not: 4.2 A in metals
and oxides, 5 A in CdSe and in sodalite along [110].
"""
_LACKING = 0.03
"""Share of the columns deep inside that may border on a vacancy or fault."""
_BESIDE_A = 2.0
"""Columns that are farther apart than this along the beam are not beside each other."""


@dataclass(frozen=True, kw_only=True)
class SpecimenColumns:
    """Atomic columns of a specimen, one entry each; see `specimen_columns`.

    Attributes
    ----------
    defined : bool
        Whether every crystalline component that was asked for has columns; False without any.
    defined_in : tuple of bool
        Whether columns are defined in each of the specimen's components.
    x_A, y_A : ndarray, shape (columns,)
        Middle of a column, projected along the beam.
    depth_A : ndarray, shape (columns,)
        Mean depth of its atoms, from the middle of the specimen, positive towards the exit face.
    element : ndarray of str
        The heaviest of its elements.
    atoms : ndarray of int
        Number of its atoms, of all elements.
    component : ndarray of int
        Index of its component.
    in_particle : ndarray of bool
        Whether that is a particle.
    at_surface : ndarray of bool
        Whether it borders on vacuum, in projection.
    lean_A : ndarray, shape (columns,)
        Distance of its ends in projection along the beam.
    """

    defined: bool
    defined_in: tuple[bool, ...]
    x_A: np.ndarray
    y_A: np.ndarray
    depth_A: np.ndarray
    element: np.ndarray
    atoms: np.ndarray
    component: np.ndarray
    in_particle: np.ndarray
    at_surface: np.ndarray
    lean_A: np.ndarray


def specimen_columns(
    specimen: Specimen,
    elements: Collection[str] = (),
    components: Collection[str] = (),
    *,
    beyond_A: float = 0.0,
) -> SpecimenColumns:
    """List the atomic columns of a specimen.

    Parameters
    ----------
    specimen : Specimen
        Undisplaced atoms.
    elements : collection of str
        Elements whose columns are wanted: columns by their heaviest element. Empty: all.
    components : collection of str
        Names of the components whose columns are wanted. Empty: all.
    beyond_A : float
        Distance from the frame up to which columns are listed; 0: those with their middle in it.

    Returns
    -------
    SpecimenColumns
        Component by component. Amorphous components, and crystals off their zone axis or leaning
        too far, have none.
    """
    found = [_of_component(specimen, number) for number in range(len(specimen.names))]
    columns = np.concatenate([np.empty(0, dtype=_COLUMN), *found])
    surface = _at_surface(columns)
    wanted = np.isin(columns["element"], list(elements)) if elements else columns["atoms"] > 0
    asked = [not components or name in components for name in specimen.names]
    defined_in = tuple(
        len(own) > 0 and _upright(own[wanted[columns["component"] == n]], axis)
        for n, (own, axis) in enumerate(zip(found, specimen.zone_axes, strict=True))
    )
    crystals = [
        defined_in[n] for n, kind in enumerate(specimen.kinds) if kind != "film" and asked[n]
    ]
    x, y = columns["x"], columns["y"]
    width, height = specimen.frame_A
    wanted &= (x >= -beyond_A) & (x < width + beyond_A)
    wanted &= (y >= -beyond_A) & (y < height + beyond_A)
    chosen = np.array([a and d for a, d in zip(asked, defined_in, strict=True)], dtype=bool)
    wanted &= chosen[columns["component"]] if len(columns) else wanted
    kept = columns[wanted]
    particle = np.array([kind == "particle" for kind in specimen.kinds], dtype=bool)
    return SpecimenColumns(
        defined=bool(crystals) and all(crystals),
        defined_in=defined_in,
        x_A=kept["x"],
        y_A=kept["y"],
        depth_A=kept["z"] - specimen.depth_A / 2,
        element=kept["element"],
        atoms=kept["atoms"],
        component=kept["component"],
        in_particle=particle[kept["component"]] if len(kept) else np.empty(0, dtype=bool),
        at_surface=surface[wanted],
        lean_A=kept["lean"],
    )


_COLUMN = np.dtype(
    [
        ("x", float), ("y", float), ("z", float), ("first", float), ("last", float),
        ("lean", float), ("element", "<U2"), ("atoms", int), ("component", int),
    ]
)  # fmt: skip


def _of_component(specimen: Specimen, number: int) -> np.ndarray:
    """Columns of one component; none if it has no zone axis, or is not on it."""
    axis = specimen.zone_axes[number]
    own = np.flatnonzero(specimen.component == number)
    if axis is None or len(own) == 0:
        return np.empty(0, dtype=_COLUMN)
    positions, symbols = specimen.positions_A[own], specimen.symbols[own]
    slope = axis[:2] / axis[2]
    sheared = positions[:, :2] - positions[:, 2:] * slope
    pairs = cKDTree(sheared).query_pairs(LINK_A, output_type="ndarray")
    if not _on_zone(sheared, len(pairs)):
        return np.empty(0, dtype=_COLUMN)
    link = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(own), len(own)))
    total, label = connected_components(link, directed=False)
    counts = np.bincount(label, minlength=total)
    columns = np.empty(total, dtype=_COLUMN)
    for name, values in zip("xyz", positions.T, strict=True):
        columns[name] = np.bincount(label, weights=values) / counts
    z = positions[:, 2]
    order = np.lexsort((z, label))
    starts = np.concatenate([[0], np.cumsum(counts)])
    columns["first"], columns["last"] = z[order[starts[:-1]]], z[order[starts[1:] - 1]]
    columns["lean"] = (columns["last"] - columns["first"]) * np.hypot(*slope)
    columns["element"] = _heaviest(symbols, label, total)
    columns["atoms"], columns["component"] = counts, number
    return columns


def _on_zone(sheared: np.ndarray, pairs: int) -> bool:
    """Whether projections gather in columns, or are those of single atoms far apart."""
    if len(sheared) < 2:
        return True
    if pairs == 0:
        distances, _ = cKDTree(sheared).query(sheared, k=2)
        return bool(distances[:, 1].min() > _ALONE_A)
    try:
        area = ConvexHull(sheared).volume
    except QhullError:  # all on a line
        return True
    random_pairs = len(sheared) ** 2 / 2 * np.pi * LINK_A**2 / area
    return bool(pairs >= _ON_ZONE * random_pairs)


def _heaviest(symbols: np.ndarray, label: np.ndarray, total: int) -> np.ndarray:
    from ase.data import atomic_numbers

    kinds, which = np.unique(symbols, return_inverse=True)
    numbers = np.array([atomic_numbers[str(kind)] for kind in kinds])
    heaviest = np.zeros(total, dtype=int)
    np.maximum.at(heaviest, label, numbers[which])
    order = np.argsort(numbers)
    return np.asarray(kinds[order][np.searchsorted(numbers[order], heaviest)])


def _upright(columns: np.ndarray, axis: np.ndarray | None) -> bool:
    """Whether columns (the median) lean by less than a share of their distance from each other."""
    if axis is None or len(columns) == 0:
        return False
    if len(columns) == 1:
        return True
    points = np.stack([columns["x"] - columns["z"] * axis[0] / axis[2],
                       columns["y"] - columns["z"] * axis[1] / axis[2]], axis=1)  # fmt: skip
    distances, _ = cKDTree(points).query(points, k=2)
    return bool(np.median(columns["lean"]) <= LEAN_SHARE * np.median(distances[:, 1]))


def _at_surface(columns: np.ndarray) -> np.ndarray:
    """Whether the widest empty angle among the columns nearby, in depth too, is large."""
    reach = np.full(len(columns), _REACHES_A[0])
    for number in np.unique(columns["component"]):
        own = columns["component"] == number
        reach[own] = _reach(columns[own])
    return _widest_angle(columns, reach) > np.deg2rad(_WIDEST_ANGLE_DEG)


def _reach(columns: np.ndarray) -> float:
    """Least reach at which columns deep inside a component are not at a surface (pores)."""
    points = np.stack([columns["x"], columns["y"]], axis=1)
    try:
        hull = ConvexHull(points).equations
    except (QhullError, ValueError):
        return _REACHES_A[0]
    deep = (points @ hull[:, :2].T + hull[:, 2]).max(axis=1) < -_REACHES_A[-1]
    for reach in _REACHES_A:
        angle = _widest_angle(columns, np.full(len(columns), reach))[deep]
        if np.sum(angle > np.deg2rad(_WIDEST_ANGLE_DEG)) <= _LACKING * len(angle):
            return reach
    return _REACHES_A[-1]


def _widest_angle(columns: np.ndarray, reach_A: np.ndarray) -> np.ndarray:
    """Widest angle without a column within reach that is beside it, for each column."""
    widest = np.full(len(columns), 2 * np.pi)
    points = np.stack([columns["x"], columns["y"]], axis=1)
    pairs = cKDTree(points).query_pairs(reach_A.max(initial=0.0), output_type="ndarray")
    i, j = np.concatenate([pairs, pairs[:, ::-1]]).T
    offset = points[j] - points[i]
    # Above or below each other along the beam is not beside each other.
    beside = (columns["first"][i] < columns["last"][j] + _BESIDE_A) & (
        columns["first"][j] < columns["last"][i] + _BESIDE_A
    )
    beside &= np.hypot(*offset.T) < reach_A[i]
    i, angle = i[beside], np.arctan2(offset[beside, 1], offset[beside, 0])
    if len(i) == 0:
        return widest
    order = np.lexsort((angle, i))
    i, angle = i[order], angle[order]
    starts = np.flatnonzero(np.diff(i, prepend=-1))
    ends = np.append(starts[1:], len(i)) - 1
    gaps = np.diff(angle, append=0.0)
    gaps[ends] = angle[starts] + 2 * np.pi - angle[ends]
    widest[i[starts]] = np.maximum.reduceat(gaps, starts)
    return widest
