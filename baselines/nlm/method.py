"""Non-local means on binned counts, or on single pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tembench.methods import NonLocalMeans, bins_of


def build(parameters: Mapping[str, Any]) -> NonLocalMeans:
    """Return non-local means with the parameters of ``method.toml``."""
    bins, others = bins_of(parameters)
    return NonLocalMeans(bins, **others)
