"""Changes that an audit makes to a specimen, its optics or its exposure, and their application."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tembench.ranking import AUDIT_BASE, AUDIT_CASES
from tembench.recipe import Frame
from tembench.simulation import Specimen


@dataclass(frozen=True, kw_only=True)
class Change:
    """What differs from the base in one case.

    Attributes
    ----------
    turn_deg : float
        Turn of the specimen about the middle of the frame, clockwise in the image. The optics, the
        camera and the motion stay.
    shift : tuple of float
        Displacement of the specimen along x and y, as shares of the frame's shorter side.
    mirrored : bool
        Whether right and left are exchanged, as far as the atoms go.
    magnification : float
        Factor by which the specimen is larger in an image of the same size and stated sampling.
    dose : float
        Factor of the dose.
    astigmatism_nm : float
        Twofold astigmatism beside the image's own, along its azimuth.
    noise : int
        Number of the draw of the noise.
    """

    turn_deg: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    mirrored: bool = False
    magnification: float = 1.0
    dose: float = 1.0
    astigmatism_nm: float = 0.0
    noise: int = 0

    @property
    def of_clean(self) -> Change:
        """What the clean image depends on, at the scale where vacuum is 1."""
        return replace(self, dose=1.0, noise=0)

    @property
    def of_wave(self) -> Change:
        """What the exit wave depends on."""
        return replace(self.of_clean, astigmatism_nm=0.0)


# Shares that are no whole number of pixels or of a network's bins.
_SHIFT = (0.107, -0.063)
CHANGES = dict(
    zip(
        (AUDIT_BASE, *AUDIT_CASES),
        (
            Change(),
            Change(shift=_SHIFT),
            Change(turn_deg=3.0),
            Change(turn_deg=10.0),
            Change(turn_deg=37.0),
            Change(mirrored=True),
            Change(magnification=1.05),
            Change(magnification=0.95),
            Change(dose=0.5),
            Change(dose=2.0),
            Change(astigmatism_nm=1.0),
            Change(noise=1),
        ),
        strict=True,
    )
)
"""The change of each case, in the order of tables."""
VIEWS = {
    case: next(other for other, one in CHANGES.items() if one == change.of_clean)
    for case, change in CHANGES.items()
}
"""The case whose clean image each case shares: the base's at another dose, or with other noise."""


def middle_A(frame: Frame[float]) -> np.ndarray:
    """Middle of the frame's pixels, (x, y); a pixel's centre is at its number times its size."""
    return np.array([frame.width_px - 1, frame.height_px - 1]) / 2 * frame.pixel_size_A


def changed_frame(frame: Frame[float], change: Change) -> Frame[float]:
    """The frame whose pixels are the smaller on the specimen, the larger it is shown."""
    return replace(frame, pixel_size_A=frame.pixel_size_A / change.magnification)


def shift_px(frame: Frame[float], change: Change) -> np.ndarray:
    """Displacement of the specimen in pixels, (x, y)."""
    return np.array(change.shift) * min(frame.shape)


def changed_specimen(specimen: Specimen, frame: Frame[float], change: Change) -> Specimen:
    """Turn, mirror and move a specimen rigidly in its frame.

    Parameters
    ----------
    specimen : Specimen
        It runs beyond the frame as far as `needed_margin_A` says.
    frame : Frame
        The frame that it was built for.
    change : Change
        Turn and mirror are about the middle of the frame's pixels.

    Returns
    -------
    Specimen
        The same atoms in the coordinates of `changed_frame`.
    """
    changed = changed_frame(frame, change)
    positions, matrix = specimen.positions_A.copy(), np.eye(3)
    positions[:, :2] = changed_points(positions[:, :2], frame, change)
    matrix[:2, :2] = _matrix(change)
    return replace(
        specimen,
        positions_A=positions,
        zone_axes=tuple(None if axis is None else matrix @ axis for axis in specimen.zone_axes),
        frame_A=(
            changed.width_px * changed.pixel_size_A,
            changed.height_px * changed.pixel_size_A,
        ),
    )


def changed_points(xy_A: np.ndarray, frame: Frame[float], change: Change) -> np.ndarray:
    """Points of a specimen after a change, in the coordinates of `changed_frame`.

    Parameters
    ----------
    xy_A : ndarray, shape (points, 2)
        Points in the coordinates of `frame`.
    frame, change
        As in `changed_specimen`.
    """
    changed = changed_frame(frame, change)
    after = middle_A(changed) + shift_px(frame, change) * changed.pixel_size_A
    return np.asarray((xy_A - middle_A(frame)) @ _matrix(change).T + after)


def _matrix(change: Change) -> np.ndarray:
    """Turn, clockwise where y points down, and then the mirror."""
    angle = np.deg2rad(change.turn_deg)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.diag([-1.0, 1.0]) @ turn if change.mirrored else turn


def needed_margin_A(frame: Frame[float], padding_A: float) -> float:
    """Distance beyond the frame to which a specimen must run, so that no change shows its edge.

    Parameters
    ----------
    frame : Frame
        The frame.
    padding_A : float
        Distance from the frame to the edge of the cell that images are simulated in.
    """
    least = min(change.magnification for change in CHANGES.values())
    sides = np.array(frame.shape) * frame.pixel_size_A
    farthest = max(float(np.hypot(*shift_px(frame, one))) for one in CHANGES.values())
    # Cells are rounded up to numbers of pixels that transforms like, by a few per cent.
    reach = 1.05 * np.hypot(*(sides / 2 / least + padding_A)) + farthest * frame.pixel_size_A
    return float(reach - sides.min() / 2)


def scored_radius_px(frame: Frame[float]) -> float:
    """Radius of the disc that is scored, about the middle of the frame; it follows every change.

    It lies in the frame of every case, so that each is scored on the same part of the specimen.
    """
    half = min(frame.shape) / 2
    room = min(half - np.abs(shift_px(frame, change)).max() for change in CHANGES.values())
    largest = max(change.magnification for change in CHANGES.values())
    return float(min(room, half / largest) - 2)
