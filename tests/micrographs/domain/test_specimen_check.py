"""The judge of domain: loud on what a network was not trained on, silent on what it was."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from micrograph_files import ready_with, write_tiff
from scipy import ndimage

from tembench.cli import cli
from tembench.methods.method import Method, load_method
from tembench.methods.protocol import Denoiser, NoisyImage
from tembench.micrographs.domain.power_spectrum import spectrum_of
from tembench.micrographs.domain.specimen_check import (
    LEAST_SIDE_PX,
    MOST_SIDE_PX,
    Verdict,
    judge,
    residual_peak,
    specimen_warnings,
)
from tembench.micrographs.domain.training_domain import Domain, domain_of
from tembench.recipe import load_recipe
from tembench.simulation.multislice import exit_waves
from tembench.simulation.optics import form_images
from tembench.simulation.structures import build_structure

DOSE = 0.45
PIXEL_SIZE_A = 0.0625
RELEASED = Path(__file__).resolve().parents[4] / "shared" / "reference" / "images"
LOUD = "NOT WHAT unet WAS TRAINED ON"


@cache
def benchmark_image() -> np.ndarray:
    """An image of the recipe's first particle on its support, on a coarse wave grid; e/px."""
    recipe = load_recipe("quickstart")
    model = next(model for model in recipe.models if recipe.particles[model.particle].rows)
    simulation = replace(recipe.simulation, wave_grid=(320, 400), detector_grid=(160, 200))
    waves = exit_waves(build_structure(recipe, model), ((0.0, 0.0),), simulation, 300.0)
    return form_images(waves, (8.0,), recipe.microscope, recipe.box)[0, 0]


def square_lattice(side_px: int = 384, spacing_A: float = 2.76, turn_deg: float = 0) -> np.ndarray:
    """Bright columns of a square lattice, as SrTiO3 along [001] shows them; e/px."""
    y, x = np.mgrid[:side_px, :side_px] * PIXEL_SIZE_A
    turn = np.deg2rad(turn_deg)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    waves = np.cos(2 * np.pi * along / spacing_A) + np.cos(2 * np.pi * across / spacing_A)
    return DOSE * (1 + 0.1 * waves)


def noisy(clean: np.ndarray, dose: float = DOSE, seed: int = 1) -> NoisyImage:
    counts = np.random.default_rng(seed).poisson(clean * (dose / DOSE))
    return NoisyImage(
        counts=counts.astype(np.uint16), pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=dose
    )


@cache
def unet() -> tuple[Method, Denoiser, Domain]:
    method = load_method("unet")
    return method, method.build(), domain_of(method, method.shipped_weights)


def verdict_on(image: NoisyImage) -> Verdict:
    method, denoiser, _ = unet()
    return judge(method, denoiser, image)


@pytest.mark.slow
@pytest.mark.parametrize("turn_deg", [0, 23])
def test_a_lattice_that_was_not_in_the_training_gives_a_warning(
    tmp_path: Path, turn_deg: int
) -> None:
    file = tmp_path / "a b.tif"
    counts = noisy(square_lattice(turn_deg=turn_deg)).counts.astype(np.float32)
    write_tiff(file, counts, PIXEL_SIZE_A)
    result = CliRunner().invoke(cli, ["apply", "unet", str(file), "--out", str(tmp_path / "o")])
    assert result.exit_code == 0, result.output
    assert LOUD in result.output
    assert "standard errors" in result.output
    assert re.search(
        r"signal is left in the residual of unet.* planes of 2\.[678]\d Å", result.output
    )
    assert re.search(r"tembench apply (spectral-wiener|bm3d-open) FILE", result.output)
    assert "thinning-zero-shot" in result.output


@pytest.mark.slow
def test_it_gives_a_warning_with_added_noise_too(tmp_path: Path) -> None:
    file = tmp_path / "clean.tif"
    write_tiff(file, square_lattice().astype(np.float32), PIXEL_SIZE_A)
    options = ["--add-noise", "--vacuum", "0.45", "--out", str(tmp_path / "o")]
    result = CliRunner().invoke(cli, ["apply", "unet", str(file), *options])
    assert LOUD in result.output


@pytest.mark.slow
def test_an_image_like_those_of_the_training_gives_none() -> None:
    method, denoiser, domain = unet()
    for seed in (1, 2):
        image = noisy(benchmark_image(), seed=seed)
        verdict = judge(method, denoiser, image)
        assert not verdict.unjudged
        assert not verdict.leaves_signal
        assert verdict.z < -2
        assert specimen_warnings(ready_with(denoiser, domain, method), image) == []


@pytest.mark.slow
def test_the_same_specimen_rotated_gives_a_warning() -> None:
    verdict = verdict_on(noisy(np.rot90(benchmark_image())))
    assert verdict.is_unknown
    assert verdict.leaves_signal


@pytest.mark.slow
def test_a_thousand_times_the_dose_gives_a_warning() -> None:
    verdict = verdict_on(noisy(benchmark_image(), dose=500))
    assert verdict.is_unknown


