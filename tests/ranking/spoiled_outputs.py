"""Outputs of a method, spoiled for the tests of what is refused."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from ranking_fakes import FakeStore, write_arrays

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.ranking.scoring.score import score_outputs


def edit(outputs: Path, table: str, **values: Any) -> None:
    content = tomllib.loads((outputs / "outputs.toml").read_text())
    content[table].update(values)
    write_toml(outputs / "outputs.toml", content)


def rewrite(outputs: Path, change: Callable[[np.ndarray], np.ndarray], drop: int = 0) -> None:
    """Replace the arrays by changed ones, without the last `drop` images."""
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr")
    keep = len(images) - drop
    write_arrays(outputs, images[:keep], change(denoised)[:keep])


def edit_metadata(outputs: Path, **values: Any) -> None:
    path = outputs / "denoised.zarr" / "denoised" / "zarr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def assert_refused(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    """Scoring fails with one line that matches, unpickles nothing and writes nothing."""

    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", never)
    before = {path.name for path in outputs.iterdir()} if outputs.exists() else set()
    with pytest.raises(OutputError) as caught:
        score_outputs(outputs, store, workers=0)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 6
    assert before == ({path.name for path in outputs.iterdir()} if outputs.exists() else set())
