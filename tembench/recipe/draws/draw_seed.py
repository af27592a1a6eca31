"""Random generators of drawn values: one for each value, specimen, image and attempt."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace

import numpy as np

from tembench.core import RecipeError, seed_sequence


@dataclass(frozen=True, kw_only=True)
class SecretSeed:
    """Secret root of the draws of a sealed test; never written, and not shown when printed.

    The seed of each generator is a keyed hash of its name. Values that inputs tell exactly, such as
    doses, then say nothing of other draws: neither PCG64 nor NumPy's seed sequence, which would
    share one state among all generators, is made to keep a secret.

    Attributes
    ----------
    key : bytes
        32 bytes, as `tembench.recipe.sealed_recipe` derives them.
    """

    key: bytes = field(repr=False)

    def entropy(self, stage: str, specimen: int, image: int) -> int:
        """Seed of one generator, of 256 bits: HMAC-SHA256 of its name."""
        name = f"{stage}\0{specimen}\0{image}".encode()
        return int.from_bytes(hmac.digest(self.key, name, hashlib.sha256))

    @property
    def ids(self) -> str:
        """Key of the opaque numbers of images, 64 hexadecimal digits; it reveals no draw."""
        return hmac.digest(self.key, b"opaque numbers", hashlib.sha256).hex()


def sealed_error(where: str) -> RecipeError:
    """The error of a draw from a sealed recipe whose secret was not given."""
    return RecipeError(
        "sealed: nothing is drawn without its seed",
        where=where,
        remedy="Give the organiser's seed file with --seal",
    )


@dataclass(frozen=True, kw_only=True)
class Redraw:
    """Origin of a recipe that draws other specimens than another one.

    Attributes
    ----------
    of : str
        The other recipe's id.
    commitment : str
        Public commitment to the secret seed of a sealed test, 64 hexadecimal digits; empty where
        the seed is the recipe's own, and open.
    """

    of: str
    commitment: str


@dataclass(frozen=True, kw_only=True)
class DrawSeed:
    """Seed of everything that is drawn for one specimen.

    Another value, specimen or image drawn beside it changes none of its generators: each is named
    by the dotted path of its value, not by its order. The part is in the name, so specimens of
    different parts cannot meet.
    """

    seed: int | SecretSeed
    part: str
    specimen: int
    attempt: int = 0

    def generator(self, path: str, image: int = 0) -> np.random.Generator:
        """Generator of the value at a dotted path; `image` counts the specimen's images."""
        stage = f"draw {self.part} {path} {self.attempt}"
        if isinstance(self.seed, SecretSeed):
            sequence = np.random.SeedSequence(self.seed.entropy(stage, self.specimen, image))
        else:
            sequence = seed_sequence(self.seed, stage, self.specimen, image)
        return np.random.Generator(np.random.PCG64(sequence))

    def again(self) -> DrawSeed:
        """The seed of the next attempt, after a draw that is not possible."""
        return replace(self, attempt=self.attempt + 1)
