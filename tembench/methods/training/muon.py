"""Muon for convolutional networks: orthogonalised momentum for matrices, AdamW for the rest.

The weight of a convolution is a matrix from (channel, y, x) of its input to its output channels.
The step along the momentum of its gradient is replaced by the nearest orthogonal matrix, so that
rare directions move as far as common ones. Networks train about three times as fast with it here.

References
----------
K. Jordan, Y. Jin, V. Boza, J. You, F. Cesista, L. Newhouse, J. Bernstein, "Muon: An optimizer for
hidden layers in neural networks" (2024). `torch.optim.Muon` is the same for plain matrices only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

# A quintic polynomial that pulls all singular values towards 1 in a few iterations (reference).
_QUINTIC = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
_MOMENTUM = 0.95
# Below this many rows or columns, a matrix has too few directions to equalise.
_FEWEST = 8


class Muon(torch.optim.Optimizer):
    """Orthogonalised steps for matrices, AdamW for all other parameters.

    Parameters
    ----------
    parameters : iterable of nn.Parameter
        Parameters of a network; (outputs, inputs, ...) if they have more than one dimension.
    learning_rate : float
        Learning rate of AdamW.
    matrix_rate : float
        Learning rate of orthogonalised steps, in units of `learning_rate`.
    weight_decay : float
        Decoupled weight decay of all parameters.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        *,
        matrix_rate: float,
        weight_decay: float = 0.0,
    ) -> None:
        groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for parameter in parameters:
            groups[_is_matrix(parameter)].append(parameter)
        super().__init__(
            [{"params": groups[kind], "matrix": kind} for kind in (True, False) if groups[kind]],
            {"lr": learning_rate, "matrix_rate": matrix_rate, "weight_decay": weight_decay},
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update all parameters that have a gradient."""
        for group in self.param_groups:
            parameters = [one for one in group["params"] if one.grad is not None]
            if not parameters:
                continue
            gradients: list[Tensor] = [one.grad for one in parameters]
            # Lists of tensors at once: one by one, a GPU would wait for its instructions.
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            if group["matrix"]:
                self._move_matrices(parameters, gradients, group)
            else:
                self._move(parameters, gradients, group)

    def _move_matrices(
        self, parameters: list[Tensor], gradients: list[Tensor], group: dict[str, Any]
    ) -> None:
        momenta = self._states("momentum", parameters)
        torch._foreach_lerp_(momenta, gradients, 1 - _MOMENTUM)
        directions = torch._foreach_lerp(gradients, momenta, _MOMENTUM)
        same_shape: dict[tuple[int, ...], list[int]] = {}
        for place, parameter in enumerate(parameters):
            same_shape.setdefault((len(parameter), parameter[0].numel()), []).append(place)
        for (rows, columns), places in same_shape.items():
            stacked = torch.stack([directions[place].reshape(rows, columns) for place in places])
            steps = orthogonal(stacked) * max(1.0, rows / columns) ** 0.5
            for place, step in zip(places, steps, strict=True):
                moved = parameters[place]
                moved.sub_(step.view(moved.shape), alpha=group["lr"] * group["matrix_rate"])

    def _move(
        self, parameters: list[Tensor], gradients: list[Tensor], group: dict[str, Any]
    ) -> None:
        means, squares = (self._states(name, parameters) for name in ("mean", "square"))
        steps = self.state[parameters[0]].get("steps", 0) + 1
        for parameter in parameters:
            self.state[parameter]["steps"] = steps
        torch._foreach_lerp_(means, gradients, 0.1)
        torch._foreach_lerp_(squares, torch._foreach_mul(gradients, gradients), 0.001)
        sizes = torch._foreach_div(squares, 1 - 0.999**steps)
        torch._foreach_sqrt_(sizes)
        torch._foreach_add_(sizes, 1e-8)
        moves = torch._foreach_div(means, 1 - 0.9**steps)
        torch._foreach_addcdiv_(parameters, moves, sizes, value=-group["lr"])

    def _states(self, name: str, parameters: list[Tensor]) -> list[Tensor]:
        """Return a state of each parameter, zeros at first."""
        for parameter in parameters:
            if name not in self.state[parameter]:
                self.state[parameter][name] = torch.zeros_like(parameter)
        return [self.state[parameter][name] for parameter in parameters]


def orthogonal(matrix: Tensor) -> Tensor:
    """Return the matrix with the same singular vectors and singular values near 1 (0.7 to 1.2).

    Parameters
    ----------
    matrix : Tensor
        Shape (..., rows, columns).
    """
    a, b, c = _QUINTIC
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix
    if x.is_cuda:
        # Three digits suffice for singular values near 1, and a GPU multiplies them faster.
        x = x.bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrix.dtype)


def _is_matrix(parameter: nn.Parameter) -> bool:
    # A depthwise convolution has one input channel: its rows have nothing in common.
    if parameter.ndim < 2 or parameter.shape[1] == 1:
        return False
    return min(len(parameter), parameter[0].numel()) >= _FEWEST
