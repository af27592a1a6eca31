"""Parts with image numbers of their own, and movies: windows, values, waves and reimaging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_recipes import drawn_recipe

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_contents import DrawnContents
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.drawn.recipe_cell import recipe_padding_A
from tembench.dataset.generation import generate as build
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.reimage import reimage
from tembench.recipe import DrawnRecipe

UNEVEN: dict[str, Any] = {
    "draws.train": 3,
    "draws.movie": 2,
    "draws.test": 2,
    "draws.images_each": {"train": 3, "validation": 1, "dev": 2, "test": 2},
    "exposure.frames": 1,
    "movie.dose_e_per_A2": {"log_uniform": [5, 50]},
    "movie.frames": 5,
    "movie.drift_A": 0.6,
    "movie.jitter_A": 0.2,
    "movie.jump_share": 1.0,
    "movie.detector": {"choice": ["counter", "perfect"]},
    "grouping.microscope": "ptceo2-18k",
    "specimens.upright.material": "Au on MgO",
}
COUNTS = [3, 3, 3, 1, 2, 2, 2, 5, 5]


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> DrawnRecipe:
    return drawn_recipe(tmp_path_factory.mktemp("uneven"), UNEVEN)


@pytest.fixture(scope="module")
def uneven_store(uneven: DrawnRecipe, tmp_path_factory: pytest.TempPathFactory) -> DrawnStore:
    path = tmp_path_factory.mktemp("uneven") / "store.zarr"
    generate(uneven, path, workers=0)
    store = open_store(path)
    assert isinstance(store, DrawnStore)
    return store


def test_every_image_has_a_place(uneven: DrawnRecipe) -> None:
    contents = DrawnContents(uneven)
    assert contents.n_images == uneven.n_images == sum(COUNTS)
    places = [(contents.specimen_of(i), contents.index_of(i)) for i in range(contents.n_images)]
    assert places == [(n, i) for n, count in enumerate(COUNTS) for i in range(count)]
    named = contents.table()
    assert list(named["model"]) == [contents.place_of(n).name for n, _ in places]
    tested = named["split_model"].isin(["dev", "test", "movie"]).to_numpy()
    np.testing.assert_array_equal(contents.under_test(), np.flatnonzero(tested))


def test_windows_hold_every_image_and_write_every_specimen_once(uneven: DrawnRecipe) -> None:
    contents = DrawnContents(uneven)
    images, written = [], []
    for task in range(contents.n_tasks):
        own, begins = contents.images_of(task), contents.written_with(task)
        simulated = contents.specimens_of(task)
        images += range(own.start, own.stop)
        written += range(begins.start, begins.stop)
        assert {contents.specimen_of(i) for i in range(own.start, own.stop)} == {
            *range(simulated.start, simulated.stop)
        }
        assert all(contents.task_of(n) == task for n in range(begins.start, begins.stop))
    assert images == list(range(contents.n_images))
    assert written == list(range(contents.n_specimens))


def test_waves_are_kept_but_for_movies_and_states_are_theirs_alone(uneven: DrawnRecipe) -> None:
    contents = DrawnContents(uneven)
    assert (contents.n_waves, contents.n_specimens) == (7, 9)
    assert contents.n_states == 7 + 2 * 5
    states = [contents.state_of(image) for image in range(contents.n_images)]
    assert states[:3] == [0, 0, 0]
    assert states[-10:] == list(range(7, 17))
    waves = [contents.waves_of(task) for task in range(contents.n_tasks)]
    assert [n for one in waves for n in range(one.start, one.stop)] == list(range(7))


def test_a_movie_has_room_for_its_motion_and_others_are_as_without_it(
    uneven: DrawnRecipe, tmp_path: Path
) -> None:
    without = {key: value for key, value in UNEVEN.items() if "movie" not in key}
    plain = drawn_recipe(tmp_path, without)
    assert recipe_padding_A(uneven) == recipe_padding_A(plain)
    assert recipe_padding_A(uneven, "movie") == pytest.approx(
        recipe_padding_A(plain) + 0.6 * 5 / 2 + 4 * 0.2
    )


def test_even_recipes_have_windows_of_specimens(drawn: DrawnRecipe) -> None:
    contents = DrawnContents(drawn)
    assert contents.is_even
    for task in range(contents.n_tasks):
        assert contents.specimens_of(task) == contents.written_with(task)
        assert contents.images_of(task).start == 2 * contents.specimens_of(task).start


@pytest.mark.slow
def test_order_and_workers_change_no_value(
    uneven: DrawnRecipe, uneven_store: DrawnStore, tmp_path: Path
) -> None:
    path = tmp_path / "backwards.zarr"
    create_store(path, uneven)
    for number in reversed(range(uneven_store.contents.n_tasks)):
        build.build_task(str(path), number)
    assert generate(uneven, path, workers=0).tasks == 0
    assert open_store(path).data_digest() == uneven_store.data_digest()


@pytest.mark.slow
def test_a_movie_beside_them_moves_no_other_image(uneven_store: DrawnStore, tmp_path: Path) -> None:
    without = {key: value for key, value in UNEVEN.items() if "movie" not in key}
    without["draws.images_each"] = 3
    generate(drawn_recipe(tmp_path, without), tmp_path / "even.zarr", workers=0)
    even = open_store(tmp_path / "even.zarr")
    for part in ("train", "validation", "dev", "test"):
        for model in uneven_store.table.query(f"split_model == '{part}'")["model"].unique():
            own = np.flatnonzero(uneven_store.table["model"] == model)
            other = np.flatnonzero(even.table["model"] == model)
            for one, two in zip(own, other, strict=False):
                np.testing.assert_array_equal(uneven_store.packed(one), even.packed(two))
                np.testing.assert_array_equal(uneven_store.noisy(one), even.noisy(two))


@pytest.mark.slow
def test_frames_of_a_movie_are_one_exposure(uneven_store: DrawnStore) -> None:
    store = uneven_store
    table = store.table
    movies = table[table["split_model"] == "movie"]
    drawn = ["C10_nm", "dose_e_per_A2", "detector", "drift_A", "detector_dqe"]
    for _, frames in movies.groupby("model"):
        first = int(frames.index[0])
        assert list(frames["frame"]) == [0, 1, 2, 3, 4]
        assert store.series(first + 2) == list(range(first, first + 5))
        assert (frames[drawn].nunique() == 1).all()
        assert frames[["shift_x_A", "shift_y_A"]].mean().abs().max() < 1e-9
        assert np.hypot(*frames[["shift_x_A", "shift_y_A"]].std()) > 0.5
        assert frames["dose_e_per_A2"].between(5, 50).all()
        assert len({store.clean(n).tobytes() for n in frames.index}) == 5
    assert store.series(0) == [0]


@pytest.mark.slow
def test_columns_that_results_are_grouped_by(uneven_store: DrawnStore) -> None:
    table = uneven_store.table
    assert set(table["kind"]) == {"upright", "tilted", "amorphous"}
    assert set(table.loc[table["kind"] == "upright", "material"]) == {"Au on MgO"}
    assert set(table.loc[table["kind"] == "tilted", "material"]) == {"tilted"}
    axes = dict(zip(table["kind"], table["orientation"], strict=True))
    assert (axes["amorphous"], axes["tilted"]) == ("none", "[1 0 0]")
    assert table["ctf_distance"].between(0, np.sqrt(2)).all()
    assert table["ctf_distance"].nunique() > 5
    coordinates = uneven_store.files.group
    assert list(coordinates["test_material"][:]) == list(
        table["material"].iloc[uneven_store.contents.under_test()]
    )


@pytest.mark.slow
def test_reimaging_simulates_movies_and_nothing_else(
    uneven_store: DrawnStore, tmp_path: Path
) -> None:
    recipe = drawn_recipe(tmp_path, UNEVEN | {"exposure.dose_e_per_A2": 80, "name": "other"})
    reimage(uneven_store, recipe, tmp_path / "again.zarr", workers=0)
    generate(recipe, tmp_path / "new.zarr", workers=0)
    again, new = (open_store(tmp_path / f"{name}.zarr") for name in ("again", "new"))
    assert again.data_digest() == new.data_digest()
    still = {key: value for key, value in UNEVEN.items() if not key.startswith("movie.")}
    with pytest.raises(StoreError, match=r"draws.movie: no exit waves in the store"):
        reimage(uneven_store, drawn_recipe(tmp_path, still), tmp_path / "no.zarr", workers=0)
