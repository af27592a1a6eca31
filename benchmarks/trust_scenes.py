"""Scenes with truth for the benchmarks of `tembench trust`, and their resumable runs."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from crystal_models import SPECIMENS, image_of
from scipy import ndimage

from tembench.dataset import open_store
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.trust.subject import Subject

PIXEL_SIZE_A, SIDE_PX = 0.0625, 800
KNOWN, TURNED_10, TURNED_90, MATERIAL, VACUUM = "test", "turn10", "turn90", "material", "vacuum"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A clean image, made when it is needed: `number` of its kind in a store."""

    kind: str
    number: int
    store: Path

    @property
    def name(self) -> str:
        """Name of the scene."""
        return f"{self.kind} {self.number}"

    def clean(self) -> np.ndarray:
        """Return the image (y, x) in units of vacuum."""
        return _clean(self.kind, self.number, self.store)


@cache
def _clean(kind: str, number: int, path: Path) -> np.ndarray:
    if kind == VACUUM:
        return np.ones((SIDE_PX, SIDE_PX))
    if kind == MATERIAL:
        clean = image_of(*SPECIMENS[number])[0]
        return np.maximum(clean, 0)
    store = open_store(path)
    index = list(store.images("model", "test"))[number]
    clean = np.maximum(np.asarray(store.clean(index)) / store.dose_of(index), 0)
    if kind == TURNED_10:
        turned = ndimage.rotate(clean, 10, reshape=False, order=3, mode="reflect")
        return np.maximum(turned, 0)
    return np.ascontiguousarray(np.rot90(clean)) if kind == TURNED_90 else clean


def scenes(store: Path, kind: str, number: int) -> list[Scene]:
    """Return scenes of one kind, spread evenly over those there are; at most `number`."""
    there = 1 if kind == VACUUM else len(SPECIMENS)
    if kind not in (VACUUM, MATERIAL):
        there = len(list(open_store(store).images("model", "test")))
    chosen = np.unique(np.linspace(0, there - 1, min(number, there)).astype(int))
    return [Scene(kind=kind, number=int(one), store=store) for one in chosen]


def draw(clean: np.ndarray, dose: float, seed: int) -> NoisyImage:
    """Draw the counts of an image (y, x) in units of vacuum."""
    counts = np.random.default_rng(seed).poisson(clean * dose).astype(np.uint16)
    return NoisyImage(counts=counts, pixel_size_A=PIXEL_SIZE_A, dose_e_per_px=dose)


@cache
def ready(name: str) -> ReadyMethod:
    """Return a method, built once in each process."""
    return ReadyMethod(method=load_method(name))


def subject_of(image: NoisyImage, method: str, seed: int) -> Subject:
    """Return an image denoised by a method, to be judged."""
    return Subject(
        image=image,
        denoised=ready(method).denoise(image),
        name=method,
        ready=ready(method),
        seed=seed,
    )


def run(
    cases: Iterable[tuple[Any, ...]],
    measure: Callable[..., dict[str, Any]],
    out: Path,
    workers: int,
) -> list[dict[str, Any]]:
    """Measure cases that a file of JSON lines does not have yet, and return all of its results."""
    found = list(_read(out))
    done = {row["case"] for row in found}
    todo = [case for case in cases if repr(case) not in done]
    out.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers, initializer=_one_thread) as pool, out.open("a") as file:
        running = {pool.submit(measure, *case): case for case in todo}
        for number, future in enumerate(as_completed(running), 1):
            row = {"case": repr(running[future])} | future.result()
            found.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"\r{number} of {len(todo)}", end="", flush=True)
    print()
    return found


def arguments_of(text: str, out: str) -> argparse.ArgumentParser:
    """Return the options that both benchmarks share."""
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--methods", nargs="+", default=["unet", "bm3d"])
    parser.add_argument("--doses", nargs="+", type=float, default=[0.1, 0.45, 2.0])
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path(out), help="Results, kept for resuming.")
    return parser


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _read(out: Path) -> Iterator[dict[str, Any]]:
    if out.is_file():
        for line in out.read_text().splitlines():
            # The last line of a run that was killed may be cut.
            if line.endswith("}"):
                yield json.loads(line)
