"""Denoised images that are not scored yet: outputs, or images in a format of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import OutputError
from tembench.methods import OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.ranking.plausibility import DenoisedImages, implausibilities
from tembench.ranking.scoring import SCORES_TOML, read_outputs
from tembench.ranking.submitting.image_numbers import LEFT_OUT, PartImages, numbers_in_store
from tembench.ranking.untrusted_images import ImageStack, open_images

if TYPE_CHECKING:
    from tembench.dataset import Store


@dataclass(frozen=True, kw_only=True, eq=False)
class UnscoredImages:
    """Denoised images that belong to a part of a store.

    Attributes
    ----------
    path : Path
        Where they are.
    expected : array of int
        Numbers of all images of the part, ascending.
    numbers : array of int
        Numbers of those that are there, as far as is known without reading them; ascending.
    read : callable
        From a number to the image, (y, x) float32; None if it is missing.
    assumed : str
        How the numbers were found, as a sentence; empty for outputs, which have them.
    stack : ImageStack or None
        Images in a format of their own; None for outputs.
    placed : array of int
        Number of each image of the stack.
    is_control : bool
        Whether the outputs are those of a control.
    """

    path: Path
    expected: np.ndarray
    numbers: np.ndarray
    read: Callable[[int], np.ndarray | None]
    assumed: str = ""
    stack: ImageStack | None = None
    placed: np.ndarray
    is_control: bool = False

    def warnings(self, store: Store) -> list[str]:
        """What is implausible about the images, from a few of them."""
        images = DenoisedImages(numbers=self.numbers, read=self.read, is_control=self.is_control)
        return implausibilities(images, store)


def is_outputs(path: Path) -> bool:
    """Whether a folder is one of outputs, complete or not."""
    return (path / OUTPUTS_TOML).exists() or (path / OUTPUTS_ZARR).exists()


def is_scored(path: Path) -> bool:
    """Whether a folder of outputs has scores."""
    return (path / SCORES_TOML).exists()


def unscored_images(
    path: Path, store: Store, *, split: str = "model", part: str = "test", order: str = "inputs"
) -> UnscoredImages:
    """Open denoised images of any kind.

    Parameters
    ----------
    path : Path
        A folder of outputs, or images as `open_images` reads them.
    store : tembench.dataset.store.Store
        Data set that they were made from.
    split, part, order : str
        The part that images in a format of their own are of, and their order, as for
        `numbers_in_store`; outputs state theirs.

    Raises
    ------
    OutputError
        If they break a rule that can be checked without reading all of them.
    """
    if is_outputs(path):
        checked = read_outputs(path, store)
        numbers = checked.numbers
        return UnscoredImages(
            path=path,
            expected=checked.images,
            numbers=np.sort(numbers[numbers != LEFT_OUT]),
            read=checked.reader().found,
            placed=numbers,
            is_control=checked.description.method.is_control,
        )
    wanted = PartImages.of(store, split, part)
    stack = open_images(path, store.shape, wanted.inputs.size)
    placed, assumed = numbers_in_store(stack, store, wanted, order)
    position = {int(number): i for i, number in enumerate(placed) if number != LEFT_OUT}

    def read(image: int) -> np.ndarray | None:
        found = stack.read(position[image])
        wrong = int((~np.isfinite(found)).sum())
        if wrong and not np.isnan(found).all():
            raise OutputError(
                f"image {image} has {wrong} pixels that are NaN or infinite",
                where=str(path),
                expected="finite values",
                remedy="fix the method and denoise again",
            )
        return None if wrong else found

    return UnscoredImages(
        path=path,
        expected=wanted.images,
        numbers=np.array(sorted(position), dtype=np.int64),
        read=read,
        assumed=assumed,
        stack=stack,
        placed=placed,
    )
