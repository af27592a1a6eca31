"""Files of a subject: denoised images, records and other frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from micrograph_files import run
from toy_subjects import PIXEL_SIZE_A, Drawing, lattice, ready

from tembench.core import ImageError
from tembench.micrographs.reading import FileOptions
from tembench.micrographs.trust.subject_files import (
    chosen_options,
    read_subject,
    recorded,
    recorded_method,
)

OPTIONS = FileOptions(pixel_size_A=PIXEL_SIZE_A)
METHOD = ready(Drawing(lattice()))


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    np.save(tmp_path / "movie.npy", generator.poisson(2 * lattice(), (5, 128, 128)).astype("u1"))
    np.save(tmp_path / "image.npy", generator.poisson(2 * lattice()).astype("u1"))
    return tmp_path / "image.npy"


def saved(path: Path, image: np.ndarray) -> Path:
    np.save(path, image.astype(np.float32))
    return path


def test_the_other_frames_of_a_movie_are_all_but_the_one_judged(counts: Path) -> None:
    movie = counts.with_name("movie.npy")
    options = FileOptions(pixel_size_A=PIXEL_SIZE_A, frame=0)
    subject, sources = read_subject(movie, None, [movie], options, METHOD)
    frames = np.load(movie)
    assert sources.frames == 4
    assert subject.all_frames is not None
    np.testing.assert_array_equal(subject.all_frames, frames[1:].sum(axis=0))
    np.testing.assert_array_equal(subject.image.counts, frames[0])
    assert subject.not_counted == ""


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (2 * lattice()[:100], "not a denoised image"),
        (300 * lattice(), "not in electrons per pixel"),
        (np.where(lattice() > 1, np.nan, 2 * lattice()), "NaN"),
    ],
)
def test_other_images_are_refused(counts: Path, image: np.ndarray, message: str) -> None:
    other = saved(counts.with_name("other.npy"), image)
    with pytest.raises(ImageError, match=message):
        read_subject(counts, other, [], OPTIONS, METHOD)


def test_frames_of_another_size_or_place_are_refused(counts: Path) -> None:
    generator = np.random.default_rng(1)
    smaller = saved(counts.with_name("smaller.npy"), generator.poisson(2 * lattice(100)))
    with pytest.raises(ImageError, match="another size"):
        read_subject(counts, None, [smaller], OPTIONS, METHOD)
    moved = saved(
        counts.with_name("moved.npy"), generator.poisson(40 * np.roll(lattice(), 5, axis=1))
    )
    with pytest.raises(ImageError, match=r"displaced .*\+0\.6\d Å to the right"):
        read_subject(counts, None, [moved], OPTIONS, METHOD)
    with pytest.raises(ImageError, match="the image to be judged"):
        read_subject(counts, None, [counts], OPTIONS, METHOD)


def test_a_small_image_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", np.random.default_rng(0).poisson(2.0, (40, 40)).astype("u1"))
    with pytest.raises(ImageError, match="too small"):
        read_subject(tmp_path / "image.npy", None, [], OPTIONS, METHOD)


@pytest.mark.slow
def test_a_denoised_file_records_its_method_and_options(counts: Path) -> None:
    out = counts.with_name("denoised.tif")
    result = run("gaussian", counts, "--out", out, "--pixel-size-A", PIXEL_SIZE_A, "--dose", 2)
    assert result.exit_code == 0, result.output
    made = recorded(out)
    assert made is not None
    method = recorded_method(made)
    assert method is not None
    assert method.name == "gaussian"
    assert made.options["dose_e_per_px"] == 2
    assert made.is_of(counts)
    assert not made.is_of(counts.with_name("movie.npy"))
    own, other = (
        read_subject(path, out, [], chosen_options({}, made), method, made)[1].warnings
        for path in (counts, saved(counts.with_name("copy.npy"), np.load(counts)))
    )
    assert own == ()
    assert "made from another file" in other[0]


def test_an_image_without_record_has_no_known_method(counts: Path) -> None:
    assert recorded(counts) is None
    assert recorded_method(None) is None
    subject, _ = read_subject(
        counts, saved(counts.with_name("other.npy"), 2 * lattice()), [], OPTIONS, None
    )
    assert subject.no_parts
