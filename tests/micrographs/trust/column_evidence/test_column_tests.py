"""Verdicts of columns, by electrons held out and by other frames."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import COLUMNS, PIXEL_SIZE_A, Drawing, Smooth, lattice, subject

from tembench.micrographs.trust import Subject
from tembench.micrographs.trust.column_evidence import (
    AGAINST,
    OTHER_FRAMES,
    OWN_COUNTS,
    SUPPORTED,
    ColumnVerdicts,
    find_shown,
    judge_columns,
)
from tembench.micrographs.trust.column_evidence.column_tests import ratio_power


def judged(of: Subject) -> ColumnVerdicts:
    shown = find_shown(of.denoised, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=of.dose_e_per_px)
    return judge_columns(of, shown)


@pytest.mark.slow
def test_true_columns_are_supported_as_often_as_their_power_says() -> None:
    clean = lattice()
    found = judged(subject(Drawing(clean), clean, dose=4.0))
    number, due = found.number(SUPPORTED, 1), found.due(1)
    assert (found.columns.sign == 1).sum() == COLUMNS
    assert abs(number - due) < 3 * np.sqrt(COLUMNS / 4)
    assert due > COLUMNS / 2
    assert found.number(AGAINST, 1) == 0


@pytest.mark.slow
@pytest.mark.parametrize("frames", [0, 3])
def test_columns_that_a_method_draws_anywhere_are_not_supported(frames: int) -> None:
    drawn = Drawing(lattice(contrast=0.6))
    found = judged(subject(drawn, np.ones((128, 128)), dose=4.0, frames=frames))
    assert (found.columns.sign == 1).sum() == COLUMNS
    assert found.number(SUPPORTED, 1) <= 1
    assert found.number(AGAINST, 1) > COLUMNS / 2
    assert found.due(1) > 0.8 * COLUMNS


def test_other_frames_judge_if_there_are_any() -> None:
    clean = lattice()
    found = judged(subject(Drawing(clean), clean, frames=8))
    assert found.by == OTHER_FRAMES
    assert found.noise == 1.0
    assert found.number(SUPPORTED, 1) > 0.8 * COLUMNS


@pytest.mark.slow
def test_an_unknown_method_is_tested_by_its_own_electrons_against_vacuum() -> None:
    found = judged(subject(Smooth(), lattice(), ready=None))
    assert found.by == OWN_COUNTS
    assert np.isnan(found.ratio).all()
    assert found.ratio_vacuum.shape == (len(found.columns),)


@pytest.mark.slow
def test_columns_of_noise_are_rarely_supported() -> None:
    empty = np.ones((128, 128))
    verdicts = [judged(subject(Smooth(), empty, dose=1.0, seed=seed)) for seed in range(12)]
    number = sum(len(one.columns) for one in verdicts)
    false = sum((one.verdict == SUPPORTED).sum() for one in verdicts)
    assert number > 300
    assert false <= 0.03 * number


def test_power_is_the_share_of_ratios_above_the_threshold() -> None:
    total, share, shown = np.array([400.0]), np.array([0.27]), np.array([0.33])
    disc = np.random.default_rng(0).binomial(400, 0.33, 20_000)
    ratio = disc * np.log(0.33 / 0.27) + (400 - disc) * np.log(0.67 / 0.73)
    assert ratio_power(total, share, shown, 2.7)[0] == pytest.approx((ratio > 2.7).mean(), abs=0.01)
    dark = ratio_power(total, share, np.array([0.21]), 2.7)
    disc = np.random.default_rng(0).binomial(400, 0.21, 20_000)
    ratio = disc * np.log(0.21 / 0.27) + (400 - disc) * np.log(0.79 / 0.73)
    assert dark[0] == pytest.approx((ratio > 2.7).mean(), abs=0.01)
