"""Movies: every frame denoised as it would be alone, and opened again by other programs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
import xarray as xr
from micrograph_files import done, names, refused, run
from rsciio import tiff as rsciio_tiff, zspy as rsciio_zspy

from tembench.core.errors import ImageError, MethodError, OutputError
from tembench.micrographs.denoising.file_record import read_record

FRAMES, HEIGHT, WIDTH = 6, 96, 128
PIXEL_SIZES_A = (0.05, 0.08)


def movie(seed: int = 0) -> np.ndarray:
    """Counts of a drifting edge, brighter at the left and towards the top."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    clean = 0.6 + 0.5 * (x < 60) + 0.2 * (y < 20)
    generator = np.random.default_rng(seed)
    return np.stack([generator.poisson(np.roll(clean, i, 1)) for i in range(FRAMES)]).astype("u1")


def write_movie(
    path: Path, frames: np.ndarray | None = None, sizes_A: tuple[float, float] = (0.08, 0.08)
) -> Path:
    down, across = (10 / size for size in sizes_A)
    tifffile.imwrite(
        path,
        movie() if frames is None else frames,
        imagej=True,
        resolution=(across, down),
        metadata={
            "axes": "TYX"[-np.ndim(frames) if frames is not None else 0 :],
            "unit": "nm",
            "finterval": 0.04,
        },
    )
    return path


