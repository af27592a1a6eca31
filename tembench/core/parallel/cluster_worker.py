"""Worker of a cluster: what it does for a task, and the reasons for which it is refused."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import tembench
from tembench.core.parallel.tasks import prepare_for_one_thread

_prepared: tuple[str, Callable[[Any], Any]] | None = None


def work_on(order: dict[str, str], task: Any) -> dict[str, Any]:
    """Do a task on a worker.

    Returns
    -------
    dict
        ``{"result": ...}``, or ``{"refused": ...}`` with the arguments of an error if this worker
        cannot do it.
    """
    global _prepared
    if _prepared is None or _prepared[0] != order["file"]:
        content = _job_in(order)
        refused = _refusal(order, content)
        if content is None or refused is not None:
            return {"refused": refused}
        from threadpoolctl import threadpool_limits

        _prepared = None
        # The last bits of a matrix product depend on the number of threads.
        threadpool_limits(1)
        _prepared = order["file"], prepare_for_one_thread(pickle.loads(content))
    elif not Path(order["file"]).exists():
        return {"refused": {"what": "the command has ended"}}
    return {"result": _prepared[1](task)}


def _job_in(order: dict[str, str]) -> bytes | None:
    """Content of the file that the command wrote; None if this worker does not see that file."""
    try:
        content = Path(order["file"]).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == order["digest"] else None


def _refusal(order: dict[str, str], content: bytes | None) -> dict[str, str] | None:
    """Arguments of the error for a worker that must not do a task; None if it may."""
    from distributed import get_worker

    worker = get_worker()
    where, threads = f"worker {worker.address}", worker.state.nthreads
    if order["source"] != source_digest():
        return {
            "what": f"tembench {order['version']} with another source",
            "where": where,
            "expected": f"source {order['source'][:12]}",
            "got": source_digest()[:12],
            "remedy": "Start the workers again, in the environment of this command",
        }
    if threads != 1:
        return {
            "what": f"has {threads} threads",
            "where": where,
            "expected": "one, since time is measured for one task per process",
            "remedy": "Start workers with 'dask worker --nthreads 1 --nworkers N'",
        }
    if content is None:
        folder = Path(order["file"]).parent.parent
        return {
            "what": f"does not see the folder {folder}, where this command wrote a file",
            "where": where,
            "expected": "a file system that all workers share, under the same path",
            "remedy": "Choose a shared folder, or mount it for the workers",
        }
    return None


@cache
def source_digest() -> str:
    """SHA-256 of the package's source files: two checkouts may have one version number."""
    root = Path(tembench.__file__).parent
    content = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        content.update(file.relative_to(root).as_posix().encode() + b"\0")
        content.update(file.read_bytes())
    return content.hexdigest()
