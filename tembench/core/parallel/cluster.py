"""Tasks on the workers of a dask.distributed cluster; tasks of a lost worker are run by others.

The job is written beside the folder that its results go to, and each worker reads it there before
its first task. That shows that the worker shares the file system; and once the command has ended,
however it ended, no task that is still queued somewhere starts. A task that was running then is
computed to its end.
"""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tembench
from tembench.core.environment import lacking
from tembench.core.errors import TembenchError
from tembench.core.files import staging
from tembench.core.parallel.cluster_worker import source_digest
from tembench.core.progress_bar import notice

if TYPE_CHECKING:
    from distributed import Client, Future

_SECONDS_TO_CONNECT = 10
_SECONDS_BETWEEN_LOOKS = 5
# Enough for a cluster that starts workers as its queue grows.
_FEWEST_IN_FLIGHT = 32
_IN_FLIGHT_PER_WORKER = 4
_ADDRESS = re.compile(r"((tcp|tls|ws|wss|ucx)://)?[^/\s]+:\d+/?")
_EXPECTED = "the address that 'dask scheduler' printed, such as tcp://host:8786"
_KEPT = "Run the same command again; completed work is kept"


def run_on_cluster(
    job: Any, tasks: Sequence[Any], scheduler: str, error: type[TembenchError], where: Path
) -> Iterator[Any]:
    """Yield the result of each task as it is ready, in any order.

    Parameters
    ----------
    job : Job
        Prepared once in each worker.
    tasks : sequence
        Picklable, with absolute paths only.
    scheduler : str
        Address of the scheduler, such as ``"tcp://host:8786"``, or the JSON file that it was told
        to write its address to.
    error : type
        The kind of error raised if the cluster cannot do the work.
    where : Path
        The folder that the results go to; it exists, and the workers see it under the same path.

    Raises
    ------
    TembenchError
        If no scheduler answers; if a worker has another version of tembench, several threads, or
        does not see `where`; if a task ended as many workers as the scheduler allows. Errors
        raised by `job` are passed on. Tasks in flight are then cancelled, as after Ctrl-C.
    MissingPackage
        If dask.distributed is not installed.
    """
    with _connected(scheduler, error) as client, staging(where, error) as folder:
        file = folder / "job.pickle"
        content = pickle.dumps(job)
        file.write_bytes(content)
        order = {
            "version": tembench.__version__,
            "source": source_digest(),
            "file": str(file),
            "digest": hashlib.sha256(content).hexdigest(),
        }
        for answer in _answers(client, order, tasks, error, where):
            if "refused" in answer:
                raise error(**answer["refused"])
            yield answer["result"]


@contextmanager
def _connected(scheduler: str, error: type[TembenchError]) -> Iterator[Client]:
    try:
        from distributed import CancelledError, Client
        from distributed.comm import CommClosedError
    except ModuleNotFoundError as problem:
        raise lacking("distributed", "--scheduler") from problem
    address = _address_in(Path(scheduler), error) if scheduler.endswith(".json") else scheduler
    if not _ADDRESS.fullmatch(address):
        raise error("not the address of a scheduler", got=address, expected=_EXPECTED)
    with _without_log():
        try:
            client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
        except OSError as problem:
            raise error("no scheduler answers", where=address, expected=_EXPECTED) from problem
        try:
            yield client
        except (CancelledError, CommClosedError) as problem:
            raise error("lost the connection to it", where=address, remedy=_KEPT) from problem
        finally:
            with suppress(Exception):
                client.close(timeout=_SECONDS_BETWEEN_LOOKS)


def _address_in(file: Path, error: type[TembenchError]) -> str:
    """Address in the file that a scheduler writes, which may have been started just now."""
    deadline = time.monotonic() + _SECONDS_TO_CONNECT
    while True:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            if time.monotonic() > deadline:
                what, remedy = "has no address of a scheduler", "dask scheduler --scheduler-file"
                raise error(what, where=str(file), remedy=f"Write it with '{remedy}'") from problem
            time.sleep(0.1)


@contextmanager
def _without_log() -> Iterator[None]:
    """Silence the client, which prints tracebacks of a connection that is lost or closed."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _answers(
    client: Client,
    order: dict[str, str],
    tasks: Sequence[Any],
    error: type[TembenchError],
    where: Path,
) -> Iterator[dict[str, Any]]:
    """Submit tasks in windows; whatever is in flight at the end is cancelled."""
    work, run = _entry(), uuid.uuid4().hex[:8]
    coming = iter(enumerate(tasks))
    waiting: set[Future] = set()
    try:
        while True:
            window = max(_FEWEST_IN_FLIGHT, _IN_FLIGHT_PER_WORKER * len(client.nthreads()))
            for number, task in islice(coming, max(0, window - len(waiting))):
                key = f"tembench-{run}-{number:06}"
                waiting.add(client.submit(work, order, task, key=key, pure=False))
            if not waiting:
                return
            done = _first_done(client, waiting)
            waiting -= done
            for future in done:
                yield _answer(future, error, where)
    finally:
        with suppress(Exception):
            client.cancel(list(waiting), force=True)


def _first_done(client: Client, waiting: set[Future]) -> set[Future]:
    """Wait for a result, and say so where no worker is there to compute one."""
    from distributed import wait

    said = False
    while True:
        try:
            with client.as_current():
                done: set[Future] = wait(
                    waiting, timeout=_SECONDS_BETWEEN_LOOKS, return_when="FIRST_COMPLETED"
                ).done
                return done
        except TimeoutError:
            if not said and not client.nthreads():
                notice(f"{client.scheduler.address}: waiting for workers")
                said = True


def _answer(future: Future, error: type[TembenchError], where: Path) -> dict[str, Any]:
    from distributed import KilledWorker

    try:
        answer: dict[str, Any] = future.result()
    except KilledWorker as problem:
        raise error(
            f"{problem.allowed_failures + 1} workers died while they had the same task",
            where=str(where),
            expected="enough memory for each worker",
            remedy=f"See the logs of the workers. {_KEPT}",
        ) from problem
    return answer


def _entry() -> Callable[[dict[str, str], Any], dict[str, Any]]:
    """Return the function that is sent to workers.

    A function inside a function is sent whole, not by its name: it runs also where tembench is
    missing or has no such module.
    """

    def work(order: dict[str, str], task: Any) -> dict[str, Any]:
        from distributed import get_worker

        try:
            import tembench as here
            from tembench.core.parallel.cluster_worker import work_on

            found = here.__version__
        except (ImportError, AttributeError) as problem:
            found = f"none ({problem})"
        if found != order["version"]:
            return {
                "refused": {
                    "what": "another version of tembench",
                    "where": f"worker {get_worker().address}",
                    "expected": order["version"],
                    "got": found,
                    "remedy": "Start the workers in the environment of this command",
                }
            }
        return work_on(order, task)

    return work