def test_frames_are_denoised_as_each_would_be_alone(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    done("gaussian", path, "--workers", 0, "--dose", 1.0, "--out", tmp_path / "out")
    found = tifffile.imread(tmp_path / "out" / "m.gaussian.tif")
    assert found.dtype == np.float32
    for number in (0, 3, 5):
        done("gaussian", path, "--frame", number, "--dose", 1.0, "--out", tmp_path / "one")
        one = tifffile.imread(tmp_path / "one" / f"m.frame{number}.gaussian.tif")
        np.testing.assert_array_equal(found[number], one)
    # A filter moves electrons, but keeps their number.
    assert found.sum() == pytest.approx(movie().sum(), rel=1e-3)
    record = read_record(tmp_path / "out" / "m.gaussian.tif")
    assert record is not None
    assert record["frames"] == FRAMES
    assert record["pixel_size_A"]["value"] == pytest.approx(0.08)


def test_workers_change_no_value(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    for workers in (0, 2):
        done("gaussian", path, "--workers", workers, "--out", tmp_path / f"{workers}.tif")
    alone, together = (tmp_path / f"{workers}.tif" for workers in (0, 2))
    np.testing.assert_array_equal(tifffile.imread(alone), tifffile.imread(together))


def test_a_range_of_frames_is_denoised(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    done("gaussian", path, "--frame", "1-3", "--workers", 0, "--out", tmp_path)
    found = tifffile.imread(tmp_path / "m.frames1-3.gaussian.tif")
    done("gaussian", path, "--workers", 0, "--dose", 1, "--out", tmp_path / "all.tif")
    assert found.shape == (3, HEIGHT, WIDTH)
    np.testing.assert_allclose(found, tifffile.imread(tmp_path / "all.tif")[1:4], rtol=1e-5)
    said = refused(ImageError, "gaussian", path, "--frame", "4-6", "--out", tmp_path)
    assert "has no frame 6; expected 0 to 5" in said


@pytest.mark.parametrize("form", ["tif", "ome.tif", "zspy", "zarr"])
def test_results_open_in_other_programs_with_their_calibration(tmp_path: Path, form: str) -> None:
    path = write_movie(tmp_path / "m.tif", sizes_A=PIXEL_SIZES_A)
    done("gaussian", path, "--format", form, "--workers", 0, "--out", tmp_path / "out")
    place = tmp_path / "out" / f"m.gaussian.{form}"
    assert names(tmp_path / "out") == sorted(["m.gaussian.png", place.name])
    done("gaussian", path, "--workers", 0, "--out", tmp_path / "other.tif")
    expected = tifffile.imread(tmp_path / "other.tif")
    assert expected.sum() == pytest.approx(movie().sum(), rel=2e-3)
    # The bright columns are still at the left, the bright rows at the top.
    assert expected[0, :, :40].mean() > 1.2 * expected[0, :, 80:].mean()
    assert expected[0, :16].mean() > expected[0, 40:].mean()
    down, across = (size / 10 for size in PIXEL_SIZES_A)
    if form == "zarr":
        opened = xr.open_zarr(place)
        np.testing.assert_array_equal(opened.denoised.values, expected)
        assert opened.y.attrs["units"] == "angstrom"
        assert float(opened.x[1]) == pytest.approx(PIXEL_SIZES_A[1])
        assert float(opened.y[1]) == pytest.approx(PIXEL_SIZES_A[0])
    else:
        reader = rsciio_zspy if form == "zspy" else rsciio_tiff
        [signal] = reader.file_reader(str(place))
        np.testing.assert_array_equal(signal["data"], expected)
        _, y, x = signal["axes"]
        assert (y["units"], x["units"]) == ("nm", "nm")
        assert (y["scale"], x["scale"]) == pytest.approx((down, across))
    assert read_record(place) == read_record(place.with_name("m.gaussian.png"))


def test_imagej_and_ome_readers_find_axes_and_sizes(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif", sizes_A=PIXEL_SIZES_A)
    for form in ("tif", "ome.tif"):
        done("gaussian", path, "--format", form, "--workers", 0, "--out", tmp_path / "out")
    with tifffile.TiffFile(tmp_path / "out" / "m.gaussian.tif") as file:
        told = file.imagej_metadata
        assert told is not None
        assert (told["frames"], told["unit"]) == (FRAMES, "nm")
        assert file.series[0].axes == "TYX"
        per_nm, one = file.pages[0].tags["XResolution"].value
        assert one / per_nm == pytest.approx(PIXEL_SIZES_A[1] / 10)
    with tifffile.TiffFile(tmp_path / "out" / "m.gaussian.ome.tif") as file:
        assert file.is_ome
        assert file.series[0].axes == "TYX"
        found = re.search(r'PhysicalSizeY="([^"]+)" PhysicalSizeYUnit="nm"', str(file.ome_metadata))
        assert found is not None
        assert float(found[1]) == pytest.approx(PIXEL_SIZES_A[0] / 10)


def test_a_rerun_leaves_a_complete_movie_and_refuses_another(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    usual = ("gaussian", path, "--workers", 0, "--out", tmp_path / "out")
    done(*usual)
    place = tmp_path / "out" / "m.gaussian.tif"
    before = place.stat().st_mtime_ns
    assert "done already" in done(*usual).stdout
    assert place.stat().st_mtime_ns == before
    said = refused(OutputError, *usual, "--dose", 2)
    assert "was made with other settings: dose_e_per_px differ" in said
    place.write_bytes(place.read_bytes()[: FRAMES * HEIGHT * WIDTH * 2])
    assert "is damaged" in refused(OutputError, *usual)
    done(*usual, "--overwrite")
    assert tifffile.imread(place).shape == (FRAMES, HEIGHT, WIDTH)


def test_a_method_of_series_uses_neighbouring_frames(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    done("mppca", path, "--workers", 0, "--out", tmp_path / "out", "--set", "binning=4")
    found = tifffile.imread(tmp_path / "out" / "m.mppca.tif")
    other = movie()
    # Of the fifth frame's neighbours, the first is none.
    other[0] = other[0, ::-1]
    far = write_movie(tmp_path / "far.tif", other)
    done("mppca", far, "--workers", 0, "--dose", 1, "--out", tmp_path, "--set", "binning=4")
    changed = tifffile.imread(tmp_path / "far.mppca.tif")
    done("mppca", path, "--workers", 0, "--dose", 1, "--out", tmp_path, "--set", "binning=4")
    usual = tifffile.imread(tmp_path / "m.mppca.tif")
    np.testing.assert_array_equal(changed[4], usual[4])
    assert not np.array_equal(changed[2], usual[2])
    assert found.shape == usual.shape
    said = refused(MethodError, "mppca", path, "--frame", 2, "--out", tmp_path)
    assert "does not denoise single images" in said


def test_frames_of_a_blanked_beam_stay_empty(tmp_path: Path) -> None:
    frames = movie()
    frames[FRAMES // 2] = 0
    path = write_movie(tmp_path / "m.tif", frames)
    done("gaussian", path, "--workers", 0, "--dose", 1, "--out", tmp_path)
    found = tifffile.imread(tmp_path / "m.gaussian.tif")
    assert not found[FRAMES // 2].any()
    assert all(found[number].any() for number in range(FRAMES) if number != FRAMES // 2)


def test_a_movie_that_does_not_fit_on_the_disk_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_movie(tmp_path / "m.tif")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    said = refused(OutputError, "gaussian", path, "--workers", 0, "--out", tmp_path / "out")
    assert "does not fit on the disk" in said
    assert names(tmp_path / "out") == []


def test_movies_and_images_go_together(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "m.tif")
    image = write_movie(tmp_path / "i.tif", movie()[0])
    result = done("gaussian", path, image, "--workers", 0, "--format", "zarr", "--out", tmp_path)
    assert "2 files: 2 denoised" in result.stdout
    assert (tmp_path / "m.gaussian.zarr").is_dir()
    assert tifffile.imread(tmp_path / "i.gaussian.tif").shape == (HEIGHT, WIDTH)
    said = refused(OutputError, "gaussian", image, "--out", tmp_path / "x.zspy")
    assert "is a format of movies" in said


def test_oblong_pixels_are_denoised_on_square_ones(tmp_path: Path) -> None:
    image = write_movie(tmp_path / "i.tif", movie()[0], sizes_A=PIXEL_SIZES_A)
    done("gaussian", image, "--out", tmp_path)
    [signal] = rsciio_tiff.file_reader(str(tmp_path / "i.gaussian.tif"))
    y, x = signal["axes"]
    assert (y["scale"], x["scale"]) == pytest.approx((0.005, 0.008))
    assert signal["data"].shape == (HEIGHT, WIDTH)
    assert signal["data"].sum() == pytest.approx(movie()[0].sum(), rel=0.01)
    told = read_record(tmp_path / "i.gaussian.tif")
    assert told is not None
    assert told["pixel_size_A"] == {"value": 0.08, "from": "file", "along_y": 0.05}


@pytest.mark.slow
def test_a_killed_run_is_resumed_with_the_frames_that_were_done(tmp_path: Path) -> None:
    import signal
    import subprocess
    import sys
    import time

    path = write_movie(tmp_path / "m.tif", np.tile(movie(), (20, 1, 1)))
    out = tmp_path / "out.tif"
    usual = ["nlm", str(path), "--dose", "1"]
    command = [sys.executable, "-m", "tembench", "apply", *usual, "--out", str(out)]
    noted = tmp_path / ".out.tif.frames" / "done.txt"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (noted.is_file() and len(noted.read_text().splitlines()) > 3):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    kept = len(noted.read_text().splitlines())
    # A frame whose values were lost is made again.
    with (tmp_path / ".out.tif.frames" / "out.tif").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    result = run(*usual, "--out", out)
    assert result.exit_code == 0, result.output
    assert f"{kept} of them by an earlier run" in result.stdout
    assert not (tmp_path / ".out.tif.frames").exists()
    found = tifffile.imread(out)
    for part in ("0-5", "114-119"):
        done(*usual, "--frame", part, "--workers", 0, "--out", tmp_path / f"{part}.tif")
        first, last = map(int, part.split("-"))
        alone = tifffile.imread(tmp_path / f"{part}.tif")
        np.testing.assert_array_equal(found[first : last + 1], alone)
