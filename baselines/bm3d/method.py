"""BM3D on binned counts, or on single pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.methods import BM3D, bins_of


def build(parameters: Mapping[str, Any]) -> BM3D:
    """Return BM3D with the parameters of ``method.toml``."""
    bins, settings = bins_of(parameters)
    strength = settings.pop("strength")
    settings["matches"] = (settings.pop("matches_first"), settings.pop("matches_second"))
    return BM3D(bins, strength, settings)
