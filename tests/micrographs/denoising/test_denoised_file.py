"""`tembench apply METHOD FILE`: from counts in a file to electrons on its pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner, Result
from micrograph_files import ready_with, write_tiff

from tembench.cli import cli
from tembench.core.errors import ImageError, MethodError, OutputError, TembenchError
from tembench.methods.counts.binning import bin_counts
from tembench.methods.method import load_method
from tembench.methods.protocol import TrainingData
from tembench.micrographs.domain.training_domain import Domain, domain_of
from tembench.micrographs.electrons.resampling import resample, shape_at
from tembench.micrographs.reading.lattice import pixel_size_from_lattice
from tembench.micrographs.reading.read_image import read_micrograph
from tembench.recipe import load_recipe

DOSE = 0.45


def columns(shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """Vacuum above, columns of CeO2 along [1-10] below: expected electrons per 0.0625 Å pixel."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    y, x = y * pixel_size_A, x * pixel_size_A
    # (111), (11-1), (002) and (220), (111) up.
    waves = ((0, 0.3208), (0.3024, 0.1069), (0.3024, -0.2138), (0.3024, 0.4277))
    rows = sum(np.cos(2 * np.pi * (along_x * x + along_y * y)) for along_x, along_y in waves)
    matter = 1 / (1 + np.exp(-(y - y.mean()) * 4))
    return DOSE * (1 + 0.05 * matter * rows)


