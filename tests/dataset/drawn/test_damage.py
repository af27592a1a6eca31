"""Damage of a drawn store: found by `verify`, repaired by `generate --repair`, told when read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import verify
from tembench.recipe import DrawnRecipe

pytestmark = pytest.mark.slow
# A chunk of each array that a shard's digest, or a window's waves, are made of.
CHUNKS = {
    "clean": "clean/c/4/0/0",
    "mask": "mask/c/4/0/0",
    "numbers": "drawn/values/c/4/0",
    "texts": "drawn/texts/c/4/0",
    "columns": "drawn/columns/c/4/0/0",
    "noisy": "noisy/c/4/0/0",
    "copies": "noisy_copies/c/1/4/0/0",
    "waves": "exit_wave/c/8/0/0",
    # The last shard is not full: a part of its file is written.
    "last clean": "clean/c/5/0/0",
    "last mask": "mask/c/5/0/0",
}
# What follows from them, when all of them are there.
FINAL = {
    "a drawn value": "C10_nm/c/0",
    "zeros": "background/c/0",
    "of the test": "test_dose_e_per_A2/c/0",
    "columns": "columns/x/c/0",
    "elements": "columns/element/c/0",
}


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = bytes(byte ^ 255 for byte in content[middle : middle + 8])
    file.write_bytes(content)


def test_a_new_simulation_is_exact(drawn_store: DrawnStore) -> None:
    verified = verify(drawn_store, sample=2)
    assert verified.good
    assert [one.verdict for one in verified.sample] == ["exact", "exact"]


@pytest.mark.parametrize("how", ["spoilt", "lost"])
@pytest.mark.parametrize("chunk", [*CHUNKS, *FINAL])
def test_damage_is_found_and_repaired(
    drawn: DrawnRecipe, drawn_copy: Path, drawn_store: DrawnStore, chunk: str, how: str
) -> None:
    file = drawn_copy / {**CHUNKS, **FINAL}[chunk]
    before = file.read_bytes()
    spoil(file) if how == "spoilt" else file.unlink()
    verified = verify(open_store(drawn_copy))
    assert not verified.good
    assert bool(verified.damaged_coordinates) == (chunk in FINAL)
    made = generate(drawn, drawn_copy, workers=0, repair=True)
    assert made.tasks == (0 if chunk in FINAL else 1)
    assert file.read_bytes() == before
    again = open_store(drawn_copy)
    assert verify(again).good
    assert again.data_digest() == drawn_store.data_digest()


def test_a_lost_chunk_is_told(drawn: DrawnRecipe, drawn_copy: Path) -> None:
    (drawn_copy / CHUNKS["mask"]).unlink()
    with pytest.raises(StoreError, match="--repair"):
        open_store(drawn_copy).particle_mask(17)
    with pytest.raises(StoreError, match=r"1 chunks are recorded.*mask/c/4/0/0"):
        generate(drawn, drawn_copy, workers=0)
