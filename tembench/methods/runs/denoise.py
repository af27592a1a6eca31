"""Denoise a store's test images and record outputs, run time and peak memory."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
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
    refuse_method_folders,
    run_tasks,
    write_toml,
)
from tembench.methods.method import Method
from tembench.methods.method_code import forget_methods
from tembench.methods.runs.apply import apply, refuse_other_result, view, warm_up
from tembench.methods.runs.drawn_parameters import suited
from tembench.methods.runs.output_writer import (
    OUTPUTS_FORMAT,
    OUTPUTS_TOML,
    OutputWriter,
    data_table,
    open_outputs,
)
from tembench.methods.third_party import denoiser_info
from tembench.methods.training.records import read_training, trained_on, weights_digest

if TYPE_CHECKING:
    from tembench.dataset import Store


def denoise(
    method: Method,
    store: Store,
    out: Path,
    *,
    split: str = "model",
    part: str = "test",
    weights: Path | None = None,
    workers: int = 2,
    scheduler: str | None = None,
) -> Path:
    """Denoise the images under test of a split.

    Parameters
    ----------
    method : Method
        The method to run.
    store : Store
        Holds the noisy images.
    out : pathlib.Path
        Folder for ``denoised.zarr`` and ``outputs.toml``. Complete outputs of the same method,
        parameters, weights, recipe and split are left as they are; incomplete ones are resumed.
    split : str
        "model", "paper" or a track of the recipe.
    part : str
        "test", "test-full" or "test-subset"; or "validation", whose scores are not ranked.
    weights : pathlib.Path, optional
        Folder that `train` returned, for a trained method without weights of its own.
    workers : int
        Number of worker processes of one thread each; 0 runs in this process.
    scheduler : str, optional
        Address of a dask.distributed scheduler, whose workers are used instead of `workers`
        processes; they see all folders under the same absolute paths.

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
        If `out` holds other outputs or is inside an input, or another process is at work there.
    """
    out = absolute(out)
    weights = absolute(weights) if weights else method.shipped_weights
    method = method.as_trained(weights) if weights else suited(method, store.recipe)
    refuse_inputs([out], [store.path, *([weights] if weights else [])], OutputError)
    refuse_method_folders(out, method.folders, OutputError)
    run = DenoiseRun(
        method=method,
        store=store,
        split=split,
        part=part,
        weights=weights,
        workers=workers,
        scheduler=scheduler,
        training=read_training(method, store, split, weights),
    )
    made = not out.exists()
    if made:
        out.mkdir(parents=True)
    try:
        with locked(out, OutputError), naming(out):
            run.write(out)
    except Exception:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise
    return out


@dataclass(frozen=True, kw_only=True)
class DenoiseRun:
    """One method on one part of a store.

    Attributes
    ----------
    method : Method
        The method, with its parameters.
    store : Store
        Holds the noisy images.
    split, part : str
        Images to denoise.
    weights : pathlib.Path or None
        Folder of trained weights.
    workers : int
        Number of worker processes; 0 runs in this one.
    scheduler : str or None
        Address of a cluster's scheduler, whose workers are used instead.
    training : Mapping
        Cost and data of the training, from `tembench.methods.training.records.read_training`.
    images : tuple of int
        Their numbers in the store, in the order of the outputs.
    """

    method: Method
    store: Store
    split: str
    part: str
    weights: Path | None
    workers: int
    scheduler: str | None
    training: Mapping[str, Any]
    images: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look up the images."""
        images = tuple(int(image) for image in self.store.images(self.split, self.part))
        object.__setattr__(self, "images", images)

    def origin(self) -> dict[str, str]:
        """Return everything that the outputs depend on; outputs of two origins never mix."""
        return {
            **method_origin(self.method),
            "weights": weights_digest(self.weights) if self.weights else "",
            "recipe_id": self.store.recipe_id,
            "split": self.split,
            "part": self.part,
        }

    def write(self, out: Path) -> None:
        """Denoise the images that `out` lacks, then write ``outputs.toml``."""
        outputs = open_outputs(
            out,
            self.origin(),
            images=self.images,
            shape=self.store.shape,
            pixel_size_A=self.store.pixel_size_A,
        )
        if outputs.complete and not outputs.missing():
            return
        try:
            self._denoise(out, outputs, outputs.missing())
        except Exception:
            # A method that cannot denoise leaves nothing behind.
            outputs.discard_if_empty()
            raise
        write_toml(out / OUTPUTS_TOML, self._description(outputs))

    def _denoise(self, out: Path, outputs: OutputWriter, missing: list[int]) -> None:
        # One image per run is denoised a second time, after all others of its process.
        job = _DenoiseJob(run=self, out=out, repeated=missing[-1] if missing else -1)
        before = len(self.images) - len(missing)
        with progress(f"Denoising with {self.method.name}", len(self.images), before) as advance:
            results = run_tasks(
                job, missing, self.workers, MethodError, where=out, scheduler=self.scheduler
            )
            # Closed before the lock on `out` is released, also where this is interrupted.
            with closing(results):
                for done in results:
                    outputs.record(
                        done.position,
                        done.seconds,
                        peak_memory_MB=done.peak_memory_MB,
                        device=done.device,
                        n_parameters=done.n_parameters,
                    )
                    advance(1)

    def _description(self, outputs: OutputWriter) -> dict[str, Any]:
        method = self.method
        here = not self.scheduler  # a cluster's workers come and go, and have done other work
        return {
            "format": OUTPUTS_FORMAT,
            "method": {
                "name": method.name,
                "title": method.title,
                "summary": method.summary,
                "kind": method.kind,
                "input": method.input,
                "licence": method.licence,
                "training_data": method.training_data,
                **method.provenance,
                **trained_on(self.training, self.store),
                "paper": dict(method.paper),
                "parameters": dict(method.parameters),
            },
            "data": data_table(self.store, self.split, self.part, len(outputs.seconds)),
            "run": {
                "tembench": __version__,
                "device": outputs.device,
                "seconds_per_image": statistics.median(outputs.seconds.tolist()),
                **({"peak_memory_MB": outputs.peak_memory_MB} if here else {}),
                **({"n_parameters": outputs.n_parameters} if outputs.n_parameters else {}),
                # A worker has one thread; without workers the libraries use every processor.
                "threads": os.cpu_count() or 1 if here and not self.workers else 1,
                **({"workers": self.workers} if here else {}),
                **self.training,
            },
        }


