"""Errors without a clean image: by thinning, by other frames, by sub-sampling."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import Drawing, Smooth, lattice, subject

from tembench.micrographs.trust.held_out_error import (
    FRAMES,
    SUBSAMPLING,
    THINNING,
    HeldOutError,
    held_out_error,
)


def errors(*arguments: object, **options: object) -> HeldOutError:
    found = held_out_error(subject(*arguments, **options))  # type: ignore[arg-type]
    assert isinstance(found, HeldOutError)
    return found


@pytest.mark.parametrize(("frames", "how"), [(0, THINNING), (2, FRAMES)])
def test_the_truth_is_better_than_a_filter(frames: int, how: str) -> None:
    clean = lattice()
    found = errors(Drawing(clean), clean, frames=frames)
    (pair,) = found.against
    assert found.how == how
    assert pair.z < -3
    assert pair.z_likelihood < -3
    assert found.mse is not None
    low, high = found.mse.interval(0.999)
    assert low < 0 < high


@pytest.mark.parametrize("frames", [0, 2])
def test_a_method_that_draws_anywhere_is_worse(frames: int) -> None:
    (pair,) = errors(Drawing(lattice(shift_A=1.25)), lattice(), frames=frames).against
    assert pair.z > 5
    assert pair.z_likelihood > 5


@pytest.mark.slow
def test_the_difference_is_that_of_the_errors() -> None:
    clean, drawn = lattice(), lattice(shift_A=0.5)
    of = subject(Drawing(drawn), clean, frames=40)
    (pair,) = errors(Drawing(drawn), clean, frames=40).against
    smooth = Smooth().denoise(of.image)
    due = np.mean((of.denoised - 2 * clean) ** 2) - np.mean((smooth - 2 * clean) ** 2)
    assert abs(pair.mse.value - due) < 4 * pair.mse.standard_error


def test_pixels_judge_where_neither_electrons_nor_frames_can() -> None:
    clean = lattice()
    found = errors(Drawing(clean[::2, ::2]), clean, denoised=clean * 2, not_counted="floats")
    assert found.how == SUBSAMPLING
    assert found.against[0].z < -2


def test_nothing_judges_correlated_noise_without_frames() -> None:
    of = subject(Smooth(), lattice(), not_counted="correlated", correlated=True)
    assert held_out_error(of) == "correlated"
    assert isinstance(held_out_error(subject(Smooth(), lattice(), ready=None)), str)
