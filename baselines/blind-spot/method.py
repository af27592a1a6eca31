"""Network that is blind to the bin it predicts, taught by noisy images alone."""

from __future__ import annotations

from torch import nn

from tembench.methods import (
    BlindSpotNetwork,
    Centres,
    NetworkMethod,
    PosteriorMean,
    blind_spot_objective,
)


def _applied(network: nn.Module) -> nn.Module:
    return Centres(PosteriorMean(network))


_METHOD = NetworkMethod(
    network=BlindSpotNetwork,
    architecture=("features", "channels", "blocks_down", "blocks_up", "kernel"),
    objective=blind_spot_objective,
    objective_parameters=("images",),
    inference_network=_applied,
)
build = _METHOD.build
train = _METHOD.train
