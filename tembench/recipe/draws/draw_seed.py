"""Random generators of drawn values: one for each value, specimen, image and attempt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tembench.core import seed_sequence


@dataclass(frozen=True, kw_only=True)
class DrawSeed:
    """Seed of everything that is drawn for one specimen.

    Another value, specimen or image drawn beside it changes none of its generators: each is named
    by the dotted path of its value, not by its order. The part is in the name, so specimens of
    different parts cannot meet.
    """

    seed: int
    part: str
    specimen: int
    attempt: int = 0

    def generator(self, path: str, image: int = 0) -> np.random.Generator:
        """Generator of the value at a dotted path; `image` counts the specimen's images."""
        stage = f"draw {self.part} {path} {self.attempt}"
        return np.random.Generator(
            np.random.PCG64(seed_sequence(self.seed, stage, self.specimen, image))
        )

    def again(self) -> DrawSeed:
        """The seed of the next attempt, after a draw that is not possible."""
        return replace(self, attempt=self.attempt + 1)
