"""Preview of a drawn recipe: the images that its store has, clean above noisy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_recipes import drawn_recipe
from PIL import Image

from tembench.core.errors import RecipeError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_contents import DrawnContents
from tembench.dataset.reports import preview

pytestmark = pytest.mark.slow


def test_it_shows_images_of_the_store(drawn_store_path: Path, tmp_path: Path) -> None:
    store = open_store(drawn_store_path)
    contents = DrawnContents(drawn_recipe(tmp_path))
    for number in (2, 9):
        shown, image = preview._shown(contents, number), 2 * number
        dose = store.dose_of(image)
        np.testing.assert_allclose(shown.clean, store.clean(image) / dose, rtol=1e-6)
        np.testing.assert_allclose(shown.noisy, store.record(image, store.clean(image)) / dose)
        assert shown.pixel_size_A == store.pixel_size_of(image)
        lines = shown.label.split("\n")
        assert lines[0] == f"{store.table['model'][image]}, upright"
        assert f"C10 {store.defocus_of(image):.1f} nm" in lines[1]
        assert ("1 refused" in lines[2]) == (number == 2)


def test_the_sheet_has_a_pair_for_each_specimen(tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path)
    sizes = []
    for number in (1, 7):
        path = preview.draw_preview(recipe, tmp_path / "preview.png", number, workers=0)
        with Image.open(path) as sheet:
            sizes.append(sheet.size)
    assert sizes[1][0] == pytest.approx(6 * sizes[0][0], rel=0.03)
    assert sizes[1][1] == pytest.approx(2 * sizes[0][1], rel=0.08)


def test_what_cannot_be_drawn_leaves_no_picture(tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path, {"specimens.upright.particle.count": 20})
    with pytest.raises(RecipeError, match="none of 20 attempts"):
        preview.draw_preview(recipe, tmp_path / "preview.png", workers=0)
    assert not (tmp_path / "preview.png").exists()


def test_one_specimen_of_each_draw_is_shown(tmp_path: Path) -> None:
    grid = {"specimens.upright.support.thickness_A": {"grid": [5, 9]}}
    grid |= {
        "specimens.tilted.crystal.thickness_A": {"grid": [5, 9]},
        "specimens.amorphous.film.thickness_A": {"grid": [5, 9]},
    }
    contents = DrawnContents(drawn_recipe(tmp_path, grid))
    assert contents.n_specimens == 22
    assert preview._first_of_each_draw(contents, 4) == [0, 2, 4, 6]
