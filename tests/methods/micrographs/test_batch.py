"""Batches of image files: finished, resumed, never at the cost of an input, and on record."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner, Result
from PIL import Image
from rsciio import tiff

from tembench.cli import cli
from tembench.core.errors import BatchError, ImageError, MissingPackage, OutputError
from tembench.methods.micrographs import batch as batches
from tembench.methods.micrographs import file_record as records
from tembench.methods.micrographs.file_record import read_record
from tembench.methods.micrographs.messages import gathered
from tembench.methods.micrographs.read_image import read_micrograph
from tembench.methods.micrographs.write_image import write_tiff

SIDE = 64


def counts_file(path: Path, seed: int = 0, pixel_size_A: float = 0.0625, side: int = SIDE) -> Path:
    counts = np.random.default_rng(seed).poisson(0.45, (side, side)).astype(np.float32)
    write_tiff(path, counts, pixel_size_A, "counts")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["--quiet", "denoise", *map(str, arguments)])


def done(*arguments: object) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def refused(kind: type[Exception], *arguments: object) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Outputs and inputs


def _itself(raw: Path) -> Path:
    return raw


def _by_dots(raw: Path) -> Path:
    return raw.parent / "empty" / ".." / raw.name


def _symlink(raw: Path) -> Path:
    link = raw.with_name("symlink.tif")
    link.symlink_to(raw)
    return link


def _hard_link(raw: Path) -> Path:
    link = raw.with_name("hard.tif")
    link.hardlink_to(raw)
    return link


def _folder_link(raw: Path) -> Path:
    link = raw.parent / "elsewhere"
    link.symlink_to(raw.parent)
    return link / raw.name


@pytest.mark.parametrize("alias", [_itself, _by_dots, _symlink, _hard_link, _folder_link])
@pytest.mark.parametrize("more", [(), ("--overwrite",)])
def test_an_input_is_never_an_output(
    tmp_path: Path, alias: Callable[[Path], Path], more: tuple[str, ...]
) -> None:
    (tmp_path / "empty").mkdir()
    raw = counts_file(tmp_path / "raw.tif")
    before = raw.read_bytes()
    out = alias(raw)
    assert "would write over what is read" in refused(
        OutputError, "gaussian", raw, "--out", out, *more
    )
    # The other way round too: read by the link, written by the name.
    assert "would write over" in refused(OutputError, "gaussian", out, "--out", raw, *more)
    assert raw.read_bytes() == before


def test_a_relative_path_is_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    monkeypatch.chdir(tmp_path)
    refused(OutputError, "gaussian", "raw.tif", "--out", raw, "--overwrite")
    refused(OutputError, "gaussian", raw, "--out", "./raw.tif", "--overwrite")


def test_a_picture_is_an_output_too(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "view.png").symlink_to(raw)
    said = refused(OutputError, "gaussian", raw, "--out", tmp_path / "view.tif", "--overwrite")
    assert "view.png: would write over" in said


def test_an_output_of_one_file_is_not_the_input_of_another(tmp_path: Path) -> None:
    first = counts_file(tmp_path / "a.tif")
    second = counts_file(tmp_path / "a.gaussian.tif", 1)
    before = second.read_bytes()
    refused(OutputError, "gaussian", first, second, "--out", tmp_path, "--overwrite")
    assert second.read_bytes() == before
    second.unlink()
    # Nor is one that is not there yet.
    refused(OutputError, "gaussian", first, second, "--out", tmp_path, "--overwrite")


def test_nothing_is_written_among_weights_or_into_the_method(
    tmp_path: Path, write_method: Any
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method = write_method()
    (method / "weights").mkdir()
    inside = method / "weights" / "results"
    assert "would write over" in refused(OutputError, method, raw, "--out", inside)
    assert "folder of the method" in refused(OutputError, method, raw, "--out", method)
    assert names(method) == ["method.py", "method.toml", "weights"]


# A batch is finished


def test_a_bad_file_stops_no_other_and_a_rerun_does_what_is_missing(tmp_path: Path) -> None:
    files = [counts_file(tmp_path / f"{name}.tif", i) for i, name in enumerate("ace")]
    (tmp_path / "b.tif").write_bytes(b"no TIFF")
    missing = tmp_path / "d.tif"
    order = [files[0], tmp_path / "b.tif", files[1], missing, files[2]]
    out = tmp_path / "out"
    first = run("gaussian", *order, "--out", out)
    assert isinstance(first.exception, BatchError)
    assert first.exception.exit_code == ImageError.exit_code
    assert "2 of 5 files failed" in str(first.exception)
    failed = [line for line in first.stderr.splitlines() if line.startswith("Failed: ")]
    assert [line.split(": ")[1] for line in failed] == [str(order[1]), str(missing)]
    assert "no such file" in failed[1]
    assert len([name for name in names(out) if name.endswith(".tif")]) == 3
    stamps = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    counts_file(order[1], 7)
    counts_file(missing, 8)
    second = done("gaussian", *order, "--out", out)
    assert second.stdout.count("done already") == 3 + 1  # the last line counts them
    assert "5 files: 2 denoised, 3 done already, 0 failed" in second.stdout
    assert {name: (out / name).stat().st_mtime_ns for name in stamps} == stamps


def test_failures_of_several_kinds_have_an_exit_code_of_their_own(
    tmp_path: Path, write_method: Any
) -> None:
    python = """
