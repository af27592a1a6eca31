"""Thermal displacements of atoms at room temperature, by element, with the source of each."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

# B = 8 pi^2 u^2 in square angstrom, of the elements themselves at 295 K.
_SEARS_SHELLEY = "B at 295 K, Sears and Shelley 1991 (Acta Cryst. A47, 441)"
_B_A2 = {"Si": 0.52, "Cu": 0.56, "Pd": 0.45, "Ag": 0.73, "Pt": 0.37, "Au": 0.62}

# Debye temperatures in kelvin at low temperature: Kittel, Introduction to Solid State Physics,
# chapter 5, table 1. Elements whose own crystal is far softer than their compounds (alkali and
# alkaline earth metals, pnictogens, chalcogens, In, Sn, Tl, Hg) are left to the default.
_DEBYE_K = {
    "Be": 1440, "C": 2230, "Mg": 400, "Al": 428, "Sc": 360, "Ti": 420, "V": 380, "Cr": 630,
    "Mn": 410, "Fe": 470, "Co": 445, "Ni": 450, "Zn": 327, "Ga": 320, "Ge": 374, "Y": 280,
    "Zr": 291, "Nb": 275, "Mo": 450, "Ru": 600, "Rh": 480, "Hf": 252, "Ta": 240, "W": 400,
    "Re": 430, "Os": 500, "Ir": 420, "Th": 163, "U": 207,
}  # fmt: skip
_TEMPERATURE_K = 295.0
_H2_A2_AMU_K = 48.509
"""Planck's constant over 2 pi, squared, over the atomic mass unit and Boltzmann's constant."""
_DEFAULT_A = 0.08
"""What the recipes of platinum on ceria take for both of its ions, Ce and O."""


def displacement_of(symbol: str) -> tuple[float, str]:
    """Root mean square thermal displacement of an element along an axis, at room temperature.

    Parameters
    ----------
    symbol : str
        Chemical symbol.

    Returns
    -------
    displacement_A : float
        In angstrom.
    source : str
        Where it is from; it begins with "estimate" where it was not measured.

    Notes
    -----
    An element's own crystal is not its compound: displacements of a CIF file, or of the recipe, are
    better than this table.

    Examples
    --------
    >>> displacement_of("Au")[0]
    0.0886
    """
    if symbol in _B_A2:
        return round(math.sqrt(_B_A2[symbol] / (8 * math.pi**2)), 4), _SEARS_SHELLEY
    if symbol in _DEBYE_K:
        source = f"estimate: Debye model at {_DEBYE_K[symbol]} K (Kittel, Solid State Physics)"
        return _debye_A(symbol), source
    return _DEFAULT_A, "estimate: 0.08 A, a common value of ions in oxides"


def displacements(
    symbols: Mapping[str, object] | set[str], overrides: Mapping[str, float]
) -> dict[str, float]:
    """Displacement of each element: the override where there is one, else the table's."""
    return {s: overrides.get(s, displacement_of(s)[0]) for s in sorted(symbols)}


@functools.cache
def _debye_A(symbol: str) -> float:
    """Debye model: u^2 = 3 h^2 / (m k Theta) (1 / 4 + (T / Theta)^2 integral of x / (e^x - 1))."""
    from ase.data import atomic_masses, atomic_numbers

    theta = _DEBYE_K[symbol]
    upper = theta / _TEMPERATURE_K
    steps = 1000
    middles = [(n + 0.5) * upper / steps for n in range(steps)]
    integral = sum(x / math.expm1(x) for x in middles) * upper / steps
    mass = float(atomic_masses[atomic_numbers[symbol]])
    square = 3 * _H2_A2_AMU_K / (mass * theta) * (0.25 + integral / upper**2)
    return round(math.sqrt(square), 4)
