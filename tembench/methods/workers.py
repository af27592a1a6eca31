"""A job on many images: in processes that are prepared once, or in this one.

A `Job` is sent to each process and prepared there on its first task. With no workers the work is
done here, one task after the other: for debugging, and for tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from tembench.errors import TembenchError
from tembench.workers import as_done, worker_pool

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result", covariant=True)
_T = TypeVar("_T")
_R = TypeVar("_R")


class Job(Protocol[Task, Result]):
    """What to do with each task; picklable."""

    def prepare(self) -> Callable[[Task], Result]:
        """Do what is needed once per process and return the function for one task."""
        ...


def run_tasks(
    job: Job[_T, _R], tasks: Sequence[_T], workers: int, error: type[TembenchError]
) -> Iterator[_R]:
    """Yield the result of each task as it is ready, in any order.

    Parameters
    ----------
    job : Job
        Prepared once in each process.
    tasks : sequence
        Picklable and hashable.
    workers : int
        Number of processes of one thread each; 0 works in this process.
    error : type
        The kind of error raised if a process dies.

    Raises
    ------
    TembenchError
        If a process dies. What `job` raises is passed on; the tasks left are dropped then, and
        so they are after Ctrl-C.
    """
    if not tasks:
        return
    if workers == 0:
        yield from map(job.prepare(), tasks)
        return
    try:
        with worker_pool(min(workers, len(tasks)), _keep, (job,)) as pool:
            for _, result in as_done(pool, _work, tasks):
                yield result
    except BrokenProcessPool as problem:
        raise error(
            "a worker process died",
            expected="enough memory for each worker",
            remedy="try fewer workers; what was finished is kept",
        ) from problem


_job: Any = None
_function: Callable[[Any], Any] | None = None


def _keep(job: Any) -> None:
    global _job
    _job = job


def _work(task: Any) -> Any:
    global _function
    if _function is None:
        # Here and not when the process starts: an error there would only break the pool.
        _function = _job.prepare()
        if "torch" in sys.modules:
            # Loaded after the pool limited its threads.
            sys.modules["torch"].set_num_threads(1)
    return _function(task)
