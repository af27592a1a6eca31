"""Frames of the user's files as counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from micrograph_files import counts_file

from tembench.core import ImageError
from tembench.methods import NoisyImage
from tembench.micrographs.adapting import frame_stack
from tembench.micrographs.adapting.frame_stack import FrameStack, read_frames
from tembench.micrographs.reading import FileOptions


def movie_file(path: Path, frames: np.ndarray) -> Path:
    tifffile.imwrite(
        path, frames, imagej=True, resolution=(100, 100), metadata={"axes": "TYX", "unit": "nm"}
    )
    return path


def noise(count: int, side: int = 48, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(0.5, (count, side, side)).astype(np.uint8)


def read(*files: Path, **options: object) -> FrameStack:
    return read_frames(files, FileOptions(**options), lambda image, number: image)  # type: ignore[arg-type]


def test_a_movie_is_read_as_narrow_counts(tmp_path: Path) -> None:
    counts = noise(9)
    frames = read(movie_file(tmp_path / "a.tif", counts.astype(np.float32)))
    assert frames.is_movie
    assert frames.are_counts
    assert frames.counts.dtype == np.uint8
    np.testing.assert_array_equal(frames.counts, counts)
    assert frames.pixel_size_A == pytest.approx(0.1)
    assert np.allclose(frames.doses_e_per_px, 0.5, rtol=0.1)


def test_options_of_the_file_are_used(tmp_path: Path) -> None:
    path = movie_file(tmp_path / "a.tif", noise(9) * 4)
    frames = read(path, gain=4.0, dose_e_per_px=0.7, pixel_size_A=0.2, frame=(2, 4))
    np.testing.assert_array_equal(frames.counts, noise(9)[2:5])
    assert set(frames.doses_e_per_px) == {0.7}
    assert frames.pixel_size_A == 0.2
    assert len(read(path, gain=4.0, frame=3)) == 1


def test_images_of_different_sizes_share_their_common_size(tmp_path: Path) -> None:
    files = [counts_file(tmp_path / f"{side}.tif", side=side) for side in (64, 80)]
    frames = read(*files)
    assert frames.counts.shape == (2, 64, 64)
    assert not frames.is_movie
    assert any("64 x 64 px of each are used" in note for note in frames.notes)


def test_pixels_of_different_sizes_are_refused(tmp_path: Path) -> None:
    files = [counts_file(tmp_path / f"{size}.tif", pixel_size_A=size) for size in (0.05, 0.1)]
    with pytest.raises(ImageError, match=r"expected one pixel size, got 0\.05 to 0\.1 Å"):
        read(*files)


def test_of_a_long_movie_the_middle_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_stack, "MOST_BYTES", 4 * 48 * 48)
    frames = read(movie_file(tmp_path / "a.tif", noise(10)))
    np.testing.assert_array_equal(frames.counts, noise(10)[3:7])
    assert any("4 frames around the middle are used, 3 to 6" in note for note in frames.notes)


def test_frames_are_taken_as_the_method_sees_them(tmp_path: Path) -> None:
    def see(image: NoisyImage, number: int) -> NoisyImage:
        return NoisyImage(
            counts=image.counts[:32, :32] + np.uint8(number), pixel_size_A=0.3, dose_e_per_px=2.0
        )

    frames = read_frames([movie_file(tmp_path / "a.tif", noise(8))], FileOptions(), see)
    assert frames.counts.shape == (8, 32, 32)
    assert frames.pixel_size_A == 0.3
    assert frames.counts[5].min() == 5
    assert frames.doses_e_per_px[0] == 2.0


def test_the_digest_knows_counts_and_dose() -> None:
    def digest(counts: np.ndarray, dose: float) -> str:
        return FrameStack(
            counts=counts, pixel_size_A=0.1, doses_e_per_px=(dose,) * len(counts), is_movie=True
        ).digest()

    assert digest(noise(3), 0.5) == digest(noise(3), 0.5)
    assert len({digest(noise(3), 0.5), digest(noise(3), 0.6), digest(noise(3, seed=1), 0.5)}) == 3
