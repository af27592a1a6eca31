"""The benchmark's recipe: the factors of the released data set, and the models held out."""

from __future__ import annotations

from collections import Counter

import pytest

from tembench.dataset.generation.check_models import check_specimens
from tembench.recipe import Model, Recipe, load_recipe

VARIANTS = {"add", "add_2", "S3_5", "S5_5", "S3_2-S5_2"}


@pytest.fixture(scope="module")
def benchmark() -> Recipe:
    return load_recipe("ptceo2-18k")


@pytest.fixture(scope="module")
def released(benchmark: Recipe) -> list[Model]:
    """The models of the released factors, the surface variants apart."""
    return [model for model in benchmark.models if model.defect not in VARIANTS]


def test_eighteen_thousand_images_of_a_hundred_models(
    benchmark: Recipe, released: list[Model]
) -> None:
    assert benchmark.version == "1.0.0"
    assert benchmark.n_images == 18_000
    assert len(benchmark.models) == 100
    assert benchmark.images_per_shard == 9
    assert sum(model.n_images for model in released) == 17_955
    assert {model.n_images for model in released} == {189}


def test_combinations_are_the_released_ones(released: list[Model]) -> None:
    names = Counter(f"{model.particle}-{model.defect}" for model in released)
    assert sorted(names) == [
        *(f"PtNp1-{defect}" for defect in ("D0", "D1", "D2", "Dh", "Ds")),
        *(f"PtNp2-{defect}" for defect in ("D0", "D1", "Dh", "Ds")),
        *(f"PtNp3-{defect}" for defect in ("D0", "D1", "D2")),
        *(f"PtNp4-{defect}" for defect in ("D0", "D1")),
    ]
    # Three thicknesses on one support, and 50 A on four less three.
    assert {name for name, count in names.items() if count != 7} == {
        "PtNp1-D1",
        "PtNp2-Dh",
        "PtNp2-Ds",
    }
    assert Counter(model.thickness_A for model in released) == {30: 14, 40: 14, 50: 53, 60: 14}
    supports = {(m.particle, m.thickness_A): set() for m in released if m.thickness_A != 50}
    for model in released:
        if model.thickness_A != 50:
            supports[model.particle, model.thickness_A].add(model.support)
    assert all(len(found) == 1 for found in supports.values())


def test_tilts_and_defoci(benchmark: Recipe) -> None:
    model = benchmark.models[0]
    assert len(model.tilts_deg) == 9
    assert all(0.0 in tilt for tilt in model.tilts_deg)
    assert model.defocus_nm == tuple(range(21))


def test_surface_variants(benchmark: Recipe) -> None:
    variants = [model for model in benchmark.models if model.defect in VARIANTS]
    assert [(m.particle, m.defocus_nm, len(m.tilts_deg)) for m in variants] == [
        ("PtNp2", (6.0,), 9)
    ] * 5


@pytest.mark.slow
def test_models_can_be_built_and_are_all_different(benchmark: Recipe) -> None:
    check_specimens(benchmark, "ptceo2-18k")


@pytest.mark.parametrize("part", ["train", "test"])
def test_every_value_of_a_factor_is_on_both_sides(
    benchmark: Recipe, released: list[Model], part: str
) -> None:
    for factor in ("particle", "defect", "support", "thickness_A"):
        values = {getattr(model, factor) for model in released}
        found = {getattr(m, factor) for m in released if benchmark.part_of(m) == part}
        assert found == values, factor


def test_held_out_models(benchmark: Recipe) -> None:
    parts = Counter(benchmark.part_of(model) for model in benchmark.models)
    assert parts == {"train": 79, "validation": 7, "test": 14}
    variants = [m for m in benchmark.models if m.defect in VARIANTS]
    assert Counter(benchmark.part_of(model) for model in variants)["test"] == 2