def with_platinum(shape: tuple[int, int], pixel_size_A: float) -> np.ndarray:
    """CeO2 below, and above it platinum's lattice, the twin's: expected electrons per pixel."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    y, x = y * pixel_size_A, x * pixel_size_A
    waves = ((0, 0.4418), (-0.4166, 0.1473), (0.4166, 0.2946))
    rows = sum(np.cos(2 * np.pi * (along_x * x + along_y * y)) for along_x, along_y in waves)
    particle = np.exp(-(((x - x.mean()) / 9) ** 2) - ((y - 0.7 * y.mean()) / 7) ** 2)
    return columns(shape, pixel_size_A) + DOSE * 0.1 * particle * rows


def write_counts(path: Path, pixel_size_A: float, shape: tuple[int, int] = (400, 440)) -> Path:
    expected = columns(shape, pixel_size_A) * (pixel_size_A / 0.0625) ** 2
    counts = np.random.default_rng(3).poisson(expected).astype(np.float32)
    write_tiff(path, counts, pixel_size_A)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["apply", *map(str, arguments)])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(kind: type[TembenchError], *arguments: object) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


@pytest.mark.slow
@pytest.mark.parametrize("pixel_size_A", [0.0488, 0.0625, 0.11])
def test_electrons_are_kept_and_stay_where_they_are(tmp_path: Path, pixel_size_A: float) -> None:
    file = write_counts(tmp_path / "a.tif", pixel_size_A)
    said = done("gaussian", file, "--out", tmp_path / "out")
    assert f"\n{file}: 440 x 400 px of {pixel_size_A:.4g} Å" in f"\n{said}"
    assert ("resampled to 0.0625 Å" in said) == (pixel_size_A != 0.0625)
    result = read_micrograph(tmp_path / "out" / "a.gaussian.tif")
    assert result.values.dtype == np.float32
    assert result.values.shape == (400, 440)
    assert result.pixel_size_A == pytest.approx(pixel_size_A, rel=1e-6)
    counts = read_micrograph(file).values
    assert result.values.mean() == pytest.approx(counts.mean(), rel=0.005)
    # The smoothed image in 16 x 16 px is the counts there, but for their noise.
    step = bin_counts(counts, 16), bin_counts(result.values, 16)
    assert np.mean((step[0] - step[1]) ** 2) < 1.5 * step[0].mean()
    assert (tmp_path / "out" / "a.gaussian.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_network_is_given_its_own_sampling_and_dose(tmp_path: Path) -> None:
    method = load_method("unet")
    quick = {"scales": 2, "channels": 4, "steps": 2, "batch": 1, "crop": 8, "device": "cpu"}
    if "samples" in method.parameters:
        quick["samples"] = "images"
    clean = columns((128, 128), 0.0625).astype(np.float32)
    data = TrainingData(
        train=[clean], validation=[clean], pixel_size_A=0.0625, dose_e_per_px=DOSE, seed=1
    )
    method.train(data, tmp_path / "weights", **quick)
    with pytest.raises(MethodError, match="does not denoise image files"):
        domain_of(load_method("clean"), None)
    domain = domain_of(method, tmp_path / "weights")
    assert (domain.pixel_size_A, domain.dose_e_per_px) == (0.0625, DOSE)
    settings = [part for key, value in quick.items() for part in ("--set", f"{key}={value}")]
    # Large enough for vacuum to be found in it, whatever the network makes of it.
    file = write_counts(tmp_path / "a.tif", 0.0488, (700, 720))
    said = done(
        "unet", file, "--weights", tmp_path / "weights", "--out", tmp_path / "b.tif", *settings
    )
    assert "px of 0.0488 Å with 0.27" in said
    assert "resampled to 0.0625 Å with 0.45" in said
    assert "found in the image" in said
    assert "smaller than the" not in said
    assert read_micrograph(tmp_path / "b.tif").values.shape == (700, 720)


def test_without_a_domain_a_file_keeps_its_pixels(tmp_path: Path, write_method) -> None:
    method = write_method()
    assert domain_of(load_method(method), None) == Domain()
    file = write_counts(tmp_path / "a.tif", 0.11)
    assert "resampled to" not in done(method, file, "--out", tmp_path / "out")


@pytest.mark.slow
def test_noise_is_added_to_a_clean_image_and_the_result_scored(tmp_path: Path) -> None:
    file = tmp_path / "clean.tif"
    write_tiff(file, columns((400, 440), 0.0488).astype(np.float32), 0.0488)
    said = done("gaussian", file, "--add-noise", "--seed", 1, "--out", tmp_path / "one")
    psnr = [float(part.split()[-2]) for part in said.split("PSNR: ")[1].split(";")[0].split(",")]
    noisy, vacuum, denoised = psnr
    # Shot noise of 0.45 e/px has a mean square of 0.45.
    assert noisy == pytest.approx(-10 * np.log10(DOSE), abs=4)
    assert denoised > noisy + 15
    assert vacuum > noisy
    again = done("gaussian", file, "--add-noise", "--seed", 1, "--out", tmp_path / "two")
    assert again.split("PSNR")[1] == said.split("PSNR")[1]
    other = done("gaussian", file, "--add-noise", "--seed", 2, "--out", tmp_path / "three")
    assert other.split("PSNR")[1] != said.split("PSNR")[1]
    # In other units the same image is the same to the method, and comes back in its units.
    scaled = tmp_path / "scaled.tif"
    write_tiff(scaled, 400 * columns((400, 440), 0.0488).astype(np.float32), 0.0488)
    options = ("--add-noise", "--seed", 1, "--vacuum", 400 * DOSE, "--out", tmp_path / "four")
    assert done("gaussian", scaled, *options).split("PSNR")[1] == said.split("PSNR")[1]
    one = read_micrograph(tmp_path / "one" / "clean.gaussian.tif").values
    four = read_micrograph(tmp_path / "four" / "scaled.gaussian.tif").values
    np.testing.assert_allclose(four, 400 * one, rtol=1e-3)


@pytest.mark.slow
def test_the_pixel_size_of_a_clean_image_is_found_from_its_lattice(tmp_path: Path) -> None:
    recipe = load_recipe("quickstart")
    for size in (0.0488, 0.08):
        found = pixel_size_from_lattice(with_platinum((1000, 1024), size), recipe)
        assert found == pytest.approx(size, rel=0.02)
    flat = DOSE + 0.01 * np.random.default_rng(1).random((300, 300))
    assert pixel_size_from_lattice(flat, recipe) is None
    tifffile.imwrite(tmp_path / "a.tif", with_platinum((1000, 1024), 0.0488).astype(np.float32))
    said = done("gaussian", tmp_path / "a.tif", "--add-noise", "--out", tmp_path)
    assert "Warning" in said
    assert "the file has no pixel size: 0.04" in said
    assert "--pixel-size-A" in said


@pytest.mark.slow
@pytest.mark.parametrize("turn_deg", [0, 35.26, 54.74, 20])
@pytest.mark.parametrize("pixel_size_A", [0.0488, 0.08])
def test_the_pixel_size_of_another_lattice_is_not_guessed(
    tmp_path: Path, turn_deg: float, pixel_size_A: float
) -> None:
    # Gold along [1-10] is each of the recipe's lattices, on pixels of another size.
    y, x = np.mgrid[:700, :760] * pixel_size_A
    turn = np.deg2rad(turn_deg)
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    waves = ((0, 0.4247), (0.4004, 0.1416), (0.4004, -0.2832), (0.4004, 0.5663), (0.8009, 0.2832))
    rows = sum(np.cos(2 * np.pi * (along_x * x + along_y * y)) for along_x, along_y in waves)
    gold = DOSE * (1 + 0.05 * rows * (np.hypot(x - x.mean(), y - y.mean()) < 14))
    tifffile.imwrite(tmp_path / "gold.tif", gold.astype(np.float32))
    told = refused(ImageError, "gaussian", tmp_path / "gold.tif", "--add-noise", "--out", tmp_path)
    assert "has no pixel size" in told
    assert "--pixel-size-A" in told


@pytest.mark.slow
def test_unusual_images_are_denoised_with_a_warning(tmp_path: Path) -> None:
    file = write_counts(tmp_path / "a.tif", 0.14)
    said = done("gaussian", file, "--out", tmp_path, "--dose", 0.3)
    assert "the pixel size of 0.14 Å is far from the 0.0625 Å" in said
    assert "e/px in vacuum is far from the 0.45 e/px" in said
    assert "px of 0.14 Å with 0.3 e/px in vacuum, resampled to 0.0625 Å with 0.0598 e/px," in said


def test_a_file_without_a_pixel_size_is_refused(tmp_path: Path) -> None:
    counts = np.random.default_rng(3).poisson(DOSE, (90, 99)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", counts)
    said = refused(ImageError, "gaussian", tmp_path / "a.tif", "--out", tmp_path / "out")
    assert (
        said == f"{tmp_path / 'a.tif'}: has no pixel size. Give it with --pixel-size-A, in angstrom"
    )
    assert not (tmp_path / "out").exists()
    done("gaussian", tmp_path / "a.tif", "--pixel-size-A", 0.05, "--out", tmp_path / "out")


@pytest.mark.slow
def test_results_are_not_written_over_unasked(tmp_path: Path) -> None:
    file = write_counts(tmp_path / "a.tif", 0.0625, (64, 64))
    done("gaussian", file, "--out", tmp_path / "b.tif")
    before = (tmp_path / "b.tif").stat().st_mtime_ns
    same = ("gaussian", file, "--out", tmp_path / "b.tif")
    other = (*same, "--dose", 0.5)
    assert "done already" in done(*same)
    assert "exists already" in refused(OutputError, *other)
    assert (tmp_path / "b.tif").stat().st_mtime_ns == before
    done(*other, "--overwrite")
    assert "done already" in done(*other)
    (tmp_path / "a.tiff").write_bytes(file.read_bytes())
    files = (file, tmp_path / "a.tiff")
    assert "to the same path" in refused(OutputError, "gaussian", *files, "--out", tmp_path / "c")


def test_wrong_options_are_refused(tmp_path: Path) -> None:
    file = write_counts(tmp_path / "a.tif", 0.0625, (64, 64))
    for arguments, told in (
        ((file, "--split", "paper"), "No such option '--split'"),
        ((file, "--vacuum", 2), "--vacuum requires --add-noise"),
        ((file, "--frame", "first"), "a frame number from 0 up, a range such as 0-9, or 'sum'"),
        ((file, file, "--out", tmp_path / "c.tif"), "--out must be a folder"),
    ):
        result = run("gaussian", *arguments)
        assert result.exit_code == 2
        assert told in result.output


@pytest.mark.slow
def test_the_noise_a_method_sees_is_that_of_its_sampling(tmp_path: Path) -> None:
    seen = []

    class Spy:
        def denoise(self, image):
            seen.append(image)
            return np.full(image.counts.shape, image.dose_e_per_px, np.float32)

    from tembench.micrographs.denoising.denoised_file import denoise_file
    from tembench.micrographs.reading.file_options import FileOptions

    file = write_counts(tmp_path / "a.tif", 0.0488, (800, 800))
    domain = Domain(pixel_size_A=0.0625, dose_e_per_px=DOSE)
    result = denoise_file(ready_with(Spy(), domain), file, FileOptions())
    (image,) = seen
    assert image.counts.dtype == np.uint16
    assert image.pixel_size_A == 0.0625
    assert image.dose_e_per_px == pytest.approx(DOSE, rel=0.03)
    expected = resample(columns((800, 800), 0.0488), 0.0488 / 0.0625, shape_at((800, 800), 0.7808))
    noise = image.counts - expected
    assert np.mean(noise**2) == pytest.approx(DOSE, rel=0.03)
    # Vacuum on the file's pixels: their share of the electrons.
    assert result.denoised.mean() == pytest.approx(image.dose_e_per_px * 0.7808**2, rel=1e-3)
