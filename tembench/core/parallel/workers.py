"""Worker processes of one thread each that stop cleanly on Ctrl-C and end with their parent."""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any

from tembench.core.errors import TembenchError

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1


class _Pool(ProcessPoolExecutor):
    """Pool that starts its processes, as tasks are submitted, with Ctrl-C blocked.

    A worker ignores Ctrl-C only after `_start` has run; before, it would print a traceback. A
    signal that is blocked here stays blocked in a process started meanwhile, and is delivered here
    afterwards.
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
    workers: int,
    initializer: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
    *,
    error: type[TembenchError] = TembenchError,
    where: str | None = None,
) -> Iterator[ProcessPoolExecutor]:
    """A pool of newly started processes.

    Parameters
    ----------
    workers : int
        Number of processes, at least 1.
    initializer : callable, optional
        Called once in each process with `arguments`.
    arguments : tuple
        Arguments of `initializer`.
    error : type
        The kind of error raised if a process dies.
    where : str, optional
        The file or folder that the work is on, for that error.

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
    except BaseException as problem:
        processes = list((pool._processes or {}).values())
        manager: Any = pool._executor_manager_thread
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(10)
            process.kill()
        if manager is not None:
            # Python writes to its pipe on exit, and complains if that is closed meanwhile.
            manager.join(5)
        if isinstance(problem, BrokenProcessPool):
            raise error(
                "a worker process died",
                where=where,
                expected="enough memory for each worker",
                remedy="Run the same command with fewer --workers; completed work is kept",
            ) from problem
        raise


def _start(initializer: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    from threadpoolctl import threadpool_limits

    # The parent handles Ctrl-C and ends the workers; tracebacks of each worker would not help.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _on_terminate)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _be_killed_with_parent()
    threadpool_limits(1)
    if initializer is not None:
        initializer(*arguments)


def _end_with_parent() -> None:
    # Without this, the workers of a killed parent would wait for it for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        _leave()


def _be_killed_with_parent() -> None:
    """Have Linux kill this process when its parent has ended.

    The thread that waits for the parent cannot run while C code holds Python's lock. On other
    systems a worker may live on until that code returns.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        # The parent ended before the kernel was asked.
        _leave()


def _on_terminate(*_: object) -> None:
    # The pool, too, ends all processes once it has seen that one has ended; a second signal in the
    # middle of what `_leave` releases would leave it half released.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _leave()


def _leave() -> None:
    # Exits at once, but releases the semaphores of libraries first (numcodecs has one), or Python
    # complains about them at its exit.
    multiprocessing.util._run_finalizers(0)  # type: ignore[attr-defined]
    os._exit(1)
