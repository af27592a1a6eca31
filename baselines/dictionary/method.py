"""Control that looks an image up among known ones; `recipe-oracle` shares this code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tembench.methods import LookUp, TrainingData, write_dictionary


def build(parameters: Mapping[str, Any]) -> LookUp:
    """Return the look-up among the images in the folder of the training."""
    return LookUp(Path(parameters["weights"]), parameters["binning"])


def train(parameters: Mapping[str, Any], data: TrainingData, folder: Path) -> None:
    """Keep the clean images of the training part, binned."""
    write_dictionary([data.train], data.dose_e_per_px, folder, binning=parameters["binning"])
