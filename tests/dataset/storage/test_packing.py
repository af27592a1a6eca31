"""Packing: range and rounding error at every dose."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.dataset.storage.packing import Packing


@pytest.mark.parametrize("dose", [0.01, 0.05, 0.45, 0.5, 0.9, 1.0, 5.0, 50.0])
def test_packing_holds_fifteen_times_the_dose_to_half_a_step(dose: float) -> None:
    packing = Packing.for_doses([dose])
    values = np.linspace(0, 15 * dose, 999).astype(np.float32)
    unpacked = packing.unpack(packing.pack(values))
    np.testing.assert_allclose(unpacked, values, rtol=1e-6, atol=packing.step / 2)
    assert dose / 1024 < packing.step <= dose / 512
    with pytest.raises(ValueError, match="do not fit"):
        packing.pack(np.array([66000 * packing.step]))


@pytest.mark.parametrize(
    ("doses", "step"), [((0.05, 20), 2**-10), ((0.05, 5), 2**-12), ((0.45, 1), 2**-11)]
)
def test_packing_is_as_fine_as_the_least_dose_wants_and_the_largest_allows(
    doses: tuple[float, float], step: float
) -> None:
    packing = Packing.for_doses(doses)
    assert packing.step == step
    assert 65535 * packing.step >= 2.99 * max(doses)
