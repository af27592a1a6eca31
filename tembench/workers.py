"""A pool of worker processes, each with one inner thread, that stops cleanly on Ctrl-C."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class _Pool(ProcessPoolExecutor):
    """Starts its processes, as tasks come, with Ctrl-C blocked.

    A process is deaf to it only once `_start` has run; until then it would print a traceback.
    What is blocked here stays so in a process that is started meanwhile; here it comes after.
    """

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        if not hasattr(signal, "pthread_sigmask"):  # Windows
            return super().submit(*args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def worker_pool(
    workers: int, initializer: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """A pool of freshly started processes.

    Parameters
    ----------
    workers : int
        Number of processes, at least 1.
    initializer : callable, optional
        Called once in each process with `arguments`.
    arguments : tuple
        For `initializer`.

    Notes
    -----
    Processes are spawned, not forked: threads of numerical libraries do not survive a fork.
    When the block is left by an exception, Ctrl-C among them, the processes are ended at once.
    """
    pool = _Pool(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(initializer, arguments),
    )
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(5)
            process.kill()
        raise


def as_done(
    pool: ProcessPoolExecutor, function: Callable[..., T], items: Iterable[Any]
) -> Iterator[tuple[Any, T]]:
    """Call `function` on every item in the pool; yield (item, result) as they are done.

    The first exception of a call is raised here and leaves the rest undone.
    """
    waiting: dict[Future[T], Any] = {pool.submit(function, item): item for item in items}
    while waiting:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield waiting.pop(future), future.result()


def _start(initializer: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    from threadpoolctl import threadpool_limits

    # The parent handles Ctrl-C and ends the workers; two tracebacks a worker help nobody.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threadpool_limits(1)
    if initializer is not None:
        initializer(*arguments)


def _end_with_parent() -> None:
    # A parent that is killed tells nobody, and its workers would wait for it for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        _leave()


def _leave() -> None:
    # Exits at once, whatever the work; but the semaphores of libraries (numcodecs has one) are
    # handed back, or Python complains about them when all is over.
    multiprocessing.util._run_finalizers(0)  # type: ignore[attr-defined]
    os._exit(1)
