"""Wavelet shrinkage on binned counts, or on single pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.methods import WaveletShrinkage


def build(parameters: Mapping[str, Any]) -> WaveletShrinkage:
    """Return wavelet shrinkage with the parameters of ``method.toml``."""
    return WaveletShrinkage(**parameters)