@dataclass(frozen=True)
class _Done:
    position: int
    seconds: float
    peak_memory_MB: float
    device: str
    n_parameters: int | None


@dataclass(frozen=True, kw_only=True)
class _DenoiseJob:
    run: DenoiseRun
    out: Path
    repeated: int

    def prepare(self) -> Callable[[int], _Done]:
        method, store = self.run.method, self.run.store
        if self.run.scheduler:
            forget_methods()
        denoiser = method.build(self.run.weights)
        outputs = OutputWriter(self.out)
        warm_up(method, denoiser, store)

        def denoise_one(position: int) -> _Done:
            number = self.run.images[position]
            image = view(method, store, number)
            start = time.perf_counter()
            result = apply(method, denoiser, image, f"image {number}")
            seconds = time.perf_counter() - start
            peak = peak_memory_MB()
            if position == self.repeated:
                refuse_other_result(method, denoiser, image, result, f"image {number}")
            outputs.write_image(position, result)
            info = denoiser_info(denoiser, f"method {method.name}")
            return _Done(
                position, seconds, peak, device=info.device, n_parameters=info.n_parameters
            )

        return denoise_one


def method_origin(method: Method) -> dict[str, str]:
    """Return what outputs depend on in a method alone, without its weights and images."""
    base = method.base
    return {
        "method": method.name,
        "code": method.code_digest() + (base.code_digest() if base else ""),
        "parameters": _digest(method.parameters) + (_digest(base.parameters) if base else ""),
    }


def _digest(mapping: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(mapping), sort_keys=True).encode()).hexdigest()
