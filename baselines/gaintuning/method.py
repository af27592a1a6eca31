"""A trained network with one gain per channel fitted to each image (GainTuning)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from tembench.methods import GainTuned, GainTuning, NetworkDenoiser, load_method


def build(parameters: Mapping[str, Any]) -> GainTuned:
    """Build the base network's denoiser, to be tuned to each image."""
    weights = Path(parameters["weights"]) if "weights" in parameters else None
    base = load_method(parameters["base"]).build(weights, device=parameters["device"])
    tuning = GainTuning(
        **{name: parameters[name] for name in ("steps", "rate", "kept")},
        step_fraction=parameters["way"],
        loss=parameters.get("loss", "poisson"),
    )
    return GainTuned(cast(NetworkDenoiser, base), tuning)
