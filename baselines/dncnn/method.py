"""DnCNN trained on simulated images."""

from __future__ import annotations

from tembench.methods import DnCNN, NetworkMethod

_METHOD = NetworkMethod(
    network=DnCNN,
    architecture=("layers", "channels"),
)
build = _METHOD.build
train = _METHOD.train
