"""Presets of microscopes: focal spread and sources."""

from __future__ import annotations

import pytest

from tembench.recipe import MICROSCOPE_PRESETS
from tembench.recipe.microscope_presets import chromatic_focal_spread_nm


def test_focal_spread_without_relativity_is_the_textbook_ratio() -> None:
    # Cc dE / E of slow electrons: 1 mm * 1 eV / 1 keV.
    assert chromatic_focal_spread_nm(1.0, 1.0, 1.0) == pytest.approx(1000, rel=2e-3)


def test_focal_spread_at_300_kV() -> None:
    # (1 + 0.587) / (1 + 0.2935) = 1.227 times 1.4 mm * 0.6 eV / 300 keV = 2.8 nm.
    assert chromatic_focal_spread_nm(300, 1.4, 0.6) == pytest.approx(3.44, abs=0.051)


@pytest.mark.parametrize("name", MICROSCOPE_PRESETS)
def test_every_preset_says_its_source_and_what_is_an_estimate(name: str) -> None:
    preset = MICROSCOPE_PRESETS[name]
    assert "stimate" in preset.source or "estimate" in preset.source
    assert {"energy_keV", "C30_um", "focal_spread_nm", "convergence_mrad"} < set(preset.optics)
