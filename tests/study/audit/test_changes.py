from __future__ import annotations

import numpy as np
import pytest

from tembench.ranking import AUDIT_BASE, AUDIT_CASES
from tembench.recipe import Frame
from tembench.simulation import Specimen
from tembench.study.audit import (
    CHANGES,
    VIEWS,
    Change,
    changed_frame,
    changed_points,
    changed_specimen,
    middle_A,
    needed_margin_A,
    scored_radius_px,
    shift_px,
)

SQUARE = Frame(width_px=64, height_px=64, pixel_size_A=0.1)
WIDE = Frame(width_px=100, height_px=60, pixel_size_A=0.2)


def specimen_of(positions: np.ndarray) -> Specimen:
    return Specimen(
        symbols=np.array(["Au"] * len(positions)),
        positions_A=positions,
        component=np.zeros(len(positions), dtype=int),
        names=("crystal",),
        kinds=("slab",),
        zone_axes=(np.array([0.6, 0.0, 0.8]),),
        displacement_A=np.full(len(positions), 0.07),
        frame_A=(6.4, 6.4),
        depth_A=10.0,
    )


def test_every_case_has_a_change_and_only_the_base_has_none() -> None:
    assert list(CHANGES) == [AUDIT_BASE, *AUDIT_CASES]
    assert [name for name, change in CHANGES.items() if change == Change()] == [AUDIT_BASE]
    assert len(set(CHANGES.values())) == len(CHANGES)


def test_other_doses_and_noise_show_the_base() -> None:
    own = {case for case, view in VIEWS.items() if view == AUDIT_BASE}
    assert own == {AUDIT_BASE, "half-dose", "double-dose", "noise"}
    assert all(VIEWS[case] == case for case in CHANGES if case not in own)


@pytest.mark.parametrize(
    ("change", "pixel", "goes_to"),
    [
        (Change(turn_deg=90), (0, 0), (63, 0)),  # clockwise, as the eye sees it
        (Change(turn_deg=90), (63, 10), (53, 63)),
        (Change(mirrored=True), (5, 7), (58, 7)),
        (Change(shift=(0.25, -0.125)), (5, 20), (21, 12)),
        (Change(magnification=2.0), (31.5, 33), (31.5, 34.5)),
    ],
)
def test_points_go_where_the_change_says(
    change: Change, pixel: tuple[float, float], goes_to: tuple[float, float]
) -> None:
    found = changed_points(np.array([pixel]) * SQUARE.pixel_size_A, SQUARE, change)
    assert found[0] / changed_frame(SQUARE, change).pixel_size_A == pytest.approx(goes_to)


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_rigid(case: str) -> None:
    points = np.random.default_rng(1).uniform(-5, 12, (20, 3))
    before = specimen_of(points)
    after = changed_specimen(before, WIDE, CHANGES[case])
    assert after.positions_A[:, 2] == pytest.approx(points[:, 2])
    distances = [np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (points, after.positions_A)]
    np.testing.assert_allclose(*distances, atol=1e-9)
    # An axis of columns turns with its atoms.
    line = specimen_of(points[:1] + np.outer([0.0, 1.0], [0.6, 0.0, 0.8]))
    moved = changed_specimen(line, WIDE, CHANGES[case])
    assert moved.zone_axes[0] == pytest.approx(np.diff(moved.positions_A, axis=0)[0])


@pytest.mark.parametrize("frame", [SQUARE, WIDE])
@pytest.mark.parametrize("case", CHANGES)
def test_no_edge_of_the_specimen_comes_near_the_frame(frame: Frame[float], case: str) -> None:
    padding, change = 7.5, CHANGES[case]
    sides = np.array([frame.width_px, frame.height_px]) * frame.pixel_size_A
    margin = needed_margin_A(frame, padding)
    shown = changed_frame(frame, change)
    cell = np.array([shown.width_px, shown.height_px]) * shown.pixel_size_A
    ends = [np.array([-padding, size + padding]) for size in cell]
    corners = np.array([(x, y) for x in ends[0] for y in ends[1]])
    # Where the corners of the cell were on the specimen before the change.
    unit = changed_points(np.vstack([np.eye(2), np.zeros((1, 2))]), frame, change)
    matrix = (unit[:2] - unit[2]).T
    origins = (corners - unit[2]) @ np.linalg.inv(matrix).T
    assert (origins >= -margin).all()
    assert (origins <= sides + margin).all()


@pytest.mark.parametrize("frame", [SQUARE, WIDE])
@pytest.mark.parametrize("case", CHANGES)
def test_the_scored_disc_is_in_every_frame(frame: Frame[float], case: str) -> None:
    change = CHANGES[case]
    centre = middle_A(frame) / frame.pixel_size_A + shift_px(frame, change)
    radius = scored_radius_px(frame) * change.magnification
    assert radius > 0.3 * min(frame.shape)
    assert (centre - radius >= 0).all()
    assert (centre + radius <= [frame.width_px - 1, frame.height_px - 1]).all()