import numpy as np
class Small:
    def denoise(self, image):
        if image.counts.shape[0] > 70:
            raise MemoryError("none left")
        return image.counts.astype(np.float32)
def build(parameters):
    return Small()
"""
    method = write_method(python=python)
    bad = tmp_path / "b.tif"
    bad.write_bytes(b"no TIFF")
    large = counts_file(tmp_path / "large.tif", side=80)
    good = counts_file(tmp_path / "good.tif")
    result = run(method, bad, large, good, "--out", tmp_path / "out")
    assert isinstance(result.exception, BatchError)
    assert result.exception.exit_code == 1
    assert f"method mine, {large}: denoise failed: MemoryError" in result.stderr
    assert "good.mine.tif" in names(tmp_path / "out")
    # Of a single file its own error is left.
    assert isinstance(run(method, bad, "--out", tmp_path / "o").exception, ImageError)


def test_a_fault_of_the_program_on_one_file_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batches.denoise_file

    def faulty(method: Any, denoiser: Any, domain: Any, path: Path, options: Any) -> Any:
        if path.name == "a.tif":
            raise TypeError("no such thing")
        return real(method, denoiser, domain, path, options)

    monkeypatch.setattr(batches, "denoise_file", faulty)
    files = [counts_file(tmp_path / "a.tif"), counts_file(tmp_path / "b.tif", 1)]
    result = run("gaussian", *files, "--out", tmp_path / "out")
    assert f"Failed: {files[0]}: TypeError: no such thing. This is a fault" in result.stderr
    assert names(tmp_path / "out") == ["b.gaussian.png", "b.gaussian.tif"]


def test_nothing_is_written_of_a_file_that_fails_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("too small")

    clean = tmp_path / "clean.tif"
    write_tiff(clean, np.full((SIDE, SIDE), 0.45, np.float32), 0.0625, "clean")
    for part in ("tembench.metrics.fidelity.score_images", "preview", "tiff"):
        with monkeypatch.context() as patch:
            if "." in part:
                patch.setattr(part, fail)
            else:
                patch.setattr(batches, f"{part}_bytes", fail)
            assert run("gaussian", clean, "--add-noise", "--out", tmp_path / "out").exit_code
        assert not (tmp_path / "out").exists()


def test_an_image_smaller_than_a_metrics_window_has_no_ssim(tmp_path: Path) -> None:
    clean = tmp_path / "clean.tif"
    for side in (1, 2, 6, 7):
        write_tiff(clean, np.full((side, side), 0.45, np.float32), 0.0625, "clean")
        said = done("gaussian", clean, "--add-noise", "--out", tmp_path / f"{side}").stdout
        assert "PSNR: noisy" in said
        assert ("SSIM left out, the image is smaller than 7 px" in said) == (side < 7)
        again = done("gaussian", clean, "--add-noise", "--out", tmp_path / f"{side}").stdout
        assert again.splitlines()[1] == said.splitlines()[1]


def test_a_file_that_may_not_be_read_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, good = counts_file(tmp_path / "closed.tif"), counts_file(tmp_path / "good.tif", 1)
    real_access, real_open = os.access, Path.open
    monkeypatch.setattr(os, "access", lambda p, mode: p != closed and real_access(p, mode))

    def open_(path: Path, *arguments: Any, **named: Any) -> Any:
        if path == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real_open(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", open_)
    result = run("gaussian", closed, good, "--out", tmp_path / "out")
    assert f"Failed: {closed}: cannot be read; got Permission denied" in result.stderr
    assert result.exception.exit_code == ImageError.exit_code
    assert "good.gaussian.tif" in names(tmp_path / "out")


# What is done already


def test_done_means_made_from_the_same_by_the_same(tmp_path: Path, write_method: Any) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method, out = write_method(), tmp_path / "out"
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "w").write_text("1")
    usual = (method, raw, "--out", out, "--weights", weights)
    done(*usual)
    assert "done already" in done(*usual).stdout
    # A copy under the same name is the same image.
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "raw.tif").write_bytes(raw.read_bytes())
    copied = (method, tmp_path / "copy" / "raw.tif", *usual[2:])
    assert "done already" in done(*copied).stdout

    def differs(part: str, *arguments: object) -> None:
        said = refused(OutputError, *arguments)
        assert "exists already and was made otherwise" in said
        assert f"{part} differ" in said
        assert "--overwrite" in said

    differs("dose_e_per_px", *usual, "--dose", 0.5)
    differs("gain, seed", *usual, "--seed", 3, "--gain", 0.5)
    differs("method", *usual, "--set", "scale=0.5")
    (weights / "w").write_text("2")
    differs("weights_sha256", *usual)
    (weights / "w").write_text("1")
    counts_file(raw, 5)
    differs("input", *usual)
    counts_file(raw)
    assert "done already" in done(*usual).stdout
    (method / "method.py").write_text((method / "method.py").read_text() + "\nx = 1\n")
    differs("method", *usual)
    done(*usual, "--overwrite")
    assert "done already" in done(*usual).stdout


def test_a_file_too_large_to_be_hashed_is_known_by_its_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_HASHED_BYTES", 100)
    raw = counts_file(tmp_path / "raw.tif")
    usual = ("gaussian", raw, "--out", tmp_path / "out")
    done(*usual)
    assert "sha256" not in read_record(tmp_path / "out" / "raw.gaussian.tif")["input"]
    assert "done already" in done(*usual).stdout
    os.utime(raw, (1, 1))
    assert "input differ" in refused(OutputError, *usual)


def test_what_others_wrote_or_what_is_damaged_does_not_count_as_done(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    place = tmp_path / "out" / "raw.gaussian.tif"
    counts_file(place, 9)
    foreign = place.read_bytes()
    usual = ("gaussian", raw, "--out", place.parent)
    assert "is not from this program" in refused(OutputError, *usual)
    assert place.read_bytes() == foreign
    done(*usual, "--overwrite")
    good = place.read_bytes()
    place.write_bytes(good[: len(good) // 2])
    assert "exists already and is" in refused(OutputError, *usual)
    spoilt = bytearray(good)
    spoilt[-5] ^= 0xFF
    place.write_bytes(spoilt)
    assert "exists already and is damaged" in refused(OutputError, *usual)
    # A picture of the user's in the place of ours.
    place.unlink()
    Image.new("L", (8, 8)).save(place.with_suffix(".png"))
    assert "is not from this program" in refused(OutputError, *usual)


def test_a_half_that_an_interrupted_run_left_is_completed(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    usual = ("gaussian", raw, "--out", tmp_path / "out")
    done(*usual)
    whole = names(tmp_path / "out")
    for half in whole:
        (tmp_path / "out" / half).unlink()
        assert "done already" not in done(*usual).stdout
        assert names(tmp_path / "out") == whole


_SLOW = """
import time
import numpy as np
class Slow:
    def denoise(self, image):
        time.sleep(0.3)
        return image.counts.astype(np.float32)
