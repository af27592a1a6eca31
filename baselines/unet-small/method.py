"""Small UNet trained on simulated images."""

from __future__ import annotations

from tembench.methods import NetworkMethod, SmallUNet

_METHOD = NetworkMethod(
    network=SmallUNet,
    architecture=("channels",),
)
build = _METHOD.build
train = _METHOD.train
