"""Drawn recipe as frozen dataclasses: what is drawn for every specimen and every image."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from tembench.recipe.draws.components import Component, V
from tembench.recipe.draws.distributions import Value, limits_of, plain_values
from tembench.recipe.draws.draw_seed import Redraw, SecretSeed, sealed_error
from tembench.recipe.draws.value_tables import combinations, image_tables, specimen_tables

MOVIE = "movie"
"""Part whose images are frames, with an exposure of its own where the recipe has one."""
DRAWN_PARTS = ("train", "validation", "dev", "test", MOVIE)
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
    """A kind of specimen: its share of all specimens, and its components by name.

    `material` names it in a table that groups its images; empty: the name of the kind.
    """

    share: float
    components: Mapping[str, Component[Value]]
    material: str = ""


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
    images_each : mapping of str to int
        Images of a specimen in each of `DRAWN_PARTS`, before grids of image values multiply them,
        and frames those.
    microscopes : mapping of str to (float, Optics)
        Share and optics of each microscope, drawn for every specimen.
    movie : Exposure or None
        Exposure of the part `movie`; None: that of all parts.
    grouping : str
        Closed recipe whose microscope others are compared with; its images then have the columns
        `material`, `orientation` and `ctf_distance`. Empty: they do not.
    redraw : Redraw or None
        Origin of a sealed test or a fresh draw.
    secret : SecretSeed or None
        Root of the draws of a sealed test, where it is known; no part of the recipe's text or id.
    """

    name: str
    version: str
    description: str
    licence: str
    seed: int
    specimens: Mapping[str, int]
    images_each: Mapping[str, int]
    frame: Frame[Value]
    physics: Physics
    microscopes: Mapping[str, tuple[float, Optics[Value]]]
    detectors: Mapping[str, Camera[Value]]
    exposure: Exposure[Value]
    kinds: Mapping[str, SpecimenKind]
    scored: Scored
    movie: Exposure[Value] | None = None
    grouping: str = ""
    redraw: Redraw | None = None
    secret: SecretSeed | None = field(default=None, compare=False, repr=False)

    def __hash__(self) -> int:
        """Hash of name, version and seed; `==` compares all values."""
        return hash((self.name, self.version, self.seed))

    def __repr__(self) -> str:
        """Name, version and size, in a line."""
        low, high = self.doses_e_per_A2
        dose = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        return (
            f"DrawnRecipe({self.name!r}, {self.version}): {self.n_images} images of "
            f"{sum(map(self.n_specimens, DRAWN_PARTS))} specimens, {self.frame.height_px} x "
            f"{self.frame.width_px} px of {self.pixel_size_A:.3g} A, {dose} e/A^2"
        )

    @property
    def is_sealed(self) -> bool:
        """Whether it is drawn from a secret seed."""
        return self.redraw is not None and bool(self.redraw.commitment)

    @property
    def root(self) -> int | SecretSeed:
        """Root seed of all draws; RecipeError if the test is sealed and its seed not given."""
        if not self.is_sealed:
            return self.seed
        if self.secret is None:
            raise sealed_error(f"{self.name} {self.version}")
        return self.secret

    @property
    def split_names(self) -> tuple[str, ...]:
        """The splits of this recipe: by model, which here is a specimen."""
        return ("model",)

    @property
    def shape(self) -> tuple[int, int]:
        """Image size in pixels, (y, x)."""
        return self.frame.shape

    @property
    def pixel_size_A(self) -> float:
        """Size of a pixel; of a drawn one, the geometric mean of the limits."""
        low, high = limits_of(self.frame.pixel_size_A)
        return low if low == high else math.sqrt(low * high)

    @property
    def doses_e_per_A2(self) -> tuple[float, float]:
        """Least and largest dose of a frame that can be drawn, apart from the part `movie`."""
        return limits_of(self.exposure.dose_e_per_A2)

    @property
    def has_camera(self) -> bool:
        """Whether some noisy images are not whole counts: a camera of a kind but ideal is used."""
        return any(self.detectors[name].kind != "ideal" for name in self.detector_names)

    @property
    def detector_names(self) -> tuple[str, ...]:
        """Names of the cameras that an exposure can be taken with."""
        exposures = [self.exposure] if self.movie is None else [self.exposure, self.movie]
        return tuple(dict.fromkeys(n for one in exposures for n in plain_values(one.detector)))

    @functools.cached_property
    def variants(self) -> int:
        """Specimens of one draw: the points of the grids of a specimen's values."""
        return combinations(specimen_tables(self))

    def exposure_of(self, part: str) -> Exposure[Value]:
        """Exposure of a part's images."""
        return self.movie if part == MOVIE and self.movie is not None else self.exposure

    def images_per_specimen(self, part: str) -> int:
        """Images of a part's specimen: draws times the points of their grids, times the frames."""
        points = combinations(image_tables(self, part))
        return self.images_each[part] * points * self.exposure_of(part).frames

    @property
    def n_images(self) -> int:
        """Number of images of all parts."""
        return sum(self.n_specimens(part) * self.images_per_specimen(part) for part in DRAWN_PARTS)

    def n_specimens(self, part: str) -> int:
        """Number of specimens of a part, with the variants of each draw."""
        return self.specimens[part] * self.variants
