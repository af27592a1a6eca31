"""Time and memory that long work uses: seconds per stage, and the peak memory of its processes.

Code wraps its parts in `stage`; the caller that wants the times wraps the whole in `timed_stages`.
Without the latter, a stage costs two readings of a clock and leaves no trace.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OTHER = "other"
_SECONDS_BETWEEN_SAMPLES = 0.5
_PROC = Path("/proc")


class _Clock(threading.local):
    """Seconds of each stage; one clock per thread, since tasks of a cluster may share a process."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.name = OTHER
        self.since = time.perf_counter()

    def switch(self, name: str) -> str:
        """Charge the time since the last switch; count for `name` and return the name before."""
        now = time.perf_counter()
        self.seconds[self.name] = self.seconds.get(self.name, 0.0) + now - self.since
        before, self.name, self.since = self.name, name, now
        return before


_clock = _Clock()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count the time of the block for a stage.

    Parameters
    ----------
    name : str
        Name of the stage. Inside another stage, the time counts for the inner one only.
    """
    before = _clock.switch(name)
    try:
        yield
    finally:
        _clock.switch(before)


@contextmanager
def timed_stages() -> Iterator[dict[str, float]]:
    """Time the stages of the block, in this thread.

    Yields
    ------
    dict of str to float
        Filled at the end of the block: wall-clock seconds of each stage, and as ``"other"`` those
        outside all stages. Time spent waiting for a disk is included.
    """
    before = _clock.switch(OTHER)
    outer, _clock.seconds = _clock.seconds, {}
    seconds: dict[str, float] = {}
    try:
        yield seconds
    finally:
        _clock.switch(before)
        seconds.update(_clock.seconds)
        _clock.seconds = outer


@dataclass
class MemoryUse:
    """Peak memory that `watched_memory` measured.

    Attributes
    ----------
    peak_bytes : int or None
        Largest sum over the processes; None where the system does not report it.
    of_all : bool
        False on systems without /proc: there the peak is that of the largest process alone.
    """

    peak_bytes: int | None = None
    of_all: bool = True


@contextmanager
def watched_memory() -> Iterator[MemoryUse]:
    """Sample the memory of this process and its descendants every half second.

    Yields
    ------
    MemoryUse
        Updated while the block runs. A peak shorter than half a second may be missed.
    """
    memory = MemoryUse()
    done = threading.Event()

    def sample() -> None:
        while True:
            now = tree_memory_bytes(os.getpid())
            if now is None:
                return
            memory.peak_bytes = max(now, memory.peak_bytes or 0)
            if done.wait(_SECONDS_BETWEEN_SAMPLES):
                return

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()
        if memory.peak_bytes is None:
            memory.peak_bytes, memory.of_all = _largest_process_bytes(), False


def tree_memory_bytes(root: int) -> int | None:
    """Memory that a process and its descendants occupy now; None without /proc.

    Memory shared by several of them is counted once where the system reports shares.
    """
    parents = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            # The name, in brackets, may contain blanks and brackets itself.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        parents[int(folder.name)] = int(fields[1])
    if root not in parents:
        return None
    tree = {root}
    while grown := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= grown
    return sum(_memory_bytes(pid) for pid in tree)


def _memory_bytes(pid: int) -> int:
    folder = _PROC / str(pid)
    try:
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        pages = int((folder / "statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _largest_process_bytes() -> int | None:
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    return max(resource.getrusage(who).ru_maxrss for who in whose) * unit


def peak_memory_MB() -> float:
    """Return the largest resident memory of this process so far, in units of 10^6 bytes."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage would do, but on Linux it remembers the parent's memory across exec.
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    try:
        import resource
    except ImportError:  # Windows has neither
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def available_memory_bytes() -> float:
    """Return the memory that is free without swapping; infinity where no system call reports it."""
    information = Path("/proc/meminfo")
    if information.is_file():
        for line in information.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024.0
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return float("inf")
