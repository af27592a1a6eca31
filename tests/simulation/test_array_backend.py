"""Arrays stay on their device: a stand-in refuses what CuPy refuses.

No CUDA device is needed: the stand-in's arrays are NumPy's, but they raise where one of them meets
an array of the host, as CuPy's do, and where a NumPy function is given one.
"""

from __future__ import annotations

import dataclasses
import sys
import types
from typing import Any

import numpy as np
import pytest
import scipy.fft

from tembench.core.errors import MissingPackage, TembenchError
from tembench.recipe import Recipe
from tembench.simulation import multislice, optics
from tembench.simulation.array_backend import Device, open_device
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import build_structure


class OnDevice(np.ndarray):
    """An array that mixes with its like and with numbers only."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.get("out", ())
        for array in (*inputs, *out):
            if isinstance(array, np.ndarray) and not isinstance(array, OnDevice) and array.ndim:
                raise TypeError(f"{ufunc.__name__} mixes device and host")
        plain = [a.view(np.ndarray) if isinstance(a, OnDevice) else a for a in inputs]
        if out:
            options["out"] = tuple(array.view(np.ndarray) for array in out)
        result = getattr(ufunc, method)(*plain, **options)
        return out[0] if out else put(result)

    def get(self) -> np.ndarray:
        return self.view(np.ndarray)


def put(values: Any) -> OnDevice:
    return np.asarray(values).view(OnDevice)


def on_device(function: Any) -> Any:
    """A function whose arrays must lie on the device and whose result does."""

    def called(array: Any, *rest: Any, **options: Any) -> OnDevice:
        if not isinstance(array, OnDevice):
            raise TypeError(f"{function.__name__} was given an array of the host")
        return put(function(array.view(np.ndarray), *rest, **options))

    return called


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    xp = types.SimpleNamespace(
        zeros=lambda *a, **k: put(np.zeros(*a, **k)),
        ones=lambda *a, **k: put(np.ones(*a, **k)),
        empty=lambda *a, **k: put(np.empty(*a, **k)),
        asarray=put,
        exp=np.exp,
        multiply=np.multiply,
        float32=np.float32,
    )
    names = ("fft2", "ifft2", "rfft2", "ifft", "irfft")
    fft = types.SimpleNamespace(**{name: on_device(getattr(scipy.fft, name)) for name in names})

    class StandIn(Device):
        def to_host(self, array: Any) -> np.ndarray:
            return np.asarray(array.get())

    found = StandIn(xp=xp, fft=fft)
    for module in (multislice, optics):
        monkeypatch.setattr(module, "open_device", lambda name: found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scattering", ["absorbed", "ignored"])
def test_a_device_makes_the_same_images(
    tiny_recipe: Recipe, scattering: str, request: pytest.FixtureRequest
) -> None:
    simulation = dataclasses.replace(tiny_recipe.simulation, thermal_scattering=scattering)
    structure = build_structure(tiny_recipe, tiny_recipe.models[0])
    tilts, energy = ((0.0, 0.0), (0.0, 2.0)), tiny_recipe.microscope.energy_keV

    def images() -> np.ndarray:
        waves = exit_waves(structure, tilts, simulation, energy)
        return form_images(waves, (4.0, 10.0), tiny_recipe.microscope, tiny_recipe.box)

    here = images()
    request.getfixturevalue("device")
    np.testing.assert_allclose(images(), here, atol=2e-6)


def test_missing_cupy_is_reported_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingPackage, match=r"cupy.*Install it with: pip install .*cuda"):
        open_device("cuda")
    with pytest.raises(TembenchError, match="no such device"):
        open_device("tpu")
