"""A trained network and BM3D's second step, guided by the network's image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tembench.methods import BM3D, GuidedBM3D, bins_of, load_method


def build(parameters: Mapping[str, Any]) -> GuidedBM3D:
    """Build the base network's denoiser and the filter that it guides."""
    given = dict(parameters)
    weights = Path(given.pop("weights")) if "weights" in given else None
    base = load_method(given.pop("base")).build(weights, device=given.pop("device"))
    bins, settings = bins_of(given)
    strength = settings.pop("strength")
    most = settings.pop("matches_second")
    return GuidedBM3D(base, BM3D(bins, strength, {**settings, "matches": (most, most)}))
