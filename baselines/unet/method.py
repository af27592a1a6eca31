"""UNet trained on simulated images; `unet-2-scales` and other variants share this code."""

from __future__ import annotations

from tembench.methods import NetworkMethod, UNet

_METHOD = NetworkMethod(
    network=UNet,
    architecture=("scales", "channels", "widening", "bias_free", "spectral"),
)
build = _METHOD.build
train = _METHOD.train
