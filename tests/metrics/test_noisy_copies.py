"""Copies of one real scene: independent, unbiased, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.metrics import noisy_copies as copies
from tembench.metrics.unsupervised import estimate_umse, estimate_umse_poisson

COUNTS = np.random.default_rng(0).poisson(0.45, (300, 300))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_thinning_gives_two_independent_poisson_images(share: float) -> None:
    kept, rest = copies.thin(COUNTS, share, rng())
    assert np.array_equal(kept + rest, COUNTS)
    # Five standard deviations of 90,000 px.
    assert abs(correlation(kept, rest)) < 5 / 300
    for part, part_share in ((kept, share), (rest, 1 - share)):
        assert part.min() >= 0
        rate = 0.45 * part_share
        assert part.mean() == pytest.approx(rate, abs=5 * np.sqrt(rate) / 300)
        assert part.var() == pytest.approx(rate, rel=0.05)


def test_other_counts_than_poisson_do_not_thin_into_independent_ones() -> None:
    kept, rest = copies.thin(np.full((300, 300), 4), 0.5, rng())
    assert correlation(kept, rest) == pytest.approx(-1)


def test_dealing_into_parts() -> None:
    parts = copies.thin_into(COUNTS, 4, rng())
    assert parts.shape == (4, 300, 300)
    assert np.array_equal(parts.mean(axis=0), COUNTS)
    matrix = np.corrcoef(parts.reshape(4, -1))
    assert np.abs(matrix - np.eye(4)).max() < 5 / 300
    assert parts.mean(axis=(1, 2)) == pytest.approx(np.full(4, 0.45), abs=5 * 2 * 0.67 / 300)
    assert parts.var(axis=(1, 2)) == pytest.approx(np.full(4, 4 * 0.45), rel=0.05)


@pytest.mark.slow
def test_the_error_found_by_thinning_is_the_error_of_the_thinned_image() -> None:
    clean = 0.45 + 0.15 * np.cos(np.arange(300) / 3) * np.ones((300, 1))
    pulls = []
    for seed in range(40):
        generator = rng(seed)
        kept, rest = copies.thin(generator.poisson(clean), 0.75, generator)
        denoised = np.full(clean.shape, kept.mean() / 0.75)
        estimate = estimate_umse_poisson(0.25 * denoised, rest).scaled(16)
        true = np.mean((denoised - clean) ** 2)
        pulls.append((estimate.value - true) / estimate.standard_error)
    assert abs(np.mean(pulls)) < 0.6
    assert 0.7 < np.std(pulls) < 1.35


@pytest.mark.parametrize(
    "counts", [np.array([[0.5]]), np.array([[-1]]), np.array([[np.nan]]), np.array([[np.inf]])]
)
def test_only_counts_can_be_thinned(counts: np.ndarray) -> None:
    with pytest.raises(ValueError, match="whole"):
        copies.thin(counts, 0.5, rng())
    with pytest.raises(ValueError, match="whole"):
        copies.thin_into(counts, 2, rng())


def test_counts_of_any_type_thin_alike() -> None:
    expected = copies.thin(COUNTS, 0.5, rng())
    for dtype in (np.uint8, np.float32, np.uint64):
        assert np.array_equal(copies.thin(COUNTS.astype(dtype), 0.5, rng()), expected)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 80, np.nan])
def test_a_share_leaves_something_on_both_sides(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        copies.thin(COUNTS, share, rng())


def test_one_part_is_no_copy() -> None:
    with pytest.raises(ValueError, match="two or more"):
        copies.thin_into(COUNTS, 1, rng())


def test_subsampling_deals_out_every_block() -> None:
    image = np.arange(9 * 7).reshape(9, 7)
    four = np.array(copies.subsample(image, rng()))
    assert four.shape == (4, 4, 3)
    for row, column in np.ndindex(4, 3):
        block = image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert sorted(four[:, row, column]) == sorted(block.ravel())
    # Each block in an order of its own.
    assert len({tuple(np.argsort(four[:, r, c])) for r, c in np.ndindex(4, 3)}) > 3


def test_subsampling_follows_its_seed() -> None:
    first, again, other = (copies.subsample(COUNTS, rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_pixel_of_a_block_is_as_likely() -> None:
    place = np.tile(np.arange(4).reshape(2, 2), (100, 100))
    for image in copies.subsample(place, rng()):
        assert np.bincount(image.ravel()) == pytest.approx(np.full(4, 2500), abs=5 * 44)


def test_the_error_found_by_subsampling_of_a_smooth_image() -> None:
    clean = 0.45 + 0.1 * np.cos(np.arange(400) / 40) * np.ones((400, 1))
    generator = rng()
    y, a, b, c = copies.subsample(generator.poisson(clean), generator)
    denoised = np.full(y.shape, y.mean())
    low, high = estimate_umse(denoised, a, b, c).interval(0.99)
    assert low < np.mean((denoised - clean[::2, ::2]) ** 2) < high


@pytest.mark.parametrize("shape", [(1, 4), (4,), (2, 4, 4)])
def test_an_image_without_blocks_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="2 x 2"):
        copies.subsample(np.zeros(shape), rng())


@pytest.mark.parametrize("frames", [4, 5, 9])
def test_neighbouring_frames(frames: int) -> None:
    series = np.arange(frames)[:, np.newaxis, np.newaxis] * np.ones((1, 2, 2))
    for index in range(frames):
        found = [int(frame[0, 0]) for frame in copies.neighbouring_frames(series, index)]
        assert index not in found
        assert len(set(found)) == 3
        assert max(abs(frame - index) for frame in found) <= 3
        mirrored = copies.neighbouring_frames(list(series[::-1]), frames - 1 - index)
        if index < 1 or index > frames - 2:
            assert found == [int(frame[0, 0]) for frame in mirrored]
    assert [int(f[0, 0]) for f in copies.neighbouring_frames(series, 1)] == [0, 2, 3]


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="four frames"):
        copies.neighbouring_frames(np.zeros((3, 2, 2)), 1)
    for index in (-1, 4):
        with pytest.raises(ValueError, match="from 0 to 3"):
            copies.neighbouring_frames(np.zeros((4, 2, 2)), index)
