"""Specimen: the atoms of all its components, in the frame's coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import TembenchError

if TYPE_CHECKING:
    from ase import Atoms


class ImpossibleDrawError(TembenchError):
    """A drawn specimen that cannot be: it is drawn again, and counted."""


@dataclass(frozen=True, kw_only=True)
class Specimen:
    """Atoms of a specimen.

    Attributes
    ----------
    symbols : ndarray of str, shape (atoms,)
        Chemical symbols.
    positions_A : ndarray, shape (atoms, 3)
        x (right), y (down) and z (along the beam) in frame coordinates, undisplaced by heat. The
        frame is 0 to `frame_A`; crystals and films run beyond it.
    component : ndarray of int, shape (atoms,)
        Index of each atom's component in `names`.
    names, kinds : tuple of str
        Name of each component, and its kind: ``"slab"``, ``"particle"``, ``"film"`` (amorphous) or
        ``"support"`` (of a model of platinum on ceria, whose particle is a component of its own).
    zone_axes : tuple of (ndarray or None)
        Direction, in frame coordinates, of each component's atomic columns, z component positive;
        None where there is none (amorphous).
    displacement_A : ndarray, shape (atoms,)
        Root mean square thermal displacement of each atom along an axis.
    frame_A : tuple of float
        Width and height of the frame.
    depth_A : float
        The specimen lies between z = 0 and this exit face, which the focus refers to.
    """

    symbols: np.ndarray
    positions_A: np.ndarray
    component: np.ndarray
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    zone_axes: tuple[np.ndarray | None, ...]
    displacement_A: np.ndarray
    frame_A: tuple[float, float]
    depth_A: float

    def to_ase(self) -> Atoms:
        """The atoms as `ase.Atoms`, not periodic."""
        from ase import Atoms

        return Atoms(symbols=list(self.symbols), positions=self.positions_A)
