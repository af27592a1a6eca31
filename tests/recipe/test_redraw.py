"""Redraws: sealed tests with their commitment, and fresh draws."""

from __future__ import annotations

import hashlib
import hmac
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn_recipes import SECRET, drawn_recipe

from tembench.core.errors import RecipeError
from tembench.recipe import (
    DrawnRecipe,
    canonical_form,
    draw_images,
    draw_specimen,
    from_canonical_form,
    load_recipe,
    recipe_files,
    recipe_id,
    specimen_seed,
)
from tembench.recipe.draws.draw_seed import DrawSeed, SecretSeed
from tembench.recipe.redraw import fresh_recipe, public_ids, sealed_recipe, unsealed

OTHER = SECRET[::-1]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> DrawnRecipe:
    return drawn_recipe(tmp_path_factory.mktemp("redraw"))


@pytest.fixture(scope="module")
def sealed(recipe: DrawnRecipe) -> DrawnRecipe:
    return sealed_recipe(recipe, SECRET)


def drawn_of(recipe: DrawnRecipe, part: str = "test", specimens: int = 4) -> list[float]:
    """Defocus and dose of the first image of some specimens of a part."""
    values = []
    for number in range(specimens):
        specimen = draw_specimen(recipe, *specimen_seed(recipe, part, number))
        image = draw_images(recipe, specimen)[0]
        values += [image.optics.C10_nm, image.exposure.dose_e_per_A2]
    return values


def read_again(recipe: DrawnRecipe) -> DrawnRecipe:
    files = {one.sha256: (one.name, one.text) for one in recipe_files(recipe)}
    again = from_canonical_form(canonical_form(recipe), files=files)
    assert isinstance(again, DrawnRecipe)
    return again


def test_the_commitment_is_computed_as_documented(recipe: DrawnRecipe, sealed: DrawnRecipe) -> None:
    """A table that was published stays checkable, by other programs too."""
    salt = f"tembench sealed test {recipe_id(recipe)}".encode()
    master = hashlib.pbkdf2_hmac("sha256", SECRET, salt, 200_000)
    commitment = hashlib.sha256(b"commitment" + master).hexdigest()
    assert sealed.redraw is not None
    assert sealed.redraw.of == recipe_id(recipe)
    assert sealed.redraw.commitment == commitment
    assert sealed.name == f"tiny-drawn-sealed-{commitment[:8]}"
    root = hmac.digest(master, b"draws", "sha256")
    named = hmac.digest(root, b"draw test exposure.dose_e_per_A2 0\x001\x002", "sha256")
    seed = DrawSeed(seed=sealed.root, part="test", specimen=1)
    expected = np.random.Generator(np.random.PCG64(int.from_bytes(named)))
    assert seed.generator("exposure.dose_e_per_A2", 2).random() == expected.random()


def test_a_sealed_recipe_has_the_tested_parts_alone(sealed: DrawnRecipe) -> None:
    assert sealed.n_specimens("test") == 4
    assert not any(sealed.n_specimens(part) for part in ("train", "validation", "dev"))


@pytest.mark.slow
def test_draws_follow_from_the_secret_alone(recipe: DrawnRecipe, sealed: DrawnRecipe) -> None:
    public, ours = drawn_of(recipe), drawn_of(sealed)
    theirs = drawn_of(sealed_recipe(recipe, OTHER))
    assert drawn_of(sealed_recipe(recipe, SECRET)) == ours
    assert not set(ours) & {*public, *theirs}
    # Another public seed is another recipe, with another salt.
    assert not set(ours) & set(drawn_of(sealed_recipe(replace(recipe, seed=12), SECRET)))


def test_its_text_has_the_commitment_and_not_the_secret(sealed: DrawnRecipe) -> None:
    text = canonical_form(sealed)
    assert sealed.redraw is not None
    assert sealed.secret is not None
    assert sealed.redraw.commitment in text
    for shown in (text, repr(sealed), str(vars(sealed)), repr(DrawSeed(
        seed=sealed.secret, part="test", specimen=0
    ))):  # fmt: skip
        for hidden in (SECRET.decode(), sealed.secret.key.hex(), repr(sealed.secret.key)):
            assert hidden not in shown


