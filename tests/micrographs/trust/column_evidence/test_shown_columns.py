"""Columns that an image shows."""

from __future__ import annotations

import numpy as np
from toy_subjects import COLUMNS, PIXEL_SIZE_A, SPACING_A, lattice

from tembench.micrographs.trust.column_evidence import find_shown


def test_bright_and_dark_columns_are_found_at_their_places() -> None:
    for sign in (1, -1):
        image = 2 - lattice() if sign < 0 else lattice()
        found = find_shown(image, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=1.0)
        chosen = found.chosen(found.sign == sign)
        assert len(chosen) == COLUMNS
        at = (chosen.xy_px * PIXEL_SIZE_A / SPACING_A - 0.5) % 1
        # Columns that the edge cuts appear a little inside it.
        inside = (chosen.xy_px < 120).all(axis=1)
        assert np.minimum(at, 1 - at)[inside].max() < 0.05
        assert (chosen.contrast * sign > 0.05).all()


def test_a_flat_image_shows_none() -> None:
    found = find_shown(np.ones((64, 64)), pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=1.0)
    assert len(found) == 0
