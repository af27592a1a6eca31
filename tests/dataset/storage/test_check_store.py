"""Checks of an untrusted store: it opens with its original values, or is refused in one line."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import shutil
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zarr

from tembench.core.errors import StoreError, TembenchError
from tembench.dataset import open_store
from tembench.dataset.storage.store_files import open_files
from tembench.recipe import Recipe, canonical_form, from_canonical_form

MUTANTS = 400
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 7.5, 10**30, 1e308, float("nan"), float("inf"), "", "x", [], {}, [[]],
    [0, 0], {"a": 1}, "9" * 100,
)  # fmt: skip
MANY = {
    "tilts_deg": [[number / 1000, 0.0] for number in range(1100)],
    "defocus_nm": [number / 10 for number in range(1000)],
}
CHUNKS = {"chunk_shape": [3, 1, 160, 160]}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, content in inner:
        found.append((*path, key))
        if isinstance(content, dict | list):
            found += places(content, (*path, key))
    return found


def mutant(content: Any, chance: random.Random) -> Any:
    """A JSON value with one place changed, removed, doubled or added."""
    content = copy.deepcopy(content)
    *parents, last = chance.choice(places(content))
    inner = content
    for key in parents:
        inner = inner[key]
    kind = chance.choice(["value", "value", "value", "remove", "extra", "number"])
    if kind == "remove":
        del inner[last]
    elif kind == "extra" and isinstance(inner, dict):
        inner[chance.choice(["", "extra", "dtype", "Ā"])] = inner[last]
    elif kind == "extra":
        inner.append(inner[last])
    elif kind == "number" and isinstance(inner[last], int | float):
        inner[last] = inner[last] * chance.choice([2, -1, 0.5, 1e6]) + chance.choice([0, 1])
    else:
        inner[last] = chance.choice(VALUES)
    return content


def form(content: Any) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def with_recipe(path: Path, text: str) -> None:
    """Put a recipe into a store, its identity adapted."""
    root = json.loads((path / "zarr.json").read_text())
    root["attributes"]["recipe"] = text
    root["attributes"]["recipe_id"] = hashlib.sha256(text.encode()).hexdigest()
    (path / "zarr.json").write_text(json.dumps(root))


@pytest.mark.slow
def test_mutants_of_a_canonical_recipe_are_read_to_the_byte_or_refused(tiny_recipe: Recipe) -> None:
    original = json.loads(canonical_form(tiny_recipe))
    chance = random.Random(0)
    refused = 0
    for _ in range(MUTANTS):
        text = form(mutant(original, chance))
        try:
            assert canonical_form(from_canonical_form(text)) == text
        except TembenchError:
            refused += 1
    assert refused > MUTANTS / 2


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda r: r.update(seed=7.5), "seed: expected a whole number, got 7.5"),
        (lambda r: r["box"].update(width_A="50"), "box.width_A: expected a number"),
        (lambda r: r.update(colour=1), "colour: unknown key"),
        (lambda r: r.pop("splits"), "splits"),
        (lambda r: r["microscope"].update(energy_keV=float("nan")), "expected a finite number"),
        (lambda r: r["microscope"].update(energy_keV=300), "microscope.energy_keV: 300"),
        # Tilts and defoci are those of the models.
        (lambda r: r.update(models=[]), "factors: missing"),
        (lambda r: r["models"][0].update(defect="D9"), r"models\[0\].defects"),
        (lambda r: r["conditions"]["standard"].update(detector=3), "detector"),
        (lambda r: r["models"][0].update(MANY), "at most 1000000 images"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_whose_identity_is_adapted_is_refused_by_its_path(
    tiny_recipe: Recipe, store_copy: Path, spoil: Any, message: str
) -> None:
    content = json.loads(canonical_form(tiny_recipe))
    spoil(content)
    with_recipe(store_copy, form(content))
    with pytest.raises(StoreError, match=rf"its recipe cannot be used: .*{message}"):
        open_store(store_copy)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "[]", "", "null"])
def test_text_that_is_not_a_recipe_is_refused(store_copy: Path, text: str) -> None:
    with_recipe(store_copy, text)
    with pytest.raises(StoreError, match="its recipe cannot be used: not a recipe"):
        open_store(store_copy)


@pytest.mark.parametrize("name", ["digests", "columns"])
def test_a_group_without_metadata_is_refused(store_copy: Path, name: str) -> None:
    (store_copy / name / "zarr.json").unlink()
    with pytest.raises(StoreError, match=f"group '{name}' is missing"):
        open_store(store_copy)


@pytest.mark.parametrize("name", ["clean", "columns/x", "columns/model", "defocus_nm"])
@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000])
def test_an_array_without_metadata_is_refused(store_copy: Path, name: str, content: str) -> None:
    (store_copy / name / "zarr.json").write_text(content)
    with pytest.raises(StoreError, match=r"array '[a-z/_]+' (is missing|does not match)"):
        open_store(store_copy)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("clean", lambda m: m["codecs"][0]["configuration"]["codecs"].reverse()),
        ("noisy", lambda m: m["codecs"].reverse()),
        ("noisy", lambda m: m.update(data_type="int8")),
        ("clean", lambda m: m["attributes"].update(scale_factor=1.0)),
        ("clean", lambda m: m["attributes"].update(add_offset=1.0)),
        ("noisy", lambda m: m.update(fill_value=1)),
        ("noisy", lambda m: m["dimension_names"].reverse()),
        ("x", lambda m: m["attributes"].update(units="nm")),
        ("columns/y", lambda m: m.update(shape=[3])),
        ("noisy_copies", lambda m: m["chunk_grid"]["configuration"].update(CHUNKS)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["own", "copy"])
def test_an_array_of_another_layout_is_refused(
    store_copy: Path, name: str, spoil: Any, where: str
) -> None:
    file = store_copy / ("zarr.json" if where == "copy" else f"{name}/zarr.json")
    content = json.loads(file.read_text())
    spoil(content["consolidated_metadata"]["metadata"][name] if where == "copy" else content)
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError, match=rf"array '{name}' does not match its recipe"):
        open_store(store_copy)


@pytest.mark.slow
def test_mutants_of_the_metadata_open_as_before_or_are_refused(store_copy: Path) -> None:
    expected = open_store(store_copy)
    digest, clean, noisy = expected.data_digest(), expected.clean(9), expected.noisy(9)
    files = sorted(store_copy.rglob("zarr.json"))
    chance = random.Random(1)
    for _ in range(60):
        file = chance.choice([store_copy / "zarr.json", *files])
        before = file.read_text()
        file.write_text(json.dumps(mutant(json.loads(before), chance)))
        with suppress(StoreError):
            store = open_store(store_copy)
            assert store.data_digest() == digest
            assert (store.clean(9) == clean).all()
            assert (store.noisy(9) == noisy).all()
        file.write_text(before)


@pytest.mark.parametrize("name", ["clean", "noisy", "exit_wave", "contrast", "digests/waves"])
def test_a_missing_array_is_refused(store_copy: Path, name: str) -> None:
    shutil.rmtree(store_copy / name)
    with pytest.raises(StoreError, match=f"array '{name}' is missing"):
        open_files(store_copy)


@pytest.mark.slow
def test_an_array_of_another_shape_is_refused(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    del group["noisy"]
    group.create_array("noisy", shape=(2, 3, 3), dtype="uint8")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(store_copy))
    with pytest.raises(StoreError, match=r"'noisy' does not match its recipe.*got \[2, 3, 3\]"):
        open_store(store_copy)


@pytest.mark.parametrize("version", [None, 0, 99])
def test_another_layout_version_is_refused(store_copy: Path, version: int | None) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    if version is None:
        del group.attrs["layout_version"]
    else:
        group.attrs["layout_version"] = version
    with pytest.raises(StoreError, match="layout_version 1, got"):
        open_store(store_copy)


def test_a_changed_recipe_in_a_store_is_refused(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    group.attrs["recipe"] = group.attrs["recipe"].replace('"seed":7', '"seed":8')
    with pytest.raises(StoreError, match="recipe_id do not match"):
        open_store(store_copy)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such data set"):
        open_store(tmp_path / "nowhere.zarr")
    (tmp_path / "zarr.json").write_text("{")
    with pytest.raises(StoreError, match=r"zarr\.json cannot be read"):
        open_store(tmp_path)
