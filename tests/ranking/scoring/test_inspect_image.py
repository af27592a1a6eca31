"""Figure of one denoised image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ranking_fakes import FakeStore

from tembench.core.errors import OutputError
from tembench.core.plotting import picture_record
from tembench.ranking.scoring.inspect_image import inspect_image
from tembench.ranking.scoring.panel import panel_image


def colours(path: Path) -> set[tuple[int, ...]]:
    return {tuple(colour) for colour in np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)}


@pytest.mark.slow
def test_columns_are_marked_as_what_they_are(
    scored: Path, store: FakeStore, tmp_path: Path
) -> None:
    matched, missed = (44, 162, 95), (227, 74, 51)
    image = int(store.images()[0])
    right = inspect_image(scored / "clean", store, image, tmp_path / "clean.png")
    wrong = inspect_image(scored / "vacuum", store, image, tmp_path / "vacuum.png")
    assert matched in colours(right)
    assert missed not in colours(right)
    assert missed in colours(wrong)
    assert matched not in colours(wrong)


@pytest.mark.slow
def test_the_image_of_the_panels_and_a_name_if_not_given(
    scored: Path, store: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = inspect_image(scored / "good", store)
    assert path.name == f"inspect-{panel_image(store, store.images())}.png"
    assert path.is_file()


def test_an_image_that_is_not_there(scored: Path, store: FakeStore, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no image 999 in these outputs.*one of"):
        inspect_image(scored / "good", store, 999, tmp_path / "x.png")
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_the_picture_carries_the_numbers_that_it_shows(
    scored: Path, store: FakeStore, tmp_path: Path
) -> None:
    image = int(store.images()[0])
    clean, vacuum = (
        picture_record(inspect_image(scored / name, store, image, tmp_path / f"{name}.png"))
        for name in ("clean", "vacuum")
    )
    assert (clean["method"], clean["image"]) == ("clean", image)
    assert (clean["scores"]["psnr_db"], clean["scores"]["column_f1"]) == ("∞", "1.000")
    assert clean["columns"]["missed"] == clean["columns"]["invented"] == 0
    assert vacuum["columns"]["missed"] == clean["columns"]["matched"] > 0
