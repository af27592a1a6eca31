"""Recipe as frozen dataclasses: specimens, microscope, conditions, factors and splits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEST_PARTS = ("test", "test-full")
PARTS = ("train", "validation", *TEST_PARTS)
SUBSET_PART = "test-subset"
"""A fixed sample of the part `test`, for slow methods; not a value of a split's column."""
SCORED_PARTS = (*TEST_PARTS, SUBSET_PART)
TRACKS = {
    "contrast": "contrast",
    "structure": "particle",
    "defect": "defect",
    "thickness": "thickness_A",
    "tilt": "tilt_deg",
    "defocus": "defocus_nm",
}
"""Each track, and the factor of an image that it holds out values of."""
SPLITS = ("model", "paper", *TRACKS)
ELEMENTS = ("Pt", "Ce", "O")
"""Elements of the specimens: platinum particles on ceria."""
BLANK = "none"
"""Name of the particle and of the support of blank images."""
STANDARD = "standard"
"""Name of the condition of a recipe that lists none: the microscope's dose, without a detector."""
CONTRASTS = ("black", "intermediate", "white")
_LARGEST_SHARD = 9


@dataclass(frozen=True, kw_only=True)
class Box:
    """The image, and the taller periodic cell that it is cropped from.

    The cell is simulated; the image is its top `image_height_A`, so that what wraps around
    vertically is cropped off. Pixels are square.
    """

    width_A: float
    image_height_A: float
    cell_height_A: float
    image_width_px: int

    @property
    def pixel_size_A(self) -> float:
        """Size of an image pixel in angstrom."""
        return self.width_A / self.image_width_px

    @property
    def shape(self) -> tuple[int, int]:
        """Image size in pixels, (y, x)."""
        return round(self.image_height_A / self.pixel_size_A), self.image_width_px


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Grids and physics of the multislice simulation.

    `wave_grid` is the (x, y) grid of the multislice; `detector_grid` the smaller one on which
    exit waves are stored and images formed; both span the cell. Spatial frequencies beyond
    `aperture_per_A` are stopped by the objective aperture. `displacement_A` is the root mean
    square displacement of each element's atoms along an axis; electrons they scatter thermally
    are ``"absorbed"``, or that loss is ``"ignored"``.
    """

    wave_grid: tuple[int, int]
    detector_grid: tuple[int, int]
    slice_thickness_A: float
    aperture_per_A: float
    parametrization: str
    thermal_scattering: str
    displacement_A: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Microscope:
    """Optics and dose.

    `focal_spread_nm` is the half-width at which the weight falls to 1/e, `image_spread_A` the
    standard deviation of an isotropic blur of the image, `dose_e_per_px` the expected electrons
    per pixel in vacuum.
    """

    energy_keV: float
    c3_um: float
    c5_mm: float
    convergence_mrad: float
    focal_spread_nm: float
    image_spread_A: float
    dose_e_per_px: float


@dataclass(frozen=True, kw_only=True)
class Detector:
    """Response of a detector to the electrons that reach it; see `tembench.simulation.detector`.

    `dqe` is the share of the electrons that is counted (the detective quantum efficiency at
    frequency 0, read noise apart), `mtf_nyquist` the transfer of a count's spread at half the
    sampling frequency, `read_noise_e` the standard deviation of the read noise in electrons.
    """

    dqe: float
    mtf_nyquist: float
    read_noise_e: float


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Conditions of an exposure: dose in vacuum, drift (x, y) of the specimen, detector.

    Without a detector every electron is counted where it arrives.
    """

    dose_e_per_px: float
    drift_A: tuple[float, float]
    detector: Detector | None


@dataclass(frozen=True, kw_only=True)
class ColumnRow:
    """A row of atomic columns of a particle, seen along the beam.

    `start` counts column spacings from the site above the first column of the top row,
    `atoms` is the number of atoms in each column from left to right.
    """

    start: int
    atoms: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PlatinumParticle:
    """A platinum particle: rows of columns from the top, and named sites (row, column).

    `lattice_A` is its lattice constant, `gap_A` the distance of its lowest row from the top
    cerium of the support.
    """

    rows: tuple[ColumnRow, ...]
    sites: Mapping[str, tuple[int, int]]
    lattice_A: float
    gap_A: float


@dataclass(frozen=True, kw_only=True)
class Vacancy:
    """Atoms missing from the top layer of a support, in one column of its surface.

    `place` is the index of the column, 0 to 14 from the left. `of` names the missing atoms: ``"O"``
    the oxygen at the free surface, ``"CeO2"`` the cerium and both its oxygen atoms. `share` is the
    part of them that is missing: ``"all"``, or ``"half"``, every second atom along the beam.
    """

    place: int
    of: str
    share: str


