"""Frames around the one to denoise, and the blind spots in it.

The frame's bins are hidden in turn: one of every `SPACING` x `SPACING`, so that a bin is predicted
from all those around it and never from itself. The neighbouring frames are shown whole: their noise
is independent of its own. A neighbour that does not exist is shown as vacuum without noise and
marked as absent.
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
    """Return the positions of the frames around `position`, None beyond either end."""
    around = range(position - REACH, position + REACH + 1)
    return [index if 0 <= index < length else None for index in around]


def hidden(phase: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return the mask of hidden bins, (n, y, x) of bool, for phases 0 to `PHASES` - 1, (n,)."""
    phase = phase[:, None, None]
    rows = torch.arange(shape[0], device=phase.device)[:, None] % SPACING
    columns = torch.arange(shape[1], device=phase.device) % SPACING
    return (rows == phase // SPACING) & (columns == phase % SPACING)


def network_input(frames: Tensor, present: Tensor, blind: Tensor) -> Tensor:
    """Make the network's input.

    Parameters
    ----------
    frames : Tensor
        (n, `FRAMES`, y, x) in units of the vacuum's expectation, the middle one to be denoised.
    present : Tensor
        Which frames exist, (n, `FRAMES`) of bool; the values of absent frames are ignored.
    blind : Tensor
        Bins hidden in the middle frame, (n, y, x) of bool.

    Returns
    -------
    Tensor
        (n, `INPUTS`, y, x): the frames, with 1 where nothing is shown; then the mask of what is
        shown, 1 or 0.
    """
    shown = present[:, :, None, None].expand_as(frames).clone()
    shown[:, REACH] &= ~blind
    return torch.cat([torch.where(shown, frames, 1.0), shown.to(frames.dtype)], dim=1)
