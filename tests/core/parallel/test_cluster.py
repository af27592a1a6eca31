"""Cluster: the values of this machine's own processes, whatever becomes of a worker."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr

import tembench
from tembench.core import FunctionJob, MissingPackage, RecipeError, StoreError, run_tasks
from tembench.core.parallel import cluster as cluster_module, cluster_worker
from tembench.dataset import generate, open_store
from tembench.dataset.generation import generate as generating
from tembench.methods import denoise, load_method
from tembench.ranking import score_outputs
from tembench.recipe import Recipe, load_recipe

# A shell starts what runs in the background deaf to Ctrl-C, and so are its children.
_MINDS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("tembench", run_name="__main__")
"""


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and three workers, each a process of its own, on the loopback interface."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    worker = ["worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    processes: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> None:
        log = (folder / f"log-{len(processes)}").open("wb")
        processes.append(subprocess.Popen([*dask, *command], stdout=log, stderr=log))
        log.close()

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
        deadline = time.monotonic() + 30
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(3):
            start(*worker, *common)
        yield Cluster(json.loads(file.read_text())["address"], processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Any]:
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=30)
        yield client


@pytest.fixture
def on_cluster(cluster: Cluster, client: Any, tmp_path: Path) -> Callable[..., list[Any]]:
    """Run a function on the cluster for each task."""

    def run(function: Callable[..., Any], tasks: list[Any]) -> list[Any]:
        job, address = FunctionJob(function), cluster.address
        return list(run_tasks(job, tasks, 0, StoreError, where=tmp_path, scheduler=address))

    return run


