"""Wavelet shrinkage on binned counts, or on single pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.methods import WaveletShrinkage, bins_of


def build(parameters: Mapping[str, Any]) -> WaveletShrinkage:
    """Return wavelet shrinkage with the parameters of ``method.toml``."""
    bins, others = bins_of(parameters)
    return WaveletShrinkage(bins, **others)
