"""Scene: a specimen in front of an instrument; view: its clean image and columns under a change."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from tembench.dataset import CLEAN_STEP, Packing, drawn_sites
from tembench.metrics import Sites
from tembench.recipe import DrawSeed, Frame, Optics, Physics, Scored
from tembench.simulation import (
    Columns,
    PaddedCell,
    Specimen,
    SpecimenWave,
    form_image,
    plan_cell,
    specimen_columns,
    specimen_wave,
)
from tembench.study.audit import (
    Change,
    changed_frame,
    changed_points,
    changed_specimen,
    middle_A,
    scored_radius_px,
    shift_px,
)

_PACKING = Packing(step=CLEAN_STEP)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that an image's expectation depends on.

    Attributes
    ----------
    specimen : Specimen
        Atoms in the frame and beyond it, as far as `needed_margin_A` says.
    frame : Frame
        Size of the image and of a pixel.
    physics : Physics
        Multislice.
    padding_A : float
        Distance from the frame to the edge of the cell.
    optics : Optics
        Microscope.
    shift_A, motion_A : tuple of float
        Displacement of the specimen, and its movement during the exposure.
    seed : DrawSeed
        Seed of frozen phonons.
    scored : Scored
        Elements and components whose columns are scored.
    sites : Sites or None
        Columns in the frame, where they are known; None: `specimen_columns` finds them.
    """

    specimen: Specimen
    frame: Frame[float]
    physics: Physics
    padding_A: float
    optics: Optics[float]
    shift_A: tuple[float, float] = (0.0, 0.0)
    motion_A: tuple[float, float] = (0.0, 0.0)
    seed: DrawSeed
    scored: Scored
    sites: Sites | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """Image of a scene under a change, as a method is scored by it.

    Attributes
    ----------
    clean : ndarray of float32, shape (y, x)
        Expected electrons over those in vacuum.
    sites : Sites
        Columns, in angstrom of the stated sampling.
    columns_defined : bool
        Whether the specimen has true columns.
    pixel_size_A : float
        The sampling that a method is told.
    centre_px : tuple of float
        Middle of the disc that is scored, x and y.
    radius_px : float
        Its radius.
    """

    clean: np.ndarray
    sites: Sites
    columns_defined: bool
    pixel_size_A: float
    centre_px: tuple[float, float]
    radius_px: float

    def expected(self, dose_e_per_px: float) -> np.ndarray:
        """Expected electrons per pixel at a dose in vacuum, float32."""
        return np.asarray(self.clean * np.float32(dose_e_per_px))

    def to_bytes(self) -> bytes:
        """The view as an ``.npz`` file."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            clean=_PACKING.pack(self.clean),
            columns_defined=self.columns_defined,
            numbers=np.array([self.pixel_size_A, *self.centre_px, self.radius_px]),
            **{f"sites_{name}": values for name, values in vars(self.sites).items()},
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> View:
        """Read what `to_bytes` made; ValueError, KeyError or OSError where it is damaged."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            stored = dict(arrays)
        pixel, x, y, radius = stored.pop("numbers").tolist()
        return cls(
            clean=_PACKING.unpack(stored.pop("clean")),
            columns_defined=bool(stored.pop("columns_defined")),
            sites=Sites(**{name.removeprefix("sites_"): v for name, v in stored.items()}),
            pixel_size_A=pixel,
            centre_px=(x, y),
            radius_px=radius,
        )


def simulate_views(scene: Scene, changes: Iterable[Change]) -> list[View]:
    """Simulate a scene under several changes.

    Parameters
    ----------
    scene : Scene
        The scene.
    changes : iterable of Change
        Those that share an exit wave share its simulation.

    Returns
    -------
    list of View
        In the order of `changes`; the same bits as `simulate_views` of one change alone.
    """
    wave = functools.cache(functools.partial(_wave, scene))
    return [_view(scene, change, *wave(change.of_wave)) for change in changes]


def _wave(scene: Scene, change: Change) -> tuple[Specimen, PaddedCell, SpecimenWave]:
    """Specimen, cell and exit wave under a change."""
    specimen = changed_specimen(scene.specimen, scene.frame, change)
    optics = scene.optics
    frame = changed_frame(scene.frame, change)
    cell = plan_cell(frame, scene.physics, scene.padding_A, optics.aperture_per_A)
    wave = specimen_wave(
        specimen, cell, scene.physics, optics.energy_keV, optics.aperture_per_A, scene.seed
    )
    return specimen, cell, wave


def _view(
    scene: Scene, change: Change, specimen: Specimen, cell: PaddedCell, wave: SpecimenWave
) -> View:
    optics = replace(scene.optics, C12_nm=scene.optics.C12_nm + change.astigmatism_nm)
    clean = form_image(wave, cell, optics, shift_A=scene.shift_A, motion_A=scene.motion_A)
    frame, scale = scene.frame, change.magnification
    sites, defined = (
        _found_sites(scene, specimen)
        if scene.sites is None
        else (_changed_sites(scene.sites, frame, change), True)
    )
    x, y = middle_A(frame) / frame.pixel_size_A + shift_px(frame, change)
    return View(
        clean=_PACKING.unpack(_PACKING.pack(np.maximum(clean, 0))),
        sites=replace(sites, x_A=sites.x_A * scale, y_A=sites.y_A * scale),
        columns_defined=defined,
        pixel_size_A=frame.pixel_size_A,
        centre_px=(float(x), float(y)),
        radius_px=scored_radius_px(frame) * scale,
    )


def _found_sites(scene: Scene, specimen: Specimen) -> tuple[Sites, bool]:
    """Columns in the frame, in angstrom of the specimen, and whether they are defined."""
    scored = scene.scored
    found = specimen_columns(
        specimen, elements=scored.elements, components=scored.components, beyond_A=5.0
    )
    names = ("x_A", "y_A", "depth_A", "element", "atoms", "in_particle", "at_surface")
    columns = Columns(**{name: getattr(found, name) for name in names})
    chosen = bool(scored.components)
    sites = drawn_sites(columns, scene.shift_A, specimen.frame_A, chosen=chosen)
    return sites, bool(found.defined and sites.columns.any())


def _changed_sites(sites: Sites, frame: Frame[float], change: Change) -> Sites:
    """Sites moved with the specimen; columns of the particle that have left the frame left out."""
    points = changed_points(sites.xy_A, frame, change)
    size = np.array([frame.width_px, frame.height_px]) * changed_frame(frame, change).pixel_size_A
    kept = ((points >= 0) & (points < size)).all(axis=1) | ~sites.in_particle
    others = {n: v[kept] for n, v in vars(sites).items() if n not in ("x_A", "y_A")}
    return Sites(x_A=points[kept, 0], y_A=points[kept, 1], **others)
