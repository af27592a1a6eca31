"""Thermal displacements of atoms at room temperature, by element, with the source of each."""

from __future__ import annotations

import functools
import math

# B = 8 pi^2 u^2 in square angstrom. Sears and Shelley's and Peng's values were read at second hand,
# from tables of public programs that cite them (GenL, simulated_tem); where an element is in both
# they agree within 7 per cent of B.
_SEARS_SHELLEY = "Sears and Shelley 1991 (Acta Cryst. A47, 441), the element at room temperature"
_PENG = "Peng et al. 1996 (Acta Cryst. A52, 456), the element at 280 K, times 295 / 280"
_GAO_PENG = "Gao and Peng 1999 (Acta Cryst. A55, 926), zinc {0} at 300 K, times 295 / 300"
_B_A2 = {
    _SEARS_SHELLEY: {
        "Al": 0.81, "Si": 0.52, "V": 0.58, "Cr": 0.263, "Fe": 0.34, "Ni": 0.34, "Cu": 0.56,
        "Ge": 0.61, "Nb": 0.45, "Mo": 0.220, "Pd": 0.45, "Ag": 0.73, "Ta": 0.32, "W": 0.161,
        "Pt": 0.37, "Au": 0.62,
    },
    _PENG: {
        symbol: round(b * 295 / 280, 3)
        for symbol, b in {
            "C": 0.142, "Sc": 0.712, "Ti": 0.491, "Y": 0.817, "Zr": 0.543, "Tb": 0.966,
            "Ho": 0.802, "Th": 0.698,
        }.items()
    },
    _GAO_PENG.format("sulfide"): {"S": 0.734, "Zn": 0.853},
    _GAO_PENG.format("telluride"): {"Te": 0.951},
}  # fmt: skip

# Debye temperatures in kelvin at low temperature: Kittel, Introduction to Solid State Physics,
# chapter 5, table 1. Elements whose own crystal is far softer than their compounds (alkali and
# alkaline earth metals, lanthanides, In, Sn, Tl, Pb, Bi) are left to the default.
_DEBYE_K = {
    "Be": 1440, "Mn": 410, "Co": 445, "Ga": 320, "Ru": 600, "Rh": 480, "Hf": 252, "Re": 430,
    "Os": 500, "Ir": 420, "U": 207,
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
    for source, table in _B_A2.items():
        if symbol in table:
            return round(math.sqrt(table[symbol] / (8 * math.pi**2)), 4), source
    if symbol in _DEBYE_K:
        source = f"estimate: Debye model, {_DEBYE_K[symbol]} K (Kittel, Solid State Physics)"
        return debye_displacement_A(symbol, _DEBYE_K[symbol]), source
    return _DEFAULT_A, "estimate: 0.08 A, a common value of ions in oxides"


@functools.cache
def debye_displacement_A(symbol: str, debye_K: float) -> float:
    """Displacement of an element at 295 K in Debye's model, from its Debye temperature.

    u^2 = 3 h^2 / (m k Theta) (1 / 4 + (T / Theta)^2 times the integral of x / (e^x - 1) from 0 to
    Theta / T), with h over 2 pi.
    """
    from ase.data import atomic_masses, atomic_numbers

    upper = debye_K / _TEMPERATURE_K
    steps = 1000
    middles = [(n + 0.5) * upper / steps for n in range(steps)]
    integral = sum(x / math.expm1(x) for x in middles) * upper / steps
    mass = float(atomic_masses[atomic_numbers[symbol]])
    square = 3 * _H2_A2_AMU_K / (mass * debye_K) * (0.25 + integral / upper**2)
    return round(math.sqrt(square), 4)
