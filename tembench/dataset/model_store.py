"""Reader of the data set of a recipe of models."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from tembench.core import StoreError
from tembench.dataset.contrast_class import NO_CONTRAST
from tembench.dataset.ground_truth import GroundTruth, image_sites, varying_columns
from tembench.dataset.image_table import defocus_series, with_contrast
from tembench.dataset.storage import COLUMN_ARRAYS, REPAIR, StoreFiles
from tembench.dataset.store import Store
from tembench.metrics import Sites
from tembench.recipe import CONTRASTS, Condition, Recipe
from tembench.simulation import Columns, record

# Images of one model and tilt share their masks, 1.3 MB together; scoring goes through the images
# model by model, and a model has nine tilts.
_MOST_TRUTHS = 64


class ModelStore(Store):
    """Reader of the data set of a recipe of models; made by `open_store`."""

    recipe: Recipe
    series_axis = "defocus"

    def __init__(self, files: StoreFiles) -> None:
        super().__init__(files)
        self._truths: dict[tuple[str, float, float], GroundTruth] = {}
        self._places: dict[tuple[float, float], np.ndarray] = {}
        self._varying: dict[tuple[str, float, float], np.ndarray] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave the cached masks out of what worker processes are sent."""
        return {**self.__dict__, "_truths": {}}

    def __repr__(self) -> str:
        """Path, recipe and size, in two lines."""
        recipe, (height, width) = self.recipe, self.shape
        doses = sorted(recipe.doses_e_per_px)
        dose = f"{doses[0]:g}" if len(doses) == 1 else f"{doses[0]:g} to {doses[-1]:g}"
        tested = len(self.files.test_positions)
        return (
            f"Store({str(self.path)!r}): {recipe.name} {recipe.version}, {recipe.n_images} images "
            f"of {len(recipe.models)} models, {tested} under test\n"
            f"  {height} x {width} px of {self.pixel_size_A:g} A, {dose} e/px; splits "
            f"{', '.join(recipe.split_names)}"
        )

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """Factors, contrast class and splits, one row per image."""
        contrast = self.files.read("contrast", ...)
        unknown = sorted(set(contrast.tolist()) - {*CONTRASTS, NO_CONTRAST})
        if unknown:
            raise StoreError(
                "array 'contrast' has an unknown class",
                where=str(self.path),
                expected=", ".join((*CONTRASTS, NO_CONTRAST)),
                got=repr(unknown[0])[:60],
                remedy=REPAIR,
            )
        return with_contrast(self.files.factors, contrast, self.recipe)

    def record(self, image: int, expected: np.ndarray, copy: int = 0) -> np.ndarray:
        """Draw a noisy image from its seed, given the expected one; copy 0 is what methods see."""
        return record(expected, self.detector_of(image), self.recipe.seed, int(image), copy)

    def condition(self, image: int) -> Condition:
        """The condition that an image was taken under."""
        return self.recipe.conditions[str(self._conditions[int(image)])]

    def defocus_of(self, image: int) -> float:
        """Defocus of an image in nm, positive for overfocus."""
        return float(self.files.factors["defocus_nm"].iloc[int(image)])

    def detector_of(self, image: int) -> Any:
        """The detector that recorded an image; None where every electron is counted."""
        return self.condition(image).detector

    def pixel_size_of(self, image: int) -> float:
        """Pixel size of an image, in angstrom."""
        del image
        return self.pixel_size_A

    def dose_of(self, image: int) -> float:
        """Expected electrons per pixel in vacuum of an image."""
        return self.condition(image).dose_e_per_px

    def wave_of(self, image: int) -> int | None:
        """Number of the exit wave that an image follows from by its defocus alone, if there is one.

        There is none where a drift or a detector affects the image.
        """
        return self._waves[int(image)]

    def series(self, image: int) -> list[int]:
        """Numbers of the images that differ from one in defocus alone, in its order.

        For an image under test, the images under test, whose noisy images are stored; for any
        other image, those that are not under test.
        """
        tested = self.files.test_positions
        series = defocus_series(self.files.factors, int(image))
        return [other for other in series if (other in tested) == (int(image) in tested)]

    def columns(self, model: str) -> Columns:
        """True atomic columns of a model, by its name."""
        arrays = dict(self._column_arrays)
        chosen = arrays.pop("model") == model
        return Columns(**{key: values[chosen] for key, values in arrays.items()})

    def sites(self, image: int) -> Sites:
        """Sites of an image's columns, where they appear in it, and of removed ones."""
        return self._truth(image).sites

    def particle_mask(self, image: int) -> np.ndarray:
        """Mask of the particle: bool, (y, x), within 2 A of a true Pt column of the image."""
        return self._truth(image).particle_mask

    def vacuum_mask(self, image: int) -> np.ndarray:
        """Mask of the vacuum: bool, (y, x), 4 A or more from any column of the image."""
        return self._truth(image).vacuum_mask

    def training_columns(self, image: int) -> np.ndarray | None:
        """Places of the particles' columns of all models of the training, at an image's tilt.

        Positions x and y in A, (columns, 2), to a tenth of an angstrom; the training is that of the
        split by model. None where no model is trained on.
        """
        factors = self.files.factors.iloc[int(image)]
        tilt = (float(factors["tilt_x_deg"]), float(factors["tilt_y_deg"]))
        if tilt not in self._places:
            places = [np.empty((0, 2))]
            for model in self.recipe.models:
                columns = self.columns(model.name)
                if self.recipe.part_of(model) == "train":
                    places.append(np.stack(columns.projected(tilt), axis=1)[columns.in_particle])
            self._places[tilt] = np.unique(np.round(np.concatenate(places), 1), axis=0)
        return self._places[tilt] if len(self._places[tilt]) else None

    def varying_columns(self, image: int) -> np.ndarray | None:
        """Places of columns that some models have and others lack, at an image's tilt.

        Positions x and y in A, (columns, 2), of the models with the image's particle.
        """
        factors = self.files.factors.iloc[int(image)]
        tilt = (float(factors["tilt_x_deg"]), float(factors["tilt_y_deg"]))
        particle = str(factors["particle"])
        key = (particle, *tilt)
        if key not in self._varying:
            self._varying[key] = varying_columns(self.recipe, particle, tilt)
        return self._varying[key]

    def _truth(self, image: int) -> GroundTruth:
        factors = self.table.iloc[int(image)]
        name = str(factors["model"])
        tilt = (float(factors["tilt_x_deg"]), float(factors["tilt_y_deg"]))
        truth = self._truths.pop((name, *tilt), None)
        if truth is None:
            model = next(m for m in self.recipe.models if m.name == name)
            sites = image_sites(self.recipe, model, self.columns(name), tilt)
            truth = GroundTruth(sites=sites, shape=self.shape, pixel_size_A=self.pixel_size_A)
        self._truths[name, *tilt] = truth
        if len(self._truths) > _MOST_TRUTHS:
            # The one that was used longest ago.
            del self._truths[next(iter(self._truths))]
        return truth

    @functools.cached_property
    def _waves(self) -> list[int | None]:
        """The exit wave of every image, looked up for all at once: trainings ask for thousands."""
        numbers = {
            (model.name, *tilt): self.contents.waves_of(number).start + index
            for number, model in enumerate(self.recipe.models)
            for index, tilt in enumerate(model.tilts_deg)
        }
        affected = {
            name: one.detector is not None or any(one.drift_A)
            for name, one in self.recipe.conditions.items()
        }
        factors = self.files.factors
        keys = zip(factors["model"], factors["tilt_x_deg"], factors["tilt_y_deg"], strict=True)
        return [
            None if affected[str(condition)] else numbers[key]
            for key, condition in zip(keys, factors["condition"], strict=True)
        ]

    @functools.cached_property
    def _conditions(self) -> np.ndarray:
        return self.files.factors["condition"].to_numpy()

    @functools.cached_property
    def _column_arrays(self) -> dict[str, np.ndarray]:
        """Columns of all models: the name of the model, and the fields of `Columns`."""
        arrays = {"model": self.files.read("columns/model", ...)}
        return arrays | {
            key: self.files.read(f"columns/{name}", ...) for name, key, _ in COLUMN_ARRAYS
        }
