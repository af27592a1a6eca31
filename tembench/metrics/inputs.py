"""Inputs of the metrics for one image, with results shared by several metrics computed once."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.metrics.columns import (
    SIGMA_A,
    Reading,
    Sites,
    Truth,
    find_truth,
    read_columns,
)
from tembench.metrics.evidence.corner_sites import corner_sites
from tembench.metrics.evidence.site_brightness import (
    CornerContrast,
    SiteBrightness,
    corner_contrast,
    site_brightness,
)
from tembench.metrics.filters import smoothed
from tembench.metrics.likelihood import column_ratio
from tembench.metrics.matching import MATCH_A, ColumnCounts, match
from tembench.metrics.null_distribution import Null
from tembench.metrics.occupancy import Occupancy, read_occupancy
from tembench.metrics.paper_protocol import released_counts, surface_points
from tembench.metrics.pixel_means import disc_means, disc_pixels

DISC_A = SIGMA_A * 2**0.5
"""Radius of a column's disc: that of the blob with the strongest response."""
FALSE_ALARM_RATE = 0.01
"""Rate of false alarms at which a column is called significant."""
REFERENCE_SIGMA_A = 0.5
"""Standard deviation of the Gaussian filter that is the reference of the paired metrics."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Nulls:
    """Null distributions of likelihood ratios in vacuum.

    Attributes
    ----------
    fixed : Null
        At positions chosen independently of the noise.
    searched : Null
        At positions that a denoiser may have chosen by the noise: the best one within reach.
    """

    fixed: Null
    searched: Null


def disc_radius_px(pixel_size_A: float) -> float:
    """Radius of a column's disc in pixels."""
    return DISC_A / pixel_size_A


def search_px(pixel_size_A: float) -> float:
    """Distance in pixels by which noise may have shifted an invented column."""
    return MATCH_A / pixel_size_A


def poisson_null(dose_e_per_px: float, pixel_size_A: float) -> Null:
    """Null distribution of a column's disc under shot noise alone."""
    return Null.of_poisson(disc_pixels(disc_radius_px(pixel_size_A)), dose_e_per_px)


