"""Presets of microscopes: optics that a recipe may start from, each with its source.

A preset is a place to start, not a calibration: aberrations and spreads of one's own instrument
belong in its place. Its lowest aberrations (focus, astigmatism, coma) are 0; a recipe draws them.
Without a corrector the aperture is smaller: beams beyond 1.2 1/A carry no linear contrast, and
padding and coherence would have to hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_REST_ENERGY_KEV = 510.999


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Optics of a kind of microscope.

    Attributes
    ----------
    optics : mapping of str to float
        Values by the keys of a recipe's ``[microscopes]``; all others are 0.
    source : str
        Where they come from; "estimate" says so.
    """

    optics: Mapping[str, float]
    source: str


def chromatic_focal_spread_nm(
    energy_keV: float, chromatic_mm: float, energy_width_eV: float
) -> float:
    """Focal spread due to the spread of the electrons' energy, to 0.1 nm.

    Parameters
    ----------
    energy_keV : float
        Energy of the electrons.
    chromatic_mm : float
        Coefficient of chromatic aberration.
    energy_width_eV : float
        Half-width at which the distribution of energies falls to 1/e: FWHM / 1.665.

    Returns
    -------
    float
        Half-width at which the weight of a focus falls to 1/e: Cc dE / E, times the relativistic
        factor (1 + E / E0) / (1 + E / 2 E0) with the rest energy E0. Instabilities of the high
        voltage and the lens current are not in it.

    Examples
    --------
    >>> chromatic_focal_spread_nm(200, chromatic_mm=1.1, energy_width_eV=0.6)
    3.8
    """
    ratio = energy_keV / _REST_ENERGY_KEV
    relativistic = (1 + ratio) / (1 + ratio / 2)
    return round(chromatic_mm * 1e3 * energy_width_eV / energy_keV * relativistic, 1)


_TYPICAL = (
    "Typical ranges by the manual of ReciPro (seto77.github.io/ReciPro, HRTEM simulation): C3 0.5 "
    "to 1 mm, corrected below 0.01 mm; Cc 1 to 2 mm; convergence 0.1 to 1 mrad; energy width 0.5 "
    "to 2 eV"
)

MICROSCOPE_PRESETS = {
    "300kV-corrected": Preset(
        optics={
            "energy_keV": 300.0,
            "C30_um": -13.0,
            "C50_mm": 5.0,
            "focal_spread_nm": 4.0,
            "convergence_mrad": 0.2,
            "image_spread_A": 0.5,
        },
        source=(
            "An image-corrected Titan: the values of Mohan et al. (doi 10.1109/TCI.2022.3176536) "
            "for their images of platinum on ceria, which a free fit to released images returned "
            "(recipes/calibration/README.md); the convergence is an estimate"
        ),
    ),
    "300kV-uncorrected": Preset(
        optics={
            "energy_keV": 300.0,
            "C30_um": 600.0,
            "focal_spread_nm": chromatic_focal_spread_nm(300, 1.4, 0.6),
            "convergence_mrad": 0.5,
            "image_spread_A": 0.5,
            "aperture_per_A": 1.2,
        },
        source=f"{_TYPICAL}. Estimate within them: C3 0.6 mm, Cc 1.4 mm, Schottky emitter 0.6 eV",
    ),
    "200kV-uncorrected": Preset(
        optics={
            "energy_keV": 200.0,
            "C30_um": 500.0,
            "focal_spread_nm": chromatic_focal_spread_nm(200, 1.1, 0.6),
            "convergence_mrad": 0.5,
            "image_spread_A": 0.5,
            "aperture_per_A": 1.2,
        },
        source=f"{_TYPICAL}. Estimate within them: C3 0.5 mm, Cc 1.1 mm, Schottky emitter 0.6 eV",
    ),
    "80kV-corrected": Preset(
        optics={
            "energy_keV": 80.0,
            "C30_um": -10.0,
            "C50_mm": 5.0,
            "focal_spread_nm": chromatic_focal_spread_nm(80, 1.4, 0.4),
            "convergence_mrad": 0.3,
            "image_spread_A": 0.5,
            # 50 mrad; with this focal spread linear transfer falls to exp(-6) at 0.7 1/A.
            "aperture_per_A": 1.2,
        },
        source=(
            f"{_TYPICAL}. Estimate: Cc 1.4 mm, 0.4 eV as from an emitter at reduced extraction "
            "voltage, C3 and C5 as of the corrected microscope at 300 kV"
        ),
    ),
}
"""Presets by name."""
