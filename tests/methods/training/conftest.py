from __future__ import annotations

import pytest
from methods_fakes import DOSE_E_PER_PX
from training_fakes import DOSE, Forbidden, counts, lattice

from tembench.methods.protocol import TrainingData


@pytest.fixture
def data() -> TrainingData:
    return TrainingData(
        train=[lattice(number) for number in range(4)],
        validation=[lattice(number) for number in (7, 8)],
        pixel_size_A=0.0625,
        dose_e_per_px=DOSE,
        seed=3,
    )


@pytest.fixture
def noisy_data() -> TrainingData:
    return TrainingData(
        train=Forbidden(),
        validation=Forbidden(),
        noisy=[counts(number) for number in range(5)],
        noisy_validation=[counts(number) for number in (7, 8)],
        waves=None,
        pixel_size_A=0.0625,
        dose_e_per_px=DOSE_E_PER_PX,
        seed=3,
    )
