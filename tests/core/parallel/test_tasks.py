"""Tasks: results of all of them, from this process or others, and the errors of their job."""

from __future__ import annotations

from pathlib import Path

import pytest

from tembench.core import FunctionJob, OutputError, run_tasks


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_every_task_has_a_result(workers: int) -> None:
    tasks = list(range(30))
    assert sorted(run_tasks(FunctionJob(abs), tasks, workers, OutputError)) == tasks


def test_no_tasks_need_no_workers() -> None:
    assert not list(run_tasks(FunctionJob(abs), [], 2, OutputError, scheduler="tcp://nowhere:1"))


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_errors_of_the_job_are_passed_on(workers: int, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(run_tasks(FunctionJob(Path.read_text), [tmp_path / "no"], workers, OutputError))


def test_a_cluster_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="a folder that all workers share"):
        list(run_tasks(FunctionJob(abs), [1], 0, OutputError, scheduler="tcp://nowhere:1"))
