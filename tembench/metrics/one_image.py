"""PSNR and SSIM of a single image of any dose, on the scale of the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.metrics.fidelity import WINDOW, psnr_db, ssim


@dataclass(frozen=True, kw_only=True)
class ImageScores:
    """How near images come to a clean one.

    Attributes
    ----------
    psnr_db : Mapping of str to float
        Of each image.
    ssim : float or None
        Of the last; None where the image is smaller than the window.
    """

    psnr_db: Mapping[str, float]
    ssim: float | None

    def __str__(self) -> str:
        """A line of text."""
        psnr = ", ".join(f"{name} {value:.2f} dB" for name, value in self.psnr_db.items())
        if self.ssim is None:
            return f"PSNR: {psnr}; SSIM left out, the image is smaller than {WINDOW} px"
        return f"PSNR: {psnr}; SSIM of the {list(self.psnr_db)[-1]} {self.ssim:.4f}"


def score_images(
    clean: np.ndarray, images: Mapping[str, np.ndarray], dose_e_per_px: float
) -> ImageScores:
    """Score images against a clean one, at the scale where vacuum is the dose of reference.

    Parameters
    ----------
    clean : numpy.ndarray
        (y, x), e/px.
    images : Mapping of str to numpy.ndarray
        (y, x), e/px; the denoised one last.
    dose_e_per_px : float
        Of the clean image in vacuum.

    Examples
    --------
    >>> clean = np.full((8, 8), 9.0)
    >>> str(score_images(clean, {"denoised": clean + 2.0}, 9.0))
    'PSNR: denoised 20.00 dB; SSIM of the denoised 0.9802'
    """
    scale = np.float32(REFERENCE_DOSE_E_PER_PX / dose_e_per_px)
    truth = clean * scale
    scaled = {name: image * scale for name, image in images.items()}
    last = list(scaled.values())[-1]
    return ImageScores(
        psnr_db={name: psnr_db(truth, image) for name, image in scaled.items()},
        ssim=ssim(truth, last) if min(truth.shape) >= WINDOW else None,
    )
