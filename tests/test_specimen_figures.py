"""Figures of the physics of drawn data sets: their script, and the pictures in docs/."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from test_docs_figures import load

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load(DOCS / "specimen_figures.py")


def test_every_figure_is_shown_by_the_page_and_is_small(script: ModuleType) -> None:
    page = (DOCS / "physics-of-draws.md").read_text(encoding="utf-8")
    for name in script.FIGURES:
        assert f"](draws-{name}.png)" in page
        assert (DOCS / f"draws-{name}.png").stat().st_size < 250_000


def test_every_preview_is_there_and_is_small(script: ModuleType) -> None:
    for name in script.PREVIEWS:
        assert (DOCS / f"preview-{name}.png").stat().st_size < 500_000


def test_the_recipes_of_the_figures_are_valid(script: ModuleType) -> None:
    gold, titanate = script.parsed(script.GOLD), script.parsed(script.STRONTIUM_TITANATE)
    assert gold.exposure.frames == 8
    assert titanate.n_images == 3


def test_aberrations_are_shown_one_at_a_time_each_with_its_value(script: ModuleType) -> None:
    labels = [script.aberration_label(values) for values in script.ABERRATIONS]
    assert [label.split(" ")[0] for label in labels] == [
        "none", "C10", "C12", "C21", "C23", "C30", "C32", "C34", "C50",
    ]  # fmt: skip
    assert labels[2] == "C12 = 4 nm, φ12 = 30°"
    assert labels[5] == "C30 = 25 µm"
