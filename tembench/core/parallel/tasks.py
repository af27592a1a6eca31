"""Tasks of a job in worker processes or on a cluster, and their results as they are ready.

A `Job` is sent to each process and prepared there on its first task. With zero workers the tasks
run in this process one after the other, for debugging and tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from tembench.core.errors import TembenchError
from tembench.core.parallel.workers import worker_pool

_TaskType = TypeVar("_TaskType", contravariant=True)
_ResultType = TypeVar("_ResultType", covariant=True)
_T = TypeVar("_T")
_R = TypeVar("_R")
# So many that no worker waits for the next task; all at once would be looked through again for
# each result.
_IN_FLIGHT_PER_WORKER = 4


class Job(Protocol[_TaskType, _ResultType]):
    """Work to do for each task; picklable."""

    def prepare(self) -> Callable[[_TaskType], _ResultType]:
        """Prepare a process, once, and return the function for one task."""
        ...


@dataclass(frozen=True)
class FunctionJob(Generic[_T, _R]):
    """A job without preparation.

    Attributes
    ----------
    function : callable
        Picklable; called with each task.
    """

    function: Callable[[_T], _R]

    def prepare(self) -> Callable[[_T], _R]:
        """Return the function."""
        return self.function


def run_tasks(
    job: Job[_T, _R],
    tasks: Sequence[_T],
    workers: int,
    error: type[TembenchError],
    *,
    where: Path | None = None,
    scheduler: str | None = None,
) -> Generator[_R, None, None]:
    """Yield the result of each task as it is ready, in any order.

    Parameters
    ----------
    job : Job
        Prepared once in each process.
    tasks : sequence
        Picklable.
    workers : int
        Number of processes of one thread each; 0 works in this process.
    error : type
        The kind of error raised if a process dies, or a cluster cannot do the work.
    where : Path, optional
        The folder that the work is on, for that error. A cluster needs one that exists.
    scheduler : str, optional
        Address of a dask.distributed scheduler, or its scheduler file, whose workers are used
        instead of processes of this machine; see `tembench.core.parallel.cluster`.

    Raises
    ------
    TembenchError
        If a process dies. Errors raised by `job` are passed on. The remaining tasks are then
        dropped, as they are after Ctrl-C.
    """
    if not tasks:
        return
    if scheduler:
        if where is None:
            raise ValueError("a cluster needs a folder that all workers share")
        from tembench.core.parallel.cluster import run_on_cluster

        yield from run_on_cluster(job, tasks, scheduler, error, where)
        return
    if workers == 0:
        yield from map(job.prepare(), tasks)
        return
    named = None if where is None else str(where)
    coming = iter(tasks)
    with worker_pool(min(workers, len(tasks)), _keep, (job,), error=error, where=named) as pool:
        first = islice(coming, _IN_FLIGHT_PER_WORKER * workers)
        waiting = {pool.submit(_work, task) for task in first}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            waiting |= {pool.submit(_work, task) for task in islice(coming, len(done))}
            for future in done:
                yield future.result()


def prepare_for_one_thread(job: Job[_T, _R]) -> Callable[[_T], _R]:
    """Prepare a job in a process whose libraries are limited to one thread."""
    function = job.prepare()
    if "torch" in sys.modules:
        # Loaded after the threads were limited.
        sys.modules["torch"].set_num_threads(1)
    return function


_job: Any = None
_function: Callable[[Any], Any] | None = None


def _keep(job: Any) -> None:
    global _job
    _job = job


def _work(task: Any) -> Any:
    global _function
    if _function is None:
        # Not when the process starts: an error there would only break the pool.
        _function = prepare_for_one_thread(_job)
    return _function(task)
