"""Vacuum level: read where the image shows vacuum, inferred where it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tembench.cli import cli
from tembench.methods.protocol import NoisyImage
from tembench.micrographs.electrons.clean_image import noise_warning
from tembench.micrographs.electrons.vacuum import find_vacuum, likeliest_dose

DOSE = 0.45
Y, X = np.mgrid[:512, :640]


def matter(contrast: float = 0.12) -> np.ndarray:
    """Columns 2.4 and 2.1 Å apart, and 5 % fewer electrons in the mean."""
    waves = np.cos(2 * np.pi * X / 38.4) * np.cos(2 * np.pi * Y / 33.6)
    return DOSE * (0.95 + contrast * waves)


def draw(image: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(image).astype(np.uint16)


@pytest.mark.slow
def test_vacuum_is_found_in_an_image_that_shows_it() -> None:
    edge = np.where(Y < 260, DOSE, matter())
    for image in (np.full(X.shape, DOSE), edge):
        found = [find_vacuum(draw(image, seed)) for seed in range(20)]
        assert [one.doubt for one in found] == [None] * 20
        assert np.mean([one.e_per_px for one in found]) == pytest.approx(DOSE, rel=0.01)


@pytest.mark.slow
def test_vacuum_is_not_found_where_matter_fills_the_image() -> None:
    texture = np.random.default_rng(2).normal(size=(64, 80)).repeat(8, 0).repeat(8, 1)
    for image in (matter(), DOSE * (0.9 + 0.15 * np.clip(texture, -3, 3))):
        for seed in range(10):
            found = find_vacuum(draw(image, seed))
            assert found.doubt == "the image shows no vacuum"


def test_a_small_image_gives_a_doubtful_dose() -> None:
    for shape, told in (
        ((300, 300), "too small to distinguish"),
        ((60, 70), "too small to search"),
    ):
        assert told in str(find_vacuum(draw(np.full(shape, DOSE))).doubt)
        assert find_vacuum(draw(np.full(shape, DOSE))).e_per_px == pytest.approx(DOSE, rel=0.1)


def test_an_image_with_empty_squares_has_a_dose() -> None:
    counts = draw(np.where(Y < 300, 0, matter()))
    assert np.isfinite(find_vacuum(counts).e_per_px)


class Knows:
    """Makes the true image, in units of the dose that it is given."""

    network, binning = object(), 8

    def __init__(self, truth: np.ndarray) -> None:
        self.relative = truth / DOSE

    def denoise(self, image: NoisyImage) -> np.ndarray:
        y, x = image.counts.shape
        return (image.dose_e_per_px * self.relative[:y, :x]).astype(np.float32)


@pytest.mark.parametrize("found", [0.42, 0.44, 0.45])
def test_the_dose_at_which_an_image_explains_the_counts_is_the_right_one(found: float) -> None:
    truth = matter()
    image = NoisyImage(counts=draw(truth), pixel_size_A=0.0625, dose_e_per_px=found)
    better = likeliest_dose(Knows(truth), image)
    assert (better or found) == pytest.approx(DOSE, rel=0.006)


def test_a_denoiser_without_a_network_gives_no_dose() -> None:
    class Mean:
        network, binning = object(), 8

        def denoise(self, image: NoisyImage) -> np.ndarray:
            return np.full(image.counts.shape, image.counts.mean(), np.float32)

    image = NoisyImage(counts=draw(matter()), pixel_size_A=0.0625, dose_e_per_px=0.43)
    assert likeliest_dose(Mean(), image) is None


@pytest.mark.slow
def test_noise_in_an_image_given_as_clean_is_noticed() -> None:
    counts = draw(10 * matter())
    for noisy in (counts, counts / counts.max(), counts * 3.7, counts + 0.25):
        assert "omit --add-noise" in str(noise_warning(noisy.astype(np.float32)))
    assert "times the mean, as counted electrons have" in str(noise_warning(counts))
    clean = 100 * matter()
    block = np.where((Y < 90) & (X < 90), 1.6 * clean, clean)
    for image in (clean, clean.astype(np.float32), block, np.rint(clean), np.full((9, 9), 3.0)):
        assert noise_warning(image) is None


def run(path: Path, *options: str) -> str:
    arguments = ["apply", "gaussian", str(path), "--pixel-size-A", "0.0625", "--overwrite"]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(path.parent), *options])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.mark.slow
def test_the_command_warns_unless_the_dose_is_given(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", draw(matter()).astype(np.uint8))
    assert "the image shows no vacuum: the dose is estimated from its brightest part, 0.4" in run(
        tmp_path / "a.npy"
    )
    assert "shows no vacuum" not in run(tmp_path / "a.npy", "--dose", "0.45")
    np.save(tmp_path / "b.npy", draw(10 * matter()).astype(np.uint8))
    assert "has noise already" in run(tmp_path / "b.npy", "--add-noise")


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 2), (3, 3), (5, 5), (6, 300), (7, 9)])
def test_a_tiny_image_gets_the_metrics_that_it_can_have(tmp_path: Path, shape) -> None:
    np.save(tmp_path / "a.npy", np.full(shape, 2.0, np.float32))
    said = run(tmp_path / "a.npy", "--add-noise")
    assert ("SSIM left out, the image is smaller than 7 px" in said) == (min(shape) < 7)
