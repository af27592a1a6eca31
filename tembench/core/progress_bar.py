"""Progress of long work: a bar on a terminal, a line every ten seconds elsewhere, off by default.

The command line switches it on, and so can a script or a notebook:

>>> import tembench as tb
>>> tb.show_progress()  # doctest: +SKIP

Long-running code calls `progress`, whether or not it is shown.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]

_enabled = False
_SECONDS_BEFORE_FIRST_LINE = 2.0
_SECONDS_BETWEEN_LINES = 10.0


def show_progress(on: bool = True) -> None:
    """Show progress (on standard error) from now on, or stop showing it.

    Parameters
    ----------
    on : bool
        Whether to show it. A library is silent by default; the command line is not.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.show_progress()  # doctest: +SKIP
    """
    global _enabled
    _enabled = on


@contextmanager
def without_progress() -> Iterator[None]:
    """Show no progress within the block, such as that of a measurement."""
    global _enabled
    before, _enabled = _enabled, False
    try:
        yield
    finally:
        _enabled = before


def notice(text: str) -> None:
    """Print a line about the work under way, on standard error."""
    if _enabled:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def progress(description: str, total: int, done: int = 0) -> Iterator[Advance]:
    """Show the progress of a piece of work.

    Parameters
    ----------
    description : str
        The work, such as ``"Simulating models"``.
    total : int
        Number of steps.
    done : int
        Steps that an interrupted run has completed before.

    Yields
    ------
    advance : callable
        ``advance(n)`` reports `n` more steps as done.
    """
    if not _enabled or total == done:
        yield lambda steps: None
    elif sys.stderr.isatty():
        yield from _bar(description, total, done)
    else:
        yield from _lines(description, total, done)


def _bar(description: str, total: int, done: int) -> Iterator[Advance]:
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
    # With NO_COLOR set, Rich by itself would still print bold and dim text.
    console = Console(stderr=True, color_system=None if os.environ.get("NO_COLOR") else "auto")
    # A finished bar disappears; the command prints a line about the result.
    # Lines printed meanwhile go above the bar, unless standard output is redirected.
    redirected = sys.stdout.isatty()
    with Progress(*columns, console=console, transient=True, redirect_stdout=redirected) as bar:
        task = bar.add_task(description, total=total, completed=done)
        yield lambda steps: bar.advance(task, steps)


def _lines(description: str, total: int, done: int) -> Iterator[Advance]:
    """Print a line after two seconds and then every ten; none for work that is done at once."""
    started = time.monotonic()
    due = started + _SECONDS_BEFORE_FIRST_LINE

    def say(now: float) -> None:
        print(f"{description}: {done}/{total}, {now - started:.0f} s", file=sys.stderr, flush=True)

    def advance(steps: int) -> None:
        nonlocal done, due
        done += steps
        now = time.monotonic()
        if now >= due and done < total:
            due = now + _SECONDS_BETWEEN_LINES
            say(now)

    if done:
        say(started)
    yield advance
    if time.monotonic() - started >= _SECONDS_BEFORE_FIRST_LINE:
        say(time.monotonic())
