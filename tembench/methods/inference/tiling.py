"""Tiled inference: a network applied to images of any size, in batches and overlapping tiles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tembench.core import MethodError, notice

# A quarter of a gigabyte per 64 channels of one layer, in float32.
_MOST_BINS = 1 << 20


@dataclass(frozen=True)
class _Span:
    """A tile along one axis: what it reads, the part of its result kept, and its position."""

    read: slice
    kept: slice
    written: slice


class TiledNetwork:
    """Apply a network to images in pieces that fit into memory, without seams.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) to (n, 1, y, x), on `device`. Its attribute `multiple` (int, 1 if
        missing) is the step to which it pads the sides of an image; `margin` (int) is the reach of
        its receptive field in bins. A network without a margin is applied to whole images.
    device : torch.device
        Device that the network runs on.
    most_bins : int
        Greatest number of bins processed at once; tiles are never so small that margins take up
        most of them. Halved whenever the device runs out of memory.

    Notes
    -----
    Tiles begin at multiples of `multiple` and end there or at the edge, so that the grids of all
    pooled scales are those of the whole image; each kept bin is at least `margin` from any edge of
    its tile that is not an edge of the image. Results equal those of the whole image up to the
    rounding of float32.
    """

    def __init__(
        self, network: nn.Module, device: torch.device, most_bins: int = _MOST_BINS
    ) -> None:
        self.network = network
        self.device = device
        self.multiple = int(getattr(network, "multiple", 1))
        margin = getattr(network, "margin", None)
        self.margin = None if margin is None else _up(int(margin), self.multiple)
        self._most_bins = max(most_bins, (4 * (self.margin or 0)) ** 2)
        self._notified = False

    def apply(self, views: Sequence[Tensor]) -> list[Tensor]:
        """Return the network's results for images of any sizes.

        Parameters
        ----------
        views : sequence of Tensor
            (y, x) each, float32. Views of one size, once padded to `multiple`, go through the
            network together.

        Returns
        -------
        list of Tensor
            On the CPU, float32, in the shapes of `views`.

        Raises
        ------
        MethodError
            If the device's memory does not suffice for the smallest tile.
        """
        groups: dict[tuple[int, ...], list[int]] = {}
        for i, view in enumerate(views):
            groups.setdefault(tuple(_up(side, self.multiple) for side in view.shape), []).append(i)
        results: list[Tensor] = [torch.empty(0)] * len(views)
        for shape, members in groups.items():
            batch = torch.stack([self._padded(views[i], shape) for i in members])[:, None]
            for i, result in zip(members, self._fitting(batch)[:, 0], strict=True):
                height, width = views[i].shape
                results[i] = result[:height, :width]
        return results

    def _padded(self, view: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Pad below and on the right up to `shape`."""
        below, right = shape[0] - view.shape[0], shape[1] - view.shape[1]
        # A network without a margin may look at the spectrum of the whole image, in which rows that
        # are repeated are a signal; mirrored, the noise remains noise.
        mirrored = self.margin is None and below < view.shape[0] and right < view.shape[1]
        mode = "reflect" if mirrored else "replicate"
        return functional.pad(view[None, None], (0, right, 0, below), mode=mode)[0, 0]

    def _fitting(self, batch: Tensor) -> Tensor:
        """Process `batch` in ever smaller pieces until they fit into memory."""
        while True:
            try:
                return self._in_pieces(batch)
            except RuntimeError as problem:
                if not _out_of_memory(problem):
                    raise
            # Outside of the handler: the traceback would keep the tensors of the failed attempt.
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            self._shrink(batch)

    def _in_pieces(self, batch: Tensor) -> Tensor:
        result = torch.empty_like(batch)
        for y, x in self._tiles(batch.shape[-2], batch.shape[-1]):
            patch = batch[..., y.read, x.read]
            most = max(1, self._most_bins // (patch.shape[-2] * patch.shape[-1]))
            for first in range(0, len(batch), most):
                some = slice(first, first + most)
                denoised = self._forward(patch[some])
                result[some, :, y.written, x.written] = denoised[..., y.kept, x.kept]
        return result

    def _forward(self, patch: Tensor) -> Tensor:
        patch = patch.to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            return self.network(patch).float().cpu()

    def _tiles(self, height: int, width: int) -> Iterator[tuple[_Span, _Span]]:
        if self.margin is None or height * width <= self._most_bins:
            whole = [_Span(slice(0, n), slice(0, n), slice(0, n)) for n in (height, width)]
            return iter([(whole[0], whole[1])])
        rows = min(height, math.isqrt(self._most_bins))
        columns = min(width, self._most_bins // rows)
        return itertools.product(self._spans(height, rows), self._spans(width, columns))

    def _spans(self, size: int, side: int) -> list[_Span]:
        """Cover `size` with the fewest tiles of at most `side`, of nearly equal size."""
        margin = self.margin or 0
        if size <= side:
            return [_Span(slice(0, size), slice(0, size), slice(0, size))]
        most = max(self.multiple, (side - 2 * margin) // self.multiple * self.multiple)
        core = _up(math.ceil(size / math.ceil(size / most)), self.multiple)
        spans = []
        for first in range(0, size, core):
            last = min(first + core, size)
            read = slice(max(0, first - margin), min(size, last + margin))
            kept = slice(first - read.start, last - read.start)
            spans.append(_Span(read, kept, slice(first, last)))
        return spans

    def _shrink(self, batch: Tensor) -> None:
        """Halve the bins processed at once; MethodError if they are the fewest already."""
        count, _, height, width = batch.shape
        if self.margin is None:
            least = height * width
        else:
            side = 2 * self.margin + self.multiple
            least = min(height, side) * min(width, side)
        tried = min(self._most_bins, count * height * width)
        if tried <= least:
            raise MethodError(
                f"out of memory on device {self.device}",
                expected=f"room for {height} x {width} bins" if self.margin is None else None,
                remedy='Use a smaller image, or the parameter device = "cpu"',
            )
        self._most_bins = max(tried // 2, least)
        if not self._notified:
            notice(f"Out of memory on device {self.device}: continuing in smaller pieces")
        self._notified = True


def _up(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple


def _out_of_memory(problem: RuntimeError) -> bool:
    # On a CPU torch has no error class of its own for it.
    return isinstance(problem, torch.OutOfMemoryError) or "can't allocate memory" in str(problem)
