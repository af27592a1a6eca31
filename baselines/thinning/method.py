"""Gated UNet trained on noisy images alone, by binomial thinning."""

from __future__ import annotations

from tembench.methods import Centres, GatedUNet, NetworkMethod, thinning_objective

_METHOD = NetworkMethod(
    network=GatedUNet,
    architecture=("channels", "blocks_down", "blocks_up", "kernel"),
    objective=thinning_objective,
    objective_parameters=("images", "kept"),
    inference_network=Centres,
)
build = _METHOD.build
train = _METHOD.train
