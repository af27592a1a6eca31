from __future__ import annotations

import math

import numpy as np
import pytest

from tembench.metrics import Sites, psnr_db
from tembench.study.audit import View, score_on_disc

SIZE, PIXEL_A, DOSE = 200, 0.1, 2.0


def view_of(columns: list[tuple[float, float]], *, defined: bool = True) -> View:
    """Bright Gaussian columns in vacuum; the disc has a radius of 5 A about (10, 10) A."""
    number = len(columns)
    x, y = np.array(columns, dtype=float).reshape(-1, 2).T
    return View(
        clean=image_of(columns),
        sites=Sites(
            x_A=x,
            y_A=y,
            atoms=np.full(number, 5),
            whole_atoms=np.full(number, 5),
            in_particle=np.ones(number, dtype=bool),
            at_surface=np.zeros(number, dtype=bool),
        ),
        columns_defined=defined,
        pixel_size_A=PIXEL_A,
        centre_px=(100.0, 100.0),
        radius_px=50.0,
    )


def image_of(columns: list[tuple[float, float]]) -> np.ndarray:
    rows, across = np.indices((SIZE, SIZE)) * PIXEL_A
    image = np.ones((SIZE, SIZE))
    for x, y in columns:
        image += 0.8 * np.exp(-((across - x) ** 2 + (rows - y) ** 2) / (2 * 0.5**2))
    return image.astype(np.float32)


INSIDE = [(8.0, 10.0), (12.0, 10.0), (10.0, 7.0)]
OUTSIDE = [(3.0, 3.0), (17.0, 16.0)]


@pytest.mark.slow
def test_the_truth_scores_best() -> None:
    view = view_of(INSIDE + OUTSIDE)
    assert score_on_disc(view, view.expected(DOSE), DOSE) == (math.inf, 1.0)


def test_only_pixels_in_the_disc_count_and_the_dose_does_not() -> None:
    view = view_of(INSIDE + OUTSIDE)
    corner, middle = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
    corner[:40, :40], middle[90:110, 90:110] = 0.5, 0.1
    psnr, f1 = score_on_disc(view, view.expected(DOSE) + DOSE * corner, DOSE)
    assert (psnr, f1) == (math.inf, 1.0)
    found = [score_on_disc(view, view.expected(d) + d * middle, d)[0] for d in (DOSE, 0.3)]
    rows, columns = np.indices((SIZE, SIZE))
    disc = (np.hypot(rows - 100, columns - 100) <= 50).sum()
    expected = -10 * math.log10((0.45 * 0.1) ** 2 * 400 / disc)
    assert found == pytest.approx([expected, expected], abs=1e-3)
    # The mean over the whole image would be another.
    assert psnr_db(view.clean, view.clean + middle) > expected - 6


def test_columns_missed_and_invented_count_in_the_disc_alone() -> None:
    view = view_of(INSIDE + OUTSIDE)
    missed_outside = DOSE * image_of(INSIDE)
    assert score_on_disc(view, missed_outside, DOSE)[1] == 1.0
    missed = DOSE * image_of(INSIDE[1:] + OUTSIDE)
    assert score_on_disc(view, missed, DOSE)[1] == pytest.approx(2 * 2 / (2 * 2 + 1))
    invented = DOSE * image_of([*INSIDE, *OUTSIDE, (10.0, 13.0), (3.0, 16.0)])
    assert score_on_disc(view, invented, DOSE)[1] == pytest.approx(2 * 3 / (2 * 3 + 1))


def test_f1_is_not_defined_without_columns() -> None:
    assert score_on_disc(view_of(OUTSIDE), DOSE * image_of([]), DOSE)[1] is None
    view = view_of(INSIDE, defined=False)
    assert score_on_disc(view, view.expected(DOSE), DOSE)[1] is None
