"""Fresh draws: scores of methods on new specimens, and on other noise of the test's own specimens.

A draw of specimens is a small test from another open seed, which follows from the recipe and the
number of the draw; a draw of noise is another recording of the first specimens of the public test.
Neither is in any part that a method may have been trained or tuned on. Scores are kept one file for
each draw and method, whose name depends on everything that they follow from, so that a run can be
interrupted, resumed, and extended by draws or methods.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, locked, notice, write_bytes
from tembench.dataset import Store, generate, open_store, with_noise
from tembench.methods import Method, denoise, method_origin, weights_digest
from tembench.metrics import versions
from tembench.ranking.scoring import SCORES_CSV, read_scores, score_outputs
from tembench.recipe import DrawnRecipe, fresh_recipe, recipe_id

if TYPE_CHECKING:
    import pandas as pd

FRESH_SPECIMENS, OTHER_NOISE = "specimens", "noise"
"""Kinds of draws."""


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A method that takes part in fresh draws, with its weights.

    Attributes
    ----------
    name : str
        Its name in the table.
    method : Method
        The method.
    weights : Path or None
        Folder of trained weights, if it needs any but those that come with it.
    """

    name: str
    method: Method
    weights: Path | None = None


@dataclass(frozen=True)
class FreshDraws:
    """Fresh draws of a recipe, in a work folder.

    Attributes
    ----------
    recipe : DrawnRecipe
        The public recipe.
    folder : Path
        Work folder: stores, and scores.
    specimens : int
        Test specimens in each draw.
    workers : int
        Worker processes; they change no value.
    """

    recipe: DrawnRecipe
    folder: Path
    specimens: int
    workers: int = 2

    def scores(self, entrants: Sequence[Entrant], draws: int) -> pd.DataFrame:
        """Score methods on fresh draws; those of an earlier run are read.

        Parameters
        ----------
        entrants : sequence of Entrant
            The methods.
        draws : int
            Number of draws of specimens, and of noise.

        Returns
        -------
        pandas.DataFrame
            As `read_scores` returns it, one row for each image of each draw and method, with the
            columns kind, draw (from 1) and method in front.
        """
        import pandas as pd

        self.folder.mkdir(parents=True, exist_ok=True)
        frames = []
        with locked(self.folder, OutputError):
            for kind in (FRESH_SPECIMENS, OTHER_NOISE):
                for number in range(1, draws + 1):
                    one = _Draw(self, kind, number)
                    for entrant in entrants:
                        frame = read_scores(one.scored(entrant, draws))
                        for column, value in (
                            ("method", entrant.name), ("draw", number), ("kind", kind)
                        ):  # fmt: skip
                            frame.insert(0, column, value)
                        frames.append(frame)
        return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class _Draw:
    """One draw: of specimens, or of noise."""

    of: FreshDraws
    kind: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"

    @cached_property
    def recipe(self) -> DrawnRecipe:
        """The recipe of its specimens; those of a draw of noise are the public test's first."""
        number = self.number if self.kind == FRESH_SPECIMENS else 0
        return fresh_recipe(self.of.recipe, number, self.of.specimens)

    @cached_property
    def store(self) -> Store:
        """Its images, generated when a method first needs them."""
        path = self.of.folder / f"{self.recipe.name}-{recipe_id(self.recipe)[:8]}.zarr"
        generate(self.recipe, path, workers=self.of.workers)
        store = open_store(path)
        return store if self.kind == FRESH_SPECIMENS else with_noise(store, self.number)

    def scored(self, entrant: Entrant, draws: int) -> Path:
        """File with the scores of a method, which is run if there is none."""
        name = f"{entrant.name}-{self._digest(entrant)[:16]}"
        file = self.of.folder / "scores" / self.name / f"{name}.csv"
        if not file.is_file():
            notice(f"Draw {self.number} of {draws} of {self.kind}: {entrant.name}")
            outputs = self.of.folder / "outputs" / self.name / name
            workers = self.of.workers
            denoise(entrant.method, self.store, outputs, weights=entrant.weights, workers=workers)
            score_outputs(outputs, self.store, workers=workers)
            write_bytes(file, (outputs / SCORES_CSV).read_bytes())
            # Denoised images take a hundred times the place of their scores.
            shutil.rmtree(outputs)
        return file

    def _digest(self, entrant: Entrant) -> str:
        weights = entrant.weights or entrant.method.shipped_weights
        origin = {
            **method_origin(entrant.method),
            "weights": weights_digest(weights) if weights else "",
            "recipe": recipe_id(self.recipe),
            "metrics": versions(),
        }
        return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()
