"""A method over the test images of a store: outputs, time, memory; and its training before that."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tembench import __version__
from tembench.core import (
    MethodError,
    OutputError,
    absolute,
    locked,
    naming,
    peak_memory_MB,
    progress,
    refuse_inputs,
    refuse_method_folder,
    run_tasks,
    write_toml,
)
from tembench.methods.method import Method
from tembench.methods.runs.apply import apply, refuse_other_result, view, warm_up
from tembench.methods.runs.output_writer import DESCRIPTION, FORMAT, Outputs, open_outputs
from tembench.methods.runs.train import read_training, train, weights_digest
from tembench.methods.third_party import declared

if TYPE_CHECKING:
    from tembench.dataset import Store

__all__ = ["denoise", "train"]


def denoise(
    method: Method,
    store: Store,
    out: Path,
    *,
    split: str = "model",
    part: str = "test",
    weights: Path | None = None,
    workers: int = 2,
) -> Path:
    """Denoise the images under test of a split.

    Parameters
    ----------
    method : Method
        What to run.
    store : Store
        Where the noisy images are.
    out : pathlib.Path
        Folder for ``denoised.zarr`` and ``outputs.toml``. Complete outputs of the same method,
        parameters, weights, recipe and split are left as they are; incomplete ones are continued.
    split : str
        "model", "paper" or a track of the recipe.
    part : str
        "test", "test-full" or "test-subset"; or "validation", whose scores are not ranked.
    weights : pathlib.Path, optional
        What `train` returned, for a trained method that brings no weights of its own.
    workers : int
        Processes of one thread each; 0 works in this process.

    Returns
    -------
    pathlib.Path
        `out`.

    Raises
    ------
    MethodError
        If the method fails, returns anything but a finite float32 image of the right shape, or
        another image the second time: the last image is denoised twice.
    OutputError
        If `out` holds outputs of something else or lies in what is read, or another process is at
        work there.
    """
    out = absolute(out)
    weights = absolute(weights) if weights else method.shipped_weights
    refuse_inputs([out], [store.path, *([weights] if weights else [])], OutputError)
    for reserved in (method.folder, method.code_folder):
        refuse_method_folder(out, reserved, OutputError)
    training = read_training(method, store, split, weights)
    made = not out.exists()
    if made:
        out.mkdir(parents=True)
    try:
        with locked(out, OutputError), naming(out):
            _denoise(method, store, out, (split, part), weights, workers, training)
    except Exception:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise
    return out


def _denoise(
    method: Method,
    store: Store,
    out: Path,
    where: tuple[str, str],
    weights: Path | None,
    workers: int,
    training: Mapping[str, Any],
) -> None:
    images = [int(image) for image in store.images(*where)]
    outputs = open_outputs(
        out,
        _identity(method, store, where, weights),
        images=images,
        shape=store.shape,
        pixel_size_A=store.pixel_size_A,
    )
    missing = outputs.missing()
    if outputs.complete and not missing:
        return
    job = _DenoiseJob(
        method=method,
        store=store,
        out=out,
        weights=weights,
        images=images,
        # One image a run, to see whether it comes out the same with all others behind it.
        again=missing[-1] if missing else -1,
    )
    try:
        done_before = len(images) - len(missing)
        with progress(f"Denoising with {method.name}", len(images), done_before) as advance:
            for done in run_tasks(job, missing, workers, MethodError):
                outputs.record(
                    done.position,
                    done.seconds,
                    peak_memory_MB=done.peak_memory_MB,
                    device=done.device,
                    n_parameters=done.n_parameters,
                )
                advance(1)
    except Exception:
        # A method that cannot denoise leaves nothing behind.
        outputs.discard_if_empty()
        raise
    # A worker has one thread; without workers the libraries take what they find.
    threads = 1 if workers else os.cpu_count() or 1
    run = {"threads": threads, "workers": workers, **training}
    write_toml(out / DESCRIPTION, _description(method, store, where, outputs, run))


@dataclass(frozen=True)
class _Done:
    position: int
    seconds: float
    peak_memory_MB: float
    device: str
    n_parameters: int | None


@dataclass(frozen=True, kw_only=True)
class _DenoiseJob:
    method: Method
    store: Store
    out: Path
    weights: Path | None
    images: Sequence[int]
    again: int

    def prepare(self) -> Callable[[int], _Done]:
        denoiser = self.method.build(self.weights)
        outputs = Outputs(self.out)
        warm_up(self.method, denoiser, self.store)

        def run(position: int) -> _Done:
            number = self.images[position]
            image = view(self.method, self.store, number)
            start = time.perf_counter()
            result = apply(self.method, denoiser, image, f"image {number}")
            seconds = time.perf_counter() - start
            peak = peak_memory_MB()
            if position == self.again:
                refuse_other_result(self.method, denoiser, image, result, f"image {number}")
            outputs.write_image(position, result)
            says = declared(denoiser, f"method {self.method.name}")
            return _Done(
                position, seconds, peak, device=says.device, n_parameters=says.n_parameters
            )

        return run


def _identity(
    method: Method, store: Store, where: tuple[str, str], weights: Path | None
) -> dict[str, str]:
    """Return all that the outputs depend on; outputs of different identity are never mixed."""
    split, part = where
    return {
        **method_identity(method),
        "weights": weights_digest(weights) if weights else "",
        "recipe_id": store.recipe_id,
        "split": split,
        "part": part,
    }


def method_identity(method: Method) -> dict[str, str]:
    """Return what outputs depend on of a method alone, without its weights and images."""
    base = method.base
    return {
        "method": method.name,
        "code": method.code_digest() + (base.code_digest() if base else ""),
        "parameters": _digest(method.parameters) + (_digest(base.parameters) if base else ""),
    }


def _digest(mapping: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(mapping), sort_keys=True).encode()).hexdigest()


def _description(
    method: Method,
    store: Store,
    where: tuple[str, str],
    outputs: Outputs,
    run: Mapping[str, Any],
) -> dict[str, Any]:
    split, part = where
    return {
        "format": FORMAT,
        "method": {
            "name": method.name,
            "title": method.title,
            "summary": method.summary,
            "kind": method.kind,
            "input": method.input,
            "licence": method.licence,
            "training_data": method.training_data,
            "paper": dict(method.paper),
            "parameters": dict(method.parameters),
        },
        "data": {
            "recipe": store.recipe.name,
            "version": store.recipe.version,
            "recipe_id": store.recipe_id,
            "split": split,
            "part": part,
            "images": len(outputs.seconds),
        },
        "run": {
            "tembench": __version__,
            "device": outputs.device,
            "seconds_per_image": statistics.median(outputs.seconds.tolist()),
            "peak_memory_MB": outputs.peak_memory_MB,
            **({"n_parameters": outputs.n_parameters} if outputs.n_parameters else {}),
            **run,
        },
    }
