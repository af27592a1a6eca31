"""A trained network on registered sums of the frames of a movie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from tembench.methods import (
    NetworkDenoiser,
    NoisyImage,
    frame_shifts,
    load_method,
    registered_sum,
    series_of,
)


class FrameDenoiser:
    """Denoiser of a frame by the sum of its neighbours, registered with it.

    Parameters
    ----------
    denoiser : NetworkDenoiser
        Trained at many doses.
    reach : int
        Frames summed before and after each one.

    Attributes
    ----------
    alone : NetworkDenoiser
        The denoiser of an image that has no neighbours.
    """

    def __init__(self, denoiser: NetworkDenoiser, reach: int) -> None:
        self.alone, self._reach = denoiser, reach
        self.device, self.network = denoiser.device, denoiser.network

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the expected electrons per pixel of one frame, (y, x) float32."""
        series = series_of(image)
        # Images at other foci show something else.
        reach = self._reach if series.axis == "time" else 0
        first = max(0, series.position - reach)
        frames = series.counts[first : series.position + reach + 1]
        if len(frames) == 1:
            return self.alone.denoise(replace(image, series=None))
        shifts = frame_shifts(frames, image.pixel_size_A)
        total, seen = registered_sum(frames, shifts, series.position - first, range(len(frames)))
        # Every pixel is seen by the frame itself.
        summed = replace(
            image,
            counts=total * (len(frames) / seen),
            dose_e_per_px=image.dose_e_per_px * len(frames),
            series=None,
        )
        return self.alone.denoise(summed) / np.float32(len(frames))


def build(parameters: Mapping[str, Any]) -> FrameDenoiser:
    """Build the base network's denoiser, for sums of frames."""
    weights = Path(parameters["weights"]) if "weights" in parameters else None
    base = load_method(parameters["base"]).build(weights, device=parameters["device"])
    return FrameDenoiser(cast(NetworkDenoiser, base), parameters["reach"])
