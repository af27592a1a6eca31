"""Shown images: the same for all rows, faithful to the outputs, and no truth of a sealed test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ranking_fakes import FakeStore

from tembench.core.toml_reader import Reader
from tembench.metrics import column_marks
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.scoring.panel import panel_image
from tembench.ranking.scoring.shown_images import DrawnCrops, draw_crops, images_to_show
from tembench.ranking.untrusted.shown_file import ShownImages, read_shown_files
from tembench.ranking.untrusted.shown_table import read_shown_table


def read(crops: DrawnCrops, folder: Path) -> ShownImages:
    """Read crops as those of a submission."""
    crops.write(folder)
    reader = Reader({"shown": crops.table})
    table = read_shown_table(reader)
    assert reader.problems == []
    found, errors = read_shown_files(folder, table, crops.table["images"])
    assert errors == []
    assert found is not None
    return found


def test_the_panels_image_comes_first_and_the_others_differ(store: FakeStore) -> None:
    chosen = images_to_show(store, store.images())
    assert chosen[0] == panel_image(store, store.images())
    assert len(set(chosen)) == 5
    assert set(chosen) <= set(store.images().tolist())
    defocus, model = store.table["defocus_nm"], store.table["model"]
    assert {defocus[image] for image in chosen} == set(defocus)
    assert len({model[image] for image in chosen}) > 1


def test_the_choice_depends_on_the_images_alone(store: FakeStore) -> None:
    images = store.images()
    assert images_to_show(store, images[::-1]) == images_to_show(store, images)


def test_few_images_are_all_shown(store: FakeStore) -> None:
    assert sorted(images_to_show(store, np.array([3, 7]))) == [3, 7]


@pytest.mark.slow
def test_crops_are_the_outputs_within_a_step_of_grey(store: FakeStore, tmp_path: Path) -> None:
    def denoised(image: int) -> np.ndarray:
        return store.clean(image) + np.float32(0.01)

    shown = read(draw_crops(store, [3, 4], denoised), tmp_path)
    assert shown.table.images == (3, 4)
    for number, image in enumerate((3, 4)):
        step = (shown.table.high_e_per_px[number] - shown.table.low_e_per_px[number]) / 255
        error = shown.electrons(image) - denoised(image)
        assert np.abs(error).max() <= 0.51 * step
        assert shown.table.low_e_per_px[number] < store.clean(image).min()
        assert shown.table.high_e_per_px[number] > store.clean(image).max()


@pytest.mark.slow
def test_rows_share_their_scales(store: FakeStore) -> None:
    tables = [
        draw_crops(store, [3], of).table
        for of in (store.clean, lambda image: np.full(store.shape, 1e30, dtype=np.float32))
    ]
    for key in ("low_e_per_px", "high_e_per_px", "left_px", "top_px", "width_px", "height_px"):
        assert tables[0][key] == tables[1][key]


@pytest.mark.slow
def test_counts_are_stored_as_they_are(store: FakeStore, tmp_path: Path) -> None:
    def counts(image: int) -> np.ndarray:
        return store.noisy(image).astype(np.float32)

    shown = read(draw_crops(store, [3], counts), tmp_path)
    assert (shown.table.low_e_per_px, shown.table.high_e_per_px) == ((0.0,), (255.0,))
    assert (shown.electrons(3) == store.noisy(3)).all()


@pytest.mark.slow
def test_columns_are_those_of_the_metrics(store: FakeStore, tmp_path: Path) -> None:
    shown = read(draw_crops(store, [3], store.clean), tmp_path)
    marks = column_marks(metric_inputs(store, 3, store.clean(3)))
    assert shown.columns["kind"].tolist() == marks.kind.tolist()
    assert {"matched", "removed"} <= set(marks.kind)
    place = shown.columns[["x_px", "y_px"]].to_numpy() * store.pixel_size_A
    assert np.abs(place - marks.xy_A).max() <= 0.0051 * store.pixel_size_A
    assert shown.columns["llr"].to_numpy() == pytest.approx(marks.ratio, rel=1e-3, nan_ok=True)
    assert shown.columns["called"].tolist() == marks.called.tolist()


def test_no_truth_of_a_sealed_test_is_shown(store: FakeStore, tmp_path: Path) -> None:
    sealed = replace(store, recipe=SimpleNamespace(is_sealed=True))
    brighter = SimpleNamespace(**{name: getattr(sealed, name) for name in dir(sealed)})
    brighter.clean = lambda image: 3 * store.clean(image)
    one, other = (
        draw_crops(of, [3], lambda image: store.noisy(image) / np.float32(2))
        for of in (sealed, brighter)
    )
    assert one == other
    assert len(read(one, tmp_path).columns) == 0
