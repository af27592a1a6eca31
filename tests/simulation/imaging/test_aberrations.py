"""Aberrations against abTEM's, and against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tembench.recipe import Optics
from tembench.simulation import aberration_gradient, aberration_phase
from tembench.simulation.scattering import wavelength_A

KY, KX = np.linspace(-1.6, 1.6, 31)[:, None], np.linspace(-1.5, 1.6, 33)
UNITS = {"nm": 10.0, "um": 1e4, "mm": 1e7}
ABERRATIONS = tuple(name for name in Optics.__dataclass_fields__ if name[0] == "C")


def drawn(number: int, make: Callable[..., Optics[float]]) -> Optics[float]:
    rng = np.random.default_rng(number)
    largest = {
        "C10_nm": 60, "C12_nm": 5, "C21_nm": 300, "C23_nm": 300, "C30_um": 1200, "C32_um": 10,
        "C34_um": 10, "C50_mm": 10,
    }  # fmt: skip
    values = {name: rng.uniform(-1, 1) * size for name, size in largest.items()}
    azimuths = [name for name in Optics.__dataclass_fields__ if name.startswith("phi")]
    values |= {name: rng.uniform(-180, 180) for name in azimuths}
    return make(**values, energy_keV=float(rng.choice([80, 200, 300])), convergence_mrad=0.3)


def for_abtem(optics: Optics[float]) -> dict[str, float]:
    values = {name[:3]: getattr(optics, name) * UNITS[name[-2:]] for name in ABERRATIONS}
    for name in Optics.__dataclass_fields__:
        if name.startswith("phi"):
            values[name[:5]] = np.deg2rad(getattr(optics, name))
    return values | {"energy": optics.energy_keV * 1e3}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(8))
def test_phase_and_envelope_are_abtems(
    number: int, microscope: Callable[..., Optics[float]]
) -> None:
    import abtem
    from abtem.transfer import CTF, SpatialEnvelope

    optics = drawn(number, microscope)
    alpha = wavelength_A(optics.energy_keV) * np.hypot(KY, KX)
    azimuth = np.arctan2(KY, KX + 0 * KY)
    with abtem.config.set({"precision": "float64"}):
        ctf = CTF(**for_abtem(optics), semiangle_cutoff=1000)
        transfer = np.asarray(ctf._evaluate_from_angular_grid(alpha, azimuth))
        spatial = SpatialEnvelope(**for_abtem(optics), angular_spread=optics.convergence_mrad)
        envelope = np.asarray(spatial._evaluate_from_angular_grid(alpha, azimuth))
    difference = transfer * np.exp(1j * aberration_phase(KY, KX, optics))
    assert np.abs(np.angle(difference)).max() < 1e-10
    gradient = aberration_gradient(KY, KX, optics)
    half_width = optics.convergence_mrad * 1e-3 / 2
    np.testing.assert_allclose(np.exp(-(np.abs(half_width * gradient) ** 2)), envelope, atol=1e-12)


@pytest.mark.parametrize("name", ABERRATIONS)
def test_the_gradient_is_the_phases(name: str, microscope: Callable[..., Optics[float]]) -> None:
    azimuth = {f"phi{name[1:3]}_deg": 33.0} if name[2] != "0" else {}
    optics = microscope(**{name: 2.0}, **azimuth)
    step = 1e-5
    along_x, along_y = (
        (aberration_phase(KY + b, KX + a, optics) - aberration_phase(KY - b, KX - a, optics))
        / (2 * step * wavelength_A(300.0))
        for a, b in ((step, 0.0), (0.0, step))
    )
    gradient = aberration_gradient(KY, KX, optics)
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(gradient.real, along_x, atol=1e-6 * scale)
    np.testing.assert_allclose(gradient.imag, along_y, atol=1e-6 * scale)


def test_overfocus_is_positive_and_azimuths_run_from_x_to_y(
    microscope: Callable[..., Optics[float]],
) -> None:
    focus = aberration_phase(KY, KX, microscope(C10_nm=5.0))
    np.testing.assert_allclose(focus, np.pi * wavelength_A(300.0) * 50 * (KX**2 + KY**2))
    # Astigmatism at 45 degrees: overfocus along x = y.
    turned = microscope(C12_nm=5.0, phi12_deg=45.0)
    one, other = (aberration_phase(np.array(y), np.array(1.0), turned) for y in (1.0, -1.0))
    assert one == pytest.approx(-other)
    assert one > 0
