"""Held-out error: mean squared error without a clean image, alone and against simple filters.

Some electrons are held out, the rest is denoised, and the result is compared with those held out.
The error of a single image is known poorly, because the noise of the electrons held out is many
times larger; in the difference of two results it cancels. So the question that an image can answer
is whether one method does better than another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX
from tembench.metrics import Estimate, estimate_umse, upsnr_db
from tembench.micrographs.trust.subject import Subject

SHARE, SPLITS = 0.9, 8
"""Share of the electrons that is denoised, and the number of times that the rest is held out."""
# Images denoised without different electrons have most of them in common, so that the scatter of
# the mean over the pixels is too small (`benchmarks/trust_coverage.py`).
_SPLITS_WIDEN = 1.2
_FLOOR = 1e-3
_BLOCK_PX = 8
THINNING, FRAMES, SUBSAMPLING = "thinning", "other frames", "2 x 2 sub-sampling"


@dataclass(frozen=True, kw_only=True)
class PairedError:
    """The method against a filter.

    Attributes
    ----------
    name : str
        Name of the filter.
    mse : Estimate
        Mean squared error of the method minus that of the filter, e^2/px^2 at the full dose.
    log_likelihood : Estimate
        Log-likelihood per pixel of the electrons held out under the filter minus that under the
        method, nat.
    """

    name: str
    mse: Estimate
    log_likelihood: Estimate

    @property
    def z(self) -> float:
        """Advantage of the filter in mean squared error, in standard errors."""
        return self.mse.value / max(self.mse.standard_error, 1e-300)

    @property
    def z_likelihood(self) -> float:
        """Advantage of the filter in log-likelihood, in standard errors."""
        return self.log_likelihood.value / max(self.log_likelihood.standard_error, 1e-300)


@dataclass(frozen=True, kw_only=True)
class HeldOutError:
    """Errors of a method on an image without truth.

    Attributes
    ----------
    how : str
        `THINNING`, `FRAMES` or `SUBSAMPLING`.
    assumption : str
        What it takes for granted, in words.
    mse : Estimate or None
        Mean squared error, e^2/px^2 at the full dose; None if it cannot be separated from noise.
    psnr_db : tuple of float
        Peak signal-to-noise ratio of its value and its interval, dB, at the scale where vacuum is
        0.45 e/px and the peak 1; NaN where an error is not above zero.
    against : tuple of PairedError
        The method against each filter.
    """

    how: str
    assumption: str
    mse: Estimate | None
    psnr_db: tuple[float, float, float]
    against: tuple[PairedError, ...]


def held_out_error(subject: Subject) -> HeldOutError | str:
    """Estimate the error of a method on its own image, and compare it with simple filters.

    Parameters
    ----------
    subject : Subject
        The image. Other frames are used if it has any, else electrons held out, else every fourth
        pixel.

    Returns
    -------
    HeldOutError or str
        The reason if nothing can be said.
    """
    if subject.frames:
        return _by_frames(subject)
    if not subject.no_parts:
        return _by_thinning(subject)
    if subject.correlated or subject.ready is None:
        return subject.no_parts
    return _by_subsampling(subject)


def _by_thinning(subject: Subject) -> HeldOutError:
    held = 1 - SHARE

    def draws() -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        for kept, rest in subject.splits(1 - SHARE, SPLITS):
            results = {"": subject.again(kept, SHARE)}
            for name, one in subject.filters.items():
                results[name] = one.denoise(subject.part(kept, SHARE))
            yield {name: image / SHARE for name, image in results.items()}, rest

    maps = _Maps()
    for results, rest in draws():
        maps.add(results, rest, held, poisson=True)
    mse = maps.single(_SPLITS_WIDEN)
    return HeldOutError(
        how=THINNING,
        assumption=(
            f"Every electron is counted once, in one pixel. {SPLITS} times another tenth of the "
            "electrons was held out; the figures are those at nine tenths of the dose"
        ),
        against=maps.paired(_SPLITS_WIDEN),
        mse=mse,
        psnr_db=_psnr_db(mse, subject),
    )


def _by_frames(subject: Subject) -> HeldOutError:
    results = {"": subject.denoised} | {
        name: one.denoise(subject.image) for name, one in subject.filters.items()
    }
    frames, factor = subject.all_frames, subject.frames_factor
    assert frames is not None
    maps = _Maps()
    maps.add(results, frames, factor, poisson=not subject.not_counted)
    # Correlated noise spreads over a few pixels, not over blocks of them.
    block = _BLOCK_PX if subject.correlated else 1
    mse = maps.single(1.0)
    if len(subject.frames) > 1:
        first, second = (
            frame * (subject.image.counts.mean() / frame.mean()) for frame in subject.frames
        )
        mse = _estimate((first - subject.denoised) * (second - subject.denoised), block=block)
    return HeldOutError(
        how=FRAMES,
        assumption=(
            "The other frames show the same place at the same focus, unmoved; their noise may be "
            "of any kind"
        ),
        against=maps.paired(1.0, block),
        mse=mse,
        psnr_db=_psnr_db(mse, subject),
    )


def _by_subsampling(subject: Subject) -> HeldOutError:
    image = subject.image
    height, width = (side // 2 * 2 for side in image.counts.shape)
    seen, *others = (
        np.ascontiguousarray(image.counts[y:height:2, x:width:2]) for y in (0, 1) for x in (0, 1)
    )
    coarse = replace(image, counts=seen, pixel_size_A=2 * image.pixel_size_A, series=None)
    # Sub-images have a quarter of the pixels, each with the electrons of a pixel: the method sees
    # pixels twice as large with a quarter of the dose.
    assert subject.ready is not None
    results = {"": subject.ready.denoise(coarse, "every fourth pixel")} | {
        name: one.denoise(coarse) for name, one in subject.filters.items()
    }
    maps = _Maps()
    maps.add(results, np.asarray(np.mean(others, axis=0, dtype=np.float64)), 1.0, poisson=False)
    mse = estimate_umse(results[""], *others)
    return HeldOutError(
        how=SUBSAMPLING,
        assumption=(
            "The noise of neighbouring pixels is independent and the image is the same in each of "
            "the four pixels of a square: three judge the fourth. The figures are those of a "
            "quarter of the electrons"
        ),
        against=maps.paired(1.0),
        mse=mse,
        psnr_db=_psnr_db(mse, subject),
    )


class _Maps:
    """Maps over the pixels of what is averaged, summed over splits."""

    def __init__(self) -> None:
        self.number = 0
        self.error: np.ndarray | None = None
        self.pairs: dict[str, list[np.ndarray]] = {}

    def add(
        self, results: Mapping[str, np.ndarray], rest: np.ndarray, factor: float, *, poisson: bool
    ) -> None:
        """Add one comparison: results at the full dose, and counts of a factor of the dose."""
        self.number += 1
        rest = rest.astype(np.float64)
        own = results[""].astype(np.float64)
        if poisson:
            error = ((rest / factor - own) ** 2) - rest / factor**2
            self.error = error if self.error is None else self.error + error
        floor = _FLOOR * float(rest.mean()) / factor
        for name, other in results.items():
            if not name:
                continue
            plain = other.astype(np.float64)
            squares = (own + plain - 2 * rest / factor) * (own - plain)
            likelier = rest * np.log(np.maximum(plain, floor) / np.maximum(own, floor))
            likelier -= factor * (plain - own)
            for at, one in enumerate((squares, likelier)):
                there = self.pairs.setdefault(name, [])
                if len(there) > at:
                    there[at] += one
                else:
                    there.append(one)

    def single(self, widen: float) -> Estimate | None:
        """Return the mean squared error."""
        return None if self.error is None else _estimate(self.error / self.number, widen)

    def paired(self, widen: float, block: int = 1) -> tuple[PairedError, ...]:
        """Return the differences to each filter."""
        return tuple(
            PairedError(
                name=name,
                mse=_estimate(squares / self.number, widen, block),
                log_likelihood=_estimate(likelier / self.number, widen, block),
            )
            for name, (squares, likelier) in self.pairs.items()
        )


def _estimate(values: np.ndarray, widen: float = 1.0, block: int = 1) -> Estimate:
    """Mean of a map, with its error from the scatter of blocks, which must be independent."""
    mean = float(values.mean())
    if block > 1:
        rows, columns = (side // block for side in values.shape)
        cut = values[: rows * block, : columns * block]
        values = cut.reshape(rows, block, columns, block).mean(axis=(1, 3))
    return Estimate(
        value=mean,
        standard_error=widen * float(values.std(ddof=1)) / values.size**0.5,
        pixels=values.size,
    )


def _psnr_db(mse: Estimate | None, subject: Subject) -> tuple[float, float, float]:
    if mse is None:
        return (math.nan, math.nan, math.nan)
    low, high = mse.interval()
    scale = (REFERENCE_DOSE_E_PER_PX / subject.dose_e_per_px) ** 2
    return upsnr_db(mse.value * scale), upsnr_db(high * scale), upsnr_db(low * scale)
