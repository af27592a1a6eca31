"""Signal left in the residual."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import SPACING_A, Drawing, lattice, subject

from tembench.micrographs.trust.residual_structure import residual_structure


@pytest.mark.slow
def test_the_residual_of_the_truth_is_white() -> None:
    clean = lattice(256)
    peaks = []
    for seed in range(20):
        found = residual_structure(subject(Drawing(clean), clean, seed=seed))
        assert found.variance == pytest.approx(1, abs=0.03)
        peaks.append(found.peak)
    assert np.median(peaks) < 1.5
    assert sum(peak > 5 for peak in peaks) <= 1


def test_a_lattice_that_was_removed_is_found_with_its_spacing() -> None:
    clean = lattice(256)
    found = residual_structure(subject(Drawing(np.full((256, 256), clean.mean())), clean))
    assert found.is_structured
    assert found.spacing_A == pytest.approx(SPACING_A, rel=0.05)
