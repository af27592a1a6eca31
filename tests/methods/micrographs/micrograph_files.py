"""Image files written by tifffile, and `tembench denoise` run on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile
from click.testing import CliRunner, Result

from tembench.cli import cli

SIDE = 64


def write_tiff(path: Path, image: np.ndarray, pixel_size_A: float) -> Path:
    """Write an image (y, x) as ImageJ does, with its pixel size in nm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    per_nm = 10 / pixel_size_A
    tifffile.imwrite(path, image, imagej=True, resolution=(per_nm, per_nm), metadata={"unit": "nm"})
    return path


def counts_file(path: Path, seed: int = 0, pixel_size_A: float = 0.0625, side: int = SIDE) -> Path:
    counts = np.random.default_rng(seed).poisson(0.45, (side, side)).astype(np.float32)
    return write_tiff(path, counts, pixel_size_A)


def flat_file(path: Path, side: int = SIDE, pixel_size_A: float = 0.0625) -> Path:
    """Write a clean image that is vacuum everywhere."""
    return write_tiff(path, np.full((side, side), 0.45, np.float32), pixel_size_A)


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
