"""Race of candidates: their errors compared on held-out electrons, the worst dropped early."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tembench.core import MethodError
from tembench.methods import NoisyImage
from tembench.micrographs.domain import folds
from tembench.micrographs.selection.candidates import Candidate

# The scatter over pixels of a map averaged over folds understates its error by up to this.
_UNDERSTATED = 1.2
# Behind the best by so many standard errors, a candidate is dropped.
_BEHIND = 3.0
# Candidates that are followed after so many rounds; others may still be tied with the winner.
_FOLLOWED = {1: 5, 2: 4, 3: 3, 4: 2}


@dataclass
class Standing:
    """Estimated error of a candidate, less that of the reference.

    Attributes
    ----------
    values : numpy.ndarray
        Difference at each pixel, or block of them: its mean over the image is that of the mean
        squared errors, e^2/px^2. Summed over rounds.
    rounds : int
        Number of rounds.
    """

    values: np.ndarray
    rounds: int = 0

    def add(self, values: np.ndarray) -> None:
        """Add the values of another round."""
        self.values += values
        self.rounds += 1

    def less(self, other: Standing) -> tuple[float, float]:
        """Return the difference of two mean squared errors and its standard error, e^2/px^2."""
        difference = (self.values - other.values) / self.rounds
        error = _UNDERSTATED * float(difference.std(dtype=np.float64)) / math.sqrt(difference.size)
        return float(difference.mean(dtype=np.float64)), error


@dataclass(frozen=True)
class Dropped:
    """A candidate out of the race: the reason, and how far it was behind each that went on.

    Attributes
    ----------
    note : str
        The reason.
    rounds : int
        Rounds that it took part in.
    behind : mapping of str to (float, float)
        Its mean squared error less that of the other, and the standard error, e^2/px^2.
    """

    note: str
    rounds: int
    behind: Mapping[str, tuple[float, float]]


@dataclass
class Race:
    """Candidates compared on the same held-out electrons, round by round.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        Built, by name.
    reference : str
        Name of the candidate that the others are compared with; it is never dropped.
    where : str
        Name of the image, for errors.
    """

    candidates: Mapping[str, Candidate]
    reference: str
    where: str = ""
    standings: dict[str, Standing] = field(default_factory=dict)
    dropped: dict[str, Dropped] = field(default_factory=dict)

    def run(self, parts: Sequence[NoisyImage], *, share: float = 0.1, rounds: int = 8) -> None:
        """Compare the candidates on parts of an image.

        Parameters
        ----------
        parts : sequence of NoisyImage
            Counts of integers; all parts count by their pixels.
        share : float
            Share of the electrons that is held out.
        rounds : int
            Most rounds.

        Raises
        ------
        MethodError
            If the reference fails.
        """
        splits = [folds(part, share, rounds, number) for number, part in enumerate(parts)]
        for number in range(1, rounds + 1):
            kept, rest = zip(*(next(split) for split in splits), strict=True)
            scale = np.float32(1 / share)
            self.add(kept, [part.astype(np.float32) * scale for part in rest], 1 / (1 - share))
            self._drop(number)
            if set(self.followed) <= {self.reference, self.ranking[0]}:
                break

    def add(
        self, images: Sequence[NoisyImage], copies: Sequence[np.ndarray], scale: float = 1.0
    ) -> None:
        """Denoise images, and add the differences of the squared errors to those before.

        Parameters
        ----------
        images : sequence of NoisyImage
            Noisy images (y, x).
        copies : sequence of numpy.ndarray
            Independent noisy images of the same scenes, e/px, with noise of mean zero.
        scale : float
            Factor from the dose of `images` to that of `copies`.

        Raises
        ------
        MethodError
            If the reference fails.
        """
        zero = self._denoised(self.reference, images, scale)
        if zero is None:
            raise MethodError(self.candidates[self.reference].fault, where=self.where)
        for name in self.followed:
            results = zero if name == self.reference else self._denoised(name, images, scale)
            if results is None:
                self.standings.pop(name, None)
                continue
            # MSE(f) - MSE(g) is the mean of (f + g - 2 a)(f - g): see `paired_umse`.
            values = np.concatenate(
                [
                    ((f + g - 2 * a) * (f - g)).ravel()
                    for f, g, a in zip(results, zero, copies, strict=True)
                ]
            )
            self.standings.setdefault(name, Standing(np.zeros_like(values))).add(values)

    @property
    def followed(self) -> list[str]:
        """Names of the candidates that are still in the race."""
        return [
            name
            for name, candidate in self.candidates.items()
            if name not in self.dropped and not candidate.fault
        ]

    @property
    def ranking(self) -> list[str]:
        """Names of the candidates still in the race, the least estimated error first."""
        zero = self.standings[self.reference]
        return sorted(self.followed, key=lambda name: self.standings[name].less(zero)[0])

    def behind(self, name: str, other: str) -> tuple[float, float]:
        """Return how much larger the mean squared error of a candidate is than another's.

        Parameters
        ----------
        name, other : str
            A candidate that was judged, and one that is still in the race.

        Returns
        -------
        tuple of float
            The difference in the rounds that both took part in, and its standard error, e^2/px^2.
        """
        if name in self.dropped:
            return self.dropped[name].behind[other]
        return self.standings[name].less(self.standings[other])

    def _denoised(
        self, name: str, images: Sequence[NoisyImage], scale: float
    ) -> list[np.ndarray] | None:
        results = [self.candidates[name].denoise(image, self.where) for image in images]
        return (
            [np.float32(scale) * one for one in results if one is not None]
            if all(one is not None for one in results)
            else None
        )

    def _drop(self, rounds: int) -> None:
        """Drop the candidates that are clearly worse, and those of low rank."""
        ranking = self.ranking
        rivals = [name for name in ranking if name != self.reference]
        notes = {}
        for place, name in enumerate(rivals, 1):
            behind, error = self.behind(name, ranking[0])
            if name != ranking[0] and behind > _BEHIND * error:
                notes[name] = f"worse by {behind / max(error, 1e-30):.1f} standard errors"
            elif place > _FOLLOWED.get(rounds, len(rivals)):
                notes[name] = "not followed further"
        going_on = [name for name in ranking if name not in notes]
        for name, note in notes.items():
            behind_each = {other: self.behind(name, other) for other in going_on}
            self.dropped[name] = Dropped(note, rounds, behind_each)
            del self.standings[name]