def build(parameters):
    return Slow()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_that_is_stopped_is_completed_by_a_rerun(
    tmp_path: Path, write_method: Any, how: signal.Signals
) -> None:
    files = [counts_file(tmp_path / f"{i}.tif", i) for i in range(6)]
    method, out = write_method(python=_SLOW), tmp_path / "out"
    command = [sys.executable, "-m", "tembench", "denoise", method, *files, "--out", out]
    process = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (out / "1.mine.tif").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(how)
    process.wait()
    # What a kill in the middle of writing leaves.
    out.joinpath(".3.mine.tif.abc123.part").write_bytes(b"half")
    out.joinpath(".notes.part").write_bytes(b"of somebody else")
    for path in out.glob("*.tif"):
        assert read_record(path)
    rerun = done(method, *files, "--out", out)
    assert "done already" in rerun.stdout
    assert names(out) == sorted(
        [".notes.part", *(f"{i}.mine.{end}" for i in range(6) for end in ("tif", "png"))]
    )


def test_a_full_disk_ends_the_batch_and_leaves_no_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [counts_file(tmp_path / f"{i}.tif", i) for i in range(3)]
    out, real, calls = tmp_path / "out", os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        result = run("gaussian", *files, "--out", out)
    assert isinstance(result.exception, OSError)
    assert result.exception.filename == str(out / "1.gaussian.tif")
    assert names(out) == ["0.gaussian.png", "0.gaussian.tif", "1.gaussian.png"]
    assert len(calls) == 4
    assert "3 files: 2 denoised, 1 done already" in done("gaussian", *files, "--out", out).stdout


