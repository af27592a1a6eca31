"""Plans: what a few tasks take, extrapolated to all, close to what a generation takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from tembench.core import stage
from tembench.dataset.generation.plan_generation import (
    _makespan,
    plan_generation_of,
    plan_text,
)
from tembench.dataset.generation.workload import Workload, workload_of
from tembench.recipe import Recipe


def metadata(shape: tuple[int, ...]) -> dict[str, Any]:
    store = zarr.storage.MemoryStore()
    array = zarr.create_array(store, shape=shape, chunks=(1, *shape[1:]), dtype="u1")
    return array.metadata.to_dict()


class Clock:
    """A clock that only the tasks move."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("tembench.core.resource_use.time", clock)
    return clock


def workload(images: tuple[int, ...], tested: int, clock: Clock) -> Workload:
    """An image takes 2 s, the noise of one 4 s, and what is done once 60 s."""

    def simulate(number: int) -> dict[str, np.ndarray]:
        with stage("optics"):
            clock.now += 2 * images[number] + (0 if clock.now else 60)
        with stage("noise"):
            clock.now += 4
        values = np.random.default_rng(number).integers(0, 255, (images[number], 8, 8), np.uint8)
        return {"clean": values, "noisy": values[:1]}

    arrays = {"clean": metadata((sum(images), 8, 8)), "noisy": metadata((tested, 8, 8))}
    return Workload(name="fake 1.0.0", images=images, arrays=arrays, simulate=simulate)


def test_all_grows_with_what_it_belongs_to(clock: Clock) -> None:
    # Ten images are under test, of which each task of the sample has one.
    work = workload((4, 4, 2, 4, 4, 2), 10, clock)
    plan = plan_generation_of(work, workers=2, sample=4)
    assert (plan.images, plan.tasks, plan.workers) == (20, 6, 2)
    assert (plan.measured_tasks, plan.measured_images) == (4, 12)
    assert plan.measured_seconds == 60 + 2 * 12 + 4 * 4
    assert plan.stages["optics"] == pytest.approx(2 * 20)
    assert plan.stages["noise"] == pytest.approx(4 * 10)
    assert plan.stages["encoding"] == 0
    assert plan.task_seconds == pytest.approx(80 / 6)
    # The first task is 60 + 2 * 4 + 4, where an average one of its size is 4 / 20 of all.
    assert plan.start_seconds == pytest.approx(72 - 80 * 4 / 20)
    assert plan.seconds == pytest.approx(plan.start_seconds + 80 / 2)
    # Noise cannot be compressed.
    assert plan.store_bytes["clean"] == pytest.approx(20 * 64, rel=0.3)
    assert plan.store_bytes["noisy"] == pytest.approx(10 * 64, rel=0.3)
    assert plan.worker_memory_MB >= plan.own_memory_MB > 10
    text = plan_text(plan)
    assert text.startswith("fake 1.0.0: 20 images in 6 tasks\n")
    assert "measured  4 of 6 tasks, 12 images in 100.0 s" in text


def test_a_single_task_is_measured_whole(clock: Clock) -> None:
    plan = plan_generation_of(workload((3,), 1, clock), workers=8, sample=2)
    assert plan.start_seconds == 0
    assert plan.seconds == pytest.approx(plan.measured_seconds)


def test_the_longest_worker_ends_last() -> None:
    assert _makespan([2.0, 2.0, 2.0], 2, 1.0) == 5.0
    assert _makespan([2.0, 2.0, 2.0], 8, 1.0) == 3.0
    assert _makespan([4.0, 1.0, 1.0, 1.0, 1.0], 2, 0.0) == 4.0
    assert _makespan([1.0, 1.0], 0, 0.0) == 2.0


def test_a_plan_is_close_to_the_store(tiny_recipe: Recipe, tiny_store_path: Path) -> None:
    planned = plan_generation_of(workload_of(tiny_recipe), workers=2)
    assert (planned.images, planned.tasks) == (12, 3)
    for name, size in planned.store_bytes.items():
        files = [file for file in (tiny_store_path / name / "c").rglob("*") if file.is_file()]
        assert size == pytest.approx(sum(file.stat().st_size for file in files), rel=0.1)
    assert planned.stages["optics"] > 0
