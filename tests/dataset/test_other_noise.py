"""Other noise: new recordings of the same clean images, each of them again and again."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from tembench.dataset import open_store
from tembench.dataset.other_noise import with_noise

IMAGE = 18


def test_other_noise_is_of_the_same_images_and_of_no_copy(drawn_store_path: Path) -> None:
    drawn_store, image = open_store(drawn_store_path), IMAGE
    first, second = (with_noise(drawn_store, draw) for draw in (1, 2))
    assert np.array_equal(first.noisy(image), with_noise(drawn_store, 1).noisy(image))
    seen = [store.noisy(image) for store in (drawn_store, first, second)]
    seen += [drawn_store.noisy_copy(image, copy) for copy in (1, 2, 3)]
    for one in range(6):
        assert seen[one].dtype == seen[0].dtype
        for other in range(one):
            assert not np.array_equal(seen[one], seen[other])
    assert np.array_equal(first.clean(image), drawn_store.clean(image))
    mean = np.mean([with_noise(drawn_store, n).noisy(image) for n in range(1, 41)], axis=0)
    clean = drawn_store.clean(image)
    one_off = np.mean((seen[0] - clean) ** 2)
    assert np.mean((mean - clean) ** 2) == pytest.approx(one_off / 40, rel=0.2)
    digests = {store.data_digest() for store in (drawn_store, first, second)}
    assert len(digests) == 3
    assert np.array_equal(pickle.loads(pickle.dumps(first)).noisy(image), first.noisy(image))
