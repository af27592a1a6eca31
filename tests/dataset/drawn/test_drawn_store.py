"""Reader of a drawn data set: images, noise, truth, and what is not defined in an image."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from drawn_recipes import drawn_recipe, seed_file

from tembench.core.errors import RecipeError, StoreError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.drawn.drawn_truth import displaced, drawn_sites
from tembench.dataset.drawn.simulate_specimen import record_image
from tembench.dataset.generation.input_store import open_inputs, write_inputs
from tembench.dataset.generation.opaque_numbers import own_numbers
from tembench.dataset.generation.verify import verify
from tembench.recipe import DrawSeed, draw_images, draw_specimen
from tembench.simulation import Columns
from tembench.torch import NoisyCleanPairs

TESTED = (14, 16, 18, 20)  # first images of an amorphous, a tilted and two upright specimens


def test_plain_zarr_and_xarray_open_it(drawn_store: DrawnStore) -> None:
    group = zarr.open_group(str(drawn_store.path), mode="r")
    assert group["clean"].shape == (22, 48, 64)
    opened = xr.open_zarr(drawn_store.path)
    units = {
        "C10_nm": "nm",
        "dose_e_per_A2": "electron / angstrom^2",
        "energy_keV": "keV",
        "shift_x_A": "angstrom",
        "dose_e_per_px": "electron / pixel",
        "test_pixel_size_A": "angstrom",
    }
    for name, unit in units.items():
        assert opened[name].attrs["units"] == unit
    assert set(opened["clean"].coords) >= {"C10_nm", "model", "split_model", "kind"}
    assert "test_C10_nm" in opened["noisy"].coords
    expected = drawn_store.clean(18) / drawn_store.dose_of(18)
    np.testing.assert_allclose(opened["clean"][18], expected, rtol=1e-6)
    np.testing.assert_array_equal(opened["kind"], drawn_store.table["kind"])


def test_noise_is_stored_for_the_test_and_drawn_for_others(drawn_store: DrawnStore) -> None:
    assert sorted(drawn_store.files.test_positions) == [*range(12, 22)]
    for image in (3, 13, 18):
        clean, noisy = drawn_store.clean(image), drawn_store.noisy(image)
        again = drawn_store.record(image, clean)
        # Stored in steps of 2^-7 electrons.
        np.testing.assert_allclose(noisy, again, atol=2.0**-8)
        assert abs(noisy.mean() / clean.mean() - 1) < 0.1
        copies = [drawn_store.noisy_copy(image, copy) for copy in (1, 2, 3)]
        assert len({one.tobytes() for one in (noisy, *copies)}) == 4
    with pytest.raises(StoreError, match="no copy 4"):
        drawn_store.noisy_copy(3, 4)


def test_every_image_has_its_own_camera(drawn_store: DrawnStore) -> None:
    kinds = drawn_store.table["detector"]
    for image in (3, 20):
        counted = kinds[image] == "perfect"
        assert (drawn_store.detector_of(image) is None) == counted
        assert (drawn_store.noisy(image).dtype.kind == "u") == counted
    assert {*kinds} == {"counter", "perfect"}


def test_pairs(drawn_store: DrawnStore) -> None:
    found = list(drawn_store.pairs())
    assert [number for number, _, _ in found] == [*range(14, 22)]
    pairs = NoisyCleanPairs(drawn_store, part="train", crop=32)
    one = pairs[1]
    assert len(pairs) == 10
    assert one["noisy"].shape == one["clean"].shape == (32, 32)
    assert one["factors"]["model"] == "train-00000"
    kept = NoisyCleanPairs(drawn_store.path, fresh_noise=False)[3]
    np.testing.assert_array_equal(kept["noisy"], drawn_store.noisy(3).astype(np.float32))
    brighter = NoisyCleanPairs(drawn_store, dose=50.0)[3]
    assert brighter["clean"].max() == pytest.approx(50, rel=0.5)


def test_inputs_are_the_noisy_images(drawn_store: DrawnStore, tmp_path: Path) -> None:
    assert write_inputs(drawn_store, tmp_path / "inputs") == 8
    inputs = open_inputs(tmp_path / "inputs")
    own = own_numbers(drawn_store, inputs.images())
    np.testing.assert_array_equal(np.sort(own), drawn_store.images())
    for image, opaque in zip(own.tolist(), inputs.images().tolist(), strict=True):
        noisy = drawn_store.noisy(image)
        assert inputs.noisy(opaque).dtype == noisy.dtype
        np.testing.assert_array_equal(inputs.noisy(opaque), noisy)
        assert inputs.dose_of(opaque) == drawn_store.dose_of(image)
        assert inputs.pixel_size_of(opaque) == drawn_store.pixel_size_of(image)
        series = own_numbers(drawn_store, np.array(inputs.series(opaque)))
        assert series.tolist() == drawn_store.series(image)
    assert inputs.series_axis == "time"


def test_what_an_image_lacks(drawn_store: DrawnStore) -> None:
    kinds = [drawn_store.table["kind"][image] for image in TESTED]
    assert kinds == ["amorphous", "tilted", "upright", "upright"]
    lacking = [drawn_store.undefined(image) for image in TESTED]
    assert lacking[0] == lacking[1] == {"columns", "particle", "vacuum"}
    assert lacking[2] == lacking[3] == {"vacuum"}
    assert len(drawn_store.columns("test-00000").atoms) == 0


def test_sites_are_the_scored_columns_where_they_appear(drawn_store: DrawnStore) -> None:
    for image in (18, 19):
        sites = drawn_store.sites(image)
        clean, pixel = drawn_store.clean(image), drawn_store.pixel_size_of(image)
        rows, columns = np.rint(sites.y_A / pixel), np.rint(sites.x_A / pixel)
        inside = (rows < 48) & (columns < 64)
        at_columns = clean[rows[inside].astype(int), columns[inside].astype(int)]
        # Columns are dark at this defocus.
        assert at_columns.mean() < clean.mean() - clean.std() / 2
        assert sites.in_particle.all()
        assert set(drawn_store.columns("test-00002").element) == {"Au"}


def test_sites_and_masks_move_with_the_frame(drawn_store: DrawnStore) -> None:
    first, second = (drawn_store.table.loc[18 + i, ["shift_x_A", "shift_y_A"]] for i in (0, 1))
    moved = (second - first).to_numpy(dtype=float)
    assert np.hypot(*moved) > 0.5
    rest = drawn_store.columns("test-00002")
    for image, shift in ((18, first), (19, second)):
        sites = drawn_store.sites(image)
        expected = np.stack([rest.x_A, rest.y_A], axis=1) + shift.to_numpy(dtype=float)
        for xy in sites.xy_A:
            assert np.hypot(*(expected - xy).T).min() < 1e-6
    pixel = drawn_store.pixel_size_of(18)
    px, py = (np.rint(second / pixel) - np.rint(first / pixel)).to_numpy(dtype=int)
    a, b = drawn_store.particle_mask(18), drawn_store.particle_mask(19)
    inner = slice(8, -8), slice(8, -8)
    np.testing.assert_array_equal(np.roll(a, (py, px), axis=(0, 1))[inner], b[inner])
    assert (a[inner] != b[inner]).any()


def test_columns_that_leave_the_frame_are_no_sites() -> None:
    one = np.ones(3)
    columns = Columns(
        x_A=np.array([-0.5, 5.0, 9.8]),
        y_A=5 * one,
        depth_A=0 * one,
        element=np.array(["Au"] * 3),
        atoms=np.array([1, 2, 3]),
        in_particle=one > 0,
        at_surface=one > 0,
    )
    assert drawn_sites(columns, (0.0, 0.0), (10.0, 10.0), chosen=False).atoms.tolist() == [2, 3]
    assert drawn_sites(columns, (0.6, 0.0), (10.0, 10.0), chosen=False).atoms.tolist() == [1, 2]


def test_what_enters_a_mask_continues_its_edge() -> None:
    mask = np.zeros((4, 4), dtype=bool)
    mask[:, 0] = True
    assert displaced(mask, (2.2, 0.0))[0].tolist() == [True, True, True, False]
    assert displaced(mask, (0.4, -0.4)) is mask


def test_the_specimen_is_built_again(drawn_store: DrawnStore) -> None:
    again = drawn_store.specimen(18)
    assert len(again.specimen.symbols) == drawn_store.table["atoms"][18]
    assert again.seed.attempt == drawn_store.table["attempt"][18]


def test_it_names_itself_and_travels_to_workers(drawn_store: DrawnStore) -> None:
    assert "22 images of 11 specimens" in repr(drawn_store)
    drawn_store.image_draw(3)
    again = pickle.loads(pickle.dumps(drawn_store))
    np.testing.assert_array_equal(again.noisy(3), drawn_store.noisy(3))


def test_the_store_needs_no_other_file(
    drawn_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not (tmp_path / "MgO.cif").exists()
    verified = verify(open_store(drawn_copy), sample=1)
    assert verified.sample[0].verdict == "exact"
    attribute = open_store(drawn_copy).files.group.attrs["recipe_files"]
    ((name, text),) = attribute.values()
    assert name == "MgO.cif"
    assert "_cell_length_a 4.21" in text


def test_files_of_atoms_that_do_not_match_are_refused(drawn_copy: Path) -> None:
    group = zarr.open_group(str(drawn_copy), mode="r+")
    files = dict(group.attrs["recipe_files"])
    (digest,) = files
    for spoiled in ({digest: ["MgO.cif", "data_"]}, {}, {digest: [3, "data_"]}, "MgO.cif"):
        group.attrs["recipe_files"] = spoiled
        with pytest.raises(StoreError, match="no text with this SHA-256") as caught:
            open_store(drawn_copy)
        assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_grids_multiply_specimens_and_images(tmp_path: Path) -> None:
    recipe = drawn_recipe(
        tmp_path,
        {
            "frame.pixel_size_A": {"grid": [0.15, 0.2]},
            "microscopes.coarse.C10_nm": {"grid": [-5, 0, 5]},
        },
    )
    assert (recipe.n_specimens("test"), recipe.images_per_specimen("test")) == (8, 6)


def test_variants_of_a_draw_have_noise_of_their_own(tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path)
    drawn = draw_specimen(recipe, DrawSeed(seed=1, part="test", specimen=0))
    camera = draw_images(recipe, drawn)[0].camera
    flat = np.full((32, 32), 5, dtype=np.float32)
    first, same, other = (
        record_image(replace(drawn, variant=variant), 0, camera, flat, 1) for variant in (0, 0, 1)
    )
    assert np.array_equal(first, same)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.2


def test_the_camera_is_read_back_from_the_stored_values(drawn_store: DrawnStore) -> None:
    for image in TESTED:
        drawn = drawn_store.image_draw(image).camera
        assert drawn_store.detector_of(image) == (None if drawn.kind == "ideal" else drawn)


def test_a_sealed_store_is_scored_without_its_seed_and_drawn_with_it(
    sealed_store_path: Path, tmp_path: Path
) -> None:
    closed = open_store(sealed_store_path)
    opened = open_store(sealed_store_path, seal=seed_file(tmp_path))
    assert isinstance(closed, DrawnStore)
    assert isinstance(opened, DrawnStore)
    image = int(closed.images()[0])
    camera = opened.image_draw(image).camera
    assert closed.detector_of(image) == (None if camera.kind == "ideal" else camera)
    assert np.array_equal(closed.noisy(image), opened.noisy(image))
    assert len(opened.specimen(image).specimen.symbols) == closed.table["atoms"].iloc[image]
    for draw in (closed.specimen, closed.image_draw):
        with pytest.raises(RecipeError, match="nothing is drawn without its seed"):
            draw(image)
