"""The registry: what each metric declares holds for what it returns, whatever the output."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import math
import pkgutil
from types import ModuleType

import numpy as np
import pytest
from metrics_fakes import DOSE, PIXEL_A, blob, drawn, inputs, nothing, particle, without

import tembench.metrics
from tembench.metrics import METRICS, Metric, MetricInputs, Nulls, evaluate, mean, versions
from tembench.metrics.likelihood import pixel_ratio
from tembench.metrics.null_distribution import Null
from tembench.metrics.unsupervised import paired_umse

# Read off recordings: chance decides between images that are nearly right.
ESTIMATED = {name for name in METRICS if name.startswith(("llr_", "umse"))}
# A mean brightness, which noise leaves as it is; test_site_brightness has their tests.
BRIGHTNESS = {name for name in METRICS if name.startswith("site_shown")}
# The particle has no empty corner.
EMPTY = {name for name in METRICS if METRICS[name].needs == "empty corners"}
NEARLY = {"occupancy_correlation": 1e-6, "occupancy_error_atoms": 1e-3}
SHAPE = (160, 160)


def with_error(error: float) -> np.ndarray:
    rng = np.random.default_rng(3)
    return drawn(particle()) + error * rng.normal(size=SHAPE)


@pytest.fixture(scope="module")
def by_error() -> dict[float, dict[str, float]]:
    return {error: evaluate(inputs(with_error(error))) for error in (0.0, 0.02, 0.1, 0.5)}


def modules() -> list[ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(tembench.metrics.__path__)]
    return [importlib.import_module(f"tembench.metrics.{name}") for name in names]


def out_of_range(given: MetricInputs) -> list[str]:
    """Names of the metrics that leave the range they declare; NaN does where they are defined."""
    return [
        name
        for name, value in evaluate(given).items()
        if not (
            math.isnan(value)
            if given.lacks(METRICS[name].needs)
            else METRICS[name].range[0] <= value <= METRICS[name].range[1]
        )
    ]


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_declaration(metric: Metric) -> None:
    assert METRICS[metric.name] is metric
    assert metric.direction in ("higher", "lower")
    assert metric.range[0] <= metric.ideal <= metric.range[1]
    assert metric.worst in metric.range
    assert metric.worst != metric.ideal
    assert metric.version >= 1
    assert metric.decimals >= 0
    assert metric.title
    assert metric.summary.endswith(".")
    with pytest.raises(dataclasses.FrozenInstanceError):
        metric.version = 2  # type: ignore[misc]


def test_titles_and_names_are_unique() -> None:
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in METRICS if name not in ESTIMATED | BRIGHTNESS])
def test_perfect_is_ideal_and_more_error_is_no_better(
    by_error: dict[float, dict[str, float]], name: str
) -> None:
    metric = METRICS[name]
    values = [by_error[error][name] for error in sorted(by_error)]
    assert values[0] == pytest.approx(metric.ideal, abs=NEARLY.get(name, 1e-12))
    ordered = sorted(values, reverse=metric.direction == "higher")
    assert values == pytest.approx(ordered, abs=0)
    # This particle's sites are told through any of these errors.
    assert values[-1] != values[0] or name == "site_accuracy"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["llr_pixels", "umse", "umse_product", "umse_paired"])
def test_estimates_grow_worse_with_the_error(
    by_error: dict[float, dict[str, float]], name: str
) -> None:
    values = [by_error[error][name] for error in (0.0, 0.1, 0.5)]
    assert values == sorted(values, reverse=METRICS[name].direction == "higher")
    assert len(set(values)) == 3


def test_estimates_of_a_known_error() -> None:
    values = evaluate(inputs(with_error(0.5)), ["mse", "umse", "umse_product", "umse_paired"])
    assert values["mse"] == pytest.approx(0.25, rel=0.02)
    for name in ("umse", "umse_product"):
        assert values[name] == pytest.approx(values["mse"], abs=0.02)
    of_reference = evaluate(inputs(inputs().reference), ["mse"])["mse"]
    assert values["umse_paired"] == pytest.approx(values["mse"] - of_reference, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["umse", "umse_product", "umse_paired"])
def test_errors_are_given_where_vacuum_is_at_the_reference_dose(name: str) -> None:
    low = evaluate(inputs(with_error(0.5)), [name])[name]
    high = evaluate(inputs(10 * with_error(0.5), dose=10 * DOSE), [name])[name]
    # The smoothed noisy image of the paired metric has a smaller error at the higher dose.
    assert high == pytest.approx(low, abs=0.02)


def test_three_copies_serve_by_their_mean() -> None:
    given = inputs(with_error(0.1))
    values = evaluate(given, ["llr_pixels", "umse_paired"])
    each = [
        (
            pixel_ratio(copy, given.denoised, dose_e_per_px=DOSE),
            paired_umse(given.denoised, given.reference, copy),
        )
        for copy in given.copies
    ]
    assert tuple(values.values()) == pytest.approx(np.mean(each, axis=0).tolist(), rel=1e-4)


def test_evaluate_gives_every_metric_in_order_or_those_asked_for() -> None:
    assert list(evaluate(inputs())) == list(METRICS) == list(versions())
    assert list(evaluate(inputs(), ["mse", "psnr_db"])) == ["psnr_db", "mse"]


# --- outputs that no one should make ---

BAD = {
    "zeros": np.zeros(SHAPE),
    "negative": drawn(particle()) - 1.0,
    "minus one": np.full(SHAPE, -1.0),
    "one": np.ones(SHAPE),
    "huge": np.full(SHAPE, 1e30),
    "hugely negative": np.full(SHAPE, -1e30),
    "huge noise": 1e30 * np.random.default_rng(0).normal(size=SHAPE),
    "largest float32": np.full(SHAPE, np.finfo(np.float32).max),
    "one huge pixel": np.where(np.arange(160) == 80, 1e30, DOSE) * np.ones(SHAPE),
    "tiny": np.full(SHAPE, 1e-38),
    "stripes": np.tile(np.where(np.arange(160) % 8 < 4, 0.0, 1.0), (160, 1)),
    "noise": np.random.default_rng(1).normal(DOSE, 0.5, SHAPE),
    "noisy": inputs().noisy,
    "dark": 2 * DOSE - drawn(particle()),
}


@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bad_outputs_have_defined_values_and_no_warning(bad: str, dtype: type) -> None:
    assert out_of_range(inputs(BAD[bad].astype(dtype), sites=without(particle(), 3))) == []


@pytest.mark.parametrize("bad", ["zeros", "one", "huge", "minus one"])
def test_constants_have_no_column(bad: str) -> None:
    values = evaluate(inputs(BAD[bad]))
    assert values["columns_invented"] == values["vacuum_false_per_nm2"] == 0
    assert values["columns_missed"] == 12
    assert values["column_f1"] == values["column_jaccard"] == values["surface_f1"] == 0
    assert values["released_f1"] == values["occupancy_correlation"] == 0
    assert values["position_error_pm"] == METRICS["position_error_pm"].worst


def test_the_constant_of_vacuum_wins_nothing() -> None:
    values = evaluate(inputs(np.full(SHAPE, DOSE, dtype=np.float32)))
    for name in ("skill", "particle_skill", "column_f1", "llr_columns", "llr_called", "llr_pixels"):
        assert values[name] == 0.0
    assert values["vacuum_ripple"] < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("counts", ["none", "negative", "float"])
def test_recordings_of_any_detector_are_taken(counts: str) -> None:
    whole = inputs()
    images = {
        "none": [np.zeros(SHAPE, dtype=np.uint8)] * 4,
        "negative": [np.random.default_rng(c).normal(-0.2, 0.5, SHAPE) for c in range(4)],
        "float": [
            np.random.default_rng(c).normal(drawn(particle()), 0.5).astype(np.float32)
            for c in range(4)
        ],
    }[counts]
    given = dataclasses.replace(whole, noisy=images[0], copies=tuple(images[1:]))
    for denoised in (whole.clean, BAD["noise"], images[0]):
        assert out_of_range(dataclasses.replace(given, denoised=denoised)) == []
    # What does not read recordings is the same.
    expected, values = evaluate(whole), evaluate(given)
    known = [name for name in METRICS if name not in ESTIMATED | EMPTY]
    assert all(values[name] == expected[name] for name in known)


# --- special scenes ---


def blank(denoised: np.ndarray) -> MetricInputs:
    return inputs(denoised, sites=nothing())


def test_a_blank_image_that_stays_flat_is_perfect() -> None:
    values = evaluate(blank(np.full(SHAPE, DOSE)))
    assert values["psnr_db"] == 60.0
    for name, metric in METRICS.items():
        if name not in ESTIMATED | BRIGHTNESS | {"psnr_db"}:
            assert values[name] == metric.ideal, name
    assert values["llr_columns"] == values["llr_invented"] == 0
    assert values["llr_called"] == 1.0


def test_one_column_in_a_blank_image_is_bad() -> None:
    values = evaluate(blank(DOSE + blob(10.0, 10.0, 0.15)))
    assert values["columns_invented"] == 1
    assert values["vacuum_false_per_nm2"] == pytest.approx(1 / 4)
    for name in ("column_precision", "column_f1", "surface_f1", "column_jaccard", "llr_called"):
        assert values[name] == METRICS[name].worst, name
    for name in ("frc_resolution_A", "position_error_pm"):
        assert values[name] == METRICS[name].worst, name
    assert values["occupancy_correlation"] == 0.0
    assert values["site_accuracy"] == 0.5
    assert values["column_recall"] == 1.0  # nothing can be missed
    assert 0 < values["skill"] < 1


@pytest.mark.parametrize("bad", BAD)
def test_bad_outputs_of_a_blank_image(bad: str) -> None:
    assert out_of_range(blank(BAD[bad])) == []


def test_vacuum_without_columns_defined_has_a_finite_skill() -> None:
    flat, rippled = np.full(SHAPE, DOSE), DOSE + blob(10.0, 10.0, 0.15)
    lacking = frozenset({"columns", "particle"})
    for denoised, expected in ((flat, 1.0), (rippled, evaluate(blank(rippled))["skill"])):
        given = dataclasses.replace(blank(denoised), clean=flat, undefined=lacking)
        assert evaluate(given)["skill"] == expected


def test_an_image_without_vacuum() -> None:
    given = dataclasses.replace(inputs(BAD["noise"]), vacuum_mask=np.zeros(SHAPE, dtype=bool))
    values = evaluate(given)
    assert out_of_range(given) == []
    assert values["vacuum_ripple"] == values["vacuum_false_per_nm2"] == 0


# Images are compared where vacuum is 0.45 e/px; these lengths and shares have no unit of dose.
@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_the_same_image_at_another_dose_scores_the_same(factor: float) -> None:
    denoised = with_error(0.2)
    sites = without(particle(), 3)
    at_reference = evaluate(inputs(denoised, sites=sites))
    at_dose = evaluate(inputs(factor * denoised, sites=sites, dose=factor * DOSE))
    assert 0 < at_reference["column_f1"] < 1
    # An error of so many electrons is worth more parameters, where there are more.
    assert at_dose.pop("dof") == pytest.approx(factor * at_reference["dof"])
    for name in at_dose:
        if name not in ESTIMATED:
            assert at_dose[name] == pytest.approx(at_reference[name], rel=1e-6), name


def test_llr_grows_with_the_dose() -> None:
    low, high = (
        evaluate(inputs(dose=dose), ["llr_columns", "llr_called"]) for dose in (DOSE, 10 * DOSE)
    )
    # Ratios of the same image are those of more electrons.
    assert high["llr_columns"] == pytest.approx(10 * low["llr_columns"], rel=0.2)
    assert low["llr_called"] < 0.5 < 0.9 < high["llr_called"]


@pytest.mark.slow
def test_invented_columns_that_the_noise_suggests_are_not_called() -> None:
    given = inputs(drawn(particle()) + blob(16.0, 3.0, 0.3))
    assert evaluate(given, ["llr_invented"])["llr_invented"] == 0.0
    # If electrons are there that the truth has not, they say so.
    image = np.random.default_rng(0).poisson(given.denoised + blob(16.0, 3.0, 0.7))
    suggested = dataclasses.replace(given, noisy=image)
    assert evaluate(suggested, ["llr_invented"])["llr_invented"] == 1.0


def test_invented_columns_are_held_against_a_search_and_true_ones_against_none() -> None:
    nothing_called, all_called = (Null(largest_ratios=np.full(200, ratio)) for ratio in (1e3, -1e3))
    given = inputs(drawn(particle()) + blob(16.0, 3.0, 0.3))
    for searched, fixed in ((nothing_called, all_called), (all_called, nothing_called)):
        values = evaluate(
            dataclasses.replace(given, nulls=Nulls(fixed=fixed, searched=searched)),
            ["llr_invented", "llr_called"],
        )
        assert values["llr_invented"] == float(searched is all_called)
        assert values["llr_called"] == float(fixed is all_called)


def test_false_columns_are_counted_in_vacuum_alone() -> None:
    clean, mask = drawn(particle()), inputs().vacuum_mask
    area_nm2 = mask.sum() * (PIXEL_A / 10) ** 2
    in_vacuum, near_particle = (17.0, 2.5), (3.6, 8.0)
    for (x_A, y_A), false in ((in_vacuum, 1), (near_particle, 0)):
        values = evaluate(inputs(clean + blob(x_A, y_A, 0.15)))
        assert mask[round(y_A / PIXEL_A), round(x_A / PIXEL_A)] == false
        assert values["columns_invented"] == 1
        assert values["vacuum_false_per_nm2"] == pytest.approx(false / area_nm2)


def test_the_released_surface_ends_at_the_lowest_row_of_the_particle() -> None:
    sites = particle()
    sites.x_A[12:], sites.y_A[12:] = 3.6 + 2.4 * np.arange(6), 15.2
    bare = without(sites, 12)
    counts = inputs(drawn(bare), sites=sites).released
    assert counts.matched >= 8
    assert (counts.missed, counts.invented) == (0, 0)


def test_the_released_truth_is_of_strong_blobs_and_what_is_held_to_it_of_weaker_ones_too() -> None:
    # A blob between the paper's two thresholds: by its rules the clean image invents it.
    given = inputs()
    weak = given.clean + blob(3.6, 8.0, 0.04)
    counts = dataclasses.replace(given, clean=weak, denoised=weak).released
    assert (counts.missed, counts.invented) == (0, 1)


def test_a_removed_column_is_seen_by_the_metrics_that_should() -> None:
    sites = without(particle(), 1)
    filled = evaluate(inputs(drawn(particle()), sites=sites))
    assert filled["columns_invented"] == 1
    assert filled["column_recall"] == 1.0
    assert filled["surface_precision"] == pytest.approx(7 / 8)
    assert filled["site_accuracy"] == pytest.approx(0.5)
    assert filled["released_f1"] < 1


# --- not a number ---


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_not_a_number_counts_as_worst(metric: Metric) -> None:
    blind = dataclasses.replace(metric, function=lambda inputs: math.nan)
    assert blind(inputs(sites=without(particle(), 3))) == metric.worst


def test_images_that_a_metric_is_not_defined_for_are_left_out_of_the_mean() -> None:
    assert mean([30.0, 20.0, math.nan]) == pytest.approx(25.0)
    assert math.isnan(mean([math.nan]))


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_examples_in_docstrings(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
