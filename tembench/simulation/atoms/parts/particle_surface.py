"""Surfaces of particles: atoms moved from weakly bound sites to other sites, and adatoms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

_WEIGHT_PER_BOND = 1.0
"""Bond energy over thermal energy: each bond more makes leaving e times rarer."""
_LEAST_BONDS = 0.25
"""An adatom has at least this share of the bonds of the bulk: 3 of 12 on face-centred metals."""


@dataclass
class Lump:
    """Sites of a particle and around it.

    Attributes
    ----------
    positions_A : ndarray, shape (sites, 3)
        Places of the sites.
    site : ndarray of int, shape (sites,)
        Site of the unit cell.
    inside : ndarray of bool, shape (sites,)
        Where an atom is.
    open : ndarray of bool, shape (sites,)
        Where an atom may go.
    bond_A : float
        Sites nearer than this are neighbours.
    symbols : ndarray of str, shape (sites,)
        What occupies a site; an atom moves only to a site of its own element.
    """

    positions_A: np.ndarray
    site: np.ndarray
    inside: np.ndarray
    open: np.ndarray
    bond_A: float
    symbols: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=str))


def truncate(lump: Lump, direction: np.ndarray, share: float) -> None:
    """Cut off a share of the particle's extent on the side of its support (Winterbottom)."""
    heights = lump.positions_A @ direction
    if share > 0 and lump.inside.any():
        least, most = heights[lump.inside].min(), heights[lump.inside].max()
        kept = heights <= most - share * (most - least)
        lump.inside &= kept
        lump.open &= kept


def roughen(lump: Lump, share: float, generator: np.random.Generator) -> None:
    """Move a share of the surface atoms from weakly bound sites to strongly bound empty ones.

    An atom leaves with weight exp(-bonds) and settles with exp(bonds); a site with a single bond is
    not settled on.
    """
    if share <= 0 or not lump.inside.any():
        return
    neighbours, bulk = _neighbours(lump)
    bonds = _bonds(lump, neighbours)
    at_surface = lump.inside & (bonds < bulk)
    for _ in range(round(share * int(at_surface.sum()))):
        leaving = np.flatnonzero(lump.inside & (bonds < bulk))
        atom = _choose(leaving, -bonds[leaving], generator)
        _set(lump, neighbours, bonds, atom, occupied=False)
        same = lump.symbols == lump.symbols[atom]
        settling = np.flatnonzero(lump.open & ~lump.inside & same & (bonds >= 2))
        settling = settling[settling != atom]
        place = _choose(settling, bonds[settling], generator) if len(settling) else atom
        _set(lump, neighbours, bonds, place, occupied=True)


def add_adatoms(lump: Lump, number: int, generator: np.random.Generator) -> None:
    """Put single atoms on the surface, on sites with a few bonds, not next to each other."""
    if number <= 0 or not lump.inside.any():
        return
    neighbours, bulk = _neighbours(lump)
    bonds = _bonds(lump, neighbours)
    least = np.maximum(1, np.round(_LEAST_BONDS * bulk))
    free = lump.open & ~lump.inside & (bonds >= least)
    for _ in range(number):
        sites = np.flatnonzero(free & ~lump.inside)
        if len(sites) == 0:
            return
        site = int(generator.choice(sites))
        lump.inside[site] = True
        free[_of(neighbours, site)] = False


def _neighbours(lump: Lump) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Neighbours of every site (starts, numbers), and the bonds of each site's element in bulk."""
    tree = cKDTree(lump.positions_A)
    pairs = tree.query_pairs(lump.bond_A, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    starts = np.searchsorted(both[:, 0], np.arange(len(lump.positions_A) + 1))
    bonds = np.diff(starts)
    bulk = np.zeros(len(bonds), dtype=int)
    for symbol in np.unique(lump.symbols):
        bulk[lump.symbols == symbol] = bonds[lump.symbols == symbol].max()
    return (starts, both[:, 1]), bulk


def _of(neighbours: tuple[np.ndarray, np.ndarray], site: int) -> np.ndarray:
    starts, numbers = neighbours
    return numbers[starts[site] : starts[site + 1]]


def _bonds(lump: Lump, neighbours: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    starts, numbers = neighbours
    occupied = np.concatenate([[0], np.cumsum(lump.inside[numbers])])
    return np.diff(occupied[starts])


def _set(
    lump: Lump,
    neighbours: tuple[np.ndarray, np.ndarray],
    bonds: np.ndarray,
    site: int,
    *,
    occupied: bool,
) -> None:
    lump.inside[site] = occupied
    lump.open[site] = True
    bonds[_of(neighbours, site)] += 1 if occupied else -1


def _choose(sites: np.ndarray, exponent: np.ndarray, generator: np.random.Generator) -> int:
    weights = np.cumsum(np.exp(_WEIGHT_PER_BOND * (exponent - exponent.max())))
    place = np.searchsorted(weights, generator.random() * weights[-1], side="right")
    return int(sites[min(place, len(sites) - 1)])
