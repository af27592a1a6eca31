"""Batches of image files: failures that stop no other file, and interrupted runs."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from micrograph_files import counts_file, done, flat_file, names, refused, run

from tembench.core.errors import BatchError, ImageError, MissingPackage
from tembench.micrographs.denoising.file_record import read_record
from tembench.micrographs.file_batches import made_result


@pytest.mark.slow
def test_a_bad_file_does_not_stop_others_and_a_rerun_completes_the_batch(tmp_path: Path) -> None:
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


def test_a_bug_on_one_file_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = made_result.denoise_file

    def faulty(ready: Any, path: Path, options: Any) -> Any:
        if path.name == "a.tif":
            raise TypeError("no such thing")
        return real(ready, path, options)

    monkeypatch.setattr(made_result, "denoise_file", faulty)
    files = [counts_file(tmp_path / "a.tif"), counts_file(tmp_path / "b.tif", 1)]
    result = run("gaussian", *files, "--out", tmp_path / "out")
    assert f"Failed: {files[0]}: TypeError: no such thing. This is a bug" in result.stderr
    assert names(tmp_path / "out") == ["b.gaussian.png", "b.gaussian.tif"]


def test_nothing_is_written_for_a_file_that_fails_at_the_last_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("too small")

    clean = flat_file(tmp_path / "clean.tif")
    for part in ("tembench.metrics.score_images", "preview", "tiff"):
        with monkeypatch.context() as patch:
            if "." in part:
                patch.setattr(part, fail)
            else:
                patch.setattr(made_result, f"{part}_bytes", fail)
            assert run("gaussian", clean, "--add-noise", "--out", tmp_path / "out").exit_code
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_image_smaller_than_the_ssim_window_has_no_ssim(tmp_path: Path) -> None:
    clean = tmp_path / "clean.tif"
    for side in (1, 2, 6, 7):
        flat_file(clean, side)
        said = done("gaussian", clean, "--add-noise", "--out", tmp_path / f"{side}").stdout
        assert "PSNR: noisy" in said
        assert ("SSIM left out, the image is smaller than 7 px" in said) == (side < 7)
        again = done("gaussian", clean, "--add-noise", "--out", tmp_path / f"{side}").stdout
        assert again.splitlines()[1] == said.splitlines()[1]


def test_an_unreadable_file_does_not_stop_the_others(
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


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_batch_is_completed_by_a_rerun(
    tmp_path: Path, write_method: Any, how: signal.Signals
) -> None:
    files = [counts_file(tmp_path / f"{i}.tif", i) for i in range(6)]
    method, out = write_method(python=_SLOW), tmp_path / "out"
    command = [sys.executable, "-m", "tembench", "apply", method, *files, "--out", out]
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


def test_a_full_disk_ends_the_batch_and_leaves_no_partial_file(
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


def test_a_missing_package_is_reported_before_anything_is_written(
    tmp_path: Path, write_method: Any
) -> None:
    raw = counts_file(tmp_path / "raw.tif")
    method = write_method(python="import no_such_module_at_all\ndef build(p): ...")
    refused(MissingPackage, method, raw, raw.with_name("b.tif"), "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