@pytest.mark.slow
def test_a_stored_recipe_draws_only_with_the_secret(sealed: DrawnRecipe) -> None:
    stored = read_again(sealed)
    assert stored == sealed
    assert stored.secret is None
    with pytest.raises(RecipeError, match=r"nothing is drawn without its seed.*--seal"):
        drawn_of(stored)
    assert drawn_of(unsealed(stored, SECRET, "here")) == drawn_of(sealed)
    with pytest.raises(RecipeError, match="here: sealed with another seed; expected commitment"):
        unsealed(stored, OTHER, "here")


def test_what_cannot_be_sealed_is_refused(
    recipe: DrawnRecipe, sealed: DrawnRecipe, tmp_path: Path
) -> None:
    for wrong in (sealed, load_recipe("quickstart")):
        with pytest.raises(RecipeError, match="cannot be sealed"):
            sealed_recipe(wrong, SECRET)
    with pytest.raises(RecipeError, match="has no test to seal"):
        sealed_recipe(drawn_recipe(tmp_path, {"draws.test": 0}), SECRET)
    with pytest.raises(RecipeError, match="its seed is open"):
        unsealed(recipe, SECRET, "here")


def test_values_that_inputs_tell_say_nothing_of_others() -> None:
    """Keyed hashes: one generator's seed shares no state with another's."""
    secret = SecretSeed(key=bytes(32))
    seeds = [
        secret.entropy(f"draw test {path} 0", specimen, image)
        for path in ("exposure.dose_e_per_A2", "frame.pixel_size_A")
        for specimen in range(50)
        for image in range(5)
    ]
    assert len(set(seeds)) == len(seeds)
    bits = np.array([[seed >> bit & 1 for bit in range(256)] for seed in seeds])
    # 500 fair bits each: six standard deviations are 0.134.
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.134
    assert np.abs(np.corrcoef(bits.T) - np.eye(256)).max() < 0.3


def test_the_key_of_numbers_is_not_that_of_draws(sealed: DrawnRecipe) -> None:
    assert sealed.secret is not None
    assert bytes.fromhex(sealed.secret.ids) != sealed.secret.key
    assert pickle.loads(pickle.dumps(sealed.secret)) == sealed.secret


def test_fresh_draws_are_new_and_the_same_each_time(recipe: DrawnRecipe) -> None:
    public = {value for part in ("train", "test") for value in drawn_of(recipe, part)}
    seen: set[float] = set()
    for number in (1, 2, 3):
        fresh = drawn_of(fresh_recipe(recipe, number, 4))
        assert fresh == drawn_of(fresh_recipe(recipe, number, 4))
        assert fresh[:4] == drawn_of(fresh_recipe(recipe, number, 2), specimens=2)
        assert not seen & set(fresh)
        assert not public & set(fresh)
        seen |= set(fresh)


def test_draw_0_is_the_beginning_of_the_public_test(recipe: DrawnRecipe) -> None:
    first = fresh_recipe(recipe, 0, 2)
    assert drawn_of(first, specimens=2) == drawn_of(recipe, specimens=2)
    assert first.n_specimens("test") == 2


def test_redraws_are_recipes_that_stores_keep(recipe: DrawnRecipe) -> None:
    fresh = fresh_recipe(recipe, 5, 2)
    assert read_again(fresh) == fresh
    assert not fresh.is_sealed
    assert public_ids(fresh) == (recipe_id(fresh), recipe_id(recipe))
    assert public_ids(recipe) == (recipe_id(recipe),)
    assert len({recipe_id(fresh), recipe_id(fresh_recipe(recipe, 6, 2)), recipe_id(recipe)}) == 3
