"""UNet trained on simulated images (simulation-based denoising)."""

from __future__ import annotations

from tembench.methods import NetworkMethod, UNet

_METHOD = NetworkMethod(
    name="unet-6-scales",
    network=UNet,
    architecture=("scales", "channels", "widening", "bias_free"),
)
build = _METHOD.build
train = _METHOD.train
