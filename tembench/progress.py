"""Progress of long work: a bar on a terminal, a line now and then elsewhere, silence in a library.

The command line switches it on; code that works long calls `progress` and knows no more.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]

_enabled = False
_SECONDS_BETWEEN_LINES = 10.0


def enable(on: bool = True) -> None:
    """Show progress (on standard error) from now on, or stop showing it."""
    global _enabled
    _enabled = on


@contextmanager
def progress(description: str, total: int) -> Iterator[Advance]:
    """Show the progress of a piece of work.

    Parameters
    ----------
    description : str
        What is being done, such as ``"Simulating models"``.
    total : int
        Number of steps.

    Yields
    ------
    advance : callable
        ``advance(n)`` says that `n` more steps are done.
    """
    if not _enabled or total == 0:
        yield lambda steps: None
    elif sys.stderr.isatty():
        yield from _bar(description, total)
    else:
        yield from _lines(description, total)


def _bar(description: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(description, total=total)
        yield lambda steps: bar.advance(task, steps)


def _lines(description: str, total: int) -> Iterator[Advance]:
    started = last = time.monotonic()
    done = 0

    def say(now: float) -> None:
        print(f"{description}: {done}/{total}, {now - started:.0f} s", file=sys.stderr, flush=True)

    def advance(steps: int) -> None:
        nonlocal done, last
        done += steps
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES and done < total:
            last = now
            say(now)

    say(started)
    yield advance
    say(time.monotonic())