@pytest.mark.slow
def test_a_killed_worker_changes_no_value(
    cluster: Cluster,
    client: Any,
    tiny_recipe: Recipe,
    tiny_store_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed = []

    def kill_one() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not killed:
            if all(client.processing().values()):
                cluster.workers[0].kill()
                killed.append(cluster.workers[0].wait())

    client.wait_for_workers(3, timeout=30)
    killer = threading.Thread(target=kill_one)
    killer.start()
    # Workers are in another folder than this process.
    monkeypatch.chdir(tmp_path)
    made = generate(tiny_recipe, "cluster.zarr", scheduler=cluster.address)
    killer.join()
    assert killed
    assert len(client.nthreads()) == 2
    assert made.tasks == 3
    assert made.stages["multislice"] > 0
    path = tmp_path / "cluster.zarr"
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()
    assert [entry.name for entry in tmp_path.iterdir()] == ["cluster.zarr"]


@pytest.mark.slow
def test_outputs_and_scores_are_those_of_this_machine(
    cluster: Cluster, client: Any, tiny_store_path: Path, tmp_path: Path
) -> None:
    store, method = open_store(tiny_store_path), load_method("gaussian")
    tables, images = [], []
    for name, scheduler in (("here", None), ("there", cluster.address)):
        out = denoise(method, store, tmp_path / name, workers=0, scheduler=scheduler)
        scored = score_outputs(out, store, workers=0, scheduler=scheduler)
        tables.append(scored.scores.drop(columns="seconds"))
        images.append(denoised(out))
        with (out / "outputs.toml").open("rb") as file:
            run = tomllib.load(file)["run"]
        # Of a process that has done other work before, a peak would mean nothing.
        assert ("peak_memory_MB" in run) == ("workers" in run) == (scheduler is None)
    np.testing.assert_array_equal(*images)
    pd.testing.assert_frame_equal(*tables, check_exact=True)


@pytest.mark.slow
def test_a_method_changed_between_two_runs_is_read_again(
    cluster: Cluster,
    client: Any,
    tiny_store_path: Path,
    tmp_path: Path,
    write_method: Callable[..., Path],
    good_python: str,
) -> None:
    store, means = open_store(tiny_store_path), []
    # Of another size: Python takes a file of the same size and second for its compiled one.
    for factor in ("1.0 *", "2.00 *"):
        folder = write_method(python=good_python.replace("self.scale *", factor))
        method, out = load_method(folder), tmp_path / f"out-{factor[0]}"
        denoise(method, store, out, scheduler=cluster.address)
        means.append(denoised(out).mean())
    assert means[1] == pytest.approx(2 * means[0])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_cancels_what_is_queued(
    cluster: Cluster, client: Any, tiny_recipe_file: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "stopped.zarr"
    command = [sys.executable, "-c", _MINDS_CTRL_C, "generate", str(tiny_recipe_file)]
    command += ["--out", str(path), "--scheduler", cluster.address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not client.run_on_scheduler(_number_of_tasks):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    said = [line for line in errors.splitlines() if line and not line.startswith("Simulating")]
    assert [line.split()[0] for line in said] == ["Interrupted."], said
    assert client.run_on_scheduler(_number_of_tasks) == 0
    generate(load_recipe(tiny_recipe_file), path, scheduler=cluster.address)
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()
    assert [entry.name for entry in tmp_path.iterdir()] == ["stopped.zarr"]


@pytest.mark.slow
def test_results_that_are_not_seen_are_an_error(
    tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Workers that share no folder write elsewhere.
    monkeypatch.setattr(generating, "run_tasks", lambda *_, **__: (answer for answer in ()))
    monkeypatch.setattr(generating, "_SECONDS_TO_SEE_RESULTS", 0)
    with pytest.raises(StoreError, match="3 tasks that workers have finished are not seen here"):
        generate(tiny_recipe, tmp_path / "store.zarr", scheduler="tcp://far:1")


def denoised(out: Path) -> np.ndarray:
    group = zarr.open_group(out / "denoised.zarr", mode="r")
    return np.asarray(group["denoised"][:])


@pytest.mark.slow
def test_there_are_more_tasks_than_a_window(on_cluster: Callable[..., list[Any]]) -> None:
    tasks = list(range(cluster_module._FEWEST_IN_FLIGHT + 9))
    assert sorted(on_cluster(abs, tasks)) == tasks


@pytest.mark.slow
def test_an_error_of_a_task_is_passed_on(
    on_cluster: Callable[..., list[Any]], tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match="absent"):
        on_cluster(load_recipe, [str(tmp_path / "absent.toml")])
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}*"))


@pytest.mark.slow
def test_tasks_in_flight_are_cancelled_with_the_results(
    cluster: Cluster, client: Any, tmp_path: Path
) -> None:
    job, address = FunctionJob(time.sleep), cluster.address
    results = run_tasks(job, [0.5] * 40, 0, StoreError, where=tmp_path, scheduler=address)
    next(results)
    assert client.run_on_scheduler(_number_of_tasks) > 20
    results.close()
    assert client.run_on_scheduler(_number_of_tasks) == 0


def _number_of_tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "__version__",
            "0.0.1",
            rf"another version .*0\.0\.1, got {tembench.__version__}",
        ),
        ("source_digest", lambda: "0" * 64, r"another source; expected source 000000000000"),
    ],
)
def test_a_worker_with_other_code_is_refused(
    name: str,
    value: Any,
    message: str,
    on_cluster: Callable[..., list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tembench if name == "__version__" else cluster_module, name, value)
    with pytest.raises(StoreError, match=f"worker tcp://127.0.0.1:[0-9]+: .*{message}"):
        on_cluster(abs, [1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("threads", "file", "message"),
    [(2, "job.pickle", "has 2 threads; expected one"), (1, "absent", "a file system that all")],
)
def test_an_unsuitable_worker_is_refused(
    threads: int, file: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = SimpleNamespace(address="tcp://far:1", state=SimpleNamespace(nthreads=threads))
    monkeypatch.setattr("distributed.get_worker", lambda: worker)
    (tmp_path / "job.pickle").touch()
    order = {
        "version": tembench.__version__,
        "source": cluster_worker.source_digest(),
        "file": str(tmp_path / file),
        "digest": "0" * 64,
    }
    refused = cluster_worker.work_on(order, 1)["refused"]
    assert message in str(StoreError(**refused))
    assert str(StoreError(**refused)).startswith("worker tcp://far:1: ")


@pytest.mark.slow
def test_a_task_that_ends_its_workers_is_reported(tmp_path: Path) -> None:
    from distributed import KilledWorker

    def result() -> None:
        raise KilledWorker("key", None, 3)

    with pytest.raises(StoreError, match="4 workers died while they had the same task"):
        cluster_module._answer(SimpleNamespace(result=result), StoreError, tmp_path)


@pytest.mark.slow
def test_a_scheduler_file_is_an_address_too(cluster: Cluster, client: Any, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": cluster.address}))
    job = FunctionJob(abs)
    assert list(run_tasks(job, [-3], 0, StoreError, where=tmp_path, scheduler=str(file))) == [3]


@pytest.mark.slow
@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_scheduler_file_without_an_address_is_an_error(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_SECONDS_TO_CONNECT", 0)
    file = tmp_path / "scheduler.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(StoreError, match=r"scheduler\.json: has no address of a scheduler"):
        list(run_tasks(FunctionJob(abs), [1], 0, StoreError, where=tmp_path, scheduler=str(file)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "no scheduler answers"),
        ("nonsense", "not the address of a scheduler.* got nonsense"),
        ("foo://bar:80", "not the address of a scheduler"),
    ],
)
def test_an_address_without_a_scheduler_is_an_error(
    address: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_SECONDS_TO_CONNECT", 0.2)
    with pytest.raises(StoreError, match=message):
        list(run_tasks(FunctionJob(abs), [1], 0, StoreError, where=tmp_path, scheduler=address))


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPackage, match=r"distributed.*\[cluster\]"):
        list(run_tasks(FunctionJob(abs), [1], 0, StoreError, where=tmp_path, scheduler="a:1"))
