"""Counts never wrap, whatever their size, and no electron is lost, made or moved."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from micrograph_files import ready_with

from tembench.core.dose import thin, thin_into
from tembench.core.errors import ImageError
from tembench.methods.counts.binning import bin_counts
from tembench.methods.method import load_method
from tembench.methods.protocol import NoisyImage
from tembench.micrographs.denoising.denoised_file import denoise_file
from tembench.micrographs.domain.training_domain import Domain
from tembench.micrographs.electrons.electron_counts import (
    MOST_EXACT,
    in_type_for,
    narrow_counts,
)
from tembench.micrographs.electrons.redistribute import (
    few_electrons,
    place_one_by_one,
    split_among_pixels,
)
from tembench.micrographs.electrons.resampling import place_electrons, shape_at
from tembench.micrographs.reading.file_options import FileOptions

SIDES = st.integers(1, 9)
RATIOS = st.floats(0.05, 12, allow_nan=False)
COUNTS = st.one_of(st.integers(0, 20), st.integers(0, 2**17), st.integers(0, MOST_EXACT))


def total(counts: np.ndarray) -> int:
    return int(counts.astype(object).sum())


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.data(), SIDES, SIDES, RATIOS)
def test_electrons_are_kept_but_for_the_edge(data, height: int, width: int, ratio: float) -> None:
    values = data.draw(st.lists(COUNTS, min_size=height * width, max_size=height * width))
    counts = in_type_for(np.array(values, dtype=object).reshape(height, width))
    placed = place_electrons(counts, ratio, np.random.default_rng(1))
    assert placed.shape == shape_at(counts.shape, ratio)
    assert placed.dtype.kind == "u"
    assert total(placed) <= total(counts)
    # What lies whole within the new image is all there.
    inner = [int(side * (1 - 1e-9) / ratio) for side in placed.shape]
    assert total(placed) >= total(counts[: inner[0], : inner[1]])


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.integers(1, MOST_EXACT), st.integers(0, 3), st.integers(0, 4), RATIOS)
def test_electrons_stay_where_their_pixel_is(n: int, y: int, x: int, ratio: float) -> None:
    counts = np.zeros((4, 5), dtype=np.uint64)
    counts[y, x] = n
    placed = place_electrons(counts, ratio, np.random.default_rng(2))
    for at, old in zip(np.nonzero(placed), (y, x), strict=True):
        assert (at >= int(old * ratio)).all()
        assert (at <= (old + 1) * ratio).all()


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.4, 0.78125, 1.25, 2.3])
def test_shared_by_pixels_or_one_by_one_electrons_are_distributed_alike(ratio: float) -> None:
    counts = np.array([[40, 3, 11], [0, 25, 7], [9, 31, 2]])
    shape = shape_at(counts.shape, ratio)
    moments = []
    for place in (split_among_pixels, place_one_by_one):
        draw = np.random.default_rng(4)
        many = np.stack([place(counts, ratio, shape, draw).ravel() for _ in range(1500)])
        moments.append((many.mean(axis=0), np.atleast_2d(np.cov(many.T))))
    (mean, covariance), (expected, expected_covariance) = moments
    error = np.sqrt(np.maximum(np.diag(expected_covariance), 0.02) / 750)
    assert (np.abs(mean - expected) < 5 * error).all()
    spread = np.sqrt(np.maximum(np.diag(expected_covariance), 0.05))
    assert (np.abs(covariance - expected_covariance) / np.outer(spread, spread) < 0.2).all()


def test_split_poisson_counts_are_independent_poisson_counts() -> None:
    draw = np.random.default_rng(5)
    counts = draw.poisson(100.0, (300, 320))
    assert not few_electrons(counts)
    placed = place_electrons(counts, 0.78125, draw).astype(np.float64)
    mean = 100 / 0.78125**2
    assert placed.mean() == pytest.approx(mean, rel=0.002)
    assert placed.var() / placed.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / placed.size))
    centred = placed - placed.mean()
    for a, b in ((centred[1:], centred[:-1]), (centred[:, 1:], centred[:, :-1])):
        assert abs(np.mean(a * b)) < 5 * mean / np.sqrt(placed.size)


def test_a_few_electrons_fall_where_they_always_fell() -> None:
    counts = np.random.default_rng(1).poisson(0.45, (41, 57)).astype(np.uint8)
    placed = place_electrons(counts, 0.78125, np.random.default_rng(2))
    # As drawn before counts of any size were split: two uniform numbers an electron, in order.
    draw = np.random.default_rng(2)
    y, x = (np.repeat(at, counts[counts > 0]) for at in np.nonzero(counts))
    y = ((y + draw.random(len(y))) * 0.78125).astype(int)
    x = ((x + draw.random(len(x))) * 0.78125).astype(int)
    expected = np.zeros((33, 45), np.uint16)
    np.add.at(expected, (y, x), 1)
    np.testing.assert_array_equal(placed, expected[: placed.shape[0], : placed.shape[1]])
    assert placed.dtype == np.uint16


def test_the_time_follows_pixels_not_electrons() -> None:
    counts = np.full((16, 4096), 10**9, dtype=np.uint32)
    start = time.perf_counter()
    placed = place_electrons(counts, 0.78, np.random.default_rng(1))
    assert time.perf_counter() - start < 5
    assert placed.mean() == pytest.approx(10**9 / 0.78**2, rel=1e-4)


@pytest.mark.parametrize(
    ("most", "kind"), [(255, "u1"), (256, "u2"), (65536, "u4"), (2**32, "u8"), (MOST_EXACT, "u8")]
)
def test_counts_are_as_wide_as_they_need(most: int, kind: str) -> None:
    values = np.array([[most, 1], [0, most]])
    for stored in (values, values.astype(np.float64)):
        assert narrow_counts(stored, divided=False).dtype == kind
    assert total(in_type_for(values)) == 2 * most + 1


def test_bins_and_splits_of_large_counts_do_not_wrap() -> None:
    counts = np.full((16, 16), 4_000_000_000, dtype=np.uint32)
    np.testing.assert_allclose(bin_counts(counts, 8), 64 * 4e9, rtol=1e-6)
    draw = np.random.default_rng(1)
    kept, rest = thin(counts, 0.25, draw)
    np.testing.assert_array_equal(kept + rest, counts)
    assert kept.mean() == pytest.approx(1e9, rel=1e-4)
    np.testing.assert_allclose(thin_into(counts, 4, draw).mean(axis=0), counts)


def test_learning_from_large_counts_does_not_wrap() -> None:
    import torch

    from tembench.methods.training.samples.count_cache import cache_image

    for dose in (100, 70_000, 3_000_000_000):
        counts = np.full((32, 32), dose, dtype=np.uint32)
        bins = cache_image(counts, 8, torch.device("cpu")).bins(0)
        np.testing.assert_allclose(bins, 64.0 * dose, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bm3d", "gaussian", "nlm", "pure-let", "tv", "wavelet", "wiener"])
def test_a_method_denoises_large_counts_as_well(name: str) -> None:
    y, x = np.mgrid[:64, :72] * (2 * np.pi / 38)
    clean = 1 + 0.2 * np.cos(x) * np.cos(y)
    denoiser = load_method(name).build()
    for dose in (1e2, 1e3, 1e5, 1e9):
        counts = in_type_for(np.random.default_rng(1).poisson(dose * clean))
        image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=dose)
        error = denoiser.denoise(image) / dose - clean
        assert np.sqrt(np.mean(error**2)) < 0.1, dose


class Spy:
    """Keeps what it is given and returns it."""

    def denoise(self, image: NoisyImage) -> np.ndarray:
        self.image = image
        return image.counts.astype(np.float32)


def given_from(path: Path, **options) -> NoisyImage:
    spy = Spy()
    domain = Domain(pixel_size_A=0.0625, dose_e_per_px=0.45)
    denoise_file(ready_with(spy, domain), path, FileOptions(**options))
    return spy.image


@pytest.mark.parametrize("dose", [5e4, 1e7, 1e11])
def test_noise_of_any_dose_is_drawn_without_wrapping(tmp_path: Path, dose: float) -> None:
    np.save(tmp_path / "clean.npy", np.full((40, 50), 2.0, np.float32))
    seen = given_from(
        tmp_path / "clean.npy", add_noise=True, dose_e_per_px=dose, pixel_size_A=0.0625
    )
    assert seen.counts.mean() == pytest.approx(dose, rel=0.01)
    assert seen.counts.astype(np.float64).var() == pytest.approx(dose, rel=0.2)


def test_a_dose_beyond_what_can_be_drawn_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "clean.npy", np.full((40, 50), 2.0, np.float32))
    for dose in (1e19, 1e300):
        with pytest.raises(ImageError, match=r"too many electrons .* Give a lower --dose"):
            given_from(
                tmp_path / "clean.npy", add_noise=True, dose_e_per_px=dose, pixel_size_A=0.0625
            )
