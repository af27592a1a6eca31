"""A store of several doses, with a detector and with drift; and methods that are run on it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tembench.core.errors import RecipeError
from tembench.dataset import Store, open_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import verify
from tembench.methods.method import load_method
from tembench.methods.runs.denoise import denoise
from tembench.methods.runs.training_data import CleanImages
from tembench.ranking.scoring.score import score_outputs
from tembench.recipe import load_recipe, parse_recipe

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

CONDITIONS = {
    "faint": {"dose_e_per_px": 0.05},
    "bright": {"dose_e_per_px": 5.0},
    "camera": {"dose_e_per_px": 0.45, "dqe": 0.5, "mtf_nyquist": 0.2, "read_noise_e": 0.3},
    "drifting": {"dose_e_per_px": 0.45, "drift_A": [1.2, 0.8]},
}


def with_conditions(table: dict[str, Any]) -> dict[str, Any]:
    return {**table, "conditions": CONDITIONS}


@pytest.fixture(scope="module")
def store(tiny_recipe_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    table = with_conditions(tomllib.loads(tiny_recipe_file.read_text()))
    path = tmp_path_factory.mktemp("conditions") / "store.zarr"
    generate(parse_recipe(table, "tiny"), path, workers=0)
    return open_store(path)


def of(store: Store, condition: str) -> np.ndarray:
    chosen = store.table["condition"] == condition
    return np.flatnonzero(chosen & (store.table["split_model"] == "test"))


def test_images_are_ordered_by_model_condition_defocus_tilt(store: Store) -> None:
    assert store.recipe.n_images == 48
    assert store.recipe.images_per_shard == 8
    table = store.table
    assert table["condition"].tolist()[:16] == [name for name in CONDITIONS for _ in range(4)]
    assert table["defocus_nm"].tolist()[:4] == [4, 4, 10, 10]
    assert table["dose_e_per_px"].tolist()[:16:4] == [0.05, 5.0, 0.45, 0.45]
    assert [store.dose_of(image) for image in (0, 4, 8)] == [0.05, 5.0, 0.45]


def test_exit_waves_do_not_depend_on_conditions(store: Store, tiny_store_path: Path) -> None:
    plain = open_store(tiny_store_path)
    for model in range(3):
        np.testing.assert_array_equal(store.waves(model), plain.waves(model))


def test_clean_images_are_of_their_dose_and_drift(store: Store, tiny_store_path: Path) -> None:
    plain = open_store(tiny_store_path)
    first = plain.recipe.first_image(2)
    for place in range(4):
        rest = plain.clean(first + place)
        for condition in ("faint", "bright", "camera"):
            image = of(store, condition)[place]
            scaled = store.clean(image) * (0.45 / store.dose_of(image))
            steps = store.packing.step * 0.45 / store.dose_of(image)
            np.testing.assert_allclose(scaled, rest, atol=(steps + plain.packing.step) / 2 + 1e-6)
        blurred = store.clean(of(store, "drifting")[place])
        assert blurred.mean() == pytest.approx(rest.mean(), rel=1e-3)
        assert blurred.std() < 0.95 * rest.std()


def test_noisy_images_are_counts_or_what_the_detector_makes_of_them(store: Store) -> None:
    for condition in CONDITIONS:
        image = int(of(store, condition)[0])
        kind = np.float32 if condition == "camera" else np.uint8
        for copy in range(4):
            noisy = store.noisy_copy(image, copy) if copy else store.noisy(image)
            assert noisy.dtype == kind
            clean = store.clean(image)
            mean = float(clean.mean())
            assert noisy.mean() == pytest.approx(mean, abs=4 * (2 * mean / clean.size) ** 0.5)
            drawn = store.record(image, clean, copy)
            np.testing.assert_array_equal(noisy, drawn)
    assert store.noisy(int(of(store, "camera")[0])).min() < 0


def test_xarray_shows_condition_dose_and_electrons(store: Store) -> None:
    data = xr.open_zarr(store.path)
    assert data["condition"].dims == data["dose_e_per_px"].dims == ("image",)
    assert data["dose_e_per_px"].units == "electron / pixel"
    image = int(of(store, "camera")[0])
    place = data["test_image"].values.tolist().index(image)
    np.testing.assert_array_equal(data["noisy"][place].values, store.noisy(image))


def test_verify_finds_it_exact(store: Store) -> None:
    verified = verify(store, sample=1)
    assert verified.good
    assert [comparison.verdict for comparison in verified.sample] == ["exact"]


@pytest.mark.parametrize("name", ["gaussian", "wavelet", "nlm", "vacuum", "clean", "noisy"])
def test_methods_run_on_all_conditions(store: Store, tmp_path: Path, name: str) -> None:
    out = denoise(load_method(name), store, tmp_path / name, workers=0)
    scores = score_outputs(out, store, workers=0).scores.set_index("image")
    assert np.isfinite(scores["mse"]).all()
    if name == "clean":
        assert np.isinf(scores["psnr_db"]).all()
    if name == "vacuum":
        np.testing.assert_allclose(scores["skill"], 0, atol=1e-4)
        # One constant, one scale: its PSNR does not depend on the dose, but for the packing.
        faint, bright = (scores.loc[of(store, c)[0], "psnr_db"] for c in ("faint", "bright"))
        assert faint == pytest.approx(bright, abs=0.05)
    if name in ("gaussian", "nlm"):
        by_dose = {c: scores.loc[of(store, c), "psnr_db"].mean() for c in ("faint", "bright")}
        assert by_dose["bright"] > by_dose["faint"]


def test_training_images_are_brought_to_the_dose_of_the_store(store: Store) -> None:
    images = CleanImages(store, tuple(int(of(store, name)[0]) for name in ("faint", "bright")))
    for image in (images[0], images[1]):
        assert image[:30].mean() == pytest.approx(0.45, rel=0.01)
    np.testing.assert_allclose(images[0], images[1], atol=2e-3)


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"a": {}}, "conditions.a.dose_e_per_px: missing"),
        ({"a": {"dose_e_per_px": 20}}, "conditions.a.dose_e_per_px: expected at most 10"),
        ({"a": {"dose_e_per_px": 1, "dqe": 1.5}}, "conditions.a.dqe: expected at most 1"),
        ({"a": {"dose_e_per_px": 1, "drift": [1, 0]}}, "no unit: expected 'drift_A'"),
        ({"a": {"dose_e_per_px": 1, "drift_A": [1]}}, "conditions.a.drift_A: expected 2 values"),
        ({}, "conditions: expected at least one condition"),
    ],
)
def test_mistakes_of_conditions_are_refused(
    tiny_table: dict[str, Any], conditions: Any, message: str
) -> None:
    tiny_table["conditions"] = conditions
    with pytest.raises(RecipeError) as caught:
        parse_recipe(tiny_table, "my.toml")
    assert message in str(caught.value)


def test_models_may_be_taken_under_some_conditions(tiny_table: dict[str, Any]) -> None:
    table = with_conditions(tiny_table)
    table["factors"]["conditions"] = ["faint", "bright"]
    table["models"].append({**table["models"][0], "thickness_A": [20], "conditions": ["camera"]})
    recipe = parse_recipe(table, "tiny")
    assert [model.conditions for model in recipe.models[::3]] == [("faint", "bright"), ("camera",)]
    table["factors"]["conditions"] = ["fog"]
    with pytest.raises(RecipeError, match=r"factors.conditions\[0\]: expected one of faint, "):
        parse_recipe(table, "tiny")


def test_stress_is_the_benchmark_under_other_conditions() -> None:
    stress, benchmark = load_recipe("stress"), load_recipe("ptceo2-18k")
    assert 1_000 <= stress.n_images <= 2_000
    assert stress.images_per_shard == 9
    for part in ("box", "simulation", "microscope"):
        assert getattr(stress, part) == getattr(benchmark, part)
    for part in ("particles", "defects", "supports"):
        ours, theirs = getattr(stress, part), getattr(benchmark, part)
        assert {k: v for k, v in ours.items() if k != "none"}.items() <= theirs.items()
    known = {model.name: benchmark.part_of(model) for model in benchmark.models}
    for model in stress.models:
        # What was trained on the one can be tested on the other.
        assert model.is_blank or stress.part_of(model) == known[model.name]
    doses = {condition.dose_e_per_px for condition in stress.conditions.values()}
    assert (min(doses), max(doses)) == (0.05, 5.0)
