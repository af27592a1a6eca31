"""The memory of this process and all those it started, at its highest."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SECONDS_BETWEEN_LOOKS = 0.5
_PROC = Path("/proc")


@dataclass
class Footprint:
    """What `watched_memory` saw.

    Attributes
    ----------
    peak_bytes : int or None
        Largest sum over the processes; None where the system does not tell.
    of_all : bool
        False on systems without /proc: there it is that of the largest process alone.
    """

    peak_bytes: int | None = None
    of_all: bool = True


@contextmanager
def watched_memory() -> Iterator[Footprint]:
    """Look at the memory of the tree of processes every half second while the block runs.

    Yields
    ------
    Footprint
        Grows while the block runs. A peak shorter than half a second may be missed.
    """
    footprint = Footprint()
    done = threading.Event()

    def look() -> None:
        while True:
            now = tree_memory_bytes(os.getpid())
            if now is None:
                return
            footprint.peak_bytes = max(now, footprint.peak_bytes or 0)
            if done.wait(_SECONDS_BETWEEN_LOOKS):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield footprint
    finally:
        done.set()
        thread.join()
        if footprint.peak_bytes is None:
            footprint.peak_bytes, footprint.of_all = _largest_process_bytes(), False


def tree_memory_bytes(root: int) -> int | None:
    """Memory that a process and its descendants occupy now; None where /proc does not tell.

    What several of them share is counted once, as far as the system tells.
    """
    parents = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            # The name, in brackets, may hold blanks and brackets itself.
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
