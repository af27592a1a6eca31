"""Training sets of the user's frames, by the way that suits a method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tembench.core import MethodError, seed_sequence
from tembench.methods import FocalSeries, Method, MovieFrames, TrainingData
from tembench.micrographs.adapting.frame_stack import FrameStack
from tembench.micrographs.adapting.held_out_frames import (
    LEAST_FRAMES,
    SHARE,
    HeldOut,
    held_out_electrons,
    held_out_frames,
    held_out_neighbours,
    thinned,
)
from tembench.micrographs.movies import reach_of

WAYS = ("counts", "frames")
IN_WORDS = {
    "counts": "electrons of each frame predicted from its others",
    "frames": "frames predicted from one another",
}
# Held-out frames that judge a training.
_JUDGES = 8


class NoImages(Sequence[np.ndarray]):
    """Clean images, of which there is none."""

    def __len__(self) -> int:
        """Return 0."""
        return 0

    def __getitem__(self, index: object) -> np.ndarray:  # type: ignore[override]
        """Raise MethodError."""
        raise MethodError(
            "is trained on clean images",
            expected="a method that can be trained on counts alone, such as unet-open",
            remedy="tembench train METHOD STORE trains on simulated images",
        )


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """What a method is trained on, and what it is judged by.

    Attributes
    ----------
    data : TrainingData
        Counts of the frames.
    way : str
        One of `WAYS`.
    judges : tuple of HeldOut
        Images with counts that are not trained on.
    """

    data: TrainingData
    way: str
    judges: tuple[HeldOut, ...]


def trained_method(method: Method) -> Method:
    """Return the method whose network is trained: the method itself, or its base.

    Raises
    ------
    MethodError
        If there is none.
    """
    if method.trainable:
        return method
    base = method.base
    if base is not None and base.trainable and method.input == "series":
        return base
    fitted = base is not None and base.trainable
    raise MethodError(
        "is fitted to each image while it is denoised" if fitted else "has nothing to train",
        where=f"method {method.name}",
        expected="a network, such as unet-open, unet-movie, thinning, blind-spot or udvd",
        remedy=f"Denoise with it directly: tembench apply {method.name} FILE",
    )


def chosen_way(method: Method, frames: FrameStack, given: str | None) -> str:
    """Return the way to train a method on frames.

    Parameters
    ----------
    method : Method
        The method as the user named it.
    frames : FrameStack
        The frames.
    given : str or None
        The user's choice, one of `WAYS`.

    Raises
    ------
    MethodError
        If the way is impossible: pairs of frames without a movie, or counts that are correlated.
    """
    movie = frames.is_movie and len(frames) >= LEAST_FRAMES
    summed = method.input == "series" and not method.trainable
    own = method.input == "series" and method.trainable
    # Pairs of frames need no assumption on the noise, and teach more: see docs/micrographs.md.
    way = given or (
        "frames" if summed or (movie and not own and not _on_counts(method)) else "counts"
    )
    if way == "frames" and not movie:
        raise MethodError(
            "too few frames to predict one from another",
            where=f"method {method.name}",
            expected=f"one movie of at least {LEAST_FRAMES} frames",
            got=f"{len(frames)} frame{'s' * (len(frames) > 1)}"
            + ("" if frames.is_movie or len(frames) == 1 else " of several files"),
            remedy="Adapt unet-open, which learns from single images"
            if summed
            else "Use --way counts",
        )
    if summed and way == "counts":
        raise MethodError(
            "learns from pairs of frames alone",
            where=f"method {method.name}",
            remedy="Use --way frames, or adapt unet-open",
        )
    if own and way == "frames":
        raise MethodError(
            "learns from its own series",
            where=f"method {method.name}",
            remedy="Use --way counts, or adapt unet-movie",
        )
    if way == "counts":
        _refuse_correlated(method, frames, movie and not own)
    return way


def _on_counts(method: Method) -> bool:
    """Return whether a method's own training is on counts alone."""
    return "no clean image" in method.training_data


def _refuse_correlated(method: Method, frames: FrameStack, has_frames: bool) -> None:
    """Refuse to predict electrons of a frame from its others where they are not independent."""
    if not frames.are_counts:
        got = "values that are not whole numbers"
    elif frames.correlation is not None and frames.correlation.correlated:
        got = frames.correlation.described()
    else:
        return
    remedy = (
        "Use --way frames, which is valid for any noise"
        if has_frames
        else "Take a movie: pairs of its frames are valid for any noise (--way frames)"
    )
    raise MethodError(
        "cannot learn from parts of one frame: what is held out would be known from its neighbours",
        where=f"method {method.name}",
        expected="whole counts, each electron in one pixel",
        got=got,
        remedy=f"{remedy}, or give the value of an electron with --gain if that is what is wrong",
    )


def training_set(
    method: Method, frames: FrameStack, way: str, *, seed: int, start: Path | None
) -> TrainingSet:
    """Return what a method is trained on.

    Parameters
    ----------
    method : Method
        The method as the user named it.
    frames : FrameStack
        The frames.
    way : str
        From `chosen_way`.
    seed : int
        The user's seed.
    start : pathlib.Path or None
        Folder of the weights to start from.
    """
    whole = held_out_frames(len(frames))
    common = {
        "train": NoImages(),
        "validation": NoImages(),
        "pixel_size_A": frames.pixel_size_A,
        "dose_e_per_px": float(np.mean(frames.doses_e_per_px)),
        "seed": int(seed_sequence(seed, "adapting").generate_state(1)[0]),
        "start": start,
    }
    reach = reach_of(method)
    pairs = whole[:_JUDGES]
    if way == "frames":
        movie = MovieFrames(held_out=whole, reach=0 if method.trainable else reach)
        data = TrainingData(noisy=frames.counts, movie=movie, **common)  # type: ignore[arg-type]
        judges = held_out_neighbours(frames, pairs, reach)
        return TrainingSet(data=data, way=way, judges=tuple(judges))
    doses = np.array(frames.doses_e_per_px)
    trained = [n for n in range(len(frames)) if n not in set(whole)]
    if method.input == "series" and whole:
        data = TrainingData(
            noisy=frames.counts[trained],
            noisy_validation=frames.counts[list(whole)],
            series=_series(len(trained), len(trained)),
            validation_series=_series(len(whole), 2),
            **common,  # type: ignore[arg-type]
        )
        judges = held_out_neighbours(frames, pairs, reach)
        return TrainingSet(data=data, way=way, judges=tuple(judges))
    judged = whole or tuple(range(len(frames)))
    kept, rest = thinned(frames, judged)
    data = TrainingData(
        noisy=frames.counts[trained] if whole else kept,
        noisy_validation=kept,
        validation_targets=rest,
        held_out_share=SHARE / (1 - SHARE),
        doses_e_per_px=tuple(doses[trained] if whole else doses * (1 - SHARE)),
        validation_doses_e_per_px=tuple(doses[list(judged)] * (1 - SHARE)),
        **common,  # type: ignore[arg-type]
    )
    return TrainingSet(
        data=data, way=way, judges=tuple(held_out_electrons(frames, judged[:_JUDGES]))
    )


def _series(total: int, length: int) -> tuple[FocalSeries, ...]:
    """Return series of `length` frames each, in order of time."""
    return tuple(
        FocalSeries(images=tuple(range(first, first + length)), defocus_nm=(0.0,) * length)
        for first in range(0, total, length)
    )
