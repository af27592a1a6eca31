"""Muon: orthogonalised steps for matrices, AdamW for other parameters."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from tembench.methods.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(16, 16), (12, 40), (40, 12)])
def test_a_step_has_equal_singular_values_and_the_same_vectors(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    found = left.mT @ orthogonal(matrix) @ right.mT
    values = found.diagonal()
    assert float(values.min()) > 0.5
    assert float(values.max()) < 1.3
    assert torch.allclose(found, torch.diag(values), atol=0.02)


def test_vectors_and_depthwise_kernels_take_the_steps_of_adamw() -> None:
    layers = nn.ModuleList(
        [nn.Conv2d(16, 16, 3, groups=16), nn.BatchNorm2d(16), nn.Conv2d(16, 1, 1)]
    )
    for parameter in layers.parameters():
        parameter.grad = torch.randn_like(parameter)
    copies = [nn.Parameter(parameter.detach().clone()) for parameter in layers.parameters()]
    for other, parameter in zip(copies, layers.parameters(), strict=True):
        other.grad = parameter.grad
    ours = Muon(layers.parameters(), 1e-2, matrix_rate=10.0, weight_decay=0.1)
    theirs = torch.optim.AdamW(copies, 1e-2, weight_decay=0.1)
    for _ in range(3):
        ours.step()
        theirs.step()
    for other, parameter in zip(copies, layers.parameters(), strict=True):
        assert torch.allclose(other, parameter, atol=1e-6)


def test_the_step_of_a_convolution_follows_its_rate() -> None:
    layer = nn.Conv2d(16, 16, 3, bias=False)
    before = layer.weight.detach().clone()
    layer.weight.grad = torch.randn_like(layer.weight)
    Muon(layer.parameters(), 1e-2, matrix_rate=5.0).step()
    values = torch.linalg.svdvals((layer.weight.detach() - before).reshape(16, -1))
    assert float(values.min()) > 0.5 * 0.05
    assert float(values.max()) < 1.3 * 0.05


def test_its_state_can_be_saved() -> None:
    layer = nn.Conv2d(8, 8, 3)
    for parameter in layer.parameters():
        parameter.grad = torch.randn_like(parameter)
    first = Muon(layer.parameters(), 1e-2, matrix_rate=5.0)
    first.step()
    second = Muon(layer.parameters(), 1e-2, matrix_rate=5.0)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    start = [parameter.detach().clone() for parameter in layer.parameters()]
    first.step()
    ends = [parameter.detach().clone() for parameter in layer.parameters()]
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), start, strict=True):
            parameter.copy_(value)
    second.step()
    for parameter, value in zip(layer.parameters(), ends, strict=True):
        assert torch.equal(parameter, value)
