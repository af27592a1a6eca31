"""The ``trust`` command from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runs import error_line, tembench


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    x = np.arange(128)
    row = np.exp(-(((x * 0.125 + 1.25) % 2.5 - 1.25) ** 2) / 0.5)
    clean = 2 * (0.8 + 0.5 * np.outer(row, row))
    np.save(tmp_path / "image.npy", np.random.default_rng(0).poisson(clean).astype(np.uint8))
    return tmp_path / "image.npy"


@pytest.mark.slow
def test_a_filter_is_judged(counts: Path) -> None:
    out = counts.with_name("report")
    options = ("--method", "bm3d", "--pixel-size-A", "0.125", "--dose", "2", "--out", out)
    done = tembench("--quiet", "trust", counts, *options)
    assert done.returncode == 0, done.stderr
    first, *_, last = done.stdout.splitlines()
    numbers = json.loads((out / "report.json").read_text())
    assert first == f"{counts}: {numbers['verdict']['text']}"
    assert last.startswith(f"{out / 'report.html'}: written")
    again = tembench("trust", counts, *options)
    assert "report already" in error_line(again, 6)


@pytest.mark.slow
def test_a_denoised_file_names_its_method_and_its_options(counts: Path) -> None:
    made = counts.with_name("denoised.tif")
    options = ("--pixel-size-A", "0.125", "--dose", "2")
    assert tembench("--quiet", "apply", "gaussian", counts, "--out", made, *options).returncode == 0
    out = counts.with_name("report")
    done = tembench("--quiet", "trust", counts, made, "--out", out)
    assert done.returncode == 0, done.stderr
    numbers = json.loads((out / "report.json").read_text())
    assert numbers["method"] == "gaussian"
    assert numbers["sources"]["dose_from"] == "option"
    assert numbers["withheld"] == {}


def test_mistakes_are_one_line(counts: Path) -> None:
    missing = counts.with_name("missing.tif")
    assert "no such file" in error_line(tembench("trust", missing, "--method", "gaussian"), 4)
    assert "pixel size" in error_line(
        tembench("trust", counts, "--method", "gaussian", "--out", counts.with_name("new")), 4
    )
    assert "other files" in error_line(
        tembench("trust", counts, "--method", "gaussian", "--out", counts.parent), 6
    )
