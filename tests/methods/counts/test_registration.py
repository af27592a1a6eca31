"""Shifts of the frames of a movie, and registered sums."""

from __future__ import annotations

import numpy as np

from tembench.methods.counts.registration import frame_shifts, registered_sum

PIXEL_SIZE_A = 0.1


def scene(side: int = 160) -> np.ndarray:
    """A block of columns in the middle of vacuum, e/px."""
    y, x = np.mgrid[:side, :side]
    columns = 1 + np.cos(2 * np.pi * x / 27) * np.cos(2 * np.pi * y / 31)
    inside = np.hypot(y - side / 2, x - side / 2) < side / 3
    return 0.6 * (1 + 0.25 * inside * columns)


def movie(count: int, step: tuple[int, int], seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    moved = [np.roll(scene(), (n * step[0], n * step[1]), (0, 1)) for n in range(count)]
    return np.stack([generator.poisson(one) for one in moved]).astype(np.uint8)


def test_a_drift_is_found_in_frames_that_show_nothing_by_themselves() -> None:
    shifts = frame_shifts(movie(12, (2, -1)), PIXEL_SIZE_A)
    expected = (np.arange(12) - 5.5)[:, None] * (2, -1)
    assert np.abs(shifts - expected).max() < 2.0
    assert np.abs(shifts - expected).mean() < 0.6


def test_frames_of_vacuum_and_single_frames_are_left_where_they_are() -> None:
    assert not frame_shifts(movie(1, (0, 0)), PIXEL_SIZE_A).any()
    assert not frame_shifts(np.zeros((4, 64, 64), np.uint8), PIXEL_SIZE_A).any()
    # Too small to find anything in.
    assert not frame_shifts(movie(4, (1, 1))[:, :20, :20], PIXEL_SIZE_A).any()


def test_a_registered_sum_counts_the_frames_that_show_each_pixel() -> None:
    frames = [np.full((6, 8), value) for value in (1, 10, 100)]
    shifts = np.array([[0.0, 0.0], [2.2, 0.0], [0.0, -20.0]])
    total, seen = registered_sum(frames, shifts, 0, [0, 1, 2])
    # The second frame shows the rows from its third on; the third shows nothing of the first.
    assert seen[:, 0].tolist() == [2, 2, 2, 2, 1, 1]
    assert total[:, 0].tolist() == [11, 11, 11, 11, 1, 1]


def test_registered_frames_lie_on_each_other() -> None:
    frames = [np.roll(scene(), (n, 2 * n), (0, 1)) for n in range(3)]
    shifts = np.array([[n, 2 * n] for n in range(3)], dtype=np.float64)
    total, seen = registered_sum(frames, shifts, 1, [0, 1, 2])
    inner = slice(10, -10), slice(10, -10)
    np.testing.assert_allclose(total[inner] / seen[inner], frames[1][inner], rtol=1e-5)
