"""Just-in-time compilation of loops over pixels, by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function; its machine code is cached on disk where a cache can be written."""
    made: Callable[..., Any]
    try:
        made = numba.njit(cache=True)(function)
    except RuntimeError:  # no writable cache folder: compile once per process
        made = numba.njit(function)
    return made