# What is said


def test_equal_warnings_are_said_once(tmp_path: Path) -> None:
    files = [counts_file(tmp_path / f"{i}.tif", i, pixel_size_A=0.14) for i in range(4)]
    result = done("gaussian", *files, "--dose", 0.45 * 5.0176, "--out", tmp_path / "out")
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    about = [line for line in warned if "pixels of 0.14 Å are far from" in line]
    assert len(about) == 1
    assert about[0].endswith("(4 files: 0.tif, 1.tif, 2.tif, 3.tif)")
    # A file that is done already is as unusual as before.
    again = done("gaussian", files[0], "--dose", 0.45 * 5.0176, "--out", tmp_path / "out")
    assert f"Warning: {files[0]}: pixels of 0.14 Å are far from" in again.stderr


def test_warnings_that_differ_in_numbers_are_one_with_their_range() -> None:
    files = [Path(f"{name}.tif") for name in "abc"]
    texts = ["0.5 e/px are far from 0.45", "1e-05 e/px are far from 0.45", "12 of 12"]
    assert gathered(list(zip(files, texts, strict=True))) == [
        "1e-05 to 0.5 e/px are far from 0.45 (2 files: a.tif, b.tif)",
        "c.tif: 12 of 12",
    ]


def test_a_dose_is_told_with_its_pixel_size(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.125)
    said = done("gaussian", raw, "--dose", 1.8, "--out", tmp_path / "one").stdout
    assert "px of 0.125 Å with 1.8 e/px in vacuum, seen at 0.0625 Å with 0.45 e/px" in said
    clean = tmp_path / "clean.tif"
    write_tiff(clean, np.full((SIDE, SIDE), 0.45, np.float32), 0.125, "clean")
    said = done("gaussian", clean, "--add-noise", "--dose", 0.45, "--out", tmp_path / "two").stdout
    assert "of 0.125 Å with 1.8 e/px in vacuum, seen at 0.0625 Å with 0.45 e/px" in said


