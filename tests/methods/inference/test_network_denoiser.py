"""Denoiser of a network: registration of bins and pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tembench.methods.inference.network_denoiser import NetworkDenoiser
from tembench.methods.protocol import NoisyImage


@pytest.mark.parametrize(("shifts", "mirror"), [(1, False), (2, True), (4, True)])
def test_a_network_that_copies_gives_back_a_smooth_image(shifts: int, mirror: bool) -> None:
    y, x = np.mgrid[:117, :131]
    smooth = 20 + 8 * np.sin(x / 15) * np.cos(y / 12)
    denoiser = NetworkDenoiser(
        torch.nn.Identity(), binning=4, shifts=shifts, mirror=mirror, device=torch.device("cpu")
    )
    image = NoisyImage(counts=smooth.astype(np.float32), pixel_size_A=0.0625, dose_e_per_px=20.0)
    denoised = denoiser.denoise(image)
    assert denoised.shape == smooth.shape
    # Registered at every position of the bins: a shift of half a pixel would cost 0.27.
    assert np.abs(denoised - smooth)[12:-12, 12:-12].max() < 0.15
