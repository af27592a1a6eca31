"""Opaque numbers: a shuffled order that depends on the key, with series whole."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from gold_recipes import tiny_drawn

from tembench.dataset import Store, open_store
from tembench.dataset.generation.opaque_numbers import opaque_numbers, own_numbers
from tembench.dataset.storage import SEALED_IDS

IMAGES, FRAMES = 600, 3


def drawn(key: str | None = None, frames: int = FRAMES) -> Any:
    """A drawn store of 600 images in series of so many frames, without any pixel."""
    return SimpleNamespace(
        recipe=tiny_drawn(),
        recipe_id="ab" * 32,
        series=lambda image: list(range(image - image % frames, image - image % frames + frames)),
        contents=SimpleNamespace(n_images=IMAGES),
        files=SimpleNamespace(group=SimpleNamespace(attrs={SEALED_IDS: key} if key else {})),
    )


def order(store: Any) -> np.ndarray:
    """The store's images in the order of their opaque numbers."""
    return np.argsort(opaque_numbers(store, range(IMAGES)))


def test_numbers_are_distinct_whole_and_no_number_of_a_store() -> None:
    numbers = opaque_numbers(drawn("one"), range(IMAGES))
    assert len(set(numbers)) == IMAGES
    assert min(numbers) >= 2**62
    assert max(numbers) < 2**63


def test_the_order_is_shuffled_and_depends_on_the_key() -> None:
    one, other = (order(drawn(key, frames=1)) for key in ("one", "other"))
    for found in (one, other):
        assert sorted(found) == list(range(IMAGES))
        # The correlation of two random orders has the deviation 1 / sqrt(599) = 0.04.
        assert abs(np.corrcoef(found, np.arange(IMAGES))[0, 1]) < 0.16
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.16
    assert (one == order(drawn("one", frames=1))).all()


def test_series_stay_together_with_their_frames_in_order() -> None:
    found = order(drawn("one")).reshape(-1, FRAMES)
    assert (np.diff(found, axis=1) == 1).all()
    assert (found[:, 0] % FRAMES == 0).all()


def test_numbers_of_one_specimen_have_nothing_in_common() -> None:
    """Images 0 and 1 are of one specimen; only frames of one exposure share their upper bits."""
    numbers = np.array(opaque_numbers(drawn("one", frames=1), range(IMAGES)))
    distances = np.abs(np.diff(numbers))
    strangers = np.abs(numbers[: IMAGES // 2] - numbers[IMAGES // 2 :])
    assert 0.8 < np.median(distances) / np.median(strangers) < 1.25


def test_outputs_are_matched_with_the_images_of_the_store() -> None:
    store = drawn("one")
    given = np.array(opaque_numbers(store, range(IMAGES)))[::-1]
    assert own_numbers(store, given).tolist() == list(range(IMAGES))[::-1]
    assert own_numbers(store, np.array([3, 1], dtype=np.uint16)).tolist() == [3, 1]
    stranger = opaque_numbers(drawn("other"), [0])[0]
    assert own_numbers(store, np.array([stranger])).tolist() == [stranger]


def test_images_of_a_closed_recipe_keep_their_numbers(tiny_store_path: Path) -> None:
    store: Store = open_store(tiny_store_path)
    assert opaque_numbers(store, [3, 1]) == [3, 1]
