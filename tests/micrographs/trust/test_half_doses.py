"""Agreement of two halves of the electrons."""

from __future__ import annotations

import math

import numpy as np
from toy_subjects import Drawing, Smooth, lattice, subject

from tembench.micrographs.trust.half_doses import HalfDoses, half_doses
from tembench.micrographs.trust.report.findings import own_agreement


def halves(*arguments: object, **options: object) -> HalfDoses:
    found = half_doses(subject(*arguments, **options))  # type: ignore[arg-type]
    assert isinstance(found, HalfDoses)
    return found


def test_a_method_that_draws_agrees_with_itself_but_not_with_the_electrons() -> None:
    found = halves(Drawing(lattice(shift_A=1.25)), lattice(), dose=4.0)
    assert math.isnan(found.resolution_A)
    assert found.electrons_A == math.inf
    assert own_agreement(found) > 0.5
    assert found.spread_A == 0


def test_the_truth_agrees_with_the_electrons() -> None:
    clean = lattice()
    found = halves(Drawing(clean), clean, dose=4.0)
    seen = found.with_electrons[np.isfinite(found.with_electrons)]
    assert seen[0] > 0.8
    assert own_agreement(found) < 0.25


def test_noise_agrees_with_nothing() -> None:
    found = halves(Smooth(), np.ones((128, 128)))
    assert np.abs(found.correlation).mean() < 0.2
    assert found.shared < 0.5