def test_weights_that_are_not_the_methods_own_are_named(
    tmp_path: Path, write_method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = """
import numpy as np
class Mine:
    def denoise(self, image):
        return image.counts.astype(np.float32)
def build(parameters):
    return Mine()
def train(parameters, data, folder): ...
"""
    method = write_method(python=python)
    raw = counts_file(tmp_path / "raw.tif")
    monkeypatch.chdir(tmp_path)
    (method / "weights").mkdir()
    assert "Weights" not in done(method, raw, "--out", "own").output
    assert read_record(tmp_path / "own" / "raw.mine.tif")["weights"]["from"] == "the method's own"
    found = tmp_path / "weights" / "mine"
    found.mkdir(parents=True)
    (found / "w").write_text("2")
    said = done(method, raw, "--out", "here").stderr
    assert said.startswith(
        f"Weights: {Path('weights/mine')} (found in the working folder, instead of those that "
        "come with mine)\n"
    )
    record = read_record(tmp_path / "here" / "raw.mine.tif")
    assert record["weights"] == {"folder": "weights/mine", "from": "found in the working folder"}
    assert len(record["weights_sha256"]) == 64
    given = done(method, raw, "--out", "given", "--weights", found).stderr
    assert f"Weights: {found} (given with --weights, instead of" in given


def test_a_folder_that_hides_a_baseline_is_named(
    tmp_path: Path, write_method: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    folder = write_method(name="gaussian")
    monkeypatch.chdir(tmp_path)
    said = done("gaussian", raw, "--out", "here").stderr
    assert f"Method: the folder {folder}, instead of the baseline gaussian" in said
    assert "Method: " not in done(folder, raw, "--out", "given").stderr
    assert "Method: " not in done("nlm", raw, "--out", "own").stderr


# What is written


def test_a_file_says_what_made_it(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.125)
    place = tmp_path / "out" / "raw.gaussian.tif"
    done("gaussian", raw, "--out", place.parent)
    record = read_record(place)
    assert record == read_record(place.with_suffix(".png"))
    (method,) = record["method"]
    assert method["name"] == "gaussian"
    assert set(method) == {"name", "code_sha256", "parameters"}
    assert record["input"]["name"] == "raw.tif"
    assert len(record["input"]["sha256"]) == 64
    assert record["pixel_size_A"] == {"value": pytest.approx(0.125), "from": "file"}
    assert record["dose_e_per_px"]["from"] == "found in the image"
    seen = record["seen_by_the_method"]
    assert seen["pixel_size_A"] == 0.0625
    assert record["dose_e_per_px"]["value"] == pytest.approx(4 * seen["dose_e_per_px"])
    assert record["gain"] == {"value": 1.0, "from": "default"}
    assert record["made_by"]["tembench"] == record["tembench"]
    assert record["warnings"]
    given = ("--pixel-size-A", 0.1, "--dose", 2, "--gain", 0.5)
    done("gaussian", raw, "--out", tmp_path / "b.tif", *given)
    record = read_record(tmp_path / "b.tif")
    assert record["options"]["pixel_size_A"] == 0.1
    for name, value in (("pixel_size_A", 0.1), ("dose_e_per_px", 2.0), ("gain", 0.5)):
        assert record[name] == {"value": pytest.approx(value), "from": "option"}


def test_other_programs_read_the_record_and_the_pixel_size(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.0488)
    place = tmp_path / "b.tif"
    done("gaussian", raw, "--out", place)
    with tifffile.TiffFile(place) as file:
        assert file.imagej_metadata["unit"] == "nm"
        assert json.loads(file.imagej_metadata["Info"]) == read_record(place)
        tags = file.pages[0].tags
        assert tags[65009].value == pytest.approx(0.00488)
        assert tags[65003].value == "nm"
        across, inches = tags["XResolution"].value
        assert inches / across == pytest.approx(0.00488)
    (image,) = tiff.file_reader(str(place))
    assert [axis["units"] for axis in image["axes"]] == ["nm", "nm"]
    assert image["axes"][0]["scale"] == pytest.approx(0.00488)
    info = image["original_metadata"]["IJMetadata"]["Info"]
    assert json.loads(info)["input"]["name"] == "raw.tif"
    assert read_micrograph(place).pixel_size_A == pytest.approx(0.0488)


def test_no_record_is_read_from_what_is_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none.tif") is None
    assert read_record(counts_file(tmp_path / "a.tif")) is None
    (tmp_path / "a.png").write_bytes(b"no PNG")
    assert read_record(tmp_path / "a.png") is None


# Names


def test_frames_of_a_stack_have_names_of_their_own(tmp_path: Path) -> None:
    stack = np.random.default_rng(1).poisson(0.45, (3, SIDE, SIDE)).astype(np.uint16)
    file = tmp_path / "movie.npy"
    np.save(file, stack)
    out = tmp_path / "out"
    for frame in (0, 2, "sum"):
        done("gaussian", file, "--pixel-size-A", 0.0625, "--frame", frame, "--out", out)
    found = [name for name in names(out) if name.endswith(".tif")]
    assert found == [
        "movie.frame0.gaussian.tif",
        "movie.frame2.gaussian.tif",
        "movie.sum.gaussian.tif",
    ]
    done("gaussian", file, "--pixel-size-A", 0.0625, "--frame", 1, "--dataset", 0, "--out", out)
    assert "movie.dataset0.frame1.gaussian.tif" in names(out)


def test_two_files_of_one_name_are_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = counts_file(tmp_path / "a.tif"), counts_file(tmp_path / "b" / "a.tif", 1)
    upper = counts_file(tmp_path / "A.tif", 2)
    said = refused(OutputError, "gaussian", one, two, "--out", tmp_path / "out")
    assert f"got {one} and {two}" in said
    assert not (tmp_path / "out").exists()
    done("gaussian", one, upper, "--out", tmp_path / "out")
    assert len(names(tmp_path / "out")) == 4
    # Where a disk takes a and A for one letter they are one place.
    monkeypatch.setattr("tembench.core.overwrite.ignores_case", lambda folder: True)
    assert "to one place" in refused(
        OutputError, "gaussian", one, upper, "--out", tmp_path / "other"
    )


@pytest.mark.parametrize(
    "name", ["x.png", "x.PNG", "x.jpg", "x.mrc", "x.dm4", "x.npy", "x.csv", "x.zip"]
)
def test_a_place_that_looks_like_another_file_is_refused(tmp_path: Path, name: str) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    said = refused(OutputError, "gaussian", raw, "--out", tmp_path / name)
    assert "expected a folder, or a name that ends in .tif" in said
    assert not (tmp_path / name).exists()


def test_a_folder_may_have_any_name_and_a_tiff_any_case(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    done("gaussian", raw, "--out", tmp_path / "run.2024-11-03")
    (tmp_path / "x.png").mkdir()
    (tmp_path / "x.tif").mkdir()
    for folder in ("run.2024-11-03", "x.png", "x.tif"):
        done("gaussian", raw, "--out", tmp_path / folder)
        assert names(tmp_path / folder) == ["raw.gaussian.png", "raw.gaussian.tif"]
    for name in ("y.TIF", "y.TIFF"):
        done("gaussian", raw, "--out", tmp_path / name, "--overwrite")
        assert (tmp_path / name).is_file()


def test_a_place_that_cannot_be_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper", tmp_path / "file" / "x.tif"):
        said = refused(OutputError, "gaussian", raw, "--out", out)
        assert f"{tmp_path / 'file'}: a file is in the way of a folder" in said
    monkeypatch.setattr(batches, "denoise_file", None)
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and real(path, mode))
    result = run("gaussian", raw, "--out", tmp_path / "no" / "such")
    assert isinstance(result.exception, PermissionError)
    assert result.exception.filename == str(tmp_path)


def test_a_folder_in_the_way_of_a_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    (tmp_path / "out" / "raw.gaussian.tif").mkdir(parents=True)
    for more in ((), ("--overwrite",)):
        assert run("gaussian", raw, "--out", tmp_path / "out", *more).exit_code
        assert names(tmp_path / "out") == ["raw.gaussian.tif"]


def test_a_missing_package_is_said_before_anything_is_written(
    tmp_path: Path, write_method: Any
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method = write_method(python="import no_such_module_at_all\ndef build(p): ...")
    refused(MissingPackage, method, raw, raw.with_name("b.tif"), "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
