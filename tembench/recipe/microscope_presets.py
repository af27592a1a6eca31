"""Presets of microscopes: optics that a recipe may start from, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Optics of a microscope, by the keys of a recipe, and where the values come from."""

    optics: Mapping[str, float]
    source: str


PRESETS = {
    "300kV-corrected": Preset(
        optics={
            "energy_keV": 300.0,
            "C30_um": -13.0,
            "C50_mm": 5.0,
            "focal_spread_nm": 4.0,
            "convergence_mrad": 0.2,
            "image_spread_A": 0.5,
        },
        source="estimate",
    ),
}
"""Presets by name."""