def test_the_verdict_is_by_the_likelihood_alone() -> None:
    assert Verdict(z=2.5).is_unknown
    assert not Verdict(z=1.5, peak=30).is_unknown
    assert Verdict(z=-3, peak=30).leaves_signal
    assert not Verdict(z=-3, peak=4).leaves_signal


@pytest.mark.slow
def test_a_lattice_in_the_residual_is_found_and_noise_is_not() -> None:
    lattice = noisy(square_lattice())
    flat = np.full(lattice.counts.shape, DOSE)
    peak, spacing_A = residual_peak(lattice, flat)
    assert peak > 20
    assert spacing_A == pytest.approx(2.76, rel=0.05)
    peaks = [residual_peak(noisy(flat, seed=seed), flat)[0] for seed in range(40)]
    assert max(peaks) < 6
    # The largest of exponential variables, less the logarithm of their number: Gumbel's median.
    assert np.median(peaks) == pytest.approx(0.37, abs=0.5)


@pytest.mark.slow
def test_it_is_decided_early_where_the_image_leaves_no_doubt() -> None:
    assert verdict_on(noisy(square_lattice())).folds == 2


@pytest.mark.slow
def test_an_image_that_cannot_be_checked_gives_a_reason() -> None:
    method, denoiser, domain = unet()
    image = noisy(benchmark_image())
    small = LEAST_SIDE_PX - 1
    spread = ndimage.gaussian_filter(30.0 * image.counts, 0.9).round()
    cases = {
        "px are too few": image.counts[:small],
        "not integer counts": image.counts + np.float32(0.25),
        "1.9|2.0": 2 * image.counts,
        "times the power of individually": spread,
        "fewer than": (noisy(benchmark_image(), dose=0.001)).counts,
    }
    for reason, counts in cases.items():
        [said] = specimen_warnings(
            ready_with(denoiser, domain, method), replace(image, counts=counts)
        )
        assert said.startswith("not checked whether unet was trained on such images: ")
        assert any(part in said for part in reason.split("|")), said


@pytest.mark.slow
def test_counted_electrons_are_recognised_by_their_noise_at_any_dose() -> None:
    for dose in (0.1, 0.45, 2, 500):
        assert spectrum_of(noisy(benchmark_image(), dose=dose).counts).is_of_counted_electrons()
    twice = noisy(benchmark_image()).counts
    again = np.random.default_rng(5).binomial(twice, 0.2)
    twice = twice + np.roll(again, 1, axis=1)
    assert not spectrum_of(twice).is_of_counted_electrons()


def test_a_failed_check_does_not_discard_the_image() -> None:
    class Whole:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            raise ValueError("not all electrons")

    method, _, domain = unet()
    [said] = specimen_warnings(ready_with(Whole(), domain, method), noisy(square_lattice()))
    assert said.startswith("not checked whether unet was trained on such images: the check failed")


def test_only_methods_trained_on_other_images_are_checked() -> None:
    class Never:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            raise AssertionError("judged")

    for name in ("bm3d", "noisy", "thinning-zero-shot"):
        image = noisy(square_lattice())
        assert specimen_warnings(ready_with(Never(), Domain(), name), image) == []


@pytest.mark.slow
def test_of_a_network_tuned_to_each_image_the_untuned_one_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    method = load_method("gaintuning")
    denoiser = method.build()
    monkeypatch.setattr(denoiser, "denoise", None)
    domain = domain_of(method, method.shipped_weights)
    said, _ = specimen_warnings(ready_with(denoiser, domain, method), noisy(square_lattice()))
    assert "NOT WHAT gaintuning WAS TRAINED ON" in said


@pytest.mark.slow
def test_of_a_large_image_the_part_with_the_structure_is_checked() -> None:
    seen = []

    class Recorder:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            seen.append(image.counts)
            return np.full(image.counts.shape, image.dose_e_per_px, dtype=np.float32)

    clean = np.full((400, 2000), DOSE)
    clean[8:392, 1500:1884] = square_lattice()
    method, _, _ = unet()
    image = noisy(clean)
    assert judge(method, Recorder(), image).is_unknown
    for part in seen:
        assert part.shape == (400, MOST_SIDE_PX)
        # Some of its electrons are held out: no pixel has more than the image has there.
        places = range(1884 - MOST_SIDE_PX, 1501)
        assert any((part <= image.counts[:, x : x + MOST_SIDE_PX]).all() for x in places)


@pytest.mark.slow
@pytest.mark.skipif(not RELEASED.is_dir(), reason="the released images are not beside the project")
@pytest.mark.parametrize("name", ["unet", "gated-unet", "thinning"])
def test_released_images_give_no_warning(tmp_path: Path, name: str) -> None:
    files = sorted(map(str, RELEASED.glob("*.tif")))
    assert files
    options = ["--add-noise", "--seed", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(cli, ["apply", name, *files, *options])
    assert result.exit_code == 0, result.output
    assert "TRAINED ON" not in result.output
    assert "not checked" not in result.output
