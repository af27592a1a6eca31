"""Brightness at corners: of the clean image, of less contrast, of filled and of emptied sites."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from metrics_fakes import DOSE, drawn, inputs, particle, without

from tembench.metrics import METRICS, MetricInputs, evaluate

NAMES = ("site_shown_whole", "site_shown_removed", "site_shown_difference")
REMOVED = 3
EMPTIED = without(particle(), REMOVED)
FILLED = drawn(particle())
CLEAN = drawn(EMPTIED)


def shown(denoised: np.ndarray) -> tuple[float, ...]:
    values = evaluate(inputs(denoised, sites=EMPTIED), NAMES)
    return tuple(values[name] for name in NAMES)


def test_the_clean_image_shows_whole_columns_and_empty_sites() -> None:
    assert shown(CLEAN) == pytest.approx((1.0, 0.0, 1.0), abs=1e-12)


def test_the_constant_image_shows_nothing() -> None:
    whole, removed, difference = shown(np.full_like(CLEAN, DOSE))
    assert (whole, removed) == pytest.approx((0.0, 0.0), abs=0.15)
    assert difference == pytest.approx(0.0, abs=0.08)


def test_a_column_from_memory_is_shown_where_there_is_none() -> None:
    whole, removed, difference = shown(FILLED)
    assert whole == pytest.approx(1.0, abs=0.05)
    # Four atoms there, and 4 to 6 in the other corners.
    assert removed == pytest.approx(0.9, abs=0.15)
    assert difference == whole - removed


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_half_of_the_contrast_is_half_of_the_brightness(share: float) -> None:
    whole, removed, _ = shown(DOSE + share * (FILLED - DOSE))
    full_whole, full_removed, _ = shown(FILLED)
    nothing_whole, nothing_removed, _ = shown(np.full_like(CLEAN, DOSE))
    assert whole == pytest.approx(nothing_whole + share * (full_whole - nothing_whole), abs=0.01)
    expected = nothing_removed + share * (full_removed - nothing_removed)
    assert removed == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("added", [-0.1, 0.3])
def test_a_background_changes_nothing(added: float) -> None:
    y, x = np.mgrid[: CLEAN.shape[0], : CLEAN.shape[1]]
    slope = added * (1 + 0.002 * x - 0.001 * y)
    assert shown(CLEAN + slope) == pytest.approx(shown(CLEAN), abs=0.01)


@pytest.mark.parametrize("defect", ["whole", "emptied"])
def test_dark_columns_are_as_good_as_bright_ones(defect: str) -> None:
    denoised = FILLED if defect == "whole" else CLEAN
    given = inputs(2 * DOSE - denoised, sites=EMPTIED)
    dark = evaluate(dataclasses.replace(given, clean=2 * DOSE - CLEAN), NAMES)
    assert tuple(dark.values()) == pytest.approx(shown(denoised))


def test_noise_does_not_change_the_mean() -> None:
    given = inputs(sites=EMPTIED)
    draw = np.random.default_rng(1)
    rows = []
    for _ in range(300):
        denoised = draw.poisson(20 * CLEAN) / 20
        brightness = dataclasses.replace(given, denoised=denoised).corner_brightness
        rows.append((brightness.whole, brightness.removed))
    mean, error = np.mean(rows, axis=0), np.std(rows, axis=0) / math.sqrt(len(rows))
    assert error.max() < 0.03
    np.testing.assert_allclose(mean, (1.0, 0.0), atol=4 * error.max())


@pytest.mark.parametrize("excess", [1.5, 3.0])
def test_more_contrast_than_there_is_wins_nothing(excess: float) -> None:
    whole, _, difference = shown(DOSE + excess * (CLEAN - DOSE))
    assert whole == difference == 1.0


def test_only_columns_that_some_models_lack_are_asked_for() -> None:
    given = inputs(drawn(without(EMPTIED, 0)), sites=EMPTIED)
    asked = {
        "every": None,
        "the missing one": particle().xy_A[[0]],
        "one that is there": particle().xy_A[[8]],
    }
    found = {
        name: dataclasses.replace(given, varying_columns_A=places).corner_brightness
        for name, places in asked.items()
    }
    assert found["the missing one"].whole == pytest.approx(0.0, abs=0.15)
    assert found["one that is there"].whole == pytest.approx(1.0, abs=0.05)
    assert 0.7 < found["every"].whole < 0.9
    assert len({round(brightness.removed, 9) for brightness in found.values()}) == 1
    for brightness in found.values():
        assert brightness.difference == pytest.approx(brightness.whole - brightness.removed)


def test_where_none_is_asked_for_the_difference_is_to_every_whole_corner() -> None:
    given = dataclasses.replace(inputs(sites=EMPTIED), varying_columns_A=EMPTIED.xy_A[[REMOVED]])
    values = evaluate(given, NAMES)
    assert math.isnan(values["site_shown_whole"])
    assert values["site_shown_difference"] == pytest.approx(1.0)


def without_contrast() -> MetricInputs:
    return dataclasses.replace(inputs(sites=EMPTIED), clean=DOSE + 0.05 * (CLEAN - DOSE))


@pytest.mark.parametrize("name", NAMES)
def test_columns_that_the_clean_image_does_not_show_are_not_measured(name: str) -> None:
    assert math.isnan(METRICS[name](without_contrast()))


def test_off_the_zone_axis_nothing_is_measured() -> None:
    off = dataclasses.replace(inputs(sites=EMPTIED), undefined=frozenset({"columns"}))
    assert all(math.isnan(value) for value in evaluate(off, (*NAMES, "ghost_columns")).values())


def test_without_an_empty_corner_the_whole_ones_are_measured() -> None:
    values = evaluate(inputs(), NAMES)
    assert values["site_shown_whole"] == pytest.approx(1.0)
    assert math.isnan(values["site_shown_removed"])
    assert math.isnan(values["site_shown_difference"])


def test_an_image_that_is_not_finite_is_the_worst() -> None:
    given = inputs(np.full_like(CLEAN, np.inf), sites=EMPTIED)
    values = evaluate(given, NAMES)
    assert values == {name: METRICS[name].worst for name in NAMES}


def test_a_ghost_is_an_invented_column_at_a_place_of_the_training() -> None:
    given = inputs(FILLED, sites=EMPTIED)
    for place_A, ghosts in ((particle().xy_A[REMOVED], 1), (np.array([2.0, 2.0]), 0)):
        known = dataclasses.replace(given, training_columns_A=place_A[None])
        assert evaluate(known, ["columns_invented", "ghost_columns"]) == {
            "columns_invented": 1,
            "ghost_columns": ghosts,
        }
    unknown = dataclasses.replace(given, training_columns_A=None)
    assert math.isnan(METRICS["ghost_columns"](unknown))


def test_free_parameters_of_a_fit_are_counted_by_its_error() -> None:
    # A constant fitted to the counts of every block of 8 x 8 pixels: 400 parameters.
    draw = np.random.default_rng(2)
    found = []
    for dose in (0.45, 5.0):
        flat = np.full(CLEAN.shape, dose)
        for _ in range(20):
            blocks = draw.poisson(flat).reshape(20, 8, 20, 8).mean(axis=(1, 3))
            given = dataclasses.replace(
                inputs(dose=dose), clean=flat, denoised=np.kron(blocks, np.ones((8, 8)))
            )
            found.append(METRICS["dof"](given))
    # The variance of a sum of 400 squares.
    assert np.mean(found) == pytest.approx(400, abs=4 * math.sqrt(800 / len(found)))
