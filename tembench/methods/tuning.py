"""Parameters of a classical method, chosen on the validation images of a store; never on test.

The score is the PSNR of the mean squared error over all images, so that an image counts by its
error and not by its decibels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.dataset.index import spread
from tembench.errors import MethodError
from tembench.files import read_toml, write_toml
from tembench.methods.apply import apply, view
from tembench.methods.protocol import Method
from tembench.progress import progress
from tembench.scale import REFERENCE_DOSE_E_PER_PX
from tembench.workers import run_tasks

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset.store import Store

PART = "validation"
_MOST_IMAGES = 24


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The outcome of `tune`.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per setting: its parameters, mse, psnr_db; best first.
    best : Mapping
        Parameters of the best setting.
    tuned : Mapping
        Where they come from, for ``[tuned]`` in ``method.toml``.
    """

    table: pd.DataFrame
    best: Mapping[str, Any]
    tuned: Mapping[str, Any]

    def toml(self, method: Method) -> str:
        """Return ``[parameters]`` and ``[tuned]`` as text for ``method.toml``."""
        import tomli_w

        return tomli_w.dumps({"parameters": method.settings(**self.best), "tuned": self.tuned})


def tune(
    method: Method,
    store: Store,
    workers: int = 2,
    *,
    split: str = "model",
    most_images: int = _MOST_IMAGES,
) -> Tuning:
    """Try every setting of ``[search]`` on validation images.

    Parameters
    ----------
    method : Method
        One with a ``[search]`` table.
    store : Store
        Where the images are.
    workers : int
        Processes; 0 works in this one.
    split : str
        "model", "paper" or a track of the recipe.
    most_images : int
        No more images than this, spread evenly over the validation part.

    Raises
    ------
    MethodError
        If there is nothing to search, or the method fails.
    StoreError
        If there is no validation image.
    """
    import pandas as pd

    if not method.search:
        raise MethodError(
            "nothing to tune",
            where=f"method {method.name}",
            expected="lists of values in [search] of method.toml",
        )
    images = store.images(split, PART)
    images = images[spread(len(images), most_images)].tolist()
    settings = [
        dict(zip(method.search, values, strict=True))
        for values in itertools.product(*method.search.values())
    ]
    errors = np.zeros((len(settings), len(images)))
    job = _TuneJob(method=method, store=store, settings=settings)
    with progress(f"Tuning {method.name}", len(images)) as advance:
        for image, mse in run_tasks(job, images, workers, MethodError):
            errors[:, images.index(image)] = mse
            advance(1)
    mse = errors.mean(axis=1)
    table = pd.DataFrame(settings).assign(mse=mse, psnr_db=[_decibels(value) for value in mse])
    # Stable: of equal settings the first in the grid wins, on every machine.
    table = table.sort_values("mse", kind="stable", ignore_index=True)
    place = int(np.argmin(mse))
    tuned = {
        "recipe": f"{store.recipe.name} {store.recipe.version}",
        "recipe_id": store.recipe_id,
        "split": split,
        "part": PART,
        "images": len(images),
        "psnr_db": round(_decibels(float(mse[place])), 3),
    }
    return Tuning(table=table, best=settings[place], tuned=tuned)


def write_tuned(method: Method, result: Tuning) -> Path:
    """Put the best setting into ``method.toml``; comments in it are lost.

    Returns
    -------
    pathlib.Path
        The file.
    """
    path = method.folder / "method.toml"
    content = read_toml(path, MethodError)
    content["parameters"] = method.settings(**result.best)
    content["tuned"] = dict(result.tuned)
    write_toml(path, content)
    return path


@dataclass(frozen=True, kw_only=True)
class _TuneJob:
    method: Method
    store: Store
    settings: Sequence[Mapping[str, Any]]

    def prepare(self) -> Callable[[int], tuple[int, list[float]]]:
        denoisers = [self.method.build(**setting) for setting in self.settings]

        def run(number: int) -> tuple[int, list[float]]:
            image = view(self.method, self.store, number)
            # Only the score sees the truth; what is scored was denoised without it.
            clean = self.store.clean(number).astype(np.float64)
            results = (apply(self.method, each, image, f"image {number}") for each in denoisers)
            scale = REFERENCE_DOSE_E_PER_PX / image.dose_e_per_px
            errors = ((_as_scored(result, scale) - scale * clean) ** 2 for result in results)
            return number, [float(np.mean(error)) for error in errors]

        return run


def _as_scored(result: np.ndarray, scale: float) -> np.ndarray:
    """Bring to the dose of reference and clamp to 0-1 e/px, as the benchmark's PSNR does."""
    return np.clip(scale * result.astype(np.float64), 0, 1)


def _decibels(mse: float) -> float:
    return -10 * math.log10(mse) if mse > 0 else math.inf
