"""Automatic choice: a source of methods that depends on the image."""

from __future__ import annotations

from selection_images import Truth, candidate, lattice, noisy

from tembench.micrographs.domain import MethodSource, no_frames
from tembench.micrographs.selection import AutoMethod

CLEAN = lattice()


def test_it_is_a_source_of_methods() -> None:
    candidates = (candidate("bm3d-open", Truth(CLEAN, 0.04)), candidate("tv-open", Truth(CLEAN, 0)))
    source: MethodSource = AutoMethod(candidates=candidates)
    source.build()
    chosen = source.for_image(noisy(CLEAN), no_frames, None, "image")
    assert chosen.ready is candidates[1]
    assert "bm3d-open" in chosen.table
    assert chosen.record is not None
    assert chosen.record["method"] == "tv-open"


def test_noise_is_drawn_on_the_pixels_of_the_image() -> None:
    assert AutoMethod().sampling(0.123) == 0.123
    assert AutoMethod().domain.recipe is None
