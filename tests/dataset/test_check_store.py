"""A third-party store: whatever its JSON says, it opens as it was, or is refused in one line."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tembench.core.errors import StoreError, TembenchError
from tembench.dataset.store import open_store
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


@pytest.fixture
def store_copy(tiny_store_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))


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
    ("spoil", "told"),
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
    tiny_recipe: Recipe, store_copy: Path, spoil: Any, told: str
) -> None:
    content = json.loads(canonical_form(tiny_recipe))
    spoil(content)
    with_recipe(store_copy, form(content))
    with pytest.raises(StoreError, match=rf"its recipe cannot be used: .*{told}"):
        open_store(store_copy)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "[]", "", "null"])
def test_what_is_no_recipe_at_all_is_refused(store_copy: Path, text: str) -> None:
    with_recipe(store_copy, text)
    with pytest.raises(StoreError, match="its recipe cannot be used: not a recipe"):
        open_store(store_copy)


@pytest.mark.parametrize("name", ["digests", "columns"])
def test_a_group_without_metadata_is_told(store_copy: Path, name: str) -> None:
    (store_copy / name / "zarr.json").unlink()
    with pytest.raises(StoreError, match=f"group '{name}' is missing"):
        open_store(store_copy)


@pytest.mark.parametrize("name", ["clean", "columns/x", "columns/model", "defocus_nm"])
@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000])
def test_an_array_without_metadata_is_told(store_copy: Path, name: str, content: str) -> None:
    (store_copy / name / "zarr.json").write_text(content)
    with pytest.raises(StoreError, match=r"array '[a-z/_]+' is"):
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
def test_an_array_of_another_layout_is_told(
    store_copy: Path, name: str, spoil: Any, where: str
) -> None:
    file = store_copy / ("zarr.json" if where == "copy" else f"{name}/zarr.json")
    content = json.loads(file.read_text())
    spoil(content["consolidated_metadata"]["metadata"][name] if where == "copy" else content)
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError, match=rf"array '{name}' does not match its recipe"):
        open_store(store_copy)


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
