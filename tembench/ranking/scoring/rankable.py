"""Rankable splits: those of which a look-up among the training images knows less than BM3D.

A look-up learns nothing. Where it denoises better than BM3D, which has seen no image before, the
images under test were in the training but for details, and a table of the split says who remembers
best. Such a split is a reproduction of earlier work, and no ranking.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import REFERENCE_DOSE_E_PER_PX, progress
from tembench.methods import (
    CleanImages,
    LookUp,
    load_method,
    suited,
    view,
    write_dictionary,
)
from tembench.metrics import psnr_db

if TYPE_CHECKING:
    from tembench.dataset import Store


@dataclass(frozen=True, kw_only=True)
class LookUpMargin:
    """PSNR of the look-up and of BM3D on the images of a test.

    Attributes
    ----------
    models : ndarray of str, shape (images,)
        Model or specimen of each image.
    look_up_db, bm3d_db : ndarray, shape (images,)
        PSNR of each image at the scale where vacuum is 0.45 e/px.
    """

    models: np.ndarray
    look_up_db: np.ndarray
    bm3d_db: np.ndarray

    @property
    def margin_db(self) -> float:
        """Mean PSNR of the look-up minus that of BM3D; models or specimens weigh equally."""
        margin = self.look_up_db - self.bm3d_db
        means = [margin[self.models == model].mean() for model in np.unique(self.models)]
        return float(np.mean(means))

    @property
    def is_rankable(self) -> bool:
        """Whether the look-up is no better than BM3D."""
        return self.margin_db <= 0


def look_up_margin(
    store: Store,
    split: str = "model",
    *,
    train: Sequence[int] | None = None,
    test: Sequence[int] | None = None,
    binning: int | None = None,
    folder: Path | None = None,
) -> LookUpMargin:
    """Denoise a test by a look-up among the training images, and by BM3D.

    Parameters
    ----------
    store : Store
        The data set.
    split : str
        Split, or track.
    train, test : sequence of int, optional
        Images to look among, and to denoise; by default those of the split.
    binning : int
        Side of a block of the look-up, px; memory and time fall with its square. By default that
        of the control `dictionary` for the recipe.
    folder : pathlib.Path, optional
        Where the binned images are kept, 4 bytes a block; a temporary folder if not given.

    Returns
    -------
    LookUpMargin
        Of every image in `test`.
    """
    chosen = [
        np.asarray(images if images is not None else store.images(split, part), dtype=int)
        for images, part in ((train, "train"), (test, "test"))
    ]
    if binning is None:
        binning = int(suited(load_method("dictionary"), store.recipe).parameters["binning"])
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary) if folder is None else Path(folder)
        known = CleanImages(store, tuple(int(image) for image in chosen[0]))
        write_dictionary([known], store.dose_e_per_px, place, binning=binning)
        found = _compare(store, LookUp(place, binning), [int(image) for image in chosen[1]])
    models = store.table["model"].to_numpy()[chosen[1]]
    return LookUpMargin(models=models, look_up_db=found[:, 0], bm3d_db=found[:, 1])


def _compare(store: Store, look_up: LookUp, images: list[int]) -> np.ndarray:
    """PSNR of the look-up and of BM3D, shape (images, 2)."""
    method = suited(load_method("bm3d"), store.recipe)
    bm3d = method.build()
    found = np.empty((len(images), 2))
    with progress("Look-up against BM3D", len(images)) as advance:
        for number, image in enumerate(images):
            scale = REFERENCE_DOSE_E_PER_PX / store.dose_of(image)
            clean = store.clean(image) * scale
            for place, denoiser in enumerate((look_up, bm3d)):
                denoised = denoiser.denoise(view(method, store, image))
                found[number, place] = psnr_db(clean, denoised * scale)
            advance(1)
    return found
