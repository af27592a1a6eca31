"""Pieces of a specimen: atoms of one component, with what occupies its sites drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from tembench.simulation.atoms.crystal import UnitCell

Generators: TypeAlias = Callable[[str], np.random.Generator]
"""Generator of each random choice of a component, by the choice's name."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Atoms of one component.

    Attributes
    ----------
    name, kind : str
        As in `Specimen`.
    symbols : ndarray of str, shape (atoms,)
        Chemical symbols.
    positions_A : ndarray, shape (atoms, 3)
        In the frame's coordinates.
    displacement_A : ndarray, shape (atoms,)
        Thermal displacement that a file gives for an atom; NaN where none does.
    zone_axis : ndarray, shape (3,), or None
        Direction of its atomic columns.
    """

    name: str
    kind: str
    symbols: np.ndarray
    positions_A: np.ndarray
    displacement_A: np.ndarray
    zone_axis: np.ndarray | None

    def moved(self, by_A: np.ndarray) -> Piece:
        """The same atoms, moved."""
        return replace(self, positions_A=self.positions_A + by_A)

    def kept(self, which: np.ndarray) -> Piece:
        """The atoms that a mask or a list of numbers names."""
        return replace(
            self,
            symbols=self.symbols[which],
            positions_A=self.positions_A[which],
            displacement_A=self.displacement_A[which],
        )


@dataclass(frozen=True, kw_only=True)
class FrameBox:
    """Frame, and the margin by which crystals and films run beyond it, in angstrom."""

    width_A: float
    height_A: float
    margin_A: float

    @property
    def middle(self) -> np.ndarray:
        """Middle of the frame, (x, y)."""
        return np.array([self.width_A / 2, self.height_A / 2])

    def low(self, z_A: float, *, more_A: float = 0.0) -> np.ndarray:
        """Corner of least x and y of the box with its margin, and a z."""
        edge = -self.margin_A - more_A
        return np.array([edge, edge, z_A])

    def high(self, z_A: float, *, more_A: float = 0.0) -> np.ndarray:
        """Corner of largest x and y of the box with its margin, and a z."""
        edge = self.margin_A + more_A
        return np.array([self.width_A + edge, self.height_A + edge, z_A])


def occupy(
    cell: UnitCell, site: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw what occupies sites of a crystal.

    Parameters
    ----------
    cell : UnitCell
        The crystal.
    site : ndarray of int, shape (sites,)
        Which site of the cell each is.
    generator : numpy.random.Generator
        Draws elements and vacancies of mixed sites, each site on its own.

    Returns
    -------
    symbols : ndarray of str, shape (sites,)
    displacement_A : ndarray, shape (sites,)
        NaN where the file gives none.
    occupied : ndarray of bool, shape (sites,)
        False where a partly occupied site is empty.
    """
    symbols = cell.symbols[site]
    table = np.full(len(cell.symbols), np.nan)
    for number, symbol in enumerate(cell.symbols):
        table[number] = cell.displacement_A.get((number, str(symbol)), np.nan)
    displacement = table[site]
    occupied = np.ones(len(site), dtype=bool)
    for number, shares in sorted(cell.mixed.items()):
        here = np.flatnonzero(site == number)
        drawn = generator.random(len(here))
        edges = np.cumsum([share for _, share in shares])
        chosen = np.searchsorted(edges, drawn, side="right")
        for place, (symbol, _) in enumerate(shares):
            symbols[here[chosen == place]] = symbol
            displacement[here[chosen == place]] = cell.displacement_A.get((number, symbol), np.nan)
        # Shares that add up to 1 but for rounding leave no site empty.
        occupied[here[(chosen == len(shares)) & (edges[-1] < 1 - 1e-3)]] = False
    return symbols, displacement, occupied
