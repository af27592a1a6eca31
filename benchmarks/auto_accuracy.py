"""Accuracy of the automatic choice of a method, on images whose truth is known.

    python benchmarks/clean_images.py FOLDER --released IMAGES
    python benchmarks/auto_accuracy.py FOLDER --csv auto.csv [--images 100] [--workers 2]
        [--doses 0.1 0.45 2] [--development]

Shot noise is drawn on each image at each dose; `choose` picks a method; all candidates denoise the
whole image, and the loss of the pick is its mean squared error over that of the best, in dB. A pick
is good if it is the best, or within 0.3 dB of it, or tied with it within two standard errors. About
10 s of one core an image and dose. Rows in the CSV file are not computed again.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from clean_images import GROUPS, CleanImage, evenly, noisy_image, read, rows_of

from tembench.methods import load_method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.selection import choose

FIELDS = (
    "group", "image", "dose", "pick", "best", "loss_db", "tied", "best_tied", "beats_gaussian",
    "rounds", "cpu_s", "wall_s", "mse",
)  # fmt: skip
WITHIN_DB = 0.3


def case(image: CleanImage, dose_e_per_px: float) -> dict[str, object]:
    """Choose a method for one draw of noise, and compare it with the best."""
    import torch

    torch.set_num_threads(1)
    noisy, clean = noisy_image(image, dose_e_per_px)
    wall, cpu = time.perf_counter(), time.process_time()
    choice = choose(noisy, where=image.name)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    error = {}
    for row in choice.rows:
        ready = ReadyMethod(method=load_method(row.name))
        error[row.name] = float(np.mean((ready.denoise(noisy) - clean) ** 2))
    best = min(error, key=lambda name: error[name])
    return {
        "group": image.group,
        "image": image.name,
        "dose": dose_e_per_px,
        "pick": choice.name,
        "best": best,
        "loss_db": round(10 * np.log10(error[choice.name] / error[best]), 3),
        "tied": len(choice.tied),
        "best_tied": best in choice.tied,
        "beats_gaussian": choice.beats_gaussian,
        "rounds": max(row.rounds for row in choice.rows),
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "mse": " ".join(f"{name}:{value:.4g}" for name, value in error.items()),
    }


def table(rows: Sequence[dict[str, str]]) -> str:
    """Return the accuracy by dose and by group, as Markdown."""
    lines = [
        "| images | e/px | n | best | within 0.3 dB | or tied | alone, within 0.3 dB "
        "| mean loss, dB | largest, dB | CPU s: mean | largest |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    doses = sorted({float(row["dose"]) for row in rows})
    chosen = [("all but vacuum", [row for row in rows if row["group"] != "vacuum"])]
    chosen += [(group, [row for row in rows if row["group"] == group]) for group in GROUPS]
    for name, some in chosen:
        for dose in doses:
            of_dose = [row for row in some if float(row["dose"]) == dose]
            if of_dose:
                lines.append(_line(name, dose, of_dose))
    return "\n".join(lines)


def _line(name: str, dose: float, rows: Sequence[dict[str, str]]) -> str:
    loss = np.array([float(row["loss_db"]) for row in rows])
    tied = np.array([row["best_tied"] == "True" for row in rows])
    alone = np.array([int(row["tied"]) < 2 for row in rows])
    cpu = np.array([float(row["cpu_s"]) for row in rows])
    good = loss < WITHIN_DB
    cells = (
        name, f"{dose:g}", len(rows), f"{np.mean(loss == 0):.2f}", f"{good.mean():.2f}",
        f"{(good | tied).mean():.2f}", f"{(good & alone).sum()}/{alone.sum()}",
        f"{loss.mean():.2f}", f"{loss.max():.1f}", f"{cpu.mean():.1f}", f"{cpu.max():.1f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, default=Path("auto.csv"))
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--doses", nargs="+", type=float, default=[0.1, 0.45, 2.0])
    parser.add_argument("--development", action="store_true", help="Use the other half.")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    images = [one for one in read(arguments.folder) if one.report != arguments.development]
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
            pool.submit(case, image, dose)
            for dose in arguments.doses
            for image in images
            if (image.group, image.name, dose) not in done
        ]
        for future in as_completed(running):
            writer.writerow(future.result())
            file.flush()
    print(table(rows_of(arguments.csv)))


if __name__ == "__main__":
    main()
