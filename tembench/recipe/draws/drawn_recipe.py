"""Drawn recipe as frozen dataclasses: what is drawn for every specimen and every image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tembench.recipe.draws.components import Component
from tembench.recipe.draws.distributions import Value

V = TypeVar("V")

DRAWN_PARTS = ("train", "validation", "dev", "test")
"""Parts of a drawn data set; each draws its specimens from seeds of its own."""


@dataclass(frozen=True, kw_only=True)
class Frame(Generic[V]):
    """Size of the image in pixels, and of a pixel (a specimen's value)."""

    width_px: int
    height_px: int
    pixel_size_A: V

    @property
    def shape(self) -> tuple[int, int]:
        """Image size in pixels, (y, x)."""
        return self.height_px, self.width_px


@dataclass(frozen=True, kw_only=True)
class Physics:
    """Multislice of a drawn recipe; nothing here is drawn.

    Attributes
    ----------
    wave_sampling_A : float
        Coarsest sampling of the wave.
    slice_thickness_A : float
        Largest distance of atomic planes that share a slice.
    parametrization : str
        abTEM's name of the scattering factors.
    thermal_scattering : str
        ``"absorbed"``, or its loss is ``"ignored"``, or ``"background"``: what is absorbed returns
        as an even background.
    displacement_A : mapping of str to float
        Root mean square displacement along an axis by element, where it differs from the table.
    frozen_phonons : int
        Number of configurations of displaced atoms to average; 0: the fast way.
    padding_A : float or None
        Distance to the cell's edge beyond the frame; None: by the rule for 60 dB.
    """

    wave_sampling_A: float
    slice_thickness_A: float
    parametrization: str
    thermal_scattering: str
    displacement_A: Mapping[str, float]
    frozen_phonons: int
    padding_A: float | None


@dataclass(frozen=True, kw_only=True)
class Optics(Generic[V]):
    """Microscope, with aberrations in abTEM's names and signs (phi from x towards y, clockwise).

    `focal_spread_nm` and `convergence_mrad` are half-widths at which the weight falls to 1/e,
    `image_spread_A` the standard deviation of an isotropic blur. C10 > 0 is overfocus. Energy and
    aperture are a specimen's values, all others an image's.
    """

    energy_keV: V
    aperture_per_A: V
    C10_nm: V
    C12_nm: V
    phi12_deg: V
    C21_nm: V
    phi21_deg: V
    C23_nm: V
    phi23_deg: V
    C30_um: V
    C32_um: V
    phi32_deg: V
    C34_um: V
    phi34_deg: V
    C50_mm: V
    focal_spread_nm: V
    convergence_mrad: V
    image_spread_A: V


@dataclass(frozen=True, kw_only=True)
class Camera(Generic[V]):
    """Camera: what happens to an electron that reaches it.

    Attributes
    ----------
    kind : str
        ``"ideal"`` counts every electron where it arrives. ``"counting"`` localises each electron
        with an error, which blurs the image and leaves white noise. ``"integrating"`` (scintillator
        or direct) spreads each electron's signal, which blurs the image and correlates the noise.
    dqe : number
        Detective quantum efficiency at frequency 0, read noise apart.
    mtf : tuple of four numbers
        c0 to c3 of abTEM's ``default_mtf_func``, frequencies in cycles per pixel:
        (c0 - c1) / (1 + (k / (2 c2))^|c3|) + c1.
    gain : number
        Digital counts per electron.
    offset, read_noise : number
        In digital counts.
    """

    kind: str
    dqe: V
    mtf: tuple[V, V, V, V]
    gain: V
    offset: V
    read_noise: V


@dataclass(frozen=True, kw_only=True)
class Exposure(Generic[V]):
    """Exposure of an image: dose, frames and motion.

    Attributes
    ----------
    dose_e_per_A2 : number
        Expected electrons per area in vacuum, of each frame.
    frames : int
        Frames of an image, each an image of the data set of its own.
    drift_A, drift_azimuth_deg : number
        Distance that the specimen moves during a frame, and its direction, clockwise from x.
    jitter_A : number
        Standard deviation of a frame's random displacement along an axis.
    jump_share : number
        Probability, for each frame after the first, that one surface column of a particle loses
        an atom to another site of the surface.
    detector : value
        Name of the camera, or a choice among names.
    """

    dose_e_per_A2: V
    frames: int
    drift_A: V
    drift_azimuth_deg: V
    jitter_A: V
    jump_share: V
    detector: Value


@dataclass(frozen=True, kw_only=True)
class SpecimenKind:
    """A kind of specimen: its share of all specimens, and its components by name."""

    share: float
    components: Mapping[str, Component[Value]]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What the true columns are: of which elements and components (empty: all)."""

    elements: tuple[str, ...]
    components: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DrawnRecipe:
    """Everything that determines the values of a drawn data set.

    Attributes
    ----------
    specimens : mapping of str to int
        Number of specimens in each of `DRAWN_PARTS`.
    images_each : int
        Images of a specimen, before grids of image values multiply them, and frames those.
    microscopes : mapping of str to (float, Optics)
        Share and optics of each microscope, drawn for every specimen.
    """

    name: str
    version: str
    description: str
    licence: str
    seed: int
    specimens: Mapping[str, int]
    images_each: int
    frame: Frame[Value]
    physics: Physics
    microscopes: Mapping[str, tuple[float, Optics[Value]]]
    detectors: Mapping[str, Camera[Value]]
    exposure: Exposure[Value]
    kinds: Mapping[str, SpecimenKind]
    scored: Scored
