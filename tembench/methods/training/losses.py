"""Losses by the names that a method's parameter ``loss`` takes.

Each maps a prediction and a target, (n, channels, y, x) in units of the vacuum's expectation, to a
scalar tensor. A channel of the target beyond those of the prediction weighs its bins.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tembench.methods.networks.centres import centres, mean_weights

_REACH = 8
"""Bins that the mean over one depends on, to either side."""


def _squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    return _mean_square(denoised, clean).mean()


def _log_squared_error(denoised: Tensor, clean: Tensor) -> Tensor:
    # Minus the mean PSNR of the images, up to scale: images of low contrast count equally.
    return _mean_square(denoised, clean).add(1e-6).log().mean()


def _mean_square(denoised: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared error of each image, (n,), over bins of weight 1 if there are any."""
    channels = denoised.shape[1]
    error = (denoised - target[:, :channels]).square()
    if target.shape[1] == channels:
        return error.mean((1, 2, 3))
    weight = target[:, channels:]
    return (weight * error).sum((1, 2, 3)) / (channels * weight.sum((1, 2, 3))).clamp_min(1)


def _poisson(denoised: Tensor, target: Tensor) -> Tensor:
    # Minus the log likelihood of counts, per expected count in vacuum and up to a constant. The
    # second channel of the target holds the counts that correspond to 1.
    rate = denoised.clamp_min(1e-3)
    surprise = rate - target[:, :1] * rate.log()
    if target.shape[1] == 1:
        return surprise.mean()
    exposure = target[:, 1:]
    return (exposure * surprise).sum() / exposure.sum()


def _poisson_of_means(denoised: Tensor, target: Tensor) -> Tensor:
    # For a network of values at bin centres: what was counted are means over the bins.
    return _poisson(bin_means(denoised), target)


def bin_means(values: Tensor) -> Tensor:
    """Return the means over bins of the cubic spline with values (n, 1, y, x) at their centres.

    The inverse of `tembench.methods.networks.centres.Centres`.
    """
    weights = torch.from_numpy(mean_weights(_REACH)).to(values)
    return centres(values, weights)


def _negative_binomial(predicted: Tensor, target: Tensor) -> Tensor:
    # The same for counts whose expectation has a Gamma distribution, given by its mean and the
    # logarithm of its weight in exposures.
    counts, exposure = target[:, :1] * target[:, 1:], target[:, 1:]
    mean, worth = predicted[:, :1].clamp_min(1e-3), predicted[:, 1:].exp()
    shape = mean * exposure * worth
    surprise = (
        torch.lgamma(shape)
        - torch.lgamma(counts + shape)
        + shape * torch.log1p(1 / worth)
        + counts * torch.log1p(worth)
    )
    return surprise.sum() / exposure.sum()


LOSSES = {
    "squared": _squared_error,
    "log-squared": _log_squared_error,
    "poisson": _poisson,
    "poisson-of-means": _poisson_of_means,
    "negative-binomial": _negative_binomial,
}
