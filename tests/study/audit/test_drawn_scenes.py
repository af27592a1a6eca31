from __future__ import annotations

import numpy as np

from tembench.dataset import DrawnStore
from tembench.study.audit import CHANGES, drawn_scene, needed_margin_A, simulate_views


def test_the_base_is_the_image_of_the_store(gold_store: DrawnStore) -> None:
    image = int(gold_store.images()[-1])
    stored = gold_store.clean(image) / gold_store.dose_of(image)
    (base,) = simulate_views(drawn_scene(gold_store, image), [CHANGES["base"]])
    assert stored.std() > 0.02
    # The slab of the store ends within its cell; this one runs beyond.
    assert np.sqrt(np.mean((base.clean - stored) ** 2)) < 0.03 * stored.std()


def test_a_scene_has_the_optics_of_its_image_and_fills_every_cell(gold_store: DrawnStore) -> None:
    image = int(gold_store.images()[-1])
    scene = drawn_scene(gold_store, image)
    assert scene.optics == gold_store.image_draw(image).optics
    margin = needed_margin_A(scene.frame, scene.padding_A)
    for axis, size in enumerate(scene.specimen.frame_A):
        places = scene.specimen.positions_A[:, axis]
        assert places.min() < 1.5 - margin
        assert places.max() > size + margin - 1.5
