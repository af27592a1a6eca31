"""Generation: the same values in any order and with any workers, and safe to interrupt."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from drawn_recipes import SECRET, drawn_recipe

from tembench.core.errors import RecipeError, StoreError
from tembench.core.files import locked
from tembench.dataset import open_store
from tembench.dataset.generation import generate as build
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.generate import generate
from tembench.recipe import DrawnRecipe, Recipe, sealed_recipe


@pytest.mark.slow
def test_workers_change_no_value(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path
) -> None:
    for workers in (1, 2):
        path = tmp_path / f"{workers}.zarr"
        assert generate(tiny_recipe, path, workers=workers).tasks == 3
        assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


@pytest.mark.slow
def test_order_changes_no_value(tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "backwards.zarr"
    create_store(path, tiny_recipe)
    for number in (2, 0, 1):
        build.build_task(str(path), number)
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


@pytest.mark.slow
def test_complete_store_is_reused(tiny_recipe: Recipe, store_copy: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in store_copy.rglob("*")}
    assert generate(tiny_recipe, store_copy, workers=0).tasks == 0
    assert {p: p.stat().st_mtime_ns for p in store_copy.rglob("*")} == before


@pytest.mark.slow
def test_a_stopped_generation_resumes(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stopped.zarr"
    simulate = build.simulate_task

    def stop_at_second(recipe: Recipe, number: int, *rest: Any) -> build.TaskArrays:
        if number == 1:
            raise KeyboardInterrupt
        return simulate(recipe, number, *rest)

    monkeypatch.setattr(build, "simulate_task", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        generate(tiny_recipe, path, workers=0)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="not complete"):
        open_store(path)
    assert 1 <= generate(tiny_recipe, path, workers=0).tasks <= 2
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


@pytest.mark.slow
def test_a_killed_generation_resumes_to_identical_digests(
    tiny_recipe_file: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "killed.zarr"
    command = [sys.executable, "-m", "tembench", "generate", str(tiny_recipe_file)]
    command += ["--out", str(path), "--workers", "2"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list(path.glob("digests/images/c/*"))) >= 1:
            break
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


def test_another_recipe_is_refused(tiny_recipe: Recipe, store_copy: Path) -> None:
    other = dataclasses.replace(tiny_recipe, seed=8)
    with pytest.raises(StoreError, match="another recipe"):
        generate(other, store_copy, workers=0)


def test_a_folder_of_something_else_is_left_alone(tiny_recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="not a data set"):
        generate(tiny_recipe, tmp_path, workers=0)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.slow
def test_two_processes_do_not_generate_one_store(tiny_recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "busy.zarr"
    create_store(path, tiny_recipe)
    with locked(path, StoreError), pytest.raises(StoreError, match="another process is at work"):
        generate(tiny_recipe, path, workers=0)


@pytest.mark.slow
def test_a_complete_store_is_read_while_another_process_holds_it(
    tiny_recipe: Recipe, store_copy: Path
) -> None:
    with locked(store_copy, StoreError):
        assert generate(tiny_recipe, store_copy, workers=0).tasks == 0


@pytest.mark.slow
def test_a_worker_that_dies_is_reported(
    tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "build_task", _die)
    with pytest.raises(StoreError, match=r"a worker process died.*fewer --workers"):
        generate(tiny_recipe, tmp_path / "dead.zarr", workers=1)


def _die(*arguments: Any, **named: Any) -> None:
    os._exit(9)


@pytest.mark.slow
def test_a_full_disk_names_the_store(
    tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> build.TaskArrays:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build, "simulate_task", full)
    with pytest.raises(OSError, match="No space left") as caught:
        generate(tiny_recipe, tmp_path / "full.zarr", workers=0)
    assert caught.value.filename == str(tmp_path / "full.zarr")


# --- sealed tests ---


def sealed(folder: Path, secret: bytes = SECRET) -> DrawnRecipe:
    return sealed_recipe(drawn_recipe(folder), secret)


@pytest.mark.slow
def test_workers_draw_a_sealed_test_as_this_process_does(
    sealed_store_path: Path, tmp_path: Path
) -> None:
    generate(sealed(tmp_path), tmp_path / "again.zarr", workers=1)
    again, before = open_store(tmp_path / "again.zarr"), open_store(sealed_store_path)
    assert again.data_digest() == before.data_digest()


@pytest.mark.slow
def test_a_sealed_test_is_not_resumed_with_another_seed(
    sealed_store_path: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(sealed_store_path, tmp_path / "copy.zarr"))
    digests = copy / "digests" / "images" / "c" / "1" / "0"
    digests.unlink()
    for other in (sealed(tmp_path, SECRET[::-1]), drawn_recipe(tmp_path)):
        with pytest.raises(StoreError, match=r"another recipe.*--seal that this test was drawn"):
            generate(other, copy, workers=0, repair=True)
    assert not digests.exists()
    assert generate(sealed(tmp_path), copy, workers=0, repair=True).tasks == 1
    assert open_store(copy).data_digest() == open_store(sealed_store_path).data_digest()


def test_a_sealed_test_is_not_drawn_without_its_seed_or_on_a_cluster(tmp_path: Path) -> None:
    recipe = sealed(tmp_path)
    with pytest.raises(RecipeError, match="nothing is drawn without its seed"):
        generate(dataclasses.replace(recipe, secret=None), tmp_path / "store.zarr", workers=0)
    with pytest.raises(StoreError, match="drawn on this machine"):
        generate(recipe, tmp_path / "store.zarr", scheduler="tcp://nowhere:1")
    assert not (tmp_path / "store.zarr").exists()
