"""Figures of the open track: their script, and the pictures in docs/."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from test_docs_figures import load

from tembench.recipe import Exposure

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load(DOCS / "open_track_figures.py")


def test_pictures_are_there_and_not_large(script: ModuleType) -> None:
    sheets = [f"draws-{number}" for number in range(1, script.SHEETS + 1)]
    assert script.SHEETS * script.EACH == 100
    for name in (*sheets, "values"):
        path = DOCS / f"{script.RECIPE}-{name}.png"
        assert path.stat().st_size < 2_500_000
        with Image.open(path) as picture:
            assert min(picture.size) > 1000


def test_noise_is_averaged_over_squares(script: ModuleType) -> None:
    image = np.arange(36.0).reshape(6, 6)
    np.testing.assert_array_equal(script.binned(image), [[7, 10], [25, 28]])


def test_noise_has_a_wider_grey_scale(script: ModuleType) -> None:
    noisy = np.tile([0.0, 2.0], 50)
    assert script.noise_range(noisy, 0.1) == 2.5
    assert script.noise_range(noisy, 4.0) == 4.0


def test_numbers_with_a_spike_say_its_share(script: ModuleType) -> None:
    axes = script.figure_of(2, 2).subplots()
    values = np.concatenate([np.zeros(60), np.linspace(0.1, 1, 140)])
    script.histogram(axes, "movie drift_A", values, {"drift_A": "angstrom"})
    assert axes.get_title() == "movie drift, Å, 30% at 0"


def test_of_a_movie_the_exposure_is_shown(script: ModuleType) -> None:
    exposure = Exposure(
        dose_e_per_A2=9.0, frames=4, drift_A=0.2, drift_azimuth_deg=5.0, jitter_A=0.1,
        jump_share=0.3, detector="ideal",
    )  # fmt: skip
    image = type("Image", (), {"exposure": exposure})
    found = script.values_of(None, "movie", None, image)
    assert found["movie drift_A"] == 0.2
    assert "movie detector" not in found
