"""Where the time of long work goes, told by the work itself.

Code wraps its parts in `stage`; whoever started it wraps all of it in `timed_stages`. Without the
latter a stage costs two readings of a clock and is forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

OTHER = "other"


class _Clock(threading.local):
    """One for each thread: tasks of a cluster may share a process."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.name = OTHER
        self.since = time.perf_counter()

    def switch(self, name: str) -> str:
        """Go on under another name; return that until now."""
        now = time.perf_counter()
        add(self.seconds, {self.name: now - self.since})
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
        Filled when the block is left: seconds of each stage, and as ``"other"`` those outside all
        stages. Seconds of the clock, so that waiting for a disk shows.
    """
    before = _clock.switch(OTHER)
    outer, _clock.seconds = _clock.seconds, {}
    found: dict[str, float] = {}
    try:
        yield found
    finally:
        _clock.switch(before)
        found.update(_clock.seconds)
        _clock.seconds = outer


def add(total: dict[str, float], more: Mapping[str, float]) -> None:
    """Add the seconds of some stages to those of others, in place."""
    for name, seconds in more.items():
        total[name] = total.get(name, 0.0) + seconds
