"""UNet of gated convolutional blocks trained on simulated images."""

from __future__ import annotations

from tembench.methods import GatedUNet, NetworkMethod

_METHOD = NetworkMethod(
    network=GatedUNet,
    architecture=("channels", "blocks_down", "blocks_up", "kernel", "spectral"),
)
build = _METHOD.build
train = _METHOD.train
