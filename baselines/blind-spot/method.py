"""Blind-spot network, trained on noisy images alone."""

from __future__ import annotations

from torch import nn

from tembench.methods import (
    BlindSpotNetwork,
    Centres,
    NetworkMethod,
    PosteriorMean,
    blind_spot_objective,
)


def _with_own_counts(network: nn.Module) -> nn.Module:
    return Centres(PosteriorMean(network))


_METHOD = NetworkMethod(
    network=BlindSpotNetwork,
    architecture=("features", "channels", "blocks_down", "blocks_up", "kernel"),
    objective=blind_spot_objective,
    objective_parameters=("images",),
    inference_network=_with_own_counts,
)
build = _METHOD.build
train = _METHOD.train