@dataclass(frozen=True, kw_only=True)
class Support:
    """A ceria support.

    `layers` is the number of (111) layers under each of the 15 columns of the surface,
    `vacancies` the atoms missing from the topmost of them.
    """

    layers: tuple[int, ...]
    vacancies: tuple[Vacancy, ...]


@dataclass(frozen=True, kw_only=True)
class Model:
    """An atomic model and the factors of its images.

    One image is formed for each of `conditions` (their names), `defocus_nm` and `tilts_deg` (about
    x and about y).
    """

    particle: str
    defect: str
    support: str
    thickness_A: float
    conditions: tuple[str, ...]
    tilts_deg: tuple[tuple[float, float], ...]
    defocus_nm: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name such as ``PtNp2-D1_flat_40A``."""
        return f"{self.particle}-{self.defect}_{self.support}_{self.thickness_A:g}A"

    @property
    def is_blank(self) -> bool:
        """Whether its images are blank: no particle and no support."""
        return self.particle == BLANK

    @property
    def n_images(self) -> int:
        """Number of images, one for each condition, defocus and tilt."""
        return len(self.conditions) * len(self.tilts_deg) * len(self.defocus_nm)


@dataclass(frozen=True, kw_only=True)
class Splits:
    """Names of the models held out in the split by model, shares in the split by image.

    `test_images` is the number of images drawn from the test models as the test, evenly over the
    factors; None takes them all.
    """

    validation_models: tuple[str, ...]
    test_models: tuple[str, ...]
    test_images: int | None
    paper_validation_share: float
    paper_test_share: float


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that determines the values of a data set.

    Defects map site names to the number of atoms left there; ``"half"`` keeps half of them, of an
    odd number the larger half.
    Positive defocus is overfocus: C10 = +defocus, the sign of the released images. Tracks map
    their names (of `TRACKS`) to the values that they hold out.
    """

    name: str
    version: str
    description: str
    licence: str
    seed: int
    box: Box
    simulation: Simulation
    microscope: Microscope
    conditions: Mapping[str, Condition]
    particles: Mapping[str, PlatinumParticle]
    defects: Mapping[str, Mapping[str, int | str]]
    supports: Mapping[str, Support]
    models: tuple[Model, ...]
    splits: Splits
    tracks: Mapping[str, tuple[Any, ...]]

    def __hash__(self) -> int:
        """Hash of name, version and seed; `==` compares all values."""
        return hash((self.name, self.version, self.seed))

    def __repr__(self) -> str:
        """Name, version and size, in a line."""
        (height, width), doses = self.box.shape, sorted(self.doses_e_per_px)
        return (
            f"Recipe({self.name!r}, {self.version}): {self.n_images} images of "
            f"{len(self.models)} models, {height} x {width} px of {self.box.pixel_size_A:g} A, "
            f"{' and '.join(f'{dose:g}' for dose in doses)} e/px"
        )

    @property
    def split_names(self) -> tuple[str, ...]:
        """The splits of this recipe: by model, by image, and its tracks."""
        return ("model", "paper", *(track for track in TRACKS if track in self.tracks))

    @property
    def doses_e_per_px(self) -> frozenset[float]:
        """Doses in vacuum of all conditions that an image is taken under."""
        used = {name for model in self.models for name in model.conditions}
        return frozenset(self.conditions[name].dose_e_per_px for name in used)

    @property
    def has_detector(self) -> bool:
        """Whether some noisy images are not whole counts, since a detector records them."""
        return any(condition.detector for condition in self.conditions.values())

    @property
    def n_images(self) -> int:
        """Number of images of all models."""
        return sum(model.n_images for model in self.models)

    @property
    def images_per_shard(self) -> int:
        """Images stored together: at most nine, and every model fills whole shards."""
        common = math.gcd(*(model.n_images for model in self.models))
        return max(n for n in range(1, _LARGEST_SHARD + 1) if common % n == 0)

    def first_image(self, model: int) -> int:
        """Number of the first image of a model."""
        return sum(other.n_images for other in self.models[:model])

    def part_of(self, model: Model) -> str:
        """Part of a model in the split by model; a test model's images may be in `test-full`."""
        if model.name in self.splits.test_models:
            return "test"
        return "validation" if model.name in self.splits.validation_models else "train"
