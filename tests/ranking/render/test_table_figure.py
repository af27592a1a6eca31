"""Figures of a table and of a data set."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ranking_fakes import FakeStore

from tembench.dataset.reports.figures import contact_sheet, model_sheet
from tembench.ranking.render.table_figure import table_image
from tembench.ranking.submission_folders import build_table


def read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 6])
def test_contact_sheet(store: FakeStore, tmp_path: Path, n: int) -> None:
    path = contact_sheet(store, tmp_path / "figures" / "sheet.png", n=n)
    pixels = read(path.read_bytes())
    assert min(pixels.shape[:2]) > 300
    assert pixels.std() > 20


@pytest.mark.slow
def test_table_image(submitted: Path, tmp_path: Path) -> None:
    path = table_image(build_table(submitted), tmp_path / "table.png")
    first = path.read_bytes()
    assert read(first).shape[1] > 1000
    assert table_image(build_table(submitted), path).read_bytes() == first


@pytest.mark.slow
def test_model_sheet_has_a_tile_for_each_model(store: FakeStore, tmp_path: Path) -> None:
    models = store.table["model"].nunique()
    with Image.open(model_sheet(store, tmp_path / "models.png")) as sheet:
        pixels = np.asarray(sheet.convert("L"))
    assert pixels.shape[1] <= 2000
    # White between the tiles, none in them, on a line through the middle of the first row.
    line = pixels[100] == 255
    assert np.count_nonzero(np.diff(line.astype(int)) == -1) == min(models, 10)
