"""Plan of a generation: images, tasks, store, time and memory, extrapolated from a few tasks.

The tasks are simulated and encoded in memory, in this process. Size and time of each array grow
with its values, the time of noise with the noisy images, that of all else with the images.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import zarr
from zarr.storage import MemoryStore, StorePath

from tembench.core import amount_text, peak_memory_MB, progress, stage, timed_stages
from tembench.dataset.generation import Workload

_NOISE = "noise"
_NOISY = "noisy"


@dataclass(frozen=True, kw_only=True)
class GenerationPlan:
    """Expected cost of a generation.

    Attributes
    ----------
    name : str
        Name and version of the recipe.
    images, tasks, workers : int
        Numbers of images, of tasks and of workers.
    store_bytes : mapping of str to int
        Bytes of each array on disk; coordinates and true columns, which are small, are left out.
    seconds : float
        Wall-clock time with these workers, each with a core of its own like this one.
    task_seconds : float
        Time of an average task in a worker that has done one before.
    start_seconds : float
        Time that the first task of a worker takes longer: imports, compilation, tables.
    stages : mapping of str to float
        Seconds that all tasks together spend on each stage.
    worker_memory_MB, own_memory_MB : float
        Peak memory of a worker, and of the process that sends them work.
    measured_tasks, measured_images : int
        Size of the sample that all this is extrapolated from.
    measured_seconds : float
        Its time.
    """

    name: str
    images: int
    tasks: int
    workers: int
    store_bytes: Mapping[str, int]
    seconds: float
    task_seconds: float
    start_seconds: float
    stages: Mapping[str, float]
    worker_memory_MB: float
    own_memory_MB: float
    measured_tasks: int
    measured_images: int
    measured_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _MeasuredTask:
    images: int
    stages: Mapping[str, float]
    values: Mapping[str, int]
    encoded_bytes: Mapping[str, int]


def plan_generation_of(workload: Workload, *, workers: int, sample: int = 2) -> GenerationPlan:
    """Simulate a few tasks in memory, and extrapolate to all.

    Parameters
    ----------
    workload : Workload
        The tasks.
    workers : int
        Number of workers to plan for; 0 is one process.
    sample : int
        Number of tasks to simulate, evenly spaced. The first also does what a process does once;
        with a single one that cannot be told apart.
    """
    own_memory_MB, total = peak_memory_MB(), len(workload.images)
    chosen = [int((k + 0.5) * total / min(sample, total)) for k in range(min(sample, total))]
    measured = []
    with progress(f"Measuring {workload.name}", len(chosen)) as advance:
        for number in chosen:
            measured.append(_measured(workload, number))
            advance(1)
    warm = measured[1:] or measured
    stages = _extrapolated_stages(workload, warm)
    per_image = sum(stages.values()) / sum(workload.images)
    first = measured[0]
    start = sum(first.stages.values()) - per_image * first.images if len(measured) > 1 else 0.0
    start = max(0.0, start)
    return GenerationPlan(
        name=workload.name,
        images=sum(workload.images),
        tasks=total,
        workers=max(1, workers),
        store_bytes=_extrapolated_bytes(workload, measured),
        seconds=_makespan([per_image * images for images in workload.images], workers, start),
        task_seconds=sum(stages.values()) / total,
        start_seconds=start,
        stages=stages,
        worker_memory_MB=peak_memory_MB(),
        own_memory_MB=own_memory_MB,
        measured_tasks=len(measured),
        measured_images=sum(task.images for task in measured),
        measured_seconds=sum(sum(task.stages.values()) for task in measured),
    )


def _measured(workload: Workload, number: int) -> _MeasuredTask:
    encoded: dict[str, int] = {}
    with timed_stages() as stages:
        arrays = workload.simulate(number)
        for name, values in arrays.items():
            encoded[name] = _encoded_bytes(name, workload.arrays[name], values)
    return _MeasuredTask(
        images=workload.images[number],
        stages=stages,
        values={name: values.size for name, values in arrays.items()},
        encoded_bytes=encoded,
    )


def _encoded_bytes(name: str, metadata: Mapping[str, Any], values: np.ndarray) -> int:
    """Encode values as the store would, read them back for the digest, and count the bytes."""
    content: dict[str, Any] = {}
    place = StorePath(MemoryStore(store_dict=content), name)
    array = zarr.Array.from_dict(place, {**metadata, "shape": values.shape})
    with stage(f"encoding {name}"):
        array[...] = values
        hashlib.sha256(np.ascontiguousarray(array[...]).data)
    return sum(len(chunk) for chunk in content.values())


def _values(metadata: Mapping[str, Any]) -> int:
    return math.prod(metadata["shape"])


def _extrapolated_bytes(workload: Workload, measured: list[_MeasuredTask]) -> dict[str, int]:
    return {
        name: round(
            sum(task.encoded_bytes[name] for task in measured)
            / sum(task.values[name] for task in measured)
            * _values(workload.arrays[name])
        )
        for name in measured[0].values
    }


def _extrapolated_stages(workload: Workload, measured: list[_MeasuredTask]) -> dict[str, float]:
    """Seconds of all tasks for each stage; encoding of all arrays is one stage."""
    images = sum(workload.images) / sum(task.images for task in measured)
    stages: dict[str, float] = defaultdict(float)
    for task in measured:
        for name, seconds in task.stages.items():
            array = _NOISY if name == _NOISE else name.removeprefix("encoding ")
            if array in task.values:
                total = sum(other.values[array] for other in measured)
                scale = _values(workload.arrays[array]) / total
            else:
                scale = images
            stages[name.partition(" ")[0]] += seconds * scale
    return dict(sorted(stages.items(), key=lambda item: -item[1]))


def _makespan(tasks: list[float], workers: int, start: float) -> float:
    """Time until the last task is done, if each goes to the first worker that is free."""
    ends = [start] * max(1, min(workers, len(tasks)))
    for seconds in tasks:
        heapq.heappush(ends, heapq.heappop(ends) + seconds)
    return max(ends)


def plan_text(plan: GenerationPlan) -> str:
    """Text of a plan: what is expected, and what it is extrapolated from."""
    sizes = ", ".join(f"{name} {amount_text(n, 'B')}" for name, n in plan.store_bytes.items())
    whole = sum(plan.stages.values())
    memory = plan.workers * plan.worker_memory_MB + plan.own_memory_MB
    own, each = (amount_text(mb * 1e6, "B") for mb in (plan.own_memory_MB, plan.worker_memory_MB))
    crew = "1 worker" if plan.workers == 1 else f"{plan.workers} workers"
    stages = ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in plan.stages.items())
    return "\n".join(
        [
            f"{plan.name}: {plan.images} images in {plan.tasks} tasks",
            f"store     {amount_text(sum(plan.store_bytes.values()), 'B')}: {sizes}",
            f"time      {_duration(plan.seconds)} with {crew} on as many cores, "
            f"{_duration(whole)} of work in all",
            f"task      {plan.task_seconds:.2g} s; the first of each worker takes "
            f"{plan.start_seconds:.2g} s more",
            f"stages    {stages}",
            f"memory    {amount_text(memory * 1e6, 'B')}: {each} for each worker, {own} for the "
            "process that sends them work",
            f"measured  {plan.measured_tasks} of {plan.tasks} tasks, {plan.measured_images} images "
            f"in {plan.measured_seconds:.1f} s on this machine; all else is extrapolated",
        ]
    )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
