"""Method for an image, chosen among candidates by data that they have not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from tembench.methods import NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod, parts_of, spectrum_of
from tembench.micrographs.selection.candidates import (
    REFERENCE,
    Candidate,
    built,
    candidates_for,
)
from tembench.micrographs.selection.choice import (
    ELECTRONS,
    FRAMES,
    NOT_JUDGED,
    MethodChoice,
    Row,
)
from tembench.micrographs.selection.other_frames import Copies, copies_of
from tembench.micrographs.selection.race import Race, Standing

# Larger images are judged on three parts of this size.
_MOST_PX, _PART_PX = 900, 448
_LEAST_PX, _LEAST_ELECTRONS = 64, 1000
_TIED = 2.0
_BLOCK_PX = 16


class Correlated(Protocol):
    """Correlation of the noise of neighbouring pixels, as measured in the file."""

    @property
    def correlated(self) -> bool:
        """Whether it is neither by chance nor negligible."""

    def described(self) -> str:
        """Return a description of it in words."""


def choose(
    image: NoisyImage,
    *,
    candidates: Sequence[ReadyMethod] | None = None,
    frames: Sequence[NoisyImage] = (),
    correlation: Correlated | None = None,
    where: str = "",
) -> MethodChoice:
    """Choose the method with the least error on an image, by electrons held out of it.

    Parameters
    ----------
    image : NoisyImage
        Counts (y, x) on square pixels of any size, with their dose.
    candidates : sequence of ReadyMethod, optional
        Methods to try; by default the shipped ones that suit any specimen, and the networks of the
        closed benchmark near their sampling and dose. A Gaussian filter is always tried.
    frames : sequence of NoisyImage
        Other frames of the same scene, the nearest in time first. They judge the candidates where
        held-out electrons cannot.
    correlation : Correlated, optional
        Correlation of the file's noise, if it was measured. The noise's power is checked anyway.
    where : str
        Name of the image, for errors.

    Returns
    -------
    MethodChoice
        The winner has the least estimated error, unless the Gaussian filter is tied with it: then
        that is the winner, since it invents nothing.

    Raises
    ------
    MethodError
        If the Gaussian filter fails, or no method can be used.

    Notes
    -----
    The estimate is the paired uMSE of each candidate and the Gaussian: eight times, a tenth of the
    electrons is held out, each electron at most once, and the rest is denoised. Its error is
    understated by up to 1.2 by the scatter over pixels, and multiplied by that. Candidates behind
    by three standard errors are dropped; after the first four rounds five, four, three and two
    are followed. Images above 900 px are judged on their richest, median and plainest parts
    of 448 px. The error is that at nine tenths of the dose.

    Examples
    --------
    >>> import numpy as np
    >>> clean = 5 + 2 * np.sin(np.arange(128) / 3) * np.ones((128, 1))
    >>> counts = np.random.default_rng(0).poisson(clean).astype(np.uint8)
    >>> image = NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=5.0)
    >>> filters = [ReadyMethod(method=load_method(name)) for name in ("noisy", "spectral-wiener")]
    >>> choose(image, candidates=filters).name
    'spectral-wiener'
    """
    ready = list(candidates_for(image) if candidates is None else candidates)
    if REFERENCE not in [one.method.name for one in ready]:
        ready.append(ReadyMethod(method=load_method(REFERENCE)))
    tried = {one.name: one for one in built(ready)}
    race = Race(tried, REFERENCE, where)
    refusal = _refusal(image, correlation)
    if not refusal:
        race.run(_parts(image))
        return _judged(race, ELECTRONS)
    refusal = f"Held-out electrons cannot judge this image: {refusal}"
    copies = copies_of(image, frames) if len(frames) else None
    if copies is None or copies.refusal:
        why = copies.refusal if copies else "no other frames were given"
        return _not_judged(tried, [refusal, f"Nor can other frames: {why}"])
    _judge_by_frames(race, image, copies)
    return _judged(race, FRAMES, f"{refusal}. It was judged by {copies.described()}")


def _refusal(image: NoisyImage, correlation: Correlated | None) -> str:
    """Return the reason why electrons cannot be held out of an image, if there is one."""
    counts = image.counts
    if counts.dtype.kind == "f" and (counts != np.floor(counts)).any():
        return "its values are not integer counts of electrons"
    if counts.min() < 0:
        return "some of its values are negative"
    if min(counts.shape) < _LEAST_PX or counts.sum(dtype=np.float64) < _LEAST_ELECTRONS:
        return f"it has fewer than {_LEAST_PX} px along a side, or {_LEAST_ELECTRONS} electrons"
    if correlation is not None and correlation.correlated:
        return correlation.described()
    spectrum = spectrum_of(counts)
    if not spectrum.is_of_counted_electrons():
        return (
            f"its noise has {spectrum.noise()[0]:.2f} times the power of individually counted "
            "electrons (a gain, hot pixels, or a camera that spreads electrons over pixels)"
        )
    return ""


def _parts(image: NoisyImage) -> list[NoisyImage]:
    """Return the image, or three parts of a large one."""
    counts = image.counts
    if counts.dtype.kind == "f":
        counts = counts.astype(np.uint32)
    if max(counts.shape) <= _MOST_PX:
        return [replace(image, counts=counts, series=None)]
    parts = parts_of(counts, _PART_PX, 1.0, 0.5, 0.0)
    return [replace(image, counts=part, series=None) for part in parts]


def _judge_by_frames(race: Race, image: NoisyImage, copies: Copies) -> None:
    """Compare the candidates on the mean of other frames, in blocks wider than a spread."""
    part = replace(image, counts=np.ascontiguousarray(image.counts[copies.part]), series=None)
    race.add([part], [copies.mean])
    shape = copies.mean.shape
    for name, standing in race.standings.items():
        race.standings[name] = Standing(_block_means(standing.values.reshape(shape)), 1)


def _block_means(values: np.ndarray) -> np.ndarray:
    rows, columns = (side // _BLOCK_PX for side in values.shape)
    whole = values[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    blocks = whole.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float64).ravel())


def _judged(race: Race, judged_by: str, *said: str) -> MethodChoice:
    best, going_on = race.ranking[0], race.ranking
    out = sorted(race.dropped, key=lambda name: race.behind(name, best)[0])
    tied = [name for name in (*going_on, *out) if _is_tied(*race.behind(name, best))]
    name = REFERENCE if REFERENCE in tied else best
    beats = REFERENCE not in tied
    reasons = list(said)
    if not beats:
        reasons.append(
            "Nothing beats a Gaussian filter on this image by two standard errors: details that "
            "other methods show are not supported by its electrons"
        )
    if len(tied) > 1:
        taken = "the plainest" if name == REFERENCE else "the least estimate"
        reasons.append(
            f"A tie: {', '.join(tied)} are within two standard errors of the best; {taken} was "
            "taken"
        )
    rows = [_row(race, one, best) for one in (*going_on, *out)]
    rows.sort(key=lambda row: row.difference or 0.0)
    rows += [
        Row(name=one.name, seconds=one.seconds, note=one.fault)
        for one in race.candidates.values()
        if one.fault
    ]
    return MethodChoice(
        winner=race.candidates[name].ready,
        rows=tuple(rows),
        judged_by=judged_by,
        tied=tuple(tied) if len(tied) > 1 else (),
        beats_gaussian=beats,
        reasons=tuple(reasons),
    )


def _is_tied(behind: float, error: float) -> bool:
    return behind <= _TIED * error


def _row(race: Race, name: str, best: str) -> Row:
    """Return the row of a candidate; one that was dropped is placed by its distance to the best."""
    dropped = race.dropped.get(name)
    difference, error = race.behind(name if dropped is None else best, REFERENCE)
    rounds, note = race.standings[best].rounds, ""
    if dropped is not None:
        behind, of_behind = dropped.behind[best]
        difference, error = difference + behind, math.hypot(error, of_behind)
        rounds, note = dropped.rounds, dropped.note
    return Row(
        name=name,
        difference=difference,
        standard_error=error,
        rounds=rounds,
        seconds=race.candidates[name].seconds,
        note=note,
    )


def _not_judged(tried: dict[str, Candidate], reasons: list[str]) -> MethodChoice:
    """Choose the first method that can be used, and say that it was not judged."""
    usable = [one for one in tried.values() if not one.fault]
    chosen = usable[0]
    return MethodChoice(
        winner=chosen.ready,
        rows=tuple(
            Row(name=one.name, seconds=one.seconds, note=one.fault) for one in tried.values()
        ),
        judged_by=NOT_JUDGED,
        reasons=(
            f"NOT JUDGED: {chosen.name} was taken unseen, as the usually best of its rivals; "
            "nothing tells that it suits this image",
            *reasons,
        ),
    )
