"""History of a training."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_fakes import SHORT, train

from tembench.methods.protocol import TrainingData
from tembench.methods.training.history import curve_figure, read_history


@pytest.mark.slow
def test_the_curve_is_drawn(data: TrainingData, tmp_path: Path) -> None:
    train(data, SHORT, tmp_path)
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    svg = curve_figure(read_history(tmp_path / "history.csv"), tmp_path / "again.svg", "PSNR (dB)")
    assert "<svg" in svg.read_text()
