"""Argument names: messages about files in the words of a caller of functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tembench.core import TembenchError

_ARGUMENTS = {
    "pixel-size-A": "pixel_size_A",
    "dose": "dose_e_per_px",
    "gain": "gain",
    "offset": "offset",
    "allow-negative": "allow_negative=True",
    "mask-outliers": "mask_outliers=True",
}
_OPTION = re.compile(rf"--({'|'.join(_ARGUMENTS)})\b(?: (\d[\d.e+-]*\d|\d))?")
_COMMAND = re.compile(r"tembench apply (\S+) FILE")


@contextmanager
def naming_arguments() -> Iterator[None]:
    """Raise errors again with the arguments of functions instead of the command line's options."""
    try:
        yield
    except TembenchError as problem:
        texts = {name: getattr(problem, name) for name in ("where", "expected", "got", "remedy")}
        changed = {name: text and with_arguments(text) for name, text in texts.items()}
        raise type(problem)(with_arguments(problem.what), **changed) from problem.__cause__


def with_arguments(text: str) -> str:
    """Return a message with the arguments of functions instead of the command line's options.

    Examples
    --------
    >>> with_arguments("Give the value of one electron with --gain, perhaps --gain 3.5")
    'Give the value of one electron with gain, perhaps gain=3.5'
    """
    text = _COMMAND.sub(r'method="\1"', text)
    return _OPTION.sub(
        lambda found: _ARGUMENTS[found[1]] + (f"={found[2]}" if found[2] else ""), text
    )
