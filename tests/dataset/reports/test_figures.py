"""Contact sheets of drawn stores, whose tables have neither tilts nor conditions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tembench.dataset import open_store
from tembench.dataset.reports import figures
from tembench.dataset.reports.figures import contact_sheet, image_label, model_sheet


def test_a_drawn_image_is_labelled_by_its_specimen_and_optics(drawn_store_path: Path) -> None:
    table = open_store(drawn_store_path).table
    assert image_label(table.loc[18]) == "test-00002, upright\nC10 -2.0 nm, 271 e/Å²"
    assert image_label(table.loc[19]).endswith("271 e/Å², frame 1")


def test_sheets(drawn_store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(drawn_store_path)
    with Image.open(contact_sheet(store, tmp_path / "sheet.png", n=5)) as sheet:
        assert sheet.size[0] == pytest.approx(1600, rel=0.3)
    chosen, text = figures._one_of_each_model(store)
    assert chosen.index.tolist() == [*range(0, 22, 2)]
    assert text == "first images of 11 of 11 specimens"
    monkeypatch.setattr(figures, "_MOST_SPECIMENS", 4)
    chosen, text = figures._one_of_each_model(store)
    assert chosen["model"].tolist() == ["train-00000", "train-00003", "test-00000", "test-00003"]
    assert text == "first images of 4 of 11 specimens"
    assert model_sheet(store, tmp_path / "models.png").is_file()
