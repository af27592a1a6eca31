"""Frames about the one to be denoised, and the blind spots in it.

The frame's bins are hidden in turn: one of every `SPACING` x `SPACING`, so that a bin is predicted
from all that lies around it and never from itself. Its neighbours along the series are shown whole:
their noise is independent of its own. A neighbour that does not exist is shown as vacuum without
noise and is marked as absent.
"""

from __future__ import annotations

import torch
from torch import Tensor

SPACING = 2
PHASES = SPACING**2
REACH = 2
"""Neighbours on either side: five frames, as in the paper."""
FRAMES = 2 * REACH + 1
INPUTS = 2 * FRAMES


def neighbours(position: int, length: int) -> list[int | None]:
    """Places in a series of the frames about `position`, None beyond either end."""
    places = range(position - REACH, position + REACH + 1)
    return [place if 0 <= place < length else None for place in places]


def hidden(phase: Tensor, shape: tuple[int, int]) -> Tensor:
    """Which bins are hidden, (n, y, x) of bool, for phases 0 to `PHASES` - 1, (n,)."""
    phase = phase[:, None, None]
    rows = torch.arange(shape[0], device=phase.device)[:, None] % SPACING
    columns = torch.arange(shape[1], device=phase.device) % SPACING
    return (rows == phase // SPACING) & (columns == phase % SPACING)


def question(frames: Tensor, present: Tensor, blind: Tensor) -> Tensor:
    """Make the network's input.

    Parameters
    ----------
    frames : Tensor
        (n, `FRAMES`, y, x) in units of the vacuum's expectation, the middle one to be denoised.
    present : Tensor
        Which frames exist, (n, `FRAMES`) of bool; of others the values are not looked at.
    blind : Tensor
        Bins hidden in the middle frame, (n, y, x) of bool.

    Returns
    -------
    Tensor
        (n, `INPUTS`, y, x): the frames, 1 where nothing is shown; then 1 where something is, else
        0.
    """
    shown = present[:, :, None, None].expand_as(frames).clone()
    shown[:, REACH] &= ~blind
    return torch.cat([torch.where(shown, frames, 1.0), shown.to(frames.dtype)], dim=1)
