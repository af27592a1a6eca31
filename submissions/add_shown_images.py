"""Shown images of rows that were made without them, from their baselines.

    python submissions/add_shown_images.py STORE ROW...

Each ROW is the folder of a submission made from the data set STORE. The few images that it shows
are denoised again by the baseline of the row's method, with its own parameters and the weights
that come with it. The PSNR of each has to agree with the row's ``scores.csv`` to 0.001 dB, which
shows that the images are the same; else nothing is written. Then the row gets ``shown.png``,
``shown.csv`` and the table ``[shown]`` in ``submission.toml``; all other bytes stay as they are.
The exit code is 1 if any row was left out.
"""

from __future__ import annotations

import argparse
import math
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import tomli_w

from tembench.core import OutputError, TembenchError, put_in_place, staging
from tembench.dataset import Store, open_store
from tembench.methods import Method, apply, load_method, view
from tembench.metrics import evaluate
from tembench.ranking import SUBMISSION_TOML, Submission, check_submission, metric_inputs
from tembench.ranking.scoring import draw_crops, images_to_show
from tembench.recipe import SUBSET_PART

LARGEST_DIFFERENCE_DB = 1e-3
_TABLE = re.compile(r"\n\[shown\]\n.*?(?=\n\[|\Z)", re.DOTALL)


def add_shown_images(store: Store, folder: Path) -> float:
    """Add the shown images of a submission.

    Parameters
    ----------
    store : Store
        The data set of its scores.
    folder : Path
        The submission.

    Returns
    -------
    float
        Largest difference between its scores and those of the images denoised again, in dB.

    Raises
    ------
    TembenchError
        If the data set is another, the method cannot be built, or its images have other scores.
    """
    row = check_submission(folder)
    data = row.description.data
    if data.recipe_id != store.recipe_id:
        raise OutputError(
            "scored on another data set",
            where=str(folder),
            expected=f"recipe_id {store.recipe_id[:16]}",
            got=f"{data.recipe_id[:16]} ({data.recipe})",
        )
    images = images_to_show(
        store, store.images(data.split, SUBSET_PART if data.part == "test" else data.part)
    )
    denoise = _denoiser(store, _method_of(row))
    denoised = {image: denoise(image) for image in images}
    difference = max(_difference_db(row, store, *one) for one in denoised.items())
    crops = draw_crops(store, images, denoised.__getitem__)
    with staging(folder, OutputError) as aside:
        staged = aside / folder.resolve().name
        shutil.copytree(folder, staged)
        crops.write(staged)
        with (staged / SUBMISSION_TOML).open(encoding="utf-8", newline="") as file:
            text = _TABLE.sub("", file.read())
        with (staged / SUBMISSION_TOML).open("w", encoding="utf-8", newline="") as file:
            file.write(f"{text}\n{tomli_w.dumps({'shown': crops.table})}")
        check_submission(staged)
        put_in_place(staged, folder)
    return difference


def _method_of(row: Submission) -> Method:
    """The baseline that made a row, with the row's parameters."""
    recorded = row.description.method
    return replace(load_method(recorded.name), parameters=dict(recorded.parameters))


def _denoiser(store: Store, method: Method) -> Callable[[int], np.ndarray]:
    denoiser = method.build()
    return lambda image: apply(method, denoiser, view(method, store, image), f"image {image}")


def _difference_db(row: Submission, store: Store, image: int, denoised: np.ndarray) -> float:
    """Difference of an image's PSNR from the row's; OutputError if it is another image's."""
    recorded = float(row.scores.set_index("image")["psnr_db"].loc[image])
    found = evaluate(metric_inputs(store, image, denoised), ["psnr_db"])["psnr_db"]
    difference = 0.0 if found == recorded else abs(found - recorded)
    if not difference <= LARGEST_DIFFERENCE_DB or math.isnan(difference):
        raise OutputError(
            f"image {image} denoised again has another PSNR",
            where=str(row.path),
            expected=f"{recorded:.4f} dB, as in its scores",
            got=f"{found:.4f} dB",
            remedy="make the row again with regenerate.sh",
        )
    return difference


def main(arguments: list[str]) -> int:
    """Add the shown images of all rows that are named; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("rows", type=Path, nargs="+", metavar="ROW")
    options = parser.parse_args(arguments)
    store, left_out = open_store(options.store), 0
    for folder in options.rows:
        try:
            print(f"{folder}: same scores to {add_shown_images(store, folder):.1g} dB", flush=True)
        except TembenchError as problem:
            left_out += 1
            print(f"{folder}: left out: {problem}", file=sys.stderr, flush=True)
    return min(left_out, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
