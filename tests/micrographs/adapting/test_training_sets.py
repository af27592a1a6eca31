"""What methods are trained on, and the ways that are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from tembench.core import MethodError
from tembench.methods import load_method
from tembench.micrographs.adapting.frame_stack import FrameStack
from tembench.micrographs.adapting.training_sets import chosen_way, trained_method, training_set
from tembench.micrographs.camera_noise import measure_correlation


def stack(count: int = 10, *, movie: bool = True, kind: type = np.uint8) -> FrameStack:
    counts = np.random.default_rng(0).poisson(0.6, (count, 96, 96)).astype(kind)
    return FrameStack(
        counts=counts,
        pixel_size_A=0.1,
        doses_e_per_px=(0.6,) * count,
        is_movie=movie,
        correlation=measure_correlation(list(counts)),
    )


def test_a_base_is_trained_in_place_of_a_method_of_sums() -> None:
    assert trained_method(load_method("unet-movie")).name == "unet-open"
    assert trained_method(load_method("thinning")).name == "thinning"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gaintuning-open", "is fitted to each image"), ("bm3d", "has nothing to train")],
)
def test_methods_without_a_training_are_refused(name: str, reason: str) -> None:
    with pytest.raises(MethodError, match=f"method {name}: {reason}.*tembench apply {name} FILE"):
        trained_method(load_method(name))


@pytest.mark.parametrize(
    ("name", "movie", "image"),
    [
        ("unet-open", "frames", "counts"),
        ("thinning", "counts", "counts"),
        ("blind-spot", "counts", "counts"),
        ("udvd", "counts", "counts"),
    ],
)
def test_the_way_suits_method_and_file(name: str, movie: str, image: str) -> None:
    method = load_method(name)
    assert chosen_way(method, stack(), None) == movie
    assert chosen_way(method, stack(1, movie=False), None) == image
    assert chosen_way(method, stack(10, movie=False), None) == image


def test_impossible_ways_are_refused() -> None:
    movie = load_method("unet-movie")
    with pytest.raises(MethodError, match="one movie of at least 8 frames, got 1 frame"):
        chosen_way(movie, stack(1, movie=False), None)
    with pytest.raises(MethodError, match="got 10 frames of several files"):
        chosen_way(load_method("unet-open"), stack(10, movie=False), "frames")
    with pytest.raises(MethodError, match="learns from pairs of frames alone"):
        chosen_way(movie, stack(), "counts")
    with pytest.raises(MethodError, match="learns from its own series"):
        chosen_way(load_method("udvd"), stack(), "frames")


def test_correlated_noise_is_not_split() -> None:
    frames = stack()
    smooth = ndimage.gaussian_filter(frames.counts.astype(np.float32) * 4, (0, 0.5, 0.5))
    blurred = replace(
        frames, counts=smooth.astype(np.uint8), correlation=measure_correlation(list(smooth))
    )
    fractions = replace(frames, counts=smooth)
    method = load_method("thinning")
    for given in (blurred, fractions):
        with pytest.raises(
            MethodError, match=r"cannot learn from parts of one frame.*--way frames"
        ):
            chosen_way(method, given, None)
        assert chosen_way(method, given, "frames") == "frames"
    with pytest.raises(MethodError, match="Take a movie"):
        chosen_way(method, replace(blurred, is_movie=False), None)


def test_frames_are_trained_on_as_a_movie() -> None:
    made = training_set(load_method("unet-movie"), stack(), "frames", seed=0, start=None)
    assert made.data.movie is not None
    assert made.data.movie.reach == 8
    assert len(made.judges) == len(made.data.movie.held_out) == 2
    assert made.judges[0].given.series is not None
    alone = training_set(load_method("unet-open"), stack(), "frames", seed=0, start=None)
    assert alone.data.movie is not None
    assert alone.data.movie.reach == 0
    assert alone.judges[0].given.series is None


def test_held_out_frames_of_a_movie_are_not_trained_on() -> None:
    frames = stack()
    made = training_set(load_method("thinning"), frames, "counts", seed=0, start=None)
    assert made.data.noisy is not None
    assert made.data.noisy_validation is not None
    assert len(made.data.noisy) == 8
    assert len(made.data.noisy_validation) == 2
    assert made.data.validation_targets is not None
    whole = made.data.noisy_validation[0] + made.data.validation_targets[0]
    np.testing.assert_array_equal(whole, frames.counts[4])
    assert not any((one == frames.counts[4]).all() for one in made.data.noisy)


def test_electrons_of_a_lone_image_are_held_out() -> None:
    frames = stack(1, movie=False)
    made = training_set(load_method("unet-open"), frames, "counts", seed=0, start=Path("w"))
    assert made.data.noisy is not None
    assert made.data.validation_targets is not None
    np.testing.assert_array_equal(
        made.data.noisy[0] + made.data.validation_targets[0], frames.counts[0]
    )
    assert made.data.doses_e_per_px == pytest.approx((0.48,))
    assert made.data.start == Path("w")


def test_series_methods_get_their_frames_in_order() -> None:
    made = training_set(load_method("udvd"), stack(), "counts", seed=0, start=None)
    assert [one.images for one in made.data.series] == [tuple(range(8))]
    assert [one.images for one in made.data.validation_series] == [(0, 1)]


def test_clean_images_are_refused_in_words() -> None:
    made = training_set(load_method("unet-open"), stack(), "frames", seed=0, start=None)
    with pytest.raises(MethodError, match="is trained on clean images"):
        made.data.train[0]
