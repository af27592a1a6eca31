"""Inputs of the metrics from a store, and the null distributions in vacuum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from ranking_fakes import FakeStore

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.metrics import METRICS, evaluate
from tembench.ranking.scoring.metric_inputs import metric_inputs, nulls
from tembench.recipe import Condition, Detector

DETECTOR = Detector(dqe=0.6, mtf_nyquist=0.5, read_noise_e=0.1)


def test_a_scene_holds_what_the_store_knows(store: FakeStore) -> None:
    denoised = np.ones(store.shape)
    inputs = metric_inputs(store, 5, denoised)
    assert inputs.denoised is denoised
    np.testing.assert_array_equal(inputs.clean, store.clean(5))
    np.testing.assert_array_equal(inputs.noisy, store.noisy(5))
    np.testing.assert_array_equal(inputs.vacuum_mask, store.vacuum_mask(5))
    np.testing.assert_array_equal(inputs.particle_mask, store.particle_mask(5))
    np.testing.assert_array_equal(inputs.sites.atoms, store.sites(5).atoms)
    assert (inputs.dose_e_per_px, inputs.pixel_size_A) == (0.45, 0.4)
    # Four recordings, no two alike.
    recordings = [inputs.noisy, *inputs.copies]
    assert len({counts.tobytes() for counts in recordings}) == 4


@dataclass(frozen=True)
class DetectorStore(FakeStore):
    def condition(self, image: int) -> Condition:
        return Condition(dose_e_per_px=4.5, drift_A=(0.0, 0.0), detector=DETECTOR)

    def dose_of(self, image: int) -> float:
        return self.condition(image).dose_e_per_px


@pytest.mark.slow
def test_dose_and_detector_are_those_of_the_condition() -> None:
    inputs = metric_inputs(DetectorStore(dose_e_per_px=0.45), 5, np.ones((72, 72)))
    assert inputs.dose_e_per_px == 4.5
    assert inputs.nulls is nulls(4.5, DETECTOR, 0.4, 2)


@pytest.mark.slow
def test_nulls_are_drawn_once_and_the_same_anywhere() -> None:
    first = nulls(0.45, None, 0.4)
    assert nulls(0.45, None, 0.4) is first
    again = nulls.__wrapped__(0.45, None, 0.4)
    np.testing.assert_array_equal(first.searched.largest_ratios, again.searched.largest_ratios)


@pytest.mark.slow
@pytest.mark.parametrize("detector", [None, DETECTOR], ids=["counting", "detector"])
def test_nulls_are_large_enough_and_a_search_finds_more(detector: Detector | None) -> None:
    found = nulls(0.45, detector, 0.0625)
    assert found.fixed.largest_ratios.size > 2000
    assert found.searched.largest_ratios.size > 2000
    assert found.fixed.critical(0.01) < found.searched.critical(0.01)


@pytest.mark.slow
def test_a_detector_that_counts_less_has_a_wider_null() -> None:
    assert nulls(0.45, None, 0.4).fixed.critical(0.01) < nulls(0.45, DETECTOR, 0.4).fixed.critical(
        0.01
    )


@pytest.mark.slow
def test_clean_images_of_a_real_store_are_perfect(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    for image in store.files.test_positions:
        values = evaluate(metric_inputs(store, image, store.clean(image)))
        for name, value in values.items():
            if name.startswith(("column", "surface", "position", "vacuum", "frc")):
                assert value == METRICS[name].ideal, (image, name)
        assert values["occupancy_correlation"] > 0.9
        assert values["occupancy_error_atoms"] < 0.5


def test_stored_recordings_are_those_that_the_seeds_give(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    for image in store.files.test_positions:
        clean = store.clean(image)
        np.testing.assert_array_equal(store.noisy(image), store.record(image, clean))
        for copy in (1, 2, 3):
            drawn = store.record(image, clean, copy)
            np.testing.assert_array_equal(store.noisy_copy(image, copy), drawn)


def test_validation_images_have_all_metrics_and_a_recording_of_their_own_each(
    tiny_store_path: Path,
) -> None:
    store = open_store(tiny_store_path)
    images = set(store.images("model", "validation").tolist()) - set(store.files.test_positions)
    assert images
    for image in sorted(images):
        inputs = metric_inputs(store, image, store.clean(image))
        recordings = [inputs.noisy, *inputs.copies]
        assert len({counts.tobytes() for counts in recordings}) == 4
        values = evaluate(inputs)
        assert set(values) == set(METRICS)
        assert values["column_f1"] == 1
        assert abs(values["umse"]) < 0.02


@pytest.mark.parametrize("copy", [0, 4])
def test_there_are_three_copies(tiny_store_path: Path, copy: int) -> None:
    with pytest.raises(StoreError, match=f"no copy {copy} of image 5; expected a copy from 1 to 3"):
        open_store(tiny_store_path).noisy_copy(5, copy)