@dataclass(frozen=True, kw_only=True, eq=False)
class MetricInputs:
    """Everything that a metric may use of one image.

    Attributes
    ----------
    clean, denoised : array (y, x)
        Expected electrons per pixel.
    noisy : array (y, x)
        The recorded counts that the method denoised.
    copies : tuple of array (y, x)
        Three further recordings of the same image, independent of `noisy` and of each other.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.
    pixel_size_A : float
        Pixel size in angstrom.
    particle_mask : array of bool (y, x)
        Pixels of the particle; none in a blank image.
    vacuum_mask : array of bool (y, x)
        Pixels far from any column.
    sites : Sites
        The atomic columns at their positions in this image.
    nulls : Nulls
        Null distributions for this dose and detector.
    undefined : frozenset of str
        What the specimen does not have, so that metrics that need it are not defined:
        ``"columns"`` along the beam (off zone there are none), ``"particle"``, ``"vacuum"``.
    training_columns_A : ndarray, shape (columns, 2), or None
        Where training images at this tilt have columns of a particle; None where no training image
        has the place and tilt of this one, as on drawn data sets.
    varying_columns_A : ndarray, shape (columns, 2), or None
        Columns of the particle that some models of the recipe have and others lack; only these are
        asked for among the whole corners. None: any of them.
    """

    clean: np.ndarray
    denoised: np.ndarray
    noisy: np.ndarray
    copies: tuple[np.ndarray, np.ndarray, np.ndarray]
    dose_e_per_px: float
    pixel_size_A: float
    particle_mask: np.ndarray
    vacuum_mask: np.ndarray
    sites: Sites
    nulls: Nulls
    undefined: frozenset[str] = frozenset()
    training_columns_A: np.ndarray | None = None
    varying_columns_A: np.ndarray | None = None

    def lacks(self, what: str) -> bool:
        """Whether the image lacks what a metric needs; see `Metric.needs`."""
        if what in ("corners", "empty corners", "training columns") and self.lacks("columns"):
            return True
        if what == "corners":
            return not self.corners.has_asked
        if what == "empty corners":
            return not self.corners.has_empty
        return what in self.undefined or (
            what == "training columns" and self.training_columns_A is None
        )

    @property
    def is_blank(self) -> bool:
        """True if the image shows no particle."""
        return "columns" not in self.undefined and not self.sites.in_particle.any()

    @property
    def scale(self) -> float:
        """Factor from this dose to the reference dose, at which all images are compared."""
        return REFERENCE_DOSE_E_PER_PX / self.dose_e_per_px

    @functools.cached_property
    def scaled_clean(self) -> np.ndarray:
        """The clean image, scaled to 0.45 e/px in vacuum."""
        return self._scaled(self.clean)

    @functools.cached_property
    def scaled_denoised(self) -> np.ndarray:
        """The denoised image, scaled to 0.45 e/px in vacuum."""
        return self._scaled(self.denoised)

    def _scaled(self, image: np.ndarray) -> np.ndarray:
        return image if self.scale == 1 else np.multiply(image, self.scale, dtype=np.float64)

    @functools.cached_property
    def truth(self) -> Truth:
        """The columns that the clean image shows."""
        return find_truth(self.scaled_clean, self.sites, pixel_size_A=self.pixel_size_A)

    @functools.cached_property
    def reading(self) -> Reading:
        """The columns found in the denoised image."""
        return read_columns(
            self.scaled_denoised, self.truth, self.sites, pixel_size_A=self.pixel_size_A
        )

    @functools.cached_property
    def released(self) -> ColumnCounts:
        """Surface columns by the paper's protocol: those of the clean image are the truth."""
        y_A = self.sites.y_A[self.sites.columns]
        floor_A = float(y_A.max()) + MATCH_A if len(y_A) else np.inf
        strong = self.truth.blobs_A[self.truth.strong]
        surfaces = [
            points[surface_points(points, floor_A)] for points in (strong, self.reading.blobs_A)
        ]
        return released_counts(*surfaces)

    @functools.cached_property
    def occupancy(self) -> Occupancy:
        """Numbers of atoms read from the denoised image; ValueError for a blank one."""
        return read_occupancy(self.clean, self.denoised, self.sites, pixel_size_A=self.pixel_size_A)

    @functools.cached_property
    def corners(self) -> CornerContrast:
        """What the clean image shows at the corners of particles."""
        height_A, width_A = (side * self.pixel_size_A for side in self.clean.shape)
        sites = corner_sites(self.sites, (width_A, height_A))
        return corner_contrast(
            self.scaled_clean, sites, self.varying_columns_A, pixel_size_A=self.pixel_size_A
        )

    @functools.cached_property
    def corner_brightness(self) -> SiteBrightness:
        """Brightness that the denoised image shows there."""
        return site_brightness(
            self.scaled_clean, self.scaled_denoised, self.corners, pixel_size_A=self.pixel_size_A
        )

    @property
    def ghost_columns(self) -> int:
        """Number of invented columns where a training image has one; 0 without any."""
        known = self.training_columns_A
        return 0 if known is None else len(match(self.reading.invented_A, known, MATCH_A)[0])

    @functools.cached_property
    def held_out_ratios(self) -> np.ndarray:
        """Likelihood ratio of each true column for each copy, (copies, columns), nat/px."""
        columns_A = self.sites.xy_A[self.sites.columns]
        return np.stack([self.ratios(copy, columns_A) for copy in self.copies])

    def ratios(self, counts: np.ndarray, xy_A: np.ndarray) -> np.ndarray:
        """Likelihood ratio of the denoised image against vacuum over discs, nat/px.

        Parameters
        ----------
        counts : array (y, x)
            Recorded electrons per pixel.
        xy_A : array (discs, 2)
            Centres x and y of the discs, angstrom.
        """
        radius = disc_radius_px(self.pixel_size_A)
        recorded, rate = (
            disc_means(image, xy_A / self.pixel_size_A, radius) for image in (counts, self.denoised)
        )
        return column_ratio(recorded, rate, dose_e_per_px=self.dose_e_per_px)

    @functools.cached_property
    def mean_copy(self) -> np.ndarray:
        """Mean of the copies, float32."""
        total: np.ndarray = np.add(self.copies[0], self.copies[1], dtype=np.float32)
        total += self.copies[2]
        total /= 3
        return total

    @functools.cached_property
    def reference(self) -> np.ndarray:
        """The noisy image smoothed by a Gaussian, the reference of the paired metrics."""
        return smoothed(self.noisy, REFERENCE_SIGMA_A / self.pixel_size_A)
