"""Held-out frames and electrons, and the judgement by them."""

from __future__ import annotations

import numpy as np
import pytest
from micrograph_files import ready_with

from tembench.methods import NoisyImage
from tembench.micrographs.adapting.frame_stack import FrameStack
from tembench.micrographs.adapting.held_out_frames import (
    SHARE,
    compare_held_out,
    held_out_electrons,
    held_out_frames,
    held_out_neighbours,
)
from tembench.micrographs.domain import Domain

DOSE = 0.5


def scene() -> np.ndarray:
    y, x = np.mgrid[:96, :96]
    return DOSE * (1 + 0.4 * np.cos(x / 5) * np.cos(y / 6))


def stack(count: int = 10, seed: int = 0) -> FrameStack:
    counts = np.random.default_rng(seed).poisson(scene(), (count, 96, 96)).astype(np.uint8)
    return FrameStack(
        counts=counts, pixel_size_A=0.1, doses_e_per_px=(DOSE,) * count, is_movie=True
    )


class Painter:
    """A denoiser that knows the scene, with a contrast that may be wrong."""

    def __init__(self, contrast: float) -> None:
        self._relative = 1 + contrast * (scene() / DOSE - 1)

    def denoise(self, image: NoisyImage) -> np.ndarray:
        return (image.dose_e_per_px * self._relative).astype(np.float32)


@pytest.mark.parametrize("count", [8, 10, 40, 41, 500])
def test_pairs_of_frames_are_held_out_of_a_movie(count: int) -> None:
    numbers = held_out_frames(count)
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(range(count))
    assert all(b == a + 1 for a, b in zip(numbers[::2], numbers[1::2], strict=True))
    assert len(numbers) <= count / 4


def test_of_few_frames_none_is_held_out() -> None:
    assert held_out_frames(7) == ()


def test_held_out_electrons_are_those_of_the_frame() -> None:
    frames = stack(2)
    for pair, whole in zip(held_out_electrons(frames, (0, 1)), frames.counts, strict=True):
        np.testing.assert_array_equal(pair.given.counts + pair.counts, whole)
        assert pair.counts.sum() == pytest.approx(SHARE * whole.sum(), rel=0.1)
        assert pair.given.dose_e_per_px == DOSE * (1 - SHARE)


@pytest.mark.parametrize("reach", [0, 2])
def test_a_held_out_neighbour_is_not_shown(reach: int) -> None:
    frames = stack()
    frames.counts[5] += np.uint8(50)
    pair = next(iter(held_out_neighbours(frames, (4, 5), reach)))
    np.testing.assert_array_equal(pair.given.counts, frames.counts[4])
    assert pair.counts[pair.share > 0].min() >= 50
    if reach:
        assert pair.given.series is not None
        assert len(pair.given.series.counts) == 4
        assert pair.given.series.counts.max() < 50
    else:
        assert pair.given.series is None


@pytest.mark.parametrize("neighbours", [True, False])
def test_the_better_denoiser_is_found_and_equals_tie(neighbours: bool) -> None:
    frames = stack()
    made = (
        held_out_neighbours(frames, (4, 5), 0) if neighbours else held_out_electrons(frames, (4,))
    )
    pairs = list(made)
    right, flat, same = (ready_with(Painter(contrast), Domain()) for contrast in (1.0, 0.0, 1.0))
    better = compare_held_out(pairs, flat, right)
    assert better.is_better
    assert better.gain > 0
    worse = compare_held_out(pairs, right, flat)
    assert not worse.is_better
    assert worse.z == pytest.approx(-better.z)
    tie = compare_held_out(pairs, right, same)
    assert not tie.is_better
    assert tie.gain == 0
    assert f"{better.electrons:,} held-out electrons" in better.text()


@pytest.mark.slow
def test_the_standard_errors_are_those_of_the_gain() -> None:
    close, right = (ready_with(Painter(contrast), Domain()) for contrast in (0.9, 1.0))
    found = [
        compare_held_out(list(held_out_neighbours(stack(seed=seed), (4, 5), 0)), close, right)
        for seed in range(40)
    ]
    expected = np.mean([one.gain for one in found])
    errors = [(one.gain - expected) * one.z / one.gain for one in found]
    assert 0.7 < np.std(errors) < 1.4
