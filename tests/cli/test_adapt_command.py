"""`tembench adapt`: refusals in one line, and a training from files to a denoised movie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from cli_runs import error_line, tembench

from tembench.core import MethodError


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    path = tmp_path / "movie.tif"
    y, x = np.mgrid[:96, :96]
    scene = 0.6 * (1 + 0.4 * np.cos(x / 4.5) * np.cos(y / 4))
    frames = np.random.default_rng(0).poisson(scene, (8, 96, 96)).astype(np.uint8)
    tifffile.imwrite(
        path, frames, imagej=True, resolution=(100, 100), metadata={"axes": "TYX", "unit": "nm"}
    )
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("bm3d",), "has nothing to train"),
        (("gaintuning-open",), "is fitted to each image while it is denoised"),
        (("unet-movie", "--frame", "0"), "too few frames to predict one from another"),
        (("udvd", "--way", "frames"), "learns from its own series"),
        (("udvd", "--from", "weights"), "starts from random weights"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_line(
    movie: Path, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    method, *options = arguments
    done = tembench("adapt", method, movie, "--out", "w", *options, cwd=tmp_path)
    assert reason in error_line(done, MethodError.exit_code)
    assert not (tmp_path / "w" / "training.toml").exists()


def test_random_weights_and_given_ones_exclude_each_other(tmp_path: Path) -> None:
    options = ("--out", "w", "--from", "a", "--from-scratch")
    done = tembench("adapt", "unet-open", "movie.tif", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert "--from-scratch and --from exclude each other" in done.stderr


@pytest.mark.slow
def test_a_movie_is_denoised_with_weights_of_its_own(movie: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    short = [f"--set={name}" for name in ("steps=2", "validate_every=1", "crop=16", "device=cpu")]
    done = tembench("adapt", "unet-open", movie, "--out", "w", *short, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    command = done.stdout.splitlines()[-1].partition("tembench ")[2].split()
    applied = tembench(*command, "--workers=0", cwd=tmp_path)
    assert applied.returncode == 0, applied.stderr
    assert "far from" not in applied.stderr
    results = list((tmp_path / "denoised").glob("*.tif"))
    assert len(results) == 1
    assert tifffile.imread(results[0]).shape == (8, 96, 96)
