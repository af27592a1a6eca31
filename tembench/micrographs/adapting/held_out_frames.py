"""Frames and electrons that are not trained on, and the judgement of a training by them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tembench.core import progress, seed_sequence, thin
from tembench.methods import NoisyImage, NoisySeries, frame_shifts, registered_sum
from tembench.micrographs.adapting.frame_stack import FrameStack
from tembench.micrographs.domain import ReadyMethod, log_likelihood

LEAST_FRAMES = 8
"""With fewer frames, electrons of every frame are held out in place of whole frames."""
SHARE = 0.2
"""Share of the electrons of an image that is held out, to be predicted from the others."""
# One pair of frames in so many, and the greatest number of pairs.
_EVERY, _MOST_PAIRS = 10, 8


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """An image, and counts that show the same and were not used for it.

    Attributes
    ----------
    given : NoisyImage
        Input of the method.
    counts : numpy.ndarray
        Held-out counts (y, x).
    share : numpy.ndarray
        Their expectation over that of the given counts (y, x); 0 where nothing was held out.
    """

    given: NoisyImage
    counts: np.ndarray
    share: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Two denoisers compared by the likelihood of held-out counts.

    Attributes
    ----------
    gain : float
        Log-likelihood under the second minus that under the first, in nat.
    z : float
        The gain in its standard errors.
    electrons : int
        Number of held-out electrons.
    """

    gain: float
    z: float
    electrons: int

    @property
    def is_better(self) -> bool:
        """Whether the second is better, beyond doubt or probably."""
        return self.z > 0

    @property
    def is_clear(self) -> bool:
        """Whether the difference is more than chance."""
        return abs(self.z) > 2

    def text(self) -> str:
        """Return the result in a line."""
        return (
            f"log-likelihood of {self.electrons:,} held-out electrons {self.gain:+.1f} "
            f"({self.z:+.1f} standard errors)"
        )


def held_out_frames(total: int) -> tuple[int, ...]:
    """Return the frames of `total` that are held out, in pairs spread evenly; none of a few.

    Examples
    --------
    >>> held_out_frames(40)
    (4, 5, 14, 15, 24, 25, 34, 35)
    """
    if total < LEAST_FRAMES:
        return ()
    pairs = min(_MOST_PAIRS, max(1, round(total / _EVERY)))
    starts = [int((2 * pair + 1) * total / (2 * pairs)) - 1 for pair in range(pairs)]
    return tuple(number for start in starts for number in (start, start + 1))


def thinned(frames: FrameStack, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return frames without `SHARE` of their electrons, and these electrons, (n, y, x) each."""
    parts = []
    for number in numbers:
        generator = np.random.default_rng(seed_sequence(0, "held-out counts", number))
        parts.append(thin(frames.counts[number], 1 - SHARE, generator))
    kind = frames.counts.dtype
    kept, rest = (np.stack(part).astype(kind) for part in zip(*parts, strict=True))
    return kept, rest


def held_out_electrons(frames: FrameStack, numbers: Sequence[int]) -> Iterator[HeldOut]:
    """Yield frames without some electrons, and these electrons."""
    kept, rest = thinned(frames, numbers)
    share = np.float32(SHARE / (1 - SHARE))
    for number, given, counts in zip(numbers, kept, rest, strict=True):
        image = NoisyImage(
            counts=given,
            pixel_size_A=frames.pixel_size_A,
            dose_e_per_px=frames.doses_e_per_px[number] * (1 - SHARE),
        )
        yield HeldOut(given=image, counts=counts, share=np.full(counts.shape, share))


def held_out_neighbours(
    frames: FrameStack, numbers: Sequence[int], reach: int
) -> Iterator[HeldOut]:
    """Yield frames that are held out, and the next of them, registered.

    Parameters
    ----------
    frames : FrameStack
        Frames of a movie.
    numbers : sequence of int
        Frames held out, in pairs.
    reach : int
        Frames before and after a frame that the method sees; the one to be predicted is left out.
    """
    shifts = frame_shifts(frames.counts, frames.pixel_size_A)
    for number in numbers:
        target = min((n for n in numbers if n != number), key=lambda n: abs(n - number))
        near = range(max(0, number - reach), min(len(frames), number + reach + 1))
        shown = [n for n in near if n != target]
        series = NoisySeries(
            counts=frames.counts[shown],
            axis="time",
            values_nm=(0.0,) * len(shown),
            position=shown.index(number),
        )
        image = NoisyImage(
            counts=frames.counts[number],
            pixel_size_A=frames.pixel_size_A,
            dose_e_per_px=frames.doses_e_per_px[number],
            series=series if reach else None,
        )
        counts, share = registered_sum(list(frames.counts), shifts, number, [target])
        yield HeldOut(given=image, counts=counts, share=share)


def compare_held_out(
    pairs: Sequence[HeldOut], before: ReadyMethod, after: ReadyMethod
) -> Judgement:
    """Compare a method before and after its training.

    Parameters
    ----------
    pairs : sequence of HeldOut
        Images with held-out counts.
    before, after : ReadyMethod
        The method with the weights that it started from, and with the trained ones.
    """
    gain = spread = electrons = 0.0
    pixels = 0
    with progress("Comparing on held-out counts", len(pairs)) as advance:
        for pair in pairs:
            likelihoods = [
                _log_likelihood(ready.denoise(pair.given, "held-out counts"), pair)
                for ready in (before, after)
            ]
            gains = likelihoods[1] - likelihoods[0]
            gain += float(gains.sum())
            spread += float((gains**2).sum())
            electrons += float(pair.counts.sum())
            pixels += gains.size
            advance(1)
    error = math.sqrt(max(spread - gain**2 / max(pixels, 1), 1e-30))
    return Judgement(gain=gain, z=gain / error, electrons=round(electrons))


def _log_likelihood(denoised: np.ndarray, pair: HeldOut) -> np.ndarray:
    """Log-likelihood of the held-out counts, of the pixels where some were held out."""
    seen = pair.share > 0
    expected = (denoised.astype(np.float64) * pair.share)[seen]
    return log_likelihood(expected, pair.counts[seen].astype(np.float64))
