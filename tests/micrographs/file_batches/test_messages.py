"""Messages about image files: warnings merged, doses with their pixel sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from micrograph_files import counts_file, done, flat_file

from tembench.micrographs.file_batches.messages import grouped


@pytest.mark.slow
def test_equal_warnings_are_printed_once(tmp_path: Path) -> None:
    files = [counts_file(tmp_path / f"{i}.tif", i, pixel_size_A=0.14) for i in range(4)]
    result = done("gaussian", *files, "--dose", 0.45 * 5.0176, "--out", tmp_path / "out")
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    about = [line for line in warned if "the pixel size of 0.14 Å is far from" in line]
    assert len(about) == 1
    assert about[0].endswith("(4 files: 0.tif, 1.tif, 2.tif, 3.tif)")
    # A file that is done already is as unusual as before.
    again = done("gaussian", files[0], "--dose", 0.45 * 5.0176, "--out", tmp_path / "out")
    assert f"Warning: {files[0]}: the pixel size of 0.14 Å is far from" in again.stderr


def test_warnings_that_differ_only_in_numbers_are_merged_with_ranges() -> None:
    files = [Path(f"{name}.tif") for name in "abc"]
    texts = ["0.5 e/px are far from 0.45", "1e-05 e/px are far from 0.45", "12 of 12"]
    assert grouped(list(zip(files, texts, strict=True))) == [
        "1e-05 to 0.5 e/px are far from 0.45 (2 files: a.tif, b.tif)",
        "c.tif: 12 of 12",
    ]


def test_a_dose_is_printed_with_its_pixel_size(tmp_path: Path) -> None:
    raw = counts_file(tmp_path / "raw.tif", pixel_size_A=0.125)
    said = done("gaussian", raw, "--dose", 1.8, "--out", tmp_path / "one").stdout
    assert "px of 0.125 Å with 1.8 e/px in vacuum, resampled to 0.0625 Å with 0.45 e/px" in said
    clean = flat_file(tmp_path / "clean.tif", pixel_size_A=0.125)
    said = done("gaussian", clean, "--add-noise", "--dose", 0.45, "--out", tmp_path / "two").stdout
    assert "of 0.125 Å with 1.8 e/px in vacuum, resampled to 0.0625 Å with 0.45 e/px" in said
