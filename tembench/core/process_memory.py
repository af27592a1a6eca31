"""How much memory this process has used, and how much there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
    """Return how much memory can be had without swapping; infinity where nobody says."""
    information = Path("/proc/meminfo")
    if information.is_file():
        for line in information.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024.0
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return float("inf")
