"""Cells of frames of any size, and their grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tembench.recipe import Frame, Physics
from tembench.simulation import PaddedCell, plan_cell


def cell_of(
    physics: Physics, width: int, height: int, pixel: float, **changes: float
) -> PaddedCell:
    frame = Frame(width_px=width, height_px=height, pixel_size_A=pixel)
    values = {"padding_A": 7.5, "aperture_per_A": 1.6} | changes
    return plan_cell(frame, physics, **values)


@pytest.mark.parametrize(
    ("width", "height", "pixel"),
    [(800, 800, 0.0625), (64, 512, 0.3), (1031, 517, 0.03), (384, 384, 0.1013)],
)
def test_any_frame_has_the_padding_and_fast_grids(
    physics: Physics, width: int, height: int, pixel: float
) -> None:
    cell = cell_of(physics, width, height, pixel)
    assert cell.frame_px == (height, width)
    for axis, frame_px in enumerate(cell.frame_px):
        before = cell.offset_px[axis]
        after = cell.cell_px[axis] - before - frame_px
        assert min(before, after) * pixel >= 7.5 - 1e-9
        assert abs(before - after) <= 1
        # No more than a few per cent are added to the padding for the transforms' sake.
        assert cell.cell_px[axis] <= 1.05 * (frame_px + 2 * np.ceil(7.5 / pixel))
    for largest, counts in ((13, cell.cell_px), (5, (*cell.wave_shape, *cell.image_shape))):
        for count in counts:
            rest = count
            for prime in range(2, largest + 1):
                while rest % prime == 0:
                    rest //= prime
            assert rest == 1
    np.testing.assert_allclose(cell.extent_A, [pixel * n for n in cell.cell_px[::-1]])


def test_the_wave_is_sampled_as_finely_as_asked(physics: Physics) -> None:
    cell = cell_of(physics, 300, 200, 0.11)
    for length, points in zip(cell.extent_A, cell.wave_shape[::-1], strict=True):
        assert 0.9 * 0.09 < length / points <= 0.09


def test_a_large_aperture_refines_the_wave(physics: Physics) -> None:
    coarse = replace(physics, wave_sampling_A=0.15)
    cell = cell_of(coarse, 300, 300, 0.1, aperture_per_A=3.0)
    # Two thirds of the band, less abTEM's taper, hold the aperture.
    assert 0.5 * cell.wave_shape[0] / cell.extent_A[1] * (2 / 3 - 0.02) >= 3.0


def test_the_spectrum_holds_the_aperture_and_no_more(physics: Physics) -> None:
    cell = cell_of(physics, 300, 200, 0.1)
    ky, kx = cell.frequencies(cell.spectrum_shape)
    step = 1 / cell.extent_A[1], 1 / cell.extent_A[0]
    for k, one in ((ky, step[0]), (kx, step[1])):
        assert k.max() == pytest.approx(-k.min())
        assert k.max() <= 1.6 < k.max() + one


def test_intensities_do_not_alias(physics: Physics) -> None:
    cell = cell_of(physics, 300, 200, 0.1)
    for spectrum, image in zip(cell.spectrum_shape, cell.image_shape, strict=True):
        assert image >= 2 * (spectrum - 1) + 1
