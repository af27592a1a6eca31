"""Scores of a denoised view on the disc that all views of a specimen show."""

from __future__ import annotations

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.metrics import ColumnCounts, find_truth, psnr_db, read_columns
from tembench.study.audit import View


def score_on_disc(
    view: View, denoised: np.ndarray, dose_e_per_px: float
) -> tuple[float, float | None]:
    """PSNR and column F1 within the disc, as the metrics of those names are defined.

    Parameters
    ----------
    view : View
        The truth.
    denoised : ndarray, shape (y, x)
        Expected electrons per pixel.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.

    Returns
    -------
    psnr_db : float
        Over the pixels of the disc, at the scale where vacuum is 0.45 e/px.
    column_f1 : float or None
        Of the columns in the disc, those invented there included; None where there are none.
    """
    scale = np.float64(REFERENCE_DOSE_E_PER_PX / dose_e_per_px)
    clean, estimate = view.expected(dose_e_per_px) * scale, denoised * scale
    inside = _disc(view)
    with np.errstate(over="ignore", invalid="ignore"):
        psnr = psnr_db(clean[inside][None], estimate[inside][None])
    return psnr, _column_f1(view, clean, estimate) if view.columns_defined else None


def _disc(view: View) -> np.ndarray:
    rows, columns = np.ogrid[: view.clean.shape[0], : view.clean.shape[1]]
    x, y = view.centre_px
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= view.radius_px**2)


def _column_f1(view: View, clean: np.ndarray, estimate: np.ndarray) -> float | None:
    pixel = view.pixel_size_A
    truth = find_truth(clean, view.sites, pixel_size_A=pixel)
    own = _within(view, view.sites.xy_A)
    shown = truth.shown & own
    if not shown.any():
        return None
    reading = read_columns(estimate, truth, view.sites, pixel_size_A=pixel)
    found = int((reading.found & own).sum())
    return ColumnCounts(
        matched=found,
        missed=int(shown.sum()) - found,
        invented=int(_within(view, reading.invented_A).sum()),
    ).f1


def _within(view: View, xy_A: np.ndarray) -> np.ndarray:
    distance = np.hypot(*(xy_A / view.pixel_size_A - view.centre_px).T)
    return np.asarray(distance <= view.radius_px)
