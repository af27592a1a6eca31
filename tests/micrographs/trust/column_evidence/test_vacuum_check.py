"""Columns drawn into vacuum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toy_subjects import PIXEL_SIZE_A, Drawing, lattice, subject

from tembench.micrographs.trust.column_evidence import check_vacuum, find_shown
from tembench.micrographs.trust.column_evidence.column_tests import LEAST_RATIO


@pytest.mark.slow
def test_columns_that_a_method_draws_everywhere_are_counted() -> None:
    of = subject(Drawing(lattice(256)), lattice(256), dose=2.0)
    shown = find_shown(of.denoised, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=2.0)
    found = check_vacuum(of, shown)
    # 16 bright ones per square nanometre, and the dark gaps between them.
    assert found.simulated_per_nm2 > 16
    assert found.false_alarms <= 0.01 * found.simulated
    assert found.threshold >= LEAST_RATIO


def test_own_vacuum_is_told_from_the_lattice() -> None:
    clean = lattice(400)
    clean[:256] = 1.0
    of = subject(Drawing(np.ones((400, 400))), clean, dose=2.0)
    shown = find_shown(clean * 2, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=2.0)
    found = check_vacuum(of, shown)
    assert 5 < found.own_nm2 < 16
    assert found.own_per_nm2 == pytest.approx(0, abs=1)
    assert found.simulated == 0


def test_an_unknown_method_cannot_be_simulated() -> None:
    of = subject(Drawing(lattice()), lattice(), ready=None)
    shown = find_shown(of.denoised, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=2.0)
    assert math.isnan(check_vacuum(of, shown).simulated_per_nm2)
