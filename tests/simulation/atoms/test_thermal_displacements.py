"""Thermal displacements: values of the literature, Debye's model, sources."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.simulation import displacement_of
from tembench.simulation.atoms.thermal_displacements import debye_displacement_A


@pytest.mark.parametrize(("symbol", "b_A2"), [("Au", 0.62), ("Pt", 0.37), ("Si", 0.52)])
def test_measured_values_are_those_of_the_literature(symbol: str, b_A2: float) -> None:
    displacement, source = displacement_of(symbol)
    assert 8 * np.pi**2 * displacement**2 == pytest.approx(b_A2, rel=2e-3)
    assert source.startswith("Sears and Shelley 1991")


def test_estimates_say_so() -> None:
    for symbol in ("O", "Ce", "Rh", "Sr", "Xe"):
        assert displacement_of(symbol)[1].startswith("estimate")


@pytest.mark.parametrize(
    ("symbol", "debye_K"), [("Cu", 343), ("Ag", 225), ("Au", 165), ("Pt", 240), ("Fe", 470)]
)
def test_debyes_model_agrees_for_metals(symbol: str, debye_K: float) -> None:
    measured, _ = displacement_of(symbol)
    assert debye_displacement_A(symbol, debye_K) == pytest.approx(measured, rel=0.12)


def test_debyes_model_has_its_classical_limit() -> None:
    # u^2 = 3 h^2 T / (m k Theta^2) where kT is far above the phonons.
    expected = np.sqrt(3 * 48.509 * 295 / (196.967 * 20.0**2))
    assert debye_displacement_A("Au", 20.0) == pytest.approx(expected, rel=1e-3)


def test_every_displacement_is_of_a_solid() -> None:
    from ase.data import chemical_symbols

    values = [displacement_of(symbol)[0] for symbol in chemical_symbols[1:104]]
    assert min(values) > 0.03
    assert max(values) < 0.13
