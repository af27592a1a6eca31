"""False alarms and misses of the specimen check that `tembench apply` makes on image files.

    python benchmarks/clean_images.py FOLDER --released IMAGES
    python benchmarks/specimen_check_accuracy.py FOLDER --csv check.csv [--images 100] [--workers 2]
        [--methods unet gated-unet unet-open] [--doses 0.1 0.45 2] [--half report]

Shot noise is drawn on each image at each dose; each network is checked and denoises the whole
image, and its mean squared error is compared with that of the better of the check's filters. A
false alarm is a warning where the network is better; a miss is silence where it is more than 1 dB
worse. About 6 s of one core an image and dose. Rows in the CSV file are not computed again.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path

import numpy as np
from clean_images import CleanImage, evenly, noisy_image, read, rows_of

from tembench.methods import Denoiser, NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.domain.specimen_check import judge, plain_filters

FIELDS = (
    "group", "image", "dose", "method", "gain_db", "z", "folds", "peak", "better", "warned",
    "noted", "unjudged",
)  # fmt: skip
FILTERS = ("bm3d-open", "spectral-wiener")
METHODS = ("unet", "gated-unet", "unet-open")
WRONG_DB = -1.0


class Remembered:
    """A filter that remembers its results, which are the same for each network."""

    def __init__(self, denoiser: Denoiser) -> None:
        self._denoiser = denoiser
        self._results: dict[bytes, np.ndarray] = {}

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image (y, x), e/px."""
        key = image.counts.tobytes()
        if key not in self._results:
            self._results[key] = self._denoiser.denoise(image)
        return self._results[key]


@cache
def ready_method(name: str) -> ReadyMethod:
    """Return a method with its shipped weights, built once in each process."""
    return ReadyMethod(method=load_method(name))


def cases(
    image: CleanImage, dose_e_per_px: float, methods: Sequence[str]
) -> list[dict[str, object]]:
    """Check each network on one draw of noise, and compare its error with that of the filters."""
    import torch

    torch.set_num_threads(1)
    noisy, clean = noisy_image(image, dose_e_per_px)
    filters = {name: Remembered(plain) for name, plain in plain_filters().items()}

    def error(name: str) -> float:
        return float(np.mean((ready_method(name).denoise(noisy) - clean) ** 2))

    least = min(error(name) for name in FILTERS)
    rows = []
    for name in methods:
        ready = ready_method(name)
        verdict = judge(ready.method, ready.denoiser, ready.seen(noisy), filters)
        row = {
            "group": image.group,
            "image": image.name,
            "dose": dose_e_per_px,
            "method": name,
            "gain_db": round(10 * np.log10(least / error(name)), 3),
            "z": round(verdict.z, 2),
            "folds": verdict.folds,
            "peak": round(verdict.peak, 1),
            "better": verdict.better,
            "warned": verdict.is_unknown,
            "noted": verdict.leaves_signal,
            "unjudged": verdict.unjudged,
        }
        rows.append(row)
    return rows


def table(rows: Sequence[dict[str, str]]) -> str:
    """Return false alarms and misses by dose and method, as Markdown."""
    lines = [
        "| network | e/px | false alarms | missed, over 1 dB worse | over 2 dB worse "
        "| noted by the residual: where better | over 1 dB worse | neither said |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    methods = sorted({row["method"] for row in rows})
    for dose in sorted({float(row["dose"]) for row in rows}):
        of_dose = [row for row in rows if float(row["dose"]) == dose]
        for name in (*methods, "all"):
            some = [row for row in of_dose if name in ("all", row["method"])]
            lines.append(_line(name, dose, some))
    return "\n".join(lines)


def _line(name: str, dose: float, rows: Sequence[dict[str, str]]) -> str:
    better = [row for row in rows if float(row["gain_db"]) > 0]
    wrong = [row for row in rows if float(row["gain_db"]) < WRONG_DB]
    very = [row for row in rows if float(row["gain_db"]) < 2 * WRONG_DB]

    def count(some: Sequence[dict[str, str]], key: str, value: str = "True") -> str:
        return f"{sum(row[key] == value for row in some)}/{len(some)}"

    silent = sum(row["warned"] == row["noted"] == "False" for row in wrong)
    cells = (
        f"`{name}`", f"{dose:g}", count(better, "warned"), count(wrong, "warned", "False"),
        count(very, "warned", "False"), count(better, "noted"), count(wrong, "noted"),
        f"{silent}/{len(wrong)}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, default=Path("specimen-check.csv"))
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--doses", nargs="+", type=float, default=[0.1, 0.45, 2.0])
    parser.add_argument("--half", choices=["report", "development", "both"], default="report")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    # In vacuum all are right to within what no image resolves.
    images = [one for one in read(arguments.folder) if one.group != "vacuum"]
    if arguments.half != "both":
        images = [one for one in images if one.report == (arguments.half == "report")]
    images = evenly(images, arguments.images)
    done = {(row["group"], row["image"], float(row["dose"])) for row in rows_of(arguments.csv)}
    new = not done
    with (
        arguments.csv.open("a", newline="", encoding="utf-8") as file,
        ProcessPoolExecutor(arguments.workers) as pool,
    ):
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        running = [
            pool.submit(cases, image, dose, arguments.methods)
            for dose in arguments.doses
            for image in images
            if (image.group, image.name, dose) not in done
        ]
        for future in as_completed(running):
            writer.writerows(future.result())
            file.flush()
    print(table(rows_of(arguments.csv)))


if __name__ == "__main__":
    main()
